"""A worker killed in the middle of a list: the next one goes on, and nobody is made twice."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from recado.contacts.importing import start_import
from recado.contacts.keeping_imports import File, find_import, open_import
from recado.contacts.models import Contact, ContactImport, ContactImportRow
from recado.db.database import Database
from tests.faults.processes import Running
from tests.people import KEY, NOW, Cast

pytestmark = pytest.mark.faults

ROWS = 3_000


async def test_an_import_goes_on_after_its_worker_was_killed(
    database: Database, database_url: str, cast: Cast, tmp_path: Path
) -> None:
    lines = "".join(f"Pessoa {number}\n" for number in range(ROWS))  # nothing to be matched by
    async with database.transaction() as tx:
        imported = await open_import(
            tx, cast.ana, File("lista.csv", f"nome\n{lines}".encode()), now=NOW
        )
        assert isinstance(imported, ContactImport)
        await start_import(tx, imported)
    setting = {"DATABASE_URL": database_url, "RECADO_SECRET_KEY": KEY}
    with Running(tmp_path / "data", "worker", name="first", **setting) as first:
        await _until_done(database, cast, at_least=250)
        first.kill()
    after = (await _now(database, cast)).done
    assert 250 <= after < ROWS, "the worker was killed too late to show anything"
    with Running(tmp_path / "data", "worker", name="second", **setting) as second:
        await _until_done(database, cast, at_least=ROWS)
        assert await asyncio.to_thread(second.stop) == 0
    async with database.transaction() as tx:
        made = await tx.execute(select(func.count(), func.count(Contact.name.distinct())))
        assert made.one() == (ROWS, ROWS)
        assert list(await tx.scalars(select(ContactImportRow))) == []
    assert (await _now(database, cast)).made == ROWS


async def _until_done(database: Database, cast: Cast, *, at_least: int) -> None:
    async with asyncio.timeout(240):
        while True:
            if (await _now(database, cast)).done >= at_least:
                return
            await asyncio.sleep(0.02)


async def _now(database: Database, cast: Cast) -> ContactImport:
    async with database.transaction() as tx:
        imported = await find_import(tx, cast.account.id, 1)
        assert imported is not None
        return imported
