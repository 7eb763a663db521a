"""What an action makes of the answers to its deliveries, in the transaction that records them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from recado.actions.models import ActionState, CustomAction
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.deliveries.delivering import Tried
from recado.deliveries.resending import end_waiting
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Response

GONE: Final = 410  # RFC 9110, 15.5.11: "likely to be permanent"; Standard Webhooks: stop sending


async def answer(tx: Transaction, tried: Sequence[Tried], *, now: datetime) -> None:
    """Act on what came back: an address that is gone for good switches its action off.

    Administrators see why in the list of custom actions; what waits is skipped, and can be sent
    again once the URL is right.
    """
    gone = {
        one.claimed.action_id
        for one in tried
        if isinstance(one.outcome, Response)
        and one.outcome.status == GONE
        and not one.claimed.is_test
    }
    query = select(CustomAction).where(
        CustomAction.id.in_(gone), CustomAction.state == ActionState.ACTIVE
    )
    for action in await tx.scalars(query.with_for_update()) if gone else ():
        await _switch_off_gone(tx, action, now=now)


async def _switch_off_gone(tx: Transaction, action: CustomAction, *, now: datetime) -> None:
    action.state = ActionState.OFF
    action.notice = {"why": Why.GONE, "at": now.isoformat()}
    action.updated_at = now
    await tx.flush()
    await end_waiting(tx, action.account_id, action.id, state=State.SKIPPED, why=Why.GONE, now=now)
    await notify_pages(tx, action.account_id, "action")
