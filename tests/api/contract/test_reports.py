"""The rows about reports, API version 2."""

from datetime import UTC, datetime
from typing import Any

from tests.api.contract.rows import row
from tests.api.contract.wire import FIGURO, N8N, PYTHON, Wire

V2 = "/api/v2/accounts/1"
NOON = 1795435200
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


@row(
    "GET /api/v2/accounts/1/reports/first_response_time_distribution",
    "GET /api/v2/accounts/1/reports/inbox_label_matrix",
    "GET /api/v2/accounts/1/reports/outgoing_messages_count",
)
async def test_tables_of_two_things(wire: Wire, chat: None) -> None:
    now = int(datetime.now(UTC).timestamp())  # messages are of this moment
    around = f"since={NOON}&until={now + 60}"
    await wire.ok("POST …/labels", PYTHON, '{"title": "vip"}')
    await wire.ok("POST …/conversations/1/labels", PYTHON, '{"labels": ["vip"]}')
    said = '{"content": "Oi", "message_type": "incoming"}'
    await wire.ok("POST …/conversations/1/messages", PYTHON, said)
    await wire.ok("POST …/conversations/1/messages", PYTHON, '{"content": "Olá"}')
    told = await wire.ok(f"GET {V2}/reports/first_response_time_distribution?{around}", PYTHON)
    assert told == {"Channel::Api": {"0-1h": 1, "1-4h": 0, "4-8h": 0, "8-24h": 0, "24h+": 0}}
    told = await wire.ok(f"GET {V2}/reports/inbox_label_matrix?{around}", PYTHON)
    assert told == {
        "inboxes": [{"id": 1, "name": "Site"}],
        "labels": [{"id": 1, "title": "vip"}],
        "matrix": [[1]],
    }
    query = f"{V2}/reports/outgoing_messages_count?group_by=agent&{around}"
    assert await wire.ok(f"GET {query}", PYTHON) == [
        {"id": 1, "name": "Ana Lima", "outgoing_messages_count": 1},
        {"id": 2, "name": "Beto Reis", "outgoing_messages_count": 0},
    ]


@row("GET reporting_events", "GET conversations/{id}/reporting_events")
async def test_events_of_reports(wire: Wire, chat: None) -> None:
    told = await wire.ok("GET …/reporting_events?page=1&inbox_id=1", PYTHON)
    assert told["meta"] == {"count": 1, "current_page": 1, "total_pages": 1}
    [event] = told["payload"]
    assert set(event) == {
        "id", "name", "value", "value_in_business_hours", "event_start_time", "event_end_time",
        "account_id", "conversation_id", "inbox_id", "user_id", "created_at", "updated_at",
    }  # fmt: skip
    assert (event["name"], event["conversation_id"]) == ("conversation_created", 1)
    assert await wire.ok("GET …/conversations/1/reporting_events", PYTHON) == [event]
