"""What the words of the log's address mean; no database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recado.deliveries.filtering import LogFilter, filter_from, host_of, no_states_in, words_in
from recado.deliveries.states import State
from tests.people import NOW

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def meant(**words: str) -> LogFilter:
    return filter_from(words_in(words), zone=SAO_PAULO, now=NOW)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ({}, {}),
        ({"action": "3", "rule": "4", "conversation": "12"}, {"action_id": 3, "rule_id": 4, "conversation_id": 12}),
        ({"state": "failed,expired"}, {"states": (State.FAILED, State.EXPIRED)}),
        ({"state": "failed,odd"}, {"states": (State.FAILED,)}),
        ({"state": "odd, failed ,expired,"}, {"states": (State.FAILED, State.EXPIRED)}),
        ({"state": "failed", "tests": "without"}, {"states": (State.FAILED,), "is_test": False}),
        ({"status": "404"}, {"status": "404"}),
        ({"status": "4xx"}, {"status": "4xx"}),
        ({"status": "none"}, {"status": "none"}),
        ({"q": " pedido 5531 ", "contact": "Maria", "host": "crm.example"}, {"text": "pedido 5531", "contact": "Maria", "host": "crm.example"}),
        ({"period": "24h"}, {"since": NOW - timedelta(hours=24)}),
        # local times are the reader's
        ({"period": "custom", "since": "2026-11-23T09:00"}, {"since": datetime(2026, 11, 23, 12, tzinfo=UTC)}),
        ({"until": "2026-11-23T12:00:00Z"}, {"until": datetime(2026, 11, 23, 12, tzinfo=UTC)}),
        # a preset is not narrowed by times that no field shows
        ({"period": "1h", "since": "2020-01-01T00:00"}, {"since": NOW - timedelta(hours=1)}),
        # nonsense means anything
        ({"action": "x", "state": "odd", "status": "9xx", "tests": "maybe", "period": "soon"}, {}),
        ({"since": "yesterday", "until": "9999-99-99"}, {}),
        ({"until": "0001-01-01T00:00+10:00"}, {}),  # before time began
        ({"q": "a\0b", "contact": "\0", "host": "\0"}, {}),
    ],
)  # fmt: skip
def test_words_mean(words: dict[str, str], wanted: dict[str, Any]) -> None:
    assert meant(**words) == LogFilter(**wanted)


@pytest.mark.parametrize(
    ("host", "lanes"),
    [
        ("crm.example", ("http://crm.example:80", "https://crm.example:443")),
        ("CRM.example:8080", ("http://crm.example:8080", "https://crm.example:8080")),
        ("https://crm.example:443", ("https://crm.example:443",)),
        ("[::1]:80", ("http://[::1]:80", "https://[::1]:80")),
    ],
)
def test_a_host_means_its_destinations(host: str, lanes: tuple[str, ...]) -> None:
    assert LogFilter(host=host).lanes == lanes


@pytest.mark.parametrize(
    ("lane", "host"),
    [
        ("https://crm.example:443", "crm.example"),
        ("http://crm.example:80", "crm.example"),
        ("http://crm.example:443", "crm.example:443"),
        ("https://crm.example:8443", "crm.example:8443"),
    ],
)
def test_a_destination_is_named_by_its_host(lane: str, host: str) -> None:
    assert host_of(lane) == host
    assert lane in LogFilter(host=host).lanes


@pytest.mark.parametrize(
    ("status", "between"), [("404", (404, 404)), ("4xx", (400, 499)), ("2xx", (200, 299))]
)
def test_a_status_is_a_code_or_a_class(status: str, between: tuple[int, int]) -> None:
    assert LogFilter(status=status).statuses == between


def test_what_is_no_state_is_named_once() -> None:
    assert no_states_in({"state": "odd,failed, odd,,new"}) == ["odd", "new"]
    assert no_states_in({"state": "failed"}) == no_states_in({}) == []


def test_another_state_begins_at_the_top() -> None:
    chosen = LogFilter(states=(State.FAILED,), before=7, action_id=1)
    assert chosen.in_any_state() == LogFilter(action_id=1)
