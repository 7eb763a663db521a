"""Making and storing many new rows of a table, past the unit of work's walk over each.

The session knows them as it knows any new object: what flushes before they are stored, stores them,
and a rollback forgets them.
"""

from typing import Any, Final, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import instance_state

from recado.db.asking import Asked
from recado.db.direct import Insertion, rows_beside
from recado.db.reading import keep, made
from recado.db.tables import Table

Row = TypeVar("Row", bound=Table)


class Storing(Generic[Row]):
    """New rows of a table whose key is `id`; `by` is a unique column, by which ids come back."""

    def __init__(self, table: type[Row], *, by: str) -> None:
        columns = [one for one in table.__table__.c if one.name != "id"]
        self._table: Final = table
        self._by: Final = by
        self._names: Final = frozenset(one.name for one in columns)
        self._insertion: Final = Insertion(
            table.__table__, [one.name for one in columns], f"returning {by}, id"
        )

    def new(self, tx: AsyncSession, values: dict[str, Any]) -> Row:
        """A new object with these values of all columns but `id`, pending in the session."""
        if self._names ^ values.keys():
            raise TypeError(f"These are not all columns: {sorted(self._names ^ values.keys())}")
        row = made(self._table, values)
        tx.sync_session._save_impl(instance_state(row))  # as add(), without its walk to neighbours
        return row

    async def store(self, tx: AsyncSession, *beside: Asked) -> list[list[Any]]:
        """Insert what is pending of this table in one statement; it has its ids afterwards.

        The rows of what is asked `beside`, in the same round trip, are as they were before.
        """
        rows = [one for one in tx.new if isinstance(one, self._table)]
        if not rows:
            return await rows_beside(tx, *beside) if beside else []
        tx.sync_session._expunge_states([instance_state(row) for row in rows])  # as expunge()
        values = [instance_state(row).dict for row in rows]
        stored, *answers = await rows_beside(tx, self._insertion.asked(values), *beside)
        ids = dict(stored)
        for row, told in zip(rows, values, strict=True):
            told["id"] = ids[told[self._by]]
            keep(tx, row)
        return answers
