"""Claiming deliveries in the transaction that writes them down: nobody has to look for them then.

Only where a claim would find nothing else: no other delivery is due for the destination, its breaker is
closed, nobody limits it or the action, and the worker has room. All others wait to be claimed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.deliveries.claiming import Room
from recado.deliveries.claims import Claimed
from recado.deliveries.keeping_secrets import sealed_secrets
from recado.deliveries.leasing import lease, new_claim
from recado.deliveries.models import Delivery, Secret
from recado.deliveries.pacing import FIRST_CONCURRENCY
from recado.deliveries.policies import policy_from
from recado.deliveries.queueing import new_deliveries, nobody_need_look, store_deliveries
from recado.deliveries.requests import secret_ids
from recado.deliveries.states import State

_Place = tuple[str, int, int]  # lane, account, action or 0

_FREE: Final = Direct("""
    select wanted.lane, wanted.account_id, wanted.action, lanes.concurrency
    from unnest(:lanes::text[], :accounts::bigint[], :actions::bigint[])
        as wanted(lane, account_id, action) left join lanes on lanes.lane = wanted.lane
    where lanes.open_until is null
        and not exists (select from lane_limits l
            where l.account_id = wanted.account_id and l.lane = wanted.lane)
        and not exists (select from allowances a where a.action_id = wanted.action)
        and not exists (select from deliveries d where d.state = 'pending'
            and d.lane = wanted.lane and d.due_at <= :now::timestamptz
            and coalesce((select l.until from leases l where l.delivery_id = d.id) <= :now, true))
""")


@dataclass(slots=True)
class Coming:
    """What a worker has room for, and what it holds once the transaction is kept."""

    room: Room
    lease: timedelta
    claimed: list[Claimed] = field(default_factory=list)
    claimed_at: datetime | None = None  # None: nothing was
    sealed: dict[int, Secret] = field(default_factory=dict)


async def store_and_claim(tx: Transaction, coming: Coming, *, now: datetime) -> None:
    """Write the deliveries down that were added; those that can be sent at once are claimed."""
    mine = await _store(tx, coming.room, now=now)
    nobody_need_look(tx, claimed=len(mine))
    if not mine:
        return
    claim = new_claim()
    await lease(tx, [one.id for one in mine], claim, until=now + coming.lease)
    coming.claimed_at = now
    coming.claimed += [_claimed(one, claim) for one in mine]
    needed: set[int] = set()
    for one in mine:
        needed |= secret_ids(one.request)
    coming.sealed |= await sealed_secrets(tx, needed)


async def _store(tx: Transaction, room: Room, *, now: datetime) -> list[Delivery]:
    """Write them down; those that nothing keeps from being sent."""
    new = [one for one in new_deliveries(tx) if _is_simple(one, now)]
    if not new or room.limit <= 0:
        await store_deliveries(tx)
        return []
    places = sorted({_place(one) for one in new})
    lanes, accounts, actions = map(list, zip(*places, strict=True))
    asked = _FREE.asked(lanes=lanes, accounts=accounts, actions=actions, now=now)
    [found] = await store_deliveries(tx, asked)
    free = {(lane, account, action): most for lane, account, action, most in found}
    return fitting(new, free, room)


def fitting(
    new: Sequence[Delivery], free: Mapping[_Place, float | None], room: Room
) -> list[Delivery]:
    """The first of these for which there is room, by what each destination takes at once."""
    mine: list[Delivery] = []
    in_flight = Counter(room.in_flight)
    for one in new:
        if _place(one) not in free or len(mine) == room.limit:
            continue
        most = min(room.per_lane, int(free[_place(one)] or FIRST_CONCURRENCY))
        if in_flight[one.lane] < most:
            in_flight[one.lane] += 1
            mine.append(one)
    return mine


def _is_simple(one: Delivery, now: datetime) -> bool:
    """Whether it is to be sent now, whatever else its conversation has to send."""
    is_due = one.state == State.PENDING and one.due_at is not None and one.due_at <= now
    return is_due and one.ordering is None


def _place(one: Delivery) -> _Place:
    return one.lane, one.account_id, one.action_id or 0


def _claimed(one: Delivery, claim: int) -> Claimed:
    return Claimed(
        id=one.id,
        claim=claim,
        account_id=one.account_id,
        webhook_id=one.webhook_id,
        request=one.request,
        lane=one.lane,
        is_test=one.is_test,
        conversation_id=one.conversation_id,
        action_id=one.action_id,
        attempts_count=0,
        tries_count=0,
        interruptions_count=0,
        awaits_answer=one.awaits_answer,
        policy=policy_from(one.policy),
        expires_at=one.expires_at,
        told_by=one.told_by,
        told_by_id=one.told_by_id,
        message_id=one.message_id,
    )
