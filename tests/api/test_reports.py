"""Reports by program: the numbers, and what nonsense is told."""

from datetime import UTC, datetime, timedelta

import pytest

from recado.contacts.labels import create_label
from recado.conversations.changing import change_conversation
from recado.db.database import Database
from recado.events.causes import BY_SYSTEM
from tests.api.calling import Program
from tests.people import Cast
from tests.reports.conftest import a_talk

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SINCE = int((NOON - timedelta(hours=2)).timestamp())
UNTIL = int((NOON + timedelta(hours=22)).timestamp())


@pytest.fixture
async def history(cast: Cast, database: Database) -> None:
    """Two conversations: Beto answered the first after two minutes, Ana the second after four."""
    async with database.transaction() as tx:
        await create_label(tx, cast.account.id, "vip")
        talk = await a_talk(tx, cast, NOON, by=cast.beto.user, answered=2, resolved=60)
        change = {"labels": ["vip"]}
        await change_conversation(tx, talk, change, cause=BY_SYSTEM, now=NOON)  # type: ignore[arg-type]
        await a_talk(tx, cast, NOON, by=cast.ana.user, answered=4)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ("type=account", (2, 2, 2, 180, 3600, 1)),
        ("type=agent&id=2", (1, 1, 1, 120, 3600, 1)),
        ("type=inbox&id=1", (2, 2, 2, 180, 3600, 1)),
        ("type=label&id=1", (1, 1, 1, 120, 3600, 1)),
        ("type=label&id=vip", (1, 1, 1, 120, 3600, 1)),
    ],
)
async def test_a_summary(api: Program, history: None, of: str, expected: tuple[float, ...]) -> None:
    told = await api.get(f"/api/v2/…/reports/summary?{of}&since={SINCE}&until={UNTIL}")
    names = (
        "conversations_count", "incoming_messages_count", "outgoing_messages_count",
        "avg_first_response_time", "avg_resolution_time", "resolutions_count",
    )  # fmt: skip
    assert tuple(told[name] for name in names) == expected


@pytest.mark.parametrize(
    ("metric", "step", "expected"),
    [
        ("conversations_count", "hour", [2, 0]),
        ("resolutions_count", "hour", [0, 1]),
        ("incoming_messages_count", "day", [2]),
        ("avg_first_response_time", "week", [180]),
        ("reply_time", "year", [0]),
    ],
)
async def test_a_series(
    api: Program, history: None, metric: str, step: str, expected: list[float]
) -> None:
    since, until = int(NOON.timestamp()), int((NOON + timedelta(hours=2)).timestamp())
    path = f"/api/v2/…/reports?metric={metric}&since={since}&until={until}&group_by={step}"
    assert [one["value"] for one in await api.get(path)] == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("metric=happiness", "metric"),
        ("metric=reply_time&type=channel", "type"),
        ("metric=reply_time&group_by=minute", "group_by"),
        ("metric=reply_time&group_by=hour&since=1000000000", "group_by"),  # too many steps
        ("metric=reply_time&since=yesterday", "since"),
        ("metric=reply_time&since=1e300", "since"),
        ("metric=reply_time&since=2000&until=1000", "since"),
        ("metric=reply_time&timezone_offset=99", "timezone_offset"),
    ],
)
async def test_nonsense_is_told(api: Program, query: str, field: str) -> None:
    answer = await api.call("GET", f"/api/v2/…/reports?{query}")
    assert answer.status_code == 422
    assert answer.json()["attributes"] == [field]


@pytest.mark.parametrize("path", ["reports?metric=reply_time&type=agent&id=3", "summary_reports/x"])
async def test_what_is_not_there(api: Program, path: str) -> None:
    assert (await api.call("GET", f"/api/v2/…/{path}")).status_code == 404


async def test_agents_read_no_reports(agent_api: Program) -> None:
    assert (await agent_api.call("GET", "/api/v2/…/reports/summary")).status_code == 401
