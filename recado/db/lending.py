"""Connections that stay ready between transactions.

Taking one from SQLAlchemy's pool, beginning, committing and giving it back costs four times the
processor time of the database's own begin, commit and a statement (`python -m benchmarks.statements`).
So connections are kept as SQLAlchemy hands them out; only one with which something went wrong goes
back to its pool, which clears or replaces it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_PATIENCE_SECONDS: Final = 10  # for a connection while all are lent


@dataclass(frozen=True, slots=True)
class Lent:
    """A connection: SQLAlchemy's, the driver's, and what SQLAlchemy has put between them."""

    connection: AsyncConnection
    driver: "asyncpg.Connection[Any]"
    adapted: Any

    @property
    def has_begun(self) -> bool:
        """Whether a transaction is under way."""
        return self.connection.in_transaction() or self.adapted._transaction is not None

    async def begin(self) -> None:
        """Begin a transaction unless one has begun; SQLAlchemy takes it for its own."""
        if self.adapted._transaction is None:
            transaction = self.driver.transaction()
            await self._finished(transaction.start())
            self.adapted._transaction = transaction

    async def commit(self) -> None:
        """Commit what was begun past SQLAlchemy."""
        if transaction := self._ended():
            await self._finished(transaction.commit())

    async def roll_back(self) -> None:
        """Undo what was begun past SQLAlchemy."""
        if transaction := self._ended():
            await self._finished(transaction.rollback())

    async def _finished(self, step: Awaitable[None]) -> None:
        """Cut off in the middle, nobody knows whether the step was taken: the connection is given up.

        Used again it might take the next transaction for a part of its own, and keep nothing of it.
        """
        try:
            await step
        except asyncpg.PostgresError:
            raise  # it was refused, and that is known
        except BaseException:
            self.driver.terminate()
            raise

    def _ended(self) -> Any:
        transaction, self.adapted._transaction = self.adapted._transaction, None
        return transaction


class Lender:
    """At most `most` connections of an engine, the one used last first: its statements are planned."""

    def __init__(self, engine: AsyncEngine, *, most: int) -> None:
        self._engine = engine
        self._room = asyncio.Semaphore(most)
        self._idle: list[Lent] = []

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Lent]:
        """A connection without a transaction. PoolTimeout after ten seconds if all are lent."""
        await self._wait_for_room()
        try:
            lent = await self._take()
            try:
                yield lent
            except BaseException:
                await asyncio.shield(lent.connection.close())  # rolled back, or replaced
                raise
            self._idle.append(lent)
        finally:
            self._room.release()

    async def close(self) -> None:
        """Give back what is not lent."""
        while self._idle:
            await self._idle.pop().connection.close()

    async def _wait_for_room(self) -> None:
        if not self._room.locked():
            await self._room.acquire()
            return
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._room.acquire()
        except TimeoutError as error:
            raise PoolTimeout("every connection to the database is in use") from error

    async def _take(self) -> Lent:
        while self._idle:
            lent = self._idle.pop()
            if not lent.driver.is_closed():
                return lent
            await lent.connection.close()
        connection = await self._engine.connect()
        adapted: Any = await connection.get_raw_connection()
        return Lent(connection, adapted.driver_connection, adapted.dbapi_connection)
