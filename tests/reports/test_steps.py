"""When the steps of a series begin."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from recado.reports.steps import MOST, step_starts


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "since", "until", "step", "expected"),
    [
        ("UTC", "2026-11-23 12:30", "2026-11-23 14:00", "hour", ["2026-11-23 12:00", "2026-11-23 13:00"]),
        ("UTC", "2026-11-23 12:30", "2026-11-24 00:00", "day", ["2026-11-23 00:00"]),
        ("UTC", "2026-11-22 12:30", "2026-11-24 00:00", "week", ["2026-11-16 00:00", "2026-11-23 00:00"]),
        ("UTC", "2026-01-31 00:00", "2026-03-01 00:00", "month", ["2026-01-01 00:00", "2026-02-01 00:00"]),
        ("UTC", "2024-02-29 00:00", "2025-01-01 00:01", "year", ["2024-01-01 00:00", "2025-01-01 00:00"]),
        ("America/New_York", "2026-03-08 00:00", "2026-03-09 12:00", "day", ["2026-03-08 00:00", "2026-03-09 00:00"]),
        ("America/New_York", "2026-03-08 01:00", "2026-03-08 04:00", "hour", ["2026-03-08 01:00", "2026-03-08 03:00"]),
    ],
)  # fmt: skip
def test_steps_begin_by_the_clock_there(
    zone: str, since: str, until: str, step: str, expected: list[str]
) -> None:
    starts = step_starts(at(since, zone), at(until, zone), step, ZoneInfo(zone))
    assert starts == [at(one, zone) for one in expected]


def test_too_many_steps_are_none() -> None:
    zone = ZoneInfo("UTC")
    year = (at("2026-01-01", "UTC"), at("2026-12-31", "UTC"))
    assert step_starts(*year, "hour", zone) is None
    assert len(step_starts(*year, "day", zone) or []) < MOST
