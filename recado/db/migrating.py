"""Bringing the tables up to date, by one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
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


def migration_config(connection: Connection) -> Config:
    """Alembic's settings, on a connection that is open."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _to_revision(connection: Connection, revision: str) -> None:
    config = migration_config(connection)
    try:
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
    except CommandError as error:
        raise TablesUnknown(
            "The tables of this database were made by a newer Recado. Start that version, or go "
            f"back to a copy of the data ({error})."
        ) from error
