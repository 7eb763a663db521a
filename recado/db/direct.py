"""Statements straight through the driver, for the few that every message and every call pays for.

SQLAlchemy builds, keys and wraps a statement each time: three times the processor time of sending it
(`python -m benchmarks.statements`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import JSON
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from recado.db.asking import Asked, keep_ready, ready_answer, rows_of_each
from recado.db.driving import fetch
from recado.db.waiting import Change, can_wait, put_off, send_concerning

_POSTGRES: Final = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
_NAME: Final = re.compile(r"(?<!:):([a-z_]+)")
# PostgreSQL plans a statement anew each time if it may expect fewer rows of this array than of any: that takes
# longer than most of ours run. Within `select` it does not look at the array, and keeps the plan.
_ARRAY: Final = re.compile(r"(?<!:):([a-z_]+)::(\w+(?: \w+)*\[\])")
_VALUE: Final = re.compile(r"(?<!:):([a-z_]+)(::\w+(?: \w+)*\[\])?")
_WORD: Final = re.compile(r"[a-z_]+")
_CHANGED: Final = re.compile(
    r"\b(?:insert\s+into|(?<!for )(?<!key )(?<!do )update|delete\s+from)\s+([a-z_]+)"
)


class Direct:
    """A statement whose values are named `:so`; PostgreSQL must be able to tell their types.

    JSON goes as text and comes as what it says.
    """

    def __init__(self, statement: str) -> None:
        self.names = tuple(dict.fromkeys(_NAME.findall(statement)))
        types = dict(_ARRAY.findall(statement))

        def place(found: re.Match[str]) -> str:
            value = f"${self.names.index(found[1]) + 1}"
            kind = types.get(found[1])
            return f"(select {value}::{kind})::{kind}" if kind else value + (found[2] or "")

        self.sql = _VALUE.sub(place, statement)
        self._words = frozenset(_WORD.findall(statement))  # the tables that it names, among others
        changed = _CHANGED.findall(statement)
        self._table = changed[0] if len(changed) == 1 else ""

    async def rows(self, tx: AsyncSession, **values: Any) -> list[Any]:
        """Its rows in this transaction, by name or place; what the session has pending goes first.

        What its values break is an `IntegrityError` or `DataError`, as everywhere; other troubles of
        connection and server are asyncpg's own.
        """
        await _flush(tx)
        return await self.stored_rows(tx, **values)

    async def stored_rows(self, tx: AsyncSession, **values: Any) -> list[Any]:
        """The same, but what the session has pending stays pending."""
        await _make_way(tx, self._words)
        in_order = self._in_order(values)
        ready = ready_answer(tx.info, self.sql, in_order)
        return await fetch(tx.info, self.sql, in_order) if ready is None else ready

    def asked(self, **values: Any) -> Asked:
        """It with these values, to be asked beside others; then its rows are known by place alone."""
        return Asked(self.sql, self._in_order(values), self._words)

    async def later(self, tx: AsyncSession, **values: Any) -> None:
        """Change one table, and tell nothing; sent with others of this kind (see `waiting.py`)."""
        await self.wait(tx, values, grows=False)

    async def wait(self, tx: AsyncSession, values: Mapping[str, Any], *, grows: bool) -> None:
        """The same; one that `grows` takes the rows of the next one along."""
        if not self._table:
            raise TypeError(f"This does not change exactly one table: {self.sql}")
        await _flush(tx)
        if can_wait(tx.info, is_nested=tx.in_nested_transaction()):
            put_off(tx.info, self.change(**values), grows=grows)
        else:
            await self.rows(tx, **values)

    def change(self, **values: Any) -> Change:
        """What it does with these values."""
        return Change(self.sql, self._in_order(values), self._table)

    def _in_order(self, values: Mapping[str, Any]) -> list[Any]:
        return [values[name] for name in self.names]


async def rows_beside(tx: AsyncSession, *asked: Asked) -> list[list[Any]]:
    """The rows of several statements in one round trip; what the session has pending goes first."""
    await _flush(tx)
    await _make_way(tx, frozenset().union(*(one.words for one in asked)))
    return await rows_of_each(tx.info, asked)


async def ask_ahead(tx: AsyncSession, *asked: Asked) -> None:
    """Have these answered in one round trip: whoever asks them with the same values has the rows at once.

    For what nothing that is done in between changes.
    """
    keep_ready(tx.info, asked, await rows_beside(tx, *asked))


async def _flush(tx: AsyncSession) -> None:
    if tx.new or tx.dirty or tx.deleted:
        await tx.flush()


async def _make_way(tx: AsyncSession, words: frozenset[str]) -> None:
    """Send what a statement with these words could see."""
    if tx.in_nested_transaction():
        await tx.connection()  # a savepoint is set once SQLAlchemy wants the connection
    await send_concerning(tx.info, words)


class Insertion:
    """Many rows of a table in one statement, with these of its columns.

    `ending` is what stands behind the rows: "on conflict …", "returning …".
    """

    def __init__(self, table: Any, names: Sequence[str], ending: str = "") -> None:
        self._names = tuple(names)
        columns = [table.c[name] for name in names]
        self._json = frozenset(one.name for one in columns if isinstance(one.type, JSON))
        arrays = ", ".join(f":{one.name}::{one.type.compile(_POSTGRES)}[]" for one in columns)
        self._can_grow = not ending
        self._statement = Direct(
            f"insert into {table.name} ({', '.join(names)}) select * from unnest({arrays}) {ending}"  # noqa: S608 - names of our own
        )

    async def rows(self, tx: AsyncSession, values: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What `ending` returns. Values that are missing, or None, are null."""
        return await self._statement.rows(tx, **self._arrays(values))

    def asked(self, values: Sequence[Mapping[str, Any]]) -> Asked:
        """It with these rows, to be asked beside others."""
        return self._statement.asked(**self._arrays(values))

    async def later(self, tx: AsyncSession, values: Sequence[Mapping[str, Any]]) -> None:
        """The same, sent with other changes (see `waiting.py`); its rows stay in their order."""
        await self._statement.wait(tx, self._arrays(values), grows=self._can_grow)

    def _arrays(self, values: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
        return {name: [self._sent(name, one.get(name)) for one in values] for name in self._names}

    def _sent(self, name: str, value: Any) -> Any:
        is_json = name in self._json and value is not None
        return orjson.dumps(value).decode() if is_json else value
