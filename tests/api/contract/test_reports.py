"""The rows about reports, API version 2."""

from typing import Any

from tests.api.contract.rows import row
from tests.api.contract.wire import FIGURO, N8N, PYTHON, Wire

V2 = "/api/v2/accounts/1"
AROUND = "since=1795435200&until=1795521600"  # 2026-11-23 12:00 to the next noon, UTC


@row("GET /api/v2/accounts/1/reports")
async def test_a_metric_by_day(wire: Wire, chat: None) -> None:
    query = f"metric=conversations_count&type=account&{AROUND}&timezone_offset=-3"
    told = await wire.ok(f"GET {V2}/reports/?{query}", FIGURO)
    assert told == [
        {"value": 1, "timestamp": 1795402800, "count": None},
        {"value": 0, "timestamp": 1795489200, "count": None},
    ]
    query = f"metric=avg_first_response_time&type=inbox&id=1&{AROUND}&group_by=month"
    [told] = await wire.ok(f"GET {V2}/reports?{query}", N8N)
    assert (told["value"], told["count"]) == (0, 0)


@row("GET /api/v2/accounts/1/reports/summary")
async def test_a_summary_has_what_was_before(wire: Wire, chat: None) -> None:
    told = await wire.ok(f"GET {V2}/reports/summary?type=account&{AROUND}", PYTHON)
    assert set(told) == {
        "avg_first_response_time", "avg_resolution_time", "conversations_count",
        "incoming_messages_count", "outgoing_messages_count", "resolutions_count", "reply_time",
        "previous",
    }  # fmt: skip
    assert (told["conversations_count"], told["previous"]["conversations_count"]) == (1, 0)
    assert set(told["previous"]) == set(told) - {"previous"}


@row("GET /api/v2/accounts/1/reports/conversations")
async def test_what_stands_open(wire: Wire, chat: None) -> None:
    told = await wire.ok(f"GET {V2}/reports/conversations?type=account", PYTHON)
    assert told == {"open": 1, "unattended": 1, "unassigned": 1}
    await wire.ok("POST …/conversations/1/assignments", PYTHON, '{"assignee_id": 2}')
    [told] = await wire.ok(f"GET {V2}/reports/conversations/?type=agent&user_id=2", PYTHON)
    assert told["metric"] == {"open": 1, "unattended": 1}
    assert {"id", "name", "email", "thumbnail", "availability"} <= set(told)


@row("GET /api/v2/accounts/1/summary_reports/{kind}")
async def test_summaries_by_whose_they_are(wire: Wire, chat: None) -> None:
    def opened(lines: list[dict[str, Any]]) -> dict[int, int]:
        return {one["id"]: one["conversations_count"] for one in lines}

    told = await wire.ok(f"GET {V2}/summary_reports/inbox?{AROUND}&business_hours=true", PYTHON)
    assert opened(told) == {1: 1}
    assert set(told[0]) == {
        "id", "name", "conversations_count", "resolved_conversations_count", "avg_resolution_time",
        "avg_first_response_time", "avg_reply_time",
    }  # fmt: skip
    assert told[0]["avg_resolution_time"] is None
    told = await wire.ok(f"GET {V2}/summary_reports/agent?{AROUND}", PYTHON)
    assert opened(told) == {1: 0, 2: 0}
    told = await wire.ok(f"GET {V2}/summary_reports/channel?{AROUND}", PYTHON)
    assert told["Channel::Api"]["open"] == told["Channel::Api"]["total"] == 1
