"""Tables and migrations say the same; up, down and up again works."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from recado.db.database import Database, engine_url
from recado.db.migrating import TablesUnknown, migrate, newest_revision
from recado.db.upgrading import migration_config
from recado.tables import metadata


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[str]:
    """The address of an empty database of its own."""
    main = Database(database_url, pool_size=2)
    name = "empty"
    engine = create_async_engine(engine_url(database_url), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"drop database if exists {name} with (force)"))
        await connection.execute(text(f"create database {name}"))
        yield database_url.replace("/postgres?", f"/{name}?")
        await connection.execute(text(f"drop database {name} with (force)"))
    await engine.dispose()
    await main.close()


async def tables_of(url: str) -> set[str]:
    database = Database(url, pool_size=2)
    async with database.transaction() as tx:
        names = await tx.scalars(
            text("select tablename from pg_tables where schemaname = 'public'")
        )
        found = set(names)
    await database.close()
    return found


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_the_migrations_make_exactly_the_tables(empty: str) -> None:
    await migrate(empty)
    engine = create_async_engine(engine_url(empty))
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


async def test_up_down_and_up_again(empty: str) -> None:
    await migrate(empty)
    made = await tables_of(empty)
    assert made >= set(metadata.tables)
    await migrate(empty, revision="base")
    assert await tables_of(empty) == {"alembic_version"}
    await migrate(empty)
    assert await tables_of(empty) == made


async def test_the_newest_revision_is_told_by_its_files(empty: str) -> None:
    await migrate(empty)
    engine = create_async_engine(engine_url(empty))
    async with engine.connect() as connection:
        config = await connection.run_sync(migration_config)
        stands_at = await connection.scalar(text("select version_num from alembic_version"))
    await engine.dispose()
    head = ScriptDirectory.from_config(config).get_current_head()
    assert newest_revision() == head == stands_at


async def test_twice_does_nothing_more(empty: str) -> None:
    await migrate(empty)
    made = await tables_of(empty)
    await migrate(empty)
    assert await tables_of(empty) == made


async def test_processes_that_start_together_migrate_once(empty: str) -> None:
    await asyncio.gather(*(migrate(empty) for _ in range(4)))
    assert await tables_of(empty) >= set(metadata.tables)


async def test_tables_of_a_newer_version_are_refused(empty: str) -> None:
    await migrate(empty)
    database = Database(empty, pool_size=2)
    async with database.transaction() as tx:
        await tx.execute(text("update alembic_version set version_num = '9999'"))
    await database.close()
    with pytest.raises(TablesUnknown, match="newer Recado"):
        await migrate(empty)
