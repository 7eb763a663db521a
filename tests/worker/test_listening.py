"""Hearing notifications goes on, whatever becomes of the connection."""

import asyncio

import pytest
from sqlalchemy import text

from recado.db.database import Database
from recado.db.notifying import notify
from recado.worker import listening
from recado.worker.listening import listen

_CUT = text("""
    select pg_terminate_backend(pid) from pg_stat_activity
    where query like 'LISTEN%' and pid <> pg_backend_pid()
""")


async def test_it_outlives_connections_that_are_cut_at_any_moment(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "_RECONNECT_SECONDS", 0.01)
    heard, stop = asyncio.Event(), asyncio.Event()
    hearers = {f"channel_{number}": lambda _: None for number in range(20)}
    task = asyncio.create_task(
        listen(database, hearers | {"news": lambda told: told and heard.set()}, stop)
    )
    for _ in range(60):
        async with database.transaction() as tx:
            await tx.execute(_CUT)
        await asyncio.sleep(0.005)
    assert not task.done()
    while not heard.is_set():
        async with database.transaction() as tx:
            await notify(tx, "news", "good")
        await asyncio.sleep(0.01)
    stop.set()
    await task
