"""Write a migration for what the tables have and the database lacks: `make migration name="Add teams"`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from recado.db.database import engine_url
from recado.db.embedded import EmbeddedPostgres
from recado.db.migrating import migrate
from recado.db.upgrading import migration_config
from recado.tables import metadata


def _write(connection: Connection, name: str) -> None:
    config = migration_config(connection)
    config.attributes["metadata"] = metadata
    command.revision(config, message=name, autogenerate=True, rev_id=_next_number())


def _next_number() -> str:
    versions = Path("recado/db/migrations/versions")
    return f"{len(list(versions.glob('*.py'))) + 1:04d}"


async def _main(url: str, name: str) -> None:
    await migrate(url)
    engine = create_async_engine(engine_url(url))
    async with engine.connect() as connection:
        await connection.run_sync(_write, name)
    await engine.dispose()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "data")
        server.start()
        try:
            asyncio.run(_main(server.url, sys.argv[1]))
        finally:
            server.stop()
