"""Alembic carries the tables from one revision to another."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from recado.db.migrating import TablesUnknown

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def migration_config(connection: Connection) -> Config:
    """Alembic's settings, on a connection that is open."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def to_revision(connection: Connection, revision: str) -> None:
    """Upgrade to the revision, "head" for the newest, or downgrade to "base"."""
    go = command.downgrade if revision == "base" else command.upgrade
    try:
        go(migration_config(connection), revision)
    except CommandError as error:
        raise TablesUnknown(
            "The tables of this database were made by a newer Recado. Start that version, or go "
            f"back to a copy of the data ({error})."
        ) from error
