"""Writing a delivery down: from here on it is never lost and never silently skipped."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from recado.db.asking import Asked
from recado.db.database import Transaction
from recado.db.notifying import forget_notice, notify
from recado.db.storing import Storing
from recado.deliveries.models import Delivery
from recado.deliveries.policies import DEFAULT_POLICY, Policy, policy_as_json
from recado.deliveries.requests import frozen
from recado.deliveries.settling import HOLD_LASTS
from recado.deliveries.states import State
from recado.lib.addresses import lane_of
from recado.lib.outcomes import Request

DELIVERIES_CHANNEL = "recado_deliveries"  # NOTIFY: there is a delivery to send
_DUE: Final = "due"  # in a transaction's info: how many of its deliveries are due at once


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a delivery comes from: ids and names that stay readable when the rows are gone.

    `policy` is how the action wants to be sent; it is frozen with the request. What no action tells
    has `told_by`, the kind of who does, and its id; `message_id` is the message it tells of.
    """

    account_id: int
    action_id: int | None
    action_name: str
    event: str | None = None
    event_id: int | None = None
    rule_id: int | None = None
    rule_name: str | None = None
    rule_version: int | None = None
    action_version: int | None = None
    conversation_id: int | None = None
    is_test: bool = False
    policy: Policy = DEFAULT_POLICY
    awaits_answer: bool = False  # its action does something with how it ends
    told_by: str | None = None
    told_by_id: int | None = None
    message_id: int | None = None
    fingerprint: str | None = None  # where the same call is not made again so soon


@dataclass(frozen=True, slots=True)
class NotSent:
    """A delivery that ends at once, or is held: its state and why."""

    state: State
    reason: dict[str, Any] = field(default_factory=dict)


async def queue_delivery(
    tx: Transaction,
    origin: Origin,
    request: Request | None,
    *,
    now: datetime,
    not_sent: NotSent | None = None,
    due_at: datetime | None = None,
) -> Delivery:
    """Write a delivery down, due now unless `due_at` is later; `not_sent` ends it at once.

    `request` is None only where none could be made.
    """
    delivery = await add_delivery(tx, origin, request, now=now, not_sent=not_sent, due_at=due_at)
    await store_deliveries(tx)
    return delivery


async def add_delivery(
    tx: Transaction,
    origin: Origin,
    request: Request | None,
    *,
    now: datetime,
    not_sent: NotSent | None = None,
    due_at: datetime | None = None,
) -> Delivery:
    """The same, one of many: `store_deliveries` writes them all in one statement, and gives ids."""
    delivery = _DELIVERIES.new(tx, _told(origin) | _sent(origin, request, now, not_sent, due_at))
    if not not_sent and due_at is None:
        tx.info[_DUE] = tx.info.get(_DUE, 0) + 1
        await notify(tx, DELIVERIES_CHANNEL)
    return delivery


def new_deliveries(tx: Transaction) -> list[Delivery]:
    """Those that were added and are not written down yet."""
    return [one for one in tx.new if isinstance(one, Delivery)]


async def store_deliveries(tx: Transaction, *beside: Asked) -> list[list[Any]]:
    """Write down the deliveries that were added; they have their ids afterwards.

    The rows of what is asked `beside` come along: as they were before these were written.
    """
    return await _DELIVERIES.store(tx, *beside)


def nobody_need_look(tx: Transaction, *, claimed: int) -> None:
    """Whoever sends is not woken where all that are due are claimed by the way."""
    if claimed and claimed == tx.info.get(_DUE):
        forget_notice(tx, DELIVERIES_CHANNEL)


_DELIVERIES: Final = Storing(Delivery, by="webhook_id")


def _told(origin: Origin) -> dict[str, Any]:
    """Who tells what, and why."""
    return {
        "account_id": origin.account_id,
        "action_id": origin.action_id,
        "action_name": origin.action_name,
        "action_version": origin.action_version,
        "rule_id": origin.rule_id,
        "rule_name": origin.rule_name,
        "rule_version": origin.rule_version,
        "event": origin.event,
        "event_id": origin.event_id,
        "conversation_id": origin.conversation_id,
        "is_test": origin.is_test,
        "told_by": origin.told_by,
        "told_by_id": origin.told_by_id,
        "message_id": origin.message_id,
        "repeats_id": None,
        "awaits_answer": origin.awaits_answer,
        "answered": {},
        "fingerprint": origin.fingerprint,
    }


def _sent(
    origin: Origin,
    request: Request | None,
    now: datetime,
    not_sent: NotSent | None,
    due_at: datetime | None,
) -> dict[str, Any]:
    """What is sent, and how; or why it is not."""
    policy = origin.policy
    state = not_sent.state if not_sent else State.PENDING
    return {
        "webhook_id": f"msg_{uuid4().hex}",
        "request": frozen(request) if request else {},
        "lane": lane_of(request.url) if request else "",
        "policy": policy_as_json(policy),
        "ordering": None if origin.is_test else policy.ordering,
        "keep_days": policy.keep_days,
        "drops_bodies": not policy.keeps_bodies,
        "state": state,
        "reason": not_sent.reason if not_sent else {},
        "attempts_count": 0,
        "tries_count": 0,
        "interruptions_count": 0,
        "last_status": None,
        "due_at": None if not_sent else due_at or now,
        "expires_at": now + policy.lasts if policy.lasts else None,
        "held_until": now + HOLD_LASTS if state == State.HELD else None,
        "created_at": now,
        "finished_at": now if state.is_end else None,
    }
