"""Pages of an account in which there is much of everything: `python -m benchmarks.wide_account`.

A desk in a folder that it throws away, with 50 conversations of one message. Prints how long pages take and how
large they are, first as it is, then with 10,000 messages in each conversation, then also with a thousand agents,
labels and canned answers, hundreds of inboxes, attributes, actions and rules. Beside them, as a reference asked for
in turns, a page without a list. Some three minutes.
"""

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import text

from recado.bench.desk import Desk, open_desk
from recado.bench.filling import lengthen, settle
from recado.bench.pages import row_of
from recado.bench.printing import Report
from recado.bench.stage import Stage, add_host, add_rule, set_stage
from recado.db.database import Database

_AT_ONCE: Final = 16
_LENGTH: Final = 10_000  # messages in a conversation
_PEOPLE: Final = """
    insert into users (name, email, password_hash, language, created_at)
    select 'Agent ' || n, 'agent' || n || '@b.example', 'x', 'en', now() from generate_series(1, 1000) n
"""
_MEMBERS: Final = """
    insert into memberships (account_id, user_id, role)
    select 1, id, 'agent' from users where email like 'agent%'
"""
_ANSWER_IN: Final = """
    insert into inbox_members (inbox_id, user_id) select cast(:inbox as bigint), id from users
"""
_PAGES: Final = (
    "/app/conversations?tab=all",
    "/app/conversations/1",
    "/app/contacts",
    "/app/contacts/1",
    "/app/search?q=Maria",
    "/app/deliveries",
    "/app/actions",
    "/app/actions/1",
    "/app/actions/new",
    "/app/automation",
    "/app/automation/1",
    "/app/automation/new",
    "/app/macros",
    "/app/labels",
    "/app/canned",
    "/app/agents",
    "/app/teams",
    "/app/inboxes",
    "/app/inboxes/1",
    "/app/attributes",
)


async def measure() -> None:
    """Print a table for each of the three accounts."""
    async with open_desk(("web",)) as desk:
        stage = await set_stage(desk)
        await add_host(desk, "matching", "http://127.0.0.1:1")
        for _ in stage.conversations:
            await stage.post("nobody")
        await desk.sign_in()
        await _print(desk, "as it is")
        database = Database(desk.server.url, pool_size=2)
        try:
            for number in stage.conversations:
                await lengthen(database, number, messages=_LENGTH)
            await settle(database)
            await _print(desk, f"with {_LENGTH:,} messages in each conversation")
            await _widen(desk, database, stage)
            await settle(database)
        finally:
            await database.close()
        await _print(desk, "and with much of everything")


async def _print(desk: Desk, what: str) -> None:
    rows = [await row_of(desk, path, path) for path in _PAGES]
    print(Report(what, rows).table(), flush=True)  # noqa: T201 - its output


async def _widen(desk: Desk, database: Database, stage: Stage) -> None:
    async with database.transaction() as tx:
        await tx.execute(text(_PEOPLE))
        await tx.execute(text(_MEMBERS))
        await tx.execute(text(_ANSWER_IN), {"inbox": stage.inbox_id})
    things = _things()

    async def make() -> None:
        for path, body in things:
            await desk.create(path, body)

    await asyncio.gather(*(make() for _ in range(_AT_ONCE)))
    for number in range(200):
        await add_rule(desk, f"rule{number}", 1)


def _things() -> Iterator[tuple[str, Any]]:
    labelled = [{"action_name": "add_label", "action_params": ["label-1"]}]
    return itertools.chain(
        (("labels", {"title": f"label-{n}"}) for n in range(1_000)),
        (("inboxes", {"name": f"Inbox {n}", "channel": {"type": "api"}}) for n in range(300)),
        (("custom_attribute_definitions", _attribute(n)) for n in range(300)),
        (("teams", {"name": f"team {n}"}) for n in range(200)),
        (("canned_responses", {"short_code": f"c{n}", "content": "x" * 200}) for n in range(1_000)),
        (("custom_actions", _action(n)) for n in range(500)),
        (
            ("macros", {"name": f"m{n}", "visibility": "global", "actions": labelled})
            for n in range(200)
        ),
    )


def _attribute(number: int) -> dict[str, Any]:
    return {
        "attribute_display_name": f"Attribute {number}", "attribute_key": f"attribute_{number}",
        "attribute_model": number % 2, "attribute_display_type": 0,
    }  # fmt: skip


def _action(number: int) -> dict[str, Any]:
    return {
        "name": f"Action {number}", "method": "POST", "url": f"https://crm.example/{number}",
        "body_kind": "json", "body": "{}", "state": "active",
    }  # fmt: skip


if __name__ == "__main__":
    asyncio.run(measure())
