"""Telling administrators that a custom action fails, in the transaction that records the last attempt."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from recado.accounts.models import Membership, Role
from recado.db.database import Transaction
from recado.deliveries.delivering import Tried
from recado.deliveries.finding import failing_actions
from recado.deliveries.settling import Settled
from recado.deliveries.states import State
from recado.notifications.emailing import email_those_away
from recado.notifications.models import Kind, Notification
from recado.notifications.telling import ways_of
from recado.notifications.writing import Wanted, write_notifications

QUIET: Final = timedelta(hours=6)  # after they were told of an action that goes on failing


async def notify_failing(
    tx: Transaction, written: Sequence[tuple[Tried, Settled]], *, now: datetime
) -> None:
    """Tell the administrators of actions whose last calls all failed, and again while it goes on."""
    tried: dict[int, set[int]] = {}
    for one, settled in written:
        claimed = one.claimed
        if settled.state != State.DELIVERED and claimed.action_id and not claimed.is_test:
            tried.setdefault(claimed.account_id, set()).add(claimed.action_id)
    for account_id, ids in sorted(tried.items()):
        if news := ids - await _told(tx, account_id, ids, now - QUIET):
            failing = [one.id for one in await failing_actions(tx, account_id) if one.id in news]
            await _tell(tx, account_id, failing, now=now)


async def _told(
    tx: Transaction, account_id: int, action_ids: Collection[int], since: datetime
) -> set[int]:
    """Of which of these actions they were told lately."""
    query = select(Notification.action_id).where(
        Notification.account_id == account_id,
        Notification.action_id.in_(action_ids),
        Notification.last_activity_at > since,
    )
    return {one for one in await tx.scalars(query) if one}


async def _tell(
    tx: Transaction, account_id: int, action_ids: Sequence[int], *, now: datetime
) -> None:
    if not action_ids:
        return
    people = await tx.scalars(
        select(Membership).where(
            Membership.account_id == account_id, Membership.role == Role.ADMINISTRATOR
        )
    )
    wanted = [
        Wanted(
            account_id=account_id, user_id=person.user_id, kind=Kind.FAILING_ACTION,
            ways=ways_of(person, Kind.FAILING_ACTION), at=now, action_id=action_id,
        )
        for person in people
        for action_id in action_ids
    ]  # fmt: skip
    rows = await write_notifications(tx, wanted)
    await email_those_away(tx, rows, now=now)
