"""Which days a report is about."""

from datetime import UTC, date, datetime

import pytest

from recado.reports.periods import period_from
from tests.reports.conftest import ZONE

LATE = datetime(2026, 11, 24, 1, tzinfo=UTC)  # 22:00 of the 23rd in São Paulo


@pytest.mark.parametrize(
    ("words", "first", "last", "choice"),
    [
        ({}, "2026-10-25", "2026-11-23", "30"),  # the usual
        ({"period": "7"}, "2026-11-17", "2026-11-23", "7"),
        ({"period": "90"}, "2026-08-26", "2026-11-23", "90"),
        ({"period": "forever"}, "2026-10-25", "2026-11-23", "30"),
        ({"period": "own", "since": "2026-01-01", "until": "2026-01-01"}, "2026-01-01", "2026-01-01", "own"),
        ({"period": "own", "since": "2025-01-01", "until": "2026-01-01"}, "2025-01-01", "2026-01-01", "own"),
    ],
)  # fmt: skip
def test_the_days_are_those_of_the_account(
    words: dict[str, str], first: str, last: str, choice: str
) -> None:
    period = period_from(words, now=LATE, zone=ZONE)
    assert (period.first, period.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert (period.choice, period.problem) == (choice, None)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("", "2026-01-01", "Choose the first and the last day."),
        ("soon", "later", "Choose the first and the last day."),
        ("0001-01-01", "2026-01-01", "Choose the first and the last day."),
        ("2026-01-02", "2026-01-01", "The last day lies before the first one."),
        ("2025-01-01", "2026-01-02", "Choose at most a year."),
    ],
)
def test_nonsense_is_told_and_answered_with_the_usual_days(
    since: str, until: str, said: str
) -> None:
    words = {"period": "own", "since": since, "until": until}
    period = period_from(words, now=LATE, zone=ZONE)
    assert str(period.problem) == said
    assert len(period.days) == 30


def test_a_day_begins_and_ends_by_the_clock_there() -> None:
    words = {"period": "own", "since": "2026-03-08", "until": "2026-03-08"}
    period = period_from(words, now=LATE, zone="America/New_York")  # clocks go forward
    assert (period.until - period.since).total_seconds() == 23 * 3600 or (
        period.until.astimezone(UTC) - period.since.astimezone(UTC)
    ).total_seconds() == 23 * 3600


def test_the_period_before_has_as_many_days() -> None:
    before = period_from({"period": "7"}, now=LATE, zone=ZONE).before
    assert (before.first, before.last) == (date(2026, 11, 10), date(2026, 11, 16))
