"""Which days of a stretch of time may be read from totals, and what lies beside them."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from recado.reports.stretches import Stretch, stretches

ZONE = ZoneInfo("America/Sao_Paulo")


def at(day: int, hour: int = 0) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, day, hour, tzinfo=ZONE)


def named(pieces: list[Stretch]) -> list[str]:
    """A day by its number, anything else by its hours."""
    return [
        str(one.day.day) if one.day else f"{one.since:%d.%H}-{one.until.astimezone(ZONE):%d.%H}"
        for one in pieces
    ]


@pytest.mark.parametrize(
    ("since", "until", "cuts", "pieces"),
    [
        (at(2), at(5), [], ["2", "3", "4"]),
        (at(2), at(5), [at(2), at(3), at(4)], ["2", "3", "4"]),  # cuts between days cut no day
        (at(2, 9), at(5), [], ["02.09-03.00", "3", "4"]),
        (at(2), at(4, 7), [], ["2", "3", "04.00-04.07"]),
        (at(2, 9), at(2, 11), [], ["02.09-02.11"]),
        (at(2), at(6), [at(3, 12)], ["2", "03.00-04.00", "4", "5"]),
        (at(2), at(6), [at(3, 12), at(4, 12)], ["2", "03.00-05.00", "5"]),  # side by side: one
        (at(2, 9), at(6), [at(3, 1)], ["02.09-04.00", "4", "5"]),
    ],
)
def test_whole_days_are_taken_and_the_rest_in_one(
    since: datetime, until: datetime, cuts: list[datetime], pieces: list[str]
) -> None:
    assert named(stretches(since, until, ZONE.key, cuts)) == pieces


def test_nothing_is_left_out_where_clocks_change() -> None:
    zone = ZoneInfo("America/New_York")  # the 1st has 25 hours
    since = datetime(2026, 10, 30, tzinfo=zone)
    pieces = stretches(since, since + timedelta(days=5), zone.key)
    assert [one.day for one in pieces][:3] == [date(2026, 10, 30 + n) for n in (0, 1)] + [
        date(2026, 11, 1)
    ]
    assert pieces[2].until.timestamp() - pieces[2].since.timestamp() == 25 * 3_600
    for before, after in pairwise(pieces):
        assert before.until == after.since


def test_steps_of_another_clock_leave_no_whole_day() -> None:
    cuts = [datetime(2026, 11, day, tzinfo=ZoneInfo("Asia/Kathmandu")) for day in range(2, 7)]
    assert named(stretches(at(2), at(6), ZONE.key, cuts)) == ["02.00-06.00"]
