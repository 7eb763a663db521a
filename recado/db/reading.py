"""Rows of statements of `direct.py` as objects of the session, as if it had loaded them itself.

The unit of work builds, keys and walks through a query each time, which costs more than its rows
(`python -m benchmarks.statements`). What is read here is changed and flushed like anything else.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import instance_state

from recado.db.direct import Direct
from recado.db.tables import Table

Row = TypeVar("Row", bound=Table)


class Reading(Generic[Row]):
    """How a statement names a table's columns, deferred ones aside, and how its rows become objects.

    `columns` stands behind "select"; `alias` is what the statement calls the table.
    """

    def __init__(self, table: type[Row], alias: str = "") -> None:
        mapper = table.__mapper__
        columns = [
            one for one in mapper.local_table.c if not mapper.get_property_by_column(one).deferred
        ]
        self.columns = ", ".join(f"{alias or table.__tablename__}.{one.name}" for one in columns)
        self.width = len(columns)
        self._table = table
        self._names = tuple(mapper.get_property_by_column(one).key for one in columns)
        self._key = tuple(at for at, one in enumerate(columns) if one.primary_key)

    def maybe(self, tx: AsyncSession, row: Sequence[Any], at: int, **parts: Any) -> Row | None:
        """The object whose columns begin at `at`; None where an outer join found none."""
        return self.one(tx, row, at, **parts) if row[at + self._key[0]] is not None else None

    def one(self, tx: AsyncSession, row: Sequence[Any], at: int = 0, **parts: Any) -> Row:
        """The object whose columns begin at `at`; `parts` are the objects that it refers to.

        One that the session has already is that one, as it is, with the parts that it lacked.
        """
        key = self._table.__mapper__.identity_key_from_primary_key(
            tuple(row[at + one] for one in self._key)
        )
        there: Row | None = tx.sync_session.identity_map.get(key)
        if there is not None:
            complete(there, **parts)
            return there
        values = dict(zip(self._names, row[at : at + self.width], strict=True))
        return _keep(tx, made(self._table, values | parts), key)


class Listing(Generic[Row]):
    """Rows of one table in one statement; `ending` stands behind "from", the table's name first."""

    def __init__(self, table: type[Row], ending: str) -> None:
        self._reading = Reading(table)
        self._statement = Direct(f"select {self._reading.columns} from {ending}")  # noqa: S608 - ours

    async def all(self, tx: AsyncSession, **values: Any) -> list[Row]:
        """Their objects, in order; `values` are those that the statement names."""
        return [self._reading.one(tx, row) for row in await self._statement.rows(tx, **values)]


def known(tx: AsyncSession, table: type[Row], key: int) -> Row | None:
    """The object of this id, if the session has it already."""
    identity = table.__mapper__.identity_key_from_primary_key((key,))
    found: Row | None = tx.sync_session.identity_map.get(identity)
    return found


def complete(row: Table, **parts: Any) -> None:
    """Give an object those of the objects that it refers to which it lacks."""
    loaded = instance_state(row).dict
    loaded.update({name: one for name, one in parts.items() if name not in loaded})


def as_stored(tx: AsyncSession, table: type[Row], values: Mapping[str, Any]) -> Row:
    """The object of a row that is in the database already, with these values of all its columns."""
    return keep(tx, made(table, values))


def made(table: type[Row], values: Mapping[str, Any]) -> Row:
    """An object with these values that no session knows, made without the constructor's walk."""
    row: Row = table.__mapper__.class_manager.new_instance()
    instance_state(row).dict.update(values)
    return row


def keep(tx: AsyncSession, row: Row) -> Row:
    """Have the session know an object, with its key, as one that it has loaded."""
    mapper, values = row.__mapper__, instance_state(row).dict
    key = tuple(values[mapper.get_property_by_column(one).key] for one in mapper.primary_key)
    return _keep(tx, row, mapper.identity_key_from_primary_key(key))


def _keep(tx: AsyncSession, row: Row, key: Any) -> Row:
    """What SQLAlchemy's own loader does with a row, without what it does for a query."""
    state = instance_state(row)
    state.key, state.session_id = key, tx.sync_session.hash_key
    tx.sync_session.identity_map.add(state)
    return row
