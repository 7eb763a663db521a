"""Until when a rule's snooze lasts."""

from datetime import UTC, datetime

import pytest

from recado.automation.snoozing import snoozed_until

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # nine in the morning in São Paulo


@pytest.mark.parametrize(
    ("wanted", "now", "until"),
    [
        ("", MONDAY, None),
        ("60", MONDAY, "2026-11-23T13:00:00+00:00"),
        ("tomorrow", MONDAY, "2026-11-24T12:00:00+00:00"),
        # already Tuesday in London, still Monday there
        ("tomorrow", datetime(2026, 11, 24, 1, tzinfo=UTC), "2026-11-24T12:00:00+00:00"),
        ("next_week", MONDAY, "2026-11-30T12:00:00+00:00"),
        ("next_week", datetime(2026, 11, 29, 12, tzinfo=UTC), "2026-11-30T12:00:00+00:00"),
    ],
)
def test_a_snooze_ends(wanted: str, now: datetime, until: str | None) -> None:
    found = snoozed_until(wanted, now=now, zone="America/Sao_Paulo")
    assert (found.astimezone(UTC).isoformat() if found else None) == until
