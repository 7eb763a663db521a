"""Writing a delivery down: from here on it is never lost and never silently skipped."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from recado.db.database import Transaction
from recado.db.notifying import notify
from recado.deliveries.models import Delivery
from recado.deliveries.policies import DEFAULT_POLICY, Policy, policy_as_json
from recado.deliveries.requests import frozen
from recado.deliveries.settling import HOLD_LASTS
from recado.deliveries.states import State
from recado.lib.addresses import lane_of
from recado.lib.outcomes import Request

DELIVERIES_CHANNEL = "recado_deliveries"  # NOTIFY: there is a delivery to send


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
    await tx.flush()
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
    """The same, one of many: the next flush writes them all in one statement, and gives ids."""
    delivery = Delivery(
        account_id=origin.account_id,
        webhook_id=f"msg_{uuid4().hex}",
        action_id=origin.action_id,
        action_name=origin.action_name,
        rule_id=origin.rule_id,
        rule_name=origin.rule_name,
        rule_version=origin.rule_version,
        action_version=origin.action_version,
        event=origin.event,
        event_id=origin.event_id,
        conversation_id=origin.conversation_id,
        is_test=origin.is_test,
        told_by=origin.told_by,
        told_by_id=origin.told_by_id,
        message_id=origin.message_id,
        request=frozen(request) if request else {},
        lane=lane_of(request.url) if request else "",
        policy=policy_as_json(origin.policy),
        expires_at=now + origin.policy.lasts if origin.policy.lasts else None,
        state=not_sent.state if not_sent else State.PENDING,
        reason=not_sent.reason if not_sent else {},
        due_at=None if not_sent else due_at or now,
        held_until=now + HOLD_LASTS if not_sent and not_sent.state == State.HELD else None,
        created_at=now,
        finished_at=now if not_sent and not_sent.state.is_end else None,
        awaits_answer=origin.awaits_answer,
        ordering=None if origin.is_test else origin.policy.ordering,
        fingerprint=origin.fingerprint,
        keep_days=origin.policy.keep_days,
        drops_bodies=not origin.policy.keeps_bodies,
    )
    tx.add(delivery)
    if not not_sent and due_at is None:
        await notify(tx, DELIVERIES_CHANNEL)
    return delivery
