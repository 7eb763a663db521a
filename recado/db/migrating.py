"""Bringing the tables up to date, by one process at a time."""

from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from recado.db.database import engine_url

_LOCK = 7_261_964  # any number, the same in every Recado


class TablesUnknown(Exception):
    """The database holds tables of a version that this one does not know."""


async def migrate(url: str, *, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`, whichever process gets there first."""
    engine = create_async_engine(engine_url(url))
    try:
        async with engine.connect() as connection:
            await connection.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK})
            await connection.commit()
            await connection.run_sync(_to_revision, revision)
            await connection.commit()
    finally:
        await engine.dispose()  # and with the connection goes the lock


def _to_revision(connection: Connection, revision: str) -> None:
    if revision == "head" and _stands_at(connection) == newest_revision():
        return
    alembic = import_module("recado.db.upgrading")  # 7 MiB that a start mostly does without
    alembic.to_revision(connection, revision)


def _stands_at(connection: Connection) -> str | None:
    """The revision of the tables; None where there are none."""
    if connection.scalar(text("select to_regclass('alembic_version')")) is None:
        return None
    revision: str = connection.scalar(text("select version_num from alembic_version"))
    return revision


def newest_revision() -> str:
    """The head: files of migrations begin with their revision, and these go up."""
    names = (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py")
    return max(one.name.partition("_")[0] for one in names)
