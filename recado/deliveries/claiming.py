"""Taking due deliveries: one statement moves `due_at` past the lease and marks them ours.

There is no "sending" state: whoever dies, its deliveries fall due again when the lease ends.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT, INTEGER, TEXT

from recado.db.database import Transaction
from recado.deliveries.claims import Claimed
from recado.deliveries.ending import end_expired
from recado.deliveries.interrupting import record_interruptions
from recado.deliveries.pacing import FIRST_CONCURRENCY
from recado.deliveries.settling import called_off

# Lanes are found by hopping through the index from one to the next, so a lane with a million due
# rows costs no more than one with a single row, and each gives only as many as it has room for.
# A lane whose breaker is open gives none, which costs its deliveries no attempt.
_CLAIM = text("""
    with recursive waiting as (
        (select lane from deliveries where state = 'pending' order by lane limit 1)
        union all
        select (select d.lane from deliveries d where d.state = 'pending' and d.lane > waiting.lane
                order by d.lane limit 1)
        from waiting where waiting.lane is not null
    ), probing as (  -- breakers whose pause is over: one delivery goes out to see
        update lanes as l set open_until = :until, is_probing = true
        where l.open_until <= :now and exists (
            select from deliveries d
            where d.state = 'pending' and d.lane = l.lane and d.due_at <= :now
        )
        returning l.lane
    ), busy as (
        select * from unnest(:lanes, :in_flight) as b(lane, number)
    ), due as (
        select picked.id, picked.claim from waiting
        left join busy using (lane)
        left join lanes using (lane)
        left join probing using (lane)
        cross join lateral (
            select d.id, d.claim, d.due_at from deliveries d
            where d.state = 'pending' and d.lane = waiting.lane and d.due_at <= :now
            order by d.due_at limit case
                when lanes.open_until is null then greatest(
                    0, least(:per_lane, floor(coalesce(lanes.concurrency, :per_new_lane))::int)
                        - coalesce(busy.number, 0))
                when probing.lane is not null then 1
                else 0
            end
            for update skip locked
        ) picked
        where waiting.lane is not null
        order by picked.due_at limit :limit
    )
    update deliveries set due_at = :until, claim = :claim from due
    where deliveries.id = due.id
    returning deliveries.id, account_id, webhook_id, request, lane, is_test, conversation_id, action_id, told_by, message_id,
        attempts_count, tries_count, interruptions_count, awaits_answer, policy, expires_at, reason ->> 'why' as why,
        due.claim is not null as was_claimed
""").bindparams(bindparam("lanes", type_=ARRAY(TEXT)), bindparam("in_flight", type_=ARRAY(INTEGER)))


@dataclass(frozen=True, slots=True)
class Room:
    """How many deliveries a worker can take: in all, to one lane, and what is in flight by lane."""

    limit: int
    per_lane: int
    in_flight: Mapping[str, int]


def new_claim() -> int:
    """A number that nobody else holds."""
    return secrets.randbits(62)


async def claim_due(
    tx: Transaction, room: Room, *, lease: timedelta, now: datetime
) -> list[Claimed]:
    """Take what is due, oldest first, no more than there is room for.

    A delivery that was claimed before and never recorded lost its worker while it was being sent:
    that attempt is written down as interrupted; one that lost too many ends here.
    """
    claim = new_claim()
    rows = await tx.execute(
        _CLAIM,
        {
            "now": now,
            "until": now + lease,
            "claim": claim,
            "limit": room.limit,
            "per_lane": room.per_lane,
            "per_new_lane": FIRST_CONCURRENCY,
            "lanes": list(room.in_flight),
            "in_flight": list(room.in_flight.values()),
        },
    )
    fresh: list[Claimed] = []
    interrupted: list[Claimed] = []
    for row in rows:
        mapping = dict(row._mapping)
        was_claimed, why = mapping.pop("was_claimed"), called_off(mapping.pop("why"))
        one = Claimed(claim=claim, called_off=why, **mapping)
        (interrupted if was_claimed or why else fresh).append(one)
    if interrupted:
        fresh += await record_interruptions(tx, interrupted, now=now)
    return await end_expired(tx, fresh, now=now)


async def release(tx: Transaction, claimed: Collection[Claimed], *, now: datetime) -> None:
    """Give back what is not going to be recorded; it costs no attempt and is due at once."""
    await tx.execute(
        text("""
            update deliveries set due_at = :now, claim = null
            from unnest(:ids, :claims) as mine(id, claim)
            where deliveries.id = mine.id and deliveries.claim = mine.claim
        """).bindparams(
            bindparam("ids", type_=ARRAY(BIGINT)), bindparam("claims", type_=ARRAY(BIGINT))
        ),
        {"now": now, "ids": [one.id for one in claimed], "claims": [one.claim for one in claimed]},
    )
