"""Statements straight through the driver, for the few that every message and every call pays for.

SQLAlchemy builds, keys and wraps a statement each time: three times the processor time of sending it
(`python -m benchmarks.statements`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg
import orjson
from sqlalchemy import JSON
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from recado.db.lending import Lent

LENT: Final = "lent"  # in a transaction's info: its connection
DRIVER: Final = "driver"  # likewise, once it has begun
_POSTGRES: Final = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
_NAME: Final = re.compile(r"(?<!:):([a-z_]+)")


class Direct:
    """A statement whose values are named `:so`; PostgreSQL must be able to tell their types.

    JSON goes as text and comes as what it says.
    """

    def __init__(self, statement: str) -> None:
        self.names = tuple(dict.fromkeys(_NAME.findall(statement)))
        self._sql = _NAME.sub(lambda found: f"${self.names.index(found[1]) + 1}", statement)

    async def rows(self, tx: AsyncSession, **values: Any) -> list[Any]:
        """Its rows in this transaction, by name or place; what the session has pending goes first.

        What its values break is an `IntegrityError` or `DataError`, as everywhere; other troubles of
        connection and server are asyncpg's own.
        """
        if tx.new or tx.dirty or tx.deleted:
            await tx.flush()
        if tx.in_nested_transaction():
            await tx.connection()  # a savepoint is set once SQLAlchemy wants the connection
        driver = tx.info.get(DRIVER) or await _driver(tx)
        try:
            found: list[Any] = await driver.fetch(self._sql, *[values[name] for name in self.names])
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(self._sql, None, error) from error
        except asyncpg.DataError as error:
            raise DataError(self._sql, None, error) from error
        return found


async def _driver(tx: AsyncSession) -> "asyncpg.Connection[Any]":
    """The driver's connection, with a transaction begun on it."""
    lent: Lent = tx.info[LENT]
    await lent.begin()
    tx.info[DRIVER] = lent.driver
    return lent.driver


class Insertion:
    """Many rows of a table in one statement, with these of its columns.

    `ending` is what stands behind the rows: "on conflict …", "returning …".
    """

    def __init__(self, table: Any, names: Sequence[str], ending: str = "") -> None:
        self._names = tuple(names)
        columns = [table.c[name] for name in names]
        self._json = frozenset(one.name for one in columns if isinstance(one.type, JSON))
        arrays = ", ".join(f":{one.name}::{one.type.compile(_POSTGRES)}[]" for one in columns)
        self._statement = Direct(
            f"insert into {table.name} ({', '.join(names)}) select * from unnest({arrays}) {ending}"  # noqa: S608 - names of our own
        )

    async def rows(self, tx: AsyncSession, values: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What `ending` returns. Values that are missing, or None, are null."""
        arrays = {name: [self._sent(name, one.get(name)) for one in values] for name in self._names}
        return await self._statement.rows(tx, **arrays)

    def _sent(self, name: str, value: Any) -> Any:
        is_json = name in self._json and value is not None
        return orjson.dumps(value).decode() if is_json else value
