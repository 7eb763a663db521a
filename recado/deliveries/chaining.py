"""The chain of rules through another system: a rule calls it, it answers by calling our API.

Every call that a rule makes carries `Recado-Chain`, an id that says nothing to anybody else. Who sends
it back continues the chain, so a rule never answers itself. Where a receiver loses it, what the same
token does to the same conversation within a minute of the call it caused continues the chain too.
That is a guess, so it must go on for a while before it stops anything.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select

from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.events.causes import Actor, Cause, cause_from
from recado.events.models import Event

HEADER: Final = "Recado-Chain"
GUESSED_WITHIN: Final = timedelta(seconds=60)


async def continued(tx: Transaction, cause: Cause, account_id: int, chain_id: str) -> Cause:
    """The cause of what a request does that brought a chain id back; unchanged if we know of none."""
    mine = (Delivery.account_id == account_id, Delivery.webhook_id == chain_id.strip())
    return await _continuing(tx, cause, mine) or cause


async def guessed(
    tx: Transaction, cause: Cause, account_id: int, conversation: int, *, now: datetime
) -> Cause:
    """The cause of what a token did to a conversation, of that number, without a chain id."""
    if cause.actor is not Actor.TOKEN:
        return cause
    mine = (
        Delivery.account_id == account_id,
        Delivery.conversation_id == conversation,
        Delivery.created_at > now - GUESSED_WITHIN,
        Event.cause["actor"].astext == Actor.TOKEN,
        Event.cause["id"].as_integer() == cause.id,
    )
    found = await _continuing(tx, cause, mine)
    return replace(found, is_guessed=True) if found else cause


async def echoed(
    tx: Transaction, cause: Cause, account_id: int, conversation: int, *, now: datetime
) -> Cause:
    """The cause of what another desk did to a conversation within a minute of what a rule wrote there."""
    query = (
        select(Event.cause)
        .join(Delivery, Event.id == Delivery.event_id)
        .where(
            Delivery.account_id == account_id,
            Delivery.conversation_id == conversation,
            Delivery.told_by == cause.actor,
            Delivery.told_by_id == cause.id,
            Delivery.created_at > now - GUESSED_WITHIN,
            Event.cause["actor"].astext == Actor.RULE,
        )
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    before = await tx.scalar(query)
    if before is None:
        return cause
    return replace(cause_from(before), actor=cause.actor, id=cause.id, is_guessed=True)


async def _continuing(
    tx: Transaction, cause: Cause, which: tuple[ColumnElement[bool], ...]
) -> Cause | None:
    query = (
        select(Delivery.rule_id, Delivery.action_name, Event)
        .join(Event, Event.id == Delivery.event_id)
        .where(*which, Delivery.rule_id.is_not(None))
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    found = (await tx.execute(query)).one_or_none()
    if found is None or found.rule_id is None:
        return None
    event = found.Event
    before = cause_from(event.cause)
    whole = before.by_rule(found.rule_id, event_id=event.id, at=event.created_at)
    via = (*whole.via[:-1], found.action_name)
    return replace(whole, actor=cause.actor, id=cause.id, via=via)
