"""Business hours by table: days, nights, holidays, time zones and the changes of clocks."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recado.lib.hours import MIDNIGHT, Hours, Turn, is_open, last_turn, next_turn, open_seconds

NINE_TO_FIVE = ("09:00", "17:00")
ALL_DAY = ("00:00", MIDNIGHT)
OFFICE = (None, *[NINE_TO_FIVE] * 5, None)  # Sunday first
ALWAYS, NEVER = (ALL_DAY,) * 7, (None,) * 7
SAO_PAULO, NEW_YORK, LISBON = "America/Sao_Paulo", "America/New_York", "Europe/Lisbon"


def at(text: str) -> datetime:
    """A moment in UTC: "11-23 12:00" of 2026, or with its year."""
    full = text if len(text) > 11 else f"2026-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=UTC)


def office(zone: str = SAO_PAULO, *holidays: Any, week: Any = OFFICE) -> Hours:
    return Hours(tuple(week), zone, frozenset(holidays))


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        (office(), "11-23 11:59", False),  # Monday 8:59 there
        (office(), "11-23 12:00", True),
        (office(), "11-23 19:59", True),
        (office(), "11-23 20:00", False),  # it closes at the stroke
        (office(), "11-21 15:00", False),  # Saturday
        (office("UTC"), "11-23 09:00", True),
        (office("Asia/Tokyo"), "11-23 00:00", True),  # Monday 9:00 there
        (office("Asia/Tokyo"), "11-22 23:59", False),
        (office("Asia/Kolkata"), "11-23 03:30", True),  # half an hour off
        (office("Pacific/Auckland"), "11-22 20:00", True),  # Monday there, Sunday in UTC
        (office(SAO_PAULO, date(2026, 11, 23)), "11-23 15:00", False),  # a day off
        (office(SAO_PAULO, (11, 23)), "11-23 15:00", False),  # every year
        (office(SAO_PAULO, date(2025, 11, 24)), "11-24 15:00", True),  # another year's
        (office(week=ALWAYS), "11-22 02:59", True),  # around midnight there
        (office(week=ALWAYS), "11-22 03:00", True),
        (office(week=NEVER), "11-23 15:00", False),
        (office(NEW_YORK), "03-09 13:00", True),  # Monday after clocks went forward: 9:00
        (office(NEW_YORK), "03-06 13:00", False),  # Friday before: 8:00
    ],
)
def test_whether_a_place_is_open(hours: Hours, moment: str, expected: bool) -> None:
    assert is_open(hours, at(moment)) is expected


@pytest.mark.parametrize(
    ("hours", "moment", "before", "after"),
    [
        # open on Monday: since 9:00, until 17:00
        (office(), "11-23 15:00", ("11-23 12:00", True), ("11-23 20:00", False)),
        # the very moment counts as past
        (office(), "11-23 20:00", ("11-23 20:00", False), ("11-24 12:00", True)),
        # the weekend
        (office(), "11-21 15:00", ("11-20 20:00", False), ("11-23 12:00", True)),
        # a holiday after it
        (office(SAO_PAULO, (11, 23)), "11-21 15:00", ("11-20 20:00", False), ("11-24 12:00", True)),
        # the week that clocks go forward in New York: 17:00 is an hour earlier in UTC
        (office(NEW_YORK), "03-07 15:00", ("03-06 22:00", False), ("03-09 13:00", True)),
        # and back, in Lisbon
        (office(LISBON), "10-24 15:00", ("10-23 16:00", False), ("10-26 09:00", True)),
        # whole days touch: nothing happens at midnight
        (office(week=(None, *[ALL_DAY] * 5, None)), "11-25 03:00",
         ("11-23 03:00", True), ("11-28 03:00", False)),
        (office(week=ALWAYS), "11-25 03:00", None, None),
        (office(week=NEVER), "11-25 03:00", None, None),
    ],
)  # fmt: skip
def test_when_it_turns(
    hours: Hours, moment: str, before: tuple[str, bool] | None, after: tuple[str, bool] | None
) -> None:
    expected = [Turn(at(one[0]), one[1]) if one else None for one in (before, after)]
    assert [last_turn(hours, at(moment)), next_turn(hours, at(moment))] == expected


NIGHT = ("01:30", "02:30")


@pytest.mark.parametrize(
    ("zone", "day", "span", "opens", "closes"),
    [
        # New York leaves out 2:00 to 3:00: what would end within it ends an hour after 1:30
        (NEW_YORK, "03-08", NIGHT, "03-08 06:30", "03-08 07:30"),
        # and opens at 3:00 what would open within it, half an hour later by the clock
        (NEW_YORK, "03-08", ("02:00", "04:00"), "03-08 07:00", "03-08 08:00"),
        # 1:00 to 2:00 comes twice: from the first 1:30 to the second
        (NEW_YORK, "11-01", ("01:15", "01:30"), "11-01 05:15", "11-01 06:30"),
        (NEW_YORK, "11-01", NIGHT, "11-01 05:30", "11-01 07:30"),
        # midnight itself was left out in São Paulo, so the day began at 1:00
        (SAO_PAULO, "2018-11-04", ALL_DAY, "2018-11-04 03:00", "2018-11-05 02:00"),
        # half an hour, at Lord Howe
        ("Australia/Lord_Howe", "04-05", ("00:00", "06:00"), "04-04 13:00", "04-04 19:30"),
    ],
)
def test_a_day_on_which_clocks_change_turns_once(
    zone: str, day: str, span: tuple[str, str], opens: str, closes: str
) -> None:
    local = at(f"{day} 12:00").date()
    week = [span if number == local.isoweekday() % 7 else None for number in range(7)]
    hours = office(zone, week=week)
    first = next_turn(hours, at(opens) - timedelta(hours=12))
    assert first == Turn(at(opens), True)
    assert next_turn(hours, at(opens)) == Turn(at(closes), False)
    following = next_turn(hours, at(closes))
    assert following is not None
    assert following.at > at(closes) + timedelta(days=5)


def test_long_holidays_are_looked_over() -> None:
    january = {date(2027, 1, 1) + timedelta(days=number) for number in range(31)}
    hours = office("UTC", *january)
    assert next_turn(hours, at("2027-01-01 00:00")) == Turn(at("2027-02-01 09:00"), True)
    assert last_turn(hours, at("2027-01-31 00:00")) == Turn(at("2026-12-31 17:00"), False)


CLOCKS = st.sampled_from(["00:00", "01:30", "02:00", "02:30", "09:00", "18:00", MIDNIGHT])
SPANS = st.none() | st.tuples(CLOCKS, CLOCKS).filter(lambda span: span[0] < span[1])
ZONES = st.sampled_from([SAO_PAULO, NEW_YORK, LISBON, "Africa/Cairo", "America/Havana", "UTC"])


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(*[SPANS] * 7),
    ZONES,
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001 - given a zone below
)
def test_open_and_turns_agree(week: Any, zone: str, moment: datetime) -> None:
    hours, now = Hours(week, zone), moment.replace(tzinfo=UTC)
    for _ in range(8):
        turn = next_turn(hours, now)
        last = last_turn(hours, now)
        if last is not None:
            assert is_open(hours, now) is last.opens
        if turn is None:
            break
        assert is_open(hours, turn.at) is turn.opens
        assert is_open(hours, turn.at - timedelta(microseconds=1)) is not turn.opens
        assert last_turn(hours, turn.at) == turn
        now = turn.at


HOUR = 3600.0


@pytest.mark.parametrize(
    ("hours", "start", "end", "expected"),
    [
        (office(), "11-23 12:00", "11-23 14:30", 2.5 * HOUR),  # within a day
        (office(), "11-23 10:00", "11-23 12:30", 0.5 * HOUR),  # before it opens
        (office(), "11-23 19:00", "11-24 13:00", 2 * HOUR),  # over night: the evening and the morning
        (office(), "11-20 19:00", "11-23 13:00", 2 * HOUR),  # over a weekend
        (office(), "11-21 12:00", "11-22 12:00", 0.0),  # all weekend
        (office(SAO_PAULO, date(2026, 11, 24)), "11-23 19:00", "11-25 13:00", 2 * HOUR),  # a day off
        (office(week=ALWAYS), "11-21 12:00", "11-23 12:00", 48 * HOUR),
        (office(week=NEVER), "11-21 12:00", "11-23 12:00", 0.0),
        (office(NEW_YORK, week=ALWAYS), "03-08 05:00", "03-09 04:00", 23 * HOUR),  # a short day
        (office(), "11-23 12:00", "11-23 12:00", 0.0),
    ],
)  # fmt: skip
def test_how_long_it_was_open_between(hours: Hours, start: str, end: str, expected: float) -> None:
    assert open_seconds(hours, at(start), at(end)) == expected
