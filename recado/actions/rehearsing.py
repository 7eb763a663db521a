"""Rehearsing: one action tried by hand, through the same renderer, sender and log as in earnest."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from recado.actions.firing import failed_template, rendered
from recado.actions.models import CustomAction
from recado.db.database import Database, Transaction
from recado.deliveries.claims import Claimed
from recado.deliveries.delivering import Outbound, Tried, deliver
from recado.deliveries.finding import find_delivery
from recado.deliveries.keeping_secrets import sealed_secrets
from recado.deliveries.leasing import lease, new_claim
from recado.deliveries.models import Delivery
from recado.deliveries.policies import judging, policy_from
from recado.deliveries.queueing import Origin, queue_delivery
from recado.deliveries.recording import record
from recado.deliveries.requests import secret_ids
from recado.lib.facts import Facts
from recado.lib.outcomes import Failure, Timing, Trouble
from recado.lib.templating import TemplateError

_LEASE = timedelta(minutes=2)  # more than the longest attempt; then the test ends as interrupted


@dataclass(frozen=True, slots=True)
class Occasion:
    """How it is tried: `conversation_id` is the number of the conversation that the facts are of, if
    they are of one; once what `stopped` makes is done, nobody waits for the answer any more.
    """

    conversation_id: int | None = None
    stopped: Callable[[], Coroutine[Any, Any, object]] | None = None


async def rehearse(
    database: Database,
    action: CustomAction,
    facts: Facts,
    outbound: Outbound,
    *,
    now: datetime,
    occasion: Occasion = Occasion(),
) -> Delivery:
    """Send the action once with these facts and return the ended delivery with its attempt.

    Once the occasion is over, the call is broken off: that is written down like any other end.

    Unlike other verbs it opens transactions itself, since no transaction is open while sending.
    A template that fails is a delivery that failed before anything was sent.
    """
    claim = new_claim()
    async with database.transaction() as tx:
        delivery = await _write_down(tx, action, facts, occasion.conversation_id, now=now)
        if delivery.due_at is not None:
            await lease(tx, [delivery.id], claim, until=delivery.due_at)
        sealed = await sealed_secrets(tx, secret_ids(delivery.request))
    if delivery.due_at is not None:
        claimed = _claimed(delivery, claim)
        sending = deliver(claimed, sealed, outbound, now=now)
        tried = await _unless(occasion.stopped, sending, claimed, now=now)
        async with database.transaction() as tx:
            await record(tx, [tried], now=now)
    async with database.transaction() as tx:
        ended = await find_delivery(tx, delivery.account_id, delivery.id)
    return ended or delivery


async def _unless(
    stopped: Callable[[], Coroutine[Any, Any, object]] | None,
    sending: Coroutine[Any, Any, Tried],
    claimed: Claimed,
    *,
    now: datetime,
) -> Tried:
    """What came of sending, or that it was broken off."""
    if stopped is None:
        return await sending
    began = perf_counter()
    call, stop = asyncio.ensure_future(sending), asyncio.ensure_future(stopped())
    await asyncio.wait({call, stop}, return_when=asyncio.FIRST_COMPLETED)
    if call.done():
        stop.cancel()
        return await call
    call.cancel()
    await asyncio.wait({call})
    if not call.cancelled():
        return call.result()
    took = Timing(total=(perf_counter() - began) * 1000)
    return Tried(claimed, now, Failure(Trouble.STOPPED, took, was_sent=True))


async def _write_down(
    tx: Transaction,
    action: CustomAction,
    facts: Facts,
    conversation_id: int | None,
    *,
    now: datetime,
) -> Delivery:
    request = rendered(action.template, facts)
    origin = Origin(
        account_id=action.account_id,
        action_id=action.id,
        action_name=action.name,
        event=(facts.get("event") or {}).get("name"),
        conversation_id=conversation_id,
        is_test=True,
        policy=judging(policy_from(action.policy)),
    )
    if isinstance(request, TemplateError):
        return await queue_delivery(tx, origin, None, now=now, not_sent=failed_template(request))
    return await queue_delivery(tx, origin, request, now=now, due_at=now + _LEASE)


def _claimed(delivery: Delivery, claim: int) -> Claimed:
    return Claimed(
        id=delivery.id,
        claim=claim,
        account_id=delivery.account_id,
        webhook_id=delivery.webhook_id,
        request=delivery.request,
        lane=delivery.lane,
        is_test=True,
        conversation_id=delivery.conversation_id,
        action_id=delivery.action_id,
        attempts_count=0,
        tries_count=0,
        interruptions_count=0,
        policy=policy_from(delivery.policy),
    )
