"""Counting statements and calls: what work costs, measured so that a busy machine changes nothing."""

import cProfile
import pstats
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, partialmethod
from typing import Any

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy import event  # noqa: TID251 - the tests only count

from recado.db.database import Database


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent to the database while the block runs, in order."""
    statements: list[str] = []

    def note(_c: Any, _k: Any, statement: str, _p: Any, _x: Any, _many: bool) -> None:
        statements.append(statement)

    fetch = asyncpg.Connection.fetch

    async def noted(self: Any, statement: str, *values: Any, **options: Any) -> Any:
        statements.append(statement)
        return await fetch(self, statement, *values, **options)

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    asyncpg.Connection.fetch = noted  # statements that go past SQLAlchemy
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
        asyncpg.Connection.fetch = fetch


@dataclass
class Rows:
    """How many rows the database answered with."""

    number: int = 0


@contextmanager
def counted_rows() -> Iterator[Rows]:
    """The rows that the database answers with while the block runs, asked for in any way."""
    rows, past, through = Rows(), asyncpg.Connection.fetch, PreparedStatement.fetch

    async def noted(fetch: Any, *values: Any, **options: Any) -> Any:
        found = await fetch(*values, **options)
        rows.number += len(found)
        return found

    asyncpg.Connection.fetch = partialmethod(partial(noted, past))
    PreparedStatement.fetch = partialmethod(partial(noted, through))
    try:
        yield rows
    finally:
        asyncpg.Connection.fetch, PreparedStatement.fetch = past, through


@dataclass
class Calls:
    """How many functions were called, Python's and its libraries'."""

    number: int = 0


@contextmanager
def counted_calls() -> Iterator[Calls]:
    """The calls that this thread makes while the block runs; known once it has ended."""
    calls, profile = Calls(), cProfile.Profile()
    profile.enable()
    try:
        yield calls
    finally:
        profile.disable()
        told: Any = pstats.Stats(profile)  # which its stubs do not know whole
        calls.number = told.total_calls
