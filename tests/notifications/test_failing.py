"""Administrators are told of an action whose last calls all failed; others are not."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from recado.db.database import Transaction
from recado.deliveries.recording import record
from recado.lib.outcomes import Outcome
from recado.notifications.failing import QUIET, notify_failing
from recado.notifications.models import Kind, Notification
from recado.notifications.reading import mark_all_read
from recado.notifications.wording import path_of, text_of, title_of
from tests.automation.stories import an_action
from tests.deliveries.rows import a_delivery, answered, claim, tried
from tests.people import NOW, Cast

BAD, GOOD = answered(404), answered(200)


async def end(
    tx: Transaction, cast: Cast, action_id: int, outcomes: Sequence[Outcome], **about: object
) -> None:
    """Calls of an action end so, one after the other, at the time of `about["at"]`."""
    at = about.pop("at", NOW)
    for outcome in outcomes:
        await a_delivery(tx, cast.account.id, action_id=action_id, **about)  # type: ignore[arg-type]
        [mine] = await claim(tx)
        written = await record(tx, [tried(mine, outcome)], now=NOW, dice=0.5)
        await notify_failing(tx, written, now=at)  # type: ignore[arg-type]


async def told(tx: Transaction) -> list[Notification]:
    query = select(Notification).order_by(Notification.id)
    return list(await tx.scalars(query.execution_options(populate_existing=True)))


@pytest.mark.parametrize(
    ("outcomes", "times"),
    [
        ([BAD] * 2, 0),
        ([BAD] * 3, 1),
        ([BAD] * 9, 1),
        ([BAD, BAD, GOOD, BAD], 0),
        ([GOOD] * 3, 0),
    ],
)
async def test_so_many_calls_make_it_fail(
    tx: Transaction, here: Cast, outcomes: Sequence[Outcome], times: int
) -> None:
    action = await an_action(tx, here)
    await end(tx, here, action.id, outcomes)
    found = await told(tx)
    assert [(one.kind, one.user_id, one.times) for one in found] == [
        (Kind.FAILING_ACTION, here.ana.user_id, 1)
    ] * times


async def test_rehearsals_do_not_count(tx: Transaction, here: Cast) -> None:
    action = await an_action(tx, here)
    await end(tx, here, action.id, [BAD] * 3, is_test=True)
    assert await told(tx) == []


async def test_they_are_told_again_when_it_goes_on_for_hours(tx: Transaction, here: Cast) -> None:
    action = await an_action(tx, here)
    await end(tx, here, action.id, [BAD] * 3)
    await mark_all_read(tx, here.ana, now=NOW)
    await end(tx, here, action.id, [BAD], at=NOW + QUIET - timedelta(seconds=1))
    assert len(await told(tx)) == 1
    await end(tx, here, action.id, [BAD], at=NOW + QUIET + timedelta(seconds=1))
    assert [one.read_at is None for one in await told(tx)] == [False, True]


async def test_it_leads_to_the_calls(tx: Transaction, here: Cast) -> None:
    action = await an_action(tx, here)
    await end(tx, here, action.id, [BAD] * 3)
    [one] = await told(tx)
    await tx.refresh(one, ["action", "conversation", "by_user", "message"])
    assert str(title_of(one)) == f"“{action.name}” fails"
    assert "Open them to see why" in text_of(one)
    assert path_of(one) == f"/app/deliveries?action={action.id}"
