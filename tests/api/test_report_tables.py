"""Reports that count by two things, and event by event: what each line says, and what is left out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recado.accounts.teams import create_team
from recado.contacts.labels import create_label
from recado.conversations.changing import change_conversation
from recado.conversations.models import MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Database
from recado.events.causes import BY_SYSTEM
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.api.calling import Program
from tests.people import VAULT, Cast
from tests.reports.conftest import a_talk

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SINCE = int((NOON - timedelta(hours=2)).timestamp())
UNTIL = int((NOON + timedelta(days=3)).timestamp())
AROUND = f"since={SINCE}&until={UNTIL}"
MINUTES = (1, 59, 60, 239, 240, 480, 1_440, 2_000)  # until the first answer


@pytest.fixture
async def history(cast: Cast, database: Database) -> None:
    """Eight conversations that Beto answered later and later; the second one has labels and a team."""
    async with database.transaction() as tx:
        for title in ("vip", "billing"):
            await create_label(tx, cast.account.id, title)
        team = await create_team(tx, cast.account.id, "Suporte")
        talks = [
            await a_talk(tx, cast, NOON, by=cast.beto.user, answered=minutes, resolved=9_000)
            for minutes in MINUTES
        ]
        change: Any = {"labels": ["vip", "billing"], "team_id": team.id}
        await change_conversation(tx, talks[1], change, cause=BY_SYSTEM, now=NOON)
        note = MessageDraft("psst", MessageType.OUTGOING, sender=cast.ana.user, private=True)
        await post_message(tx, talks[1], note, cause=BY_SYSTEM, now=NOON)
        by_rule = MessageDraft("Já lemos", MessageType.OUTGOING)
        await post_message(tx, talks[1], by_rule, cause=BY_SYSTEM, now=NOON)


async def test_first_answers_by_how_long_they_took(api: Program, history: None) -> None:
    told = await api.get(f"/api/v2/…/reports/first_response_time_distribution?{AROUND}")
    assert told == {"Channel::Api": {"0-1h": 2, "1-4h": 2, "4-8h": 1, "8-24h": 1, "24h+": 2}}


async def test_first_answers_in_business_hours(
    api: Program, cast: Cast, database: Database, history: None
) -> None:
    """Where an inbox has no hours, all are."""
    query = f"{AROUND}&business_hours=true"
    told = await api.get(f"/api/v2/…/reports/first_response_time_distribution?{query}")
    assert sum(told["Channel::Api"].values()) == len(MINUTES)


@pytest.mark.parametrize(
    ("more", "inboxes", "labels", "matrix"),
    [
        ("", [1, 3], [2, 1], [[1, 1], [0, 0]]),
        ("&inbox_ids[]=1", [1], [2, 1], [[1, 1]]),
        ("&inbox_ids[]=3&label_ids[]=1", [3], [1], [[0]]),
        ("&inbox_ids[]=99", [], [2, 1], []),
        ("&label_ids[]=99", [1, 3], [], [[], []]),
    ],
    ids=["all", "one inbox", "one of each", "no such inbox", "no such label"],
)
async def test_inboxes_and_labels(
    api: Program,
    cast: Cast,
    database: Database,
    history: None,
    more: str,
    inboxes: list[int],
    labels: list[int],
    matrix: list[list[int]],
) -> None:
    async with database.transaction() as tx:
        draft = InboxDraft("Zap", Channel.API)
        await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOON)
    told = await api.get(f"/api/v2/…/reports/inbox_label_matrix?{AROUND}{more}")
    assert [one["id"] for one in told["inboxes"]] == inboxes
    assert [one["id"] for one in told["labels"]] == labels
    assert told["matrix"] == matrix


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("agent", {"Ana Lima": 0, "Beto Reis": 8}),  # neither the note nor what no person wrote
        ("team", {"suporte": 2}),
        ("inbox", {"Site": 9}),
        ("label", {"vip": 2, "billing": 2}),
    ],
)
async def test_messages_that_went_out(
    api: Program, history: None, by: str, expected: dict[str, int]
) -> None:
    path = f"/api/v2/…/reports/outgoing_messages_count?group_by={by}&{AROUND}"
    told = {one["name"]: one["outgoing_messages_count"] for one in await api.get(path)}
    assert told == expected


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("outgoing_messages_count", "group_by"),
        ("outgoing_messages_count?group_by=day", "group_by"),
        ("outgoing_messages_count?group_by=agent&since=yesterday", "since"),
        ("inbox_label_matrix?since=2000&until=1000", "since"),
        ("first_response_time_distribution?until=1e300", "until"),
    ],
)
async def test_nonsense_is_told(api: Program, path: str, field: str) -> None:
    answer = await api.call("GET", f"/api/v2/…/reports/{path}")
    assert answer.status_code == 422
    assert answer.json()["attributes"] == [field]


TABLES = (
    "first_response_time_distribution", "inbox_label_matrix", "outgoing_messages_count?group_by=team",
)  # fmt: skip


@pytest.mark.parametrize("path", TABLES)
async def test_tables_are_for_administrators(agent_api: Program, path: str) -> None:
    assert (await agent_api.call("GET", f"/api/v2/…/reports/{path}")).status_code == 401


# --- event by event --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 24),
        ("?name=first_response", 8),
        ("?name=happiness", 0),
        ("?user_id=2", 24),
        ("?user_id=1", 0),
        ("?inbox_id=1&name=conversation_resolved", 8),
        ("?inbox_id=2", 0),  # Célia's
        (f"?until={int(NOON.timestamp()) + 3_600}", 10),  # ten of them in the first hour
        (f"?since={int(NOON.timestamp()) + 3_600}", 14),
    ],
)
async def test_events_are_filtered(api: Program, history: None, query: str, count: int) -> None:
    assert (await api.get(f"reporting_events{query}"))["meta"]["count"] == count


async def test_events_come_in_pages_newest_first(
    api: Program, cast: Cast, database: Database, history: None
) -> None:
    async with database.transaction() as tx:
        for _ in range(2):
            await a_talk(tx, cast, NOON, by=cast.ana.user, answered=1)
    pages = [await api.get(f"reporting_events?page={page}") for page in (1, 2, 3)]
    assert [len(one["payload"]) for one in pages] == [25, 3, 0]
    assert pages[1]["meta"] == {"count": 28, "current_page": 2, "total_pages": 2}
    ids = [event["id"] for one in pages for event in one["payload"]]
    assert ids == sorted(ids, reverse=True)


async def test_an_event_outlives_its_conversation(api: Program, history: None) -> None:
    assert (await api.call("DELETE", "contacts/1")).status_code == 200
    told = await api.get("reporting_events?name=first_response")
    numbers = [one["conversation_id"] for one in told["payload"]]
    assert numbers == [8, 7, 6, 5, 4, 3, 2, None]


async def test_events_of_one_conversation(api: Program, history: None) -> None:
    told = await api.get("conversations/2/reporting_events")
    assert [(one["name"], one["value"]) for one in told] == [
        ("conversation_created", 0), ("first_response", 59 * 60), ("conversation_resolved", 9_000 * 60),
    ]  # fmt: skip
    assert {one["conversation_id"] for one in told} == {2}
    assert told[1]["event_start_time"] == "2026-11-23T12:00:00.000Z"
    assert told[1]["event_end_time"] == "2026-11-23T12:59:00.000Z"


async def test_all_events_are_for_administrators(agent_api: Program) -> None:
    assert (await agent_api.call("GET", "reporting_events")).status_code == 401


@pytest.mark.parametrize("number", [99, 2**62])
async def test_no_such_conversation(api: Program, number: int) -> None:
    answer = await api.call("GET", f"conversations/{number}/reporting_events")
    assert answer.status_code == 404
