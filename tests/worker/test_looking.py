"""One question tells which loops have something to do."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import ARRAY, JSON, Boolean, Column, DateTime, Integer, LargeBinary, Uuid, text

from recado.db.database import Database
from recado.tables import metadata
from recado.worker.looking import LOOPS, Looking, waiting_loops
from tests.counting import counted
from tests.people import Cast, a_contact, a_conversation, a_message

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BY_TYPE: dict[type, Any] = {
    DateTime: LONG_AGO, Boolean: False, Integer: 1, ARRAY: [], JSON: {}, LargeBinary: b"", Uuid: UUID(int=1),
}  # fmt: skip

# What waits for a loop, and the same when it does not: a row of a table with these values.
WAITS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("answers", "deliveries", {"awaits_answer": True, "finished_at": LONG_AGO}, {"finished_at": None}),
    ("replays", "replays", {"state": "running"}, {"state": "done"}),
    ("imports", "contact_imports", {"state": "running"}, {"state": "done"}),
    ("mail", "emails", {"state": "pending", "due_at": LONG_AGO, "inbox_id": None}, {"state": "sent"}),
    ("answers by e-mail", "emails", {"state": "pending", "due_at": LONG_AGO, "inbox_id": 1}, {"state": "sent"}),
    ("mailboxes", "mailboxes", {"is_active": True}, {"is_active": False}),
    ("mirroring", "chatwoot_arrivals", {"trouble": ""}, {"trouble": "bug"}),
    ("mirroring", "chatwoot_servers", {"due_at": LONG_AGO}, {"due_at": None}),
    ("clock", "conversations", {"status": "snoozed", "snoozed_until": LONG_AGO}, {"status": "open"}),
    ("clock", "conversations", {"status": "open", "awaits_turn": True}, {"awaits_turn": False}),
    ("clock", "inboxes", {"turns_at": LONG_AGO}, {"turns_at": None}),
    ("clock", "rule_timers", {"fired_at": None}, {"fired_at": LONG_AGO}),
]  # fmt: skip


def test_every_loop_that_is_woken_is_tried_here() -> None:
    assert {"rules", *(name for name, *_ in WAITS)} == set(LOOPS)


@pytest.mark.parametrize(("name", "table", "waiting", "quiet"), WAITS)
async def test_what_waits_wakes_its_loop(
    database: Database, name: str, table: str, waiting: dict[str, Any], quiet: dict[str, Any]
) -> None:
    await _put(database, table, waiting | quiet)
    assert await waiting_loops(database) == []
    await _put(database, table, waiting)
    assert await waiting_loops(database) == [name]


async def test_an_event_wakes_the_rules(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await a_message(tx, await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account)))
    assert await waiting_loops(database) == ["rules"]


async def test_a_look_is_one_statement_and_wakes_only_who_has_something(database: Database) -> None:
    await _put(database, "replays", {"state": "running"})
    wakes = {name: asyncio.Event() for name in LOOPS}
    with counted(database) as statements:
        assert not await Looking(database, wakes).turn()
    assert len(statements) == 1
    assert [name for name, wake in wakes.items() if wake.is_set()] == ["replays"]


async def _put(database: Database, table: str, values: dict[str, Any]) -> None:
    """The only row of a table, with nothing around it: what is asked about is all that matters."""
    columns = metadata.tables[table].columns
    row = {one.name: _filled(one) for one in columns if not one.nullable} | values
    row.pop("id", None)
    async with database.transaction() as tx:
        await tx.execute(text("set local session_replication_role = replica"))
        await tx.execute(metadata.tables[table].delete())
        await tx.execute(metadata.tables[table].insert().values(row))


def _filled(column: Column[Any]) -> Any:
    kinds = (one for kind, one in BY_TYPE.items() if isinstance(column.type, kind))
    return next(kinds, f"a {column.name}")
