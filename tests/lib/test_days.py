"""The day that a written date means, wherever it was written."""

import pytest

from recado.lib.days import day_of


@pytest.mark.parametrize(
    ("written", "zone", "day"),
    [
        ("2026-03-15", "America/Sao_Paulo", "2026-03-15"),
        ("2026-03-15", "Asia/Tokyo", "2026-03-15"),
        ("2026-03-15T02:00:00", "America/Sao_Paulo", "2026-03-15"),  # says no offset: as written
        ("2026-03-15 23:59", "Asia/Tokyo", "2026-03-15"),
        ("2026-03-15T02:00:00Z", "America/Sao_Paulo", "2026-03-14"),
        ("2026-03-15T03:00:00Z", "America/Sao_Paulo", "2026-03-15"),
        ("2026-03-15T03:00:00.000Z", "America/Sao_Paulo", "2026-03-15"),  # midnight there
        ("2026-03-15T02:00:00Z", "Europe/Lisbon", "2026-03-15"),
        ("2026-07-15T23:30:00Z", "Europe/Lisbon", "2026-07-16"),  # in summer
        ("2026-03-15T16:00:00Z", "Asia/Tokyo", "2026-03-16"),
        ("2026-03-15T00:00:00-03:00", "America/Sao_Paulo", "2026-03-15"),
        ("2026-03-15T00:00:00-03:00", "Asia/Tokyo", "2026-03-15"),
        ("2026-03-15T00:00:00+09:00", "America/Sao_Paulo", "2026-03-14"),
        ("2026-03-15T23:30:00-0300", "UTC", "2026-03-16"),
        ("2026-03-15T00:00:00Z", "America/Sao_Paulo", "2026-03-15"),  # a date, as programs write it
        ("2026-03-15T00:00:00.000+00:00", "America/Sao_Paulo", "2026-03-15"),
        ("2026-03-15T00:00:01Z", "America/Sao_Paulo", "2026-03-14"),
        ("0001-01-01T01:00:00Z", "America/Sao_Paulo", "0001-01-01"),  # no day before it
        ("9999-12-31T23:00:00Z", "Asia/Tokyo", "9999-12-31"),
    ],
)
def test_a_moment_is_a_day_where_the_account_is(written: str, zone: str, day: str) -> None:
    assert day_of(written, zone).isoformat() == day


@pytest.mark.parametrize(
    "written",
    ["", "15/03/2026", "2026-02-30", "2026-03-15T25:00Z", "2026-03-15 noon", "2026-03-15Z"],
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - Python words it
        day_of(written, "UTC")
