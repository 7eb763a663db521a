"""One database, its transactions, and its clock.

Verbs take a Transaction and never begin or end one; doors and the worker do, with
`async with database.transaction() as tx:`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Final, cast

import asyncpg
import orjson
from sqlalchemy import event, text  # noqa: TID251 - pool and flush tell it no other way
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from recado.db.direct import Direct
from recado.db.driving import DRIVER, LENT
from recado.db.lending import Lender, Lent
from recado.db.noting import Note, drop_notes, keep_notes, note_flush, notes_of
from recado.db.waiting import Change, WaitingSession, send_waiting

Transaction = AsyncSession  # SQLAlchemy's async unit of work, begun
WriteNotes = Callable[[Transaction, list[Note]], Awaitable[None]]


# Everything that a database which is away, unwilling or full may raise.
DRIVER_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that the server has ended, used before it is closed
)
DATABASE_ERRORS: Final = (OSError, TimeoutError, SQLAlchemyError, *DRIVER_ERRORS)


NOTICES: Final = (
    "notices"  # in a transaction's info: whom to wake once it commits; see notifying.py
)

# A process that stands still (stopped, swapped out) must not keep others from what it has locked. Between
# two statements PostgreSQL calls it idle; within one, of which the driver has sent a half, it does not, and
# only the length of the whole transaction tells (since PostgreSQL 17; far longer than any of ours).
_FROZEN_AFTER: Final = "30s"
_LONGEST: Final = "5min"
_PATIENCE_SECONDS: Final = 10
_LIMIT: Final = (
    "select set_config(name, $1, false) from pg_settings where name = 'transaction_timeout'"
)


class DatabaseAway(ConnectionError):
    """No connection to the database came about. Other TimeoutErrors and ConnectionErrors are others'."""


class DatabaseUnreachable(Exception):
    """The database did not answer; the text says which and why, without its password."""


class Database:
    """An engine on one PostgreSQL. `url` is `postgresql://…`, as libpq understands it."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url = url
        self._engine: AsyncEngine = create_async_engine(
            engine_url(url),
            pool_size=pool_size,
            max_overflow=0,
            json_serializer=_to_json,
            json_deserializer=orjson.loads,
            connect_args={
                "async_creator_fn": connect,
                "timeout": _PATIENCE_SECONDS,
                "server_settings": {
                    "application_name": "recado",
                    "timezone": "UTC",
                    "idle_in_transaction_session_timeout": _FROZEN_AFTER,
                },
            },
        )
        event.listen(self._engine.sync_engine, "connect", _limit_transactions)
        event.listen(self._engine.sync_engine, "checkout", _refuse_closed)
        self._sessions = async_sessionmaker(
            expire_on_commit=False, sync_session_class=WaitingSession
        )
        self._lender = Lender(self._engine, most=pool_size)
        self._write_notes: WriteNotes | None = None

    def write_notes_with(self, write: WriteNotes) -> None:
        """Have what people change in settings written down from now on; see `noting.py`."""
        sessions = self._sessions.class_.sync_session_class  # those of every database
        if not event.contains(sessions, "after_flush", note_flush):
            event.listen(sessions, "after_flush", note_flush)
            event.listen(sessions, "after_transaction_create", keep_notes)
            event.listen(sessions, "after_soft_rollback", drop_notes)
        self._write_notes = write

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction: committed at the end of the block, rolled back when it raises."""
        async with self.unfinished() as tx:
            yield tx
            if self._write_notes is not None:
                await self._note(tx, self._write_notes)
            await _commit(tx)

    @asynccontextmanager
    async def unfinished(self) -> AsyncIterator[Transaction]:
        """A transaction that is rolled back at the end of the block, unless it was committed."""
        async with self._lender.lend() as lent:
            tx = self._sessions(bind=lent.connection, info={LENT: lent})
            try:
                yield tx
            except BaseException:
                with suppress(*DATABASE_ERRORS):  # what went wrong first is what counts
                    await asyncio.shield(asyncio.ensure_future(tx.close()))
                raise
            if lent.has_begun:
                await tx.rollback()
                await lent.roll_back()
            tx.sync_session.close()  # nothing to wait for: the connection is not its own

    @asynccontextmanager
    async def one_statement(self) -> AsyncIterator[Transaction]:
        """For a single statement of `direct.py`, which is a transaction by itself: one round trip
        instead of three.
        """
        async with self._lender.lend() as lent:
            yield self._sessions(bind=lent.connection, info={DRIVER: lent.driver})

    @staticmethod
    async def _note(session: AsyncSession, write: WriteNotes) -> None:
        await session.flush()
        if notes := notes_of(session.sync_session):
            await write(session, notes)

    async def check(self) -> None:
        """Return when the database answers; otherwise raise DatabaseUnreachable."""
        try:
            async with self.transaction() as tx:
                await tx.execute(text("select 1"))
        except DATABASE_ERRORS as error:
            raise DatabaseUnreachable(_why_unreachable(self.url, error)) from error

    async def careless_settings(self) -> list[str]:
        """Which of the settings are off that keep an acknowledged row through a crash."""
        query = text("""
            select name from pg_settings where setting = 'off'
            and name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name
        """)
        async with self.transaction() as tx:
            return list(await tx.scalars(query))

    async def connect_to_listen(self) -> "asyncpg.Connection[Any]":
        """A connection of its own, outside the pool, for LISTEN; the caller closes it."""
        return await connect(self.url, timeout=_PATIENCE_SECONDS)

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self._lender.close()
        await self._engine.dispose()


async def connect(*where: Any, timeout: float, **how: Any) -> "asyncpg.Connection[Any]":  # noqa: ASYNC109 - the driver's own
    """The driver's connection, or DatabaseAway with a sentence; a file that is missing is no such case."""
    try:
        return await asyncpg.connect(*where, timeout=timeout, **how)
    except TimeoutError as error:
        raise DatabaseAway(f"no answer within {timeout:g} seconds") from error
    except ConnectionError as error:
        raise DatabaseAway(str(error)) from error


def _limit_transactions(connection: Any, _record: Any) -> None:
    connection.run_async(lambda driver: driver.execute(_LIMIT, _LONGEST))


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have the pool replace a connection whose server has gone: no question to the server needed."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


async def _commit(tx: Transaction) -> None:
    """Send what waits, with the notices; past SQLAlchemy, where the session was not needed."""
    if tx.new or tx.dirty or tx.deleted:
        await tx.flush()
    await send_waiting(tx.info, _news(tx.info.pop(NOTICES, None)))
    lent: Lent = tx.info[LENT]
    if lent.connection.in_transaction():
        await tx.commit()
    else:
        await lent.commit()


def _news(notices: dict[tuple[str, str], None] | None) -> Change | None:
    if not notices:
        return None
    channels, payloads = map(list, zip(*notices, strict=True))
    return _NOTIFY.change(channels=channels, payloads=payloads)


_NOTIFY: Final = Direct("""
    select pg_notify(channel, payload)
    from unnest(:channels::text[], :payloads::text[]) as notice(channel, payload)
""")


def is_passing(error: BaseException) -> bool:
    """Whether the same statement may work later: the connection or the server was to blame.

    Deadlocks, serialization failures, lack of resources, shutdowns (SQLSTATE 40, 53, 57), lost
    connections (08) and transactions that stood still (25P03, 25P04).
    """
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = error.orig if isinstance(error, StatementError) else error
    state = str(getattr(cause, "sqlstate", None) or "")
    if isinstance(cause, OSError) and cause.filename is not None:
        return False  # a file of ours, no connection
    is_away = isinstance(cause, (OSError, PoolTimeout, *DRIVER_ERRORS[1:]))
    return is_away or state[:2] in {"08", "40", "53", "57"} or state in {"25P03", "25P04"}


async def database_now(tx: Transaction) -> datetime:
    """The database's clock: the one clock that every process shares."""
    [[now]] = await CLOCK.rows(tx)
    return cast(datetime, now)


CLOCK: Final = Direct("select clock_timestamp()")


def engine_url(url: str) -> URL:
    """A libpq address as SQLAlchemy's engine on asyncpg wants it."""
    parsed = make_url(url).set(drivername="postgresql+asyncpg")
    if "sslmode" in parsed.query:  # libpq's name; asyncpg's dialect calls it ssl
        parsed = parsed.update_query_dict({"ssl": parsed.query["sslmode"]})
        parsed = parsed.difference_update_query(["sslmode"])
    return parsed


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def _why_unreachable(url: str, error: BaseException) -> str:
    shown = make_url(url).render_as_string(hide_password=True)
    said = str(getattr(error, "orig", None) or error) or type(error).__name__
    return f"The database at {shown} does not answer ({said}). Start it, or correct DATABASE_URL."
