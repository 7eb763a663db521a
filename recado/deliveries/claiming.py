"""Taking due deliveries: one statement finds them and writes down that they are ours for a while.

There is no "sending" state: whoever dies, its deliveries are taken by others when the lease ends.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.deliveries.claims import Claimed
from recado.deliveries.ending import end_expired
from recado.deliveries.interrupting import record_interruptions
from recado.deliveries.leasing import new_claim
from recado.deliveries.pacing import FIRST_CONCURRENCY
from recado.deliveries.policies import policy_from
from recado.deliveries.settling import called_off

# Who waits is found by hopping through the index from one (lane, account, action) to the next, so one
# with a million due rows costs no more than one with a single row. The room of a lane is shared
# evenly between the accounts that wait there, and an account's share between its actions: 100,000
# calls of one delay nobody else's. What is taken in all is shared by those that give some: of a
# thousand that wait, each gives its oldest, and no others are read and locked. A lane whose breaker is
# open gives none, and an action or a lane that has used up what it may send for now neither; none of it
# costs their deliveries an attempt. A delivery that keeps its place in its conversation is passed over
# while one before it waits.
#
# A lease that somebody else has just taken may be unknown to `taken` and is met only by `leased`, which
# leaves it as it is. What was recorded meanwhile is found by locking the row: it is looked at again then.
# Leases are looked up row by row on purpose: `not exists` is an anti-join, for which the planner turned the
# search around at times and read all that wait (8 s of a million).
_CLAIM: Final = Direct("""
    with recursive waiting as (
        (select lane, account_id, coalesce(action_id, 0) as action from deliveries
         where state = 'pending' order by lane, account_id, coalesce(action_id, 0) limit 1)
        union all
        select following.* from waiting cross join lateral (
            select d.lane, d.account_id, coalesce(d.action_id, 0) from deliveries d
            where d.state = 'pending' and (d.lane, d.account_id, coalesce(d.action_id, 0))
                > (waiting.lane, waiting.account_id, waiting.action)
            order by d.lane, d.account_id, coalesce(d.action_id, 0) limit 1
        ) following
    ), ready as (
        select *, count(*) over (partition by lane, account_id) as actions,
            dense_rank() over (partition by lane order by account_id)
                + dense_rank() over (partition by lane order by account_id desc) - 1 as accounts
        from waiting where exists (
            select from deliveries d where d.state = 'pending' and d.lane = waiting.lane
                and d.account_id = waiting.account_id and coalesce(d.action_id, 0) = waiting.action
                and d.due_at <= :now::timestamptz
                and coalesce((select l.until from leases l where l.delivery_id = d.id) <= :now, true)
        )
    ), allowed as (  -- limited actions; one that another worker looks at just now gives none
        select a.action_id, case when a.window_ends_at > :now
            then greatest(0, a.calls - a.used) else a.calls end as number
        from allowances a where a.action_id in (select action from ready)
        for update skip locked
    ), lane_allowed as (  -- limited lanes of an account, likewise
        select l.account_id, l.lane, case when l.window_ends_at > :now
            then greatest(0, l.calls - l.used) else l.calls end as number
        from lane_limits l where (l.account_id, l.lane) in (select account_id, lane from ready)
        for update skip locked
    ), willing as (
        select ready.*, case
            when not exists (select from lane_limits l where l.account_id = ready.account_id
                and l.lane = ready.lane) then :limit::int
            else coalesce(lane_allowed.number, 0)
        end as lane_allowance, case
            when not exists (select from allowances a where a.action_id = ready.action) then :limit
            else coalesce(allowed.number, 0)
        end as action_allowance
        from ready left join lane_allowed using (account_id, lane)
        left join allowed on allowed.action_id = ready.action
    ), probing as (  -- breakers whose pause is over: one delivery goes out to see
        update lanes as l set open_until = :until::timestamptz, is_probing = true
        where l.lane in (
            select o.lane from lanes o where o.open_until <= :now and o.lane in (
                select lane from willing where least(lane_allowance, action_allowance) > 0)
            for update skip locked)  -- nobody is waited for: we hold lanes that we recorded
        returning l.lane
    ), busy as (
        select * from unnest(:lanes::text[], :in_flight::int[]) as b(lane, number)
    ), shares as (
        select willing.*, case
            when lanes.open_until is null then greatest(
                0, least(:per_lane::int, floor(coalesce(lanes.concurrency, :per_new_lane::float8))::int)
                    - coalesce(busy.number, 0))
            when probing.lane is not null then 1
            else 0
        end as room, accounts * actions as parts
        from willing left join busy using (lane)
        left join lanes using (lane)
        left join probing using (lane)
    ), giving as (
        select *, least(action_allowance, lane_allowance, ceil(room::float / parts)::int,
            ceil(:limit::float / count(*) over ())::int) as number
        from shares where least(action_allowance, lane_allowance, room) > 0
    ), picked as (
        select one.id, one.due_at, giving.room, giving.action, giving.lane,
            giving.account_id, giving.lane_allowance,
            row_number() over (partition by giving.lane order by one.place, one.due_at) as place,
            row_number() over (partition by giving.lane, giving.account_id
                order by one.place, one.due_at) as place_of_account
        from giving cross join lateral (
            select taken.*, row_number() over (order by taken.due_at) as place from (
                select d.id, d.due_at from deliveries d
                where d.state = 'pending' and d.lane = giving.lane
                    and d.account_id = giving.account_id
                    and coalesce(d.action_id, 0) = giving.action and d.due_at <= :now
                    and coalesce(
                        (select l.until from leases l where l.delivery_id = d.id) <= :now, true)
                    and (d.ordering is null or d.ordering = 'collect' or not exists (
                        select from deliveries e where e.state = 'pending'
                            and e.ordering is not null and e.action_id = d.action_id
                            and e.conversation_id = d.conversation_id and e.id < d.id
                            and (d.ordering <> 'skip' or e.tries_count = 0
                                or exists (select from leases l where l.delivery_id = e.id))
                    ))
                    and (d.told_by is null or d.ordering is null or not exists (
                        select from deliveries e where e.state = 'pending'
                            and e.ordering is not null and e.action_id is null
                            and e.conversation_id = d.conversation_id and e.id < d.id
                            and e.account_id = d.account_id and e.told_by = d.told_by
                            and e.told_by_id = d.told_by_id
                    ))
                order by d.due_at
                limit giving.number
                for update of d skip locked
            ) taken
        ) one
    ), due as (
        select * from picked where place <= room and place_of_account <= lane_allowance
        order by due_at, id limit :limit
    ), spent as (
        update allowances a set
            used = case when a.window_ends_at > :now then a.used else 0 end + mine.number,
            window_ends_at = case when a.window_ends_at > :now then a.window_ends_at
                else :now + make_interval(secs => a.seconds) end
        from (select action, count(*) as number from due group by action) mine
        where a.action_id = mine.action
    ), spent_of_lanes as (
        update lane_limits l set
            used = case when l.window_ends_at > :now then l.used else 0 end + mine.number,
            window_ends_at = case when l.window_ends_at > :now then l.window_ends_at
                else :now + make_interval(secs => l.seconds) end
        from (select account_id, lane, count(*) as number from due group by account_id, lane) mine
        where l.account_id = mine.account_id and l.lane = mine.lane
    ), leased as (
        insert into leases as l (delivery_id, claim, until, is_taken_over)
        select id, :claim::bigint, :until, false from due
        on conflict (delivery_id) do update
            set claim = excluded.claim, until = excluded.until, is_taken_over = true
            where l.until <= :now
        returning delivery_id, is_taken_over
    ), claimed as (
        select id, account_id, webhook_id, request, lane, is_test, conversation_id, action_id,
            attempts_count, tries_count, interruptions_count, awaits_answer, policy, expires_at,
            told_by, told_by_id, message_id, reason ->> 'why' as why, is_taken_over
        from leased join deliveries on id = delivery_id
    )
    select claimed.*, is_any_due
    from (select exists (select from ready) as is_any_due) as looked left join claimed on true
    order by id
""")


@dataclass(frozen=True, slots=True)
class Room:
    """How many deliveries a worker can take: in all, to one lane, and what is in flight by lane."""

    limit: int
    per_lane: int
    in_flight: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Taken:
    """What was claimed. `may_be_more`: something was due, and perhaps not all of it was taken."""

    claimed: list[Claimed]
    may_be_more: bool


async def claim_due(tx: Transaction, room: Room, *, lease: timedelta, now: datetime) -> Taken:
    """Take what is due, oldest first, no more than there is room for.

    A delivery that was claimed before and never recorded lost its worker while it was being sent:
    that attempt is written down as interrupted; one that lost too many ends here.
    """
    claim = new_claim()
    found = await _CLAIM.rows(
        tx,
        now=now,
        until=now + lease,
        claim=claim,
        limit=room.limit,
        per_lane=room.per_lane,
        per_new_lane=FIRST_CONCURRENCY,
        lanes=list(room.in_flight),
        in_flight=list(room.in_flight.values()),
    )
    fresh: list[Claimed] = []
    interrupted: list[Claimed] = []
    may_be_more = bool(found[0]["is_any_due"])
    for row in found if found[0]["id"] is not None else ():
        one = _claimed(row, claim)
        (interrupted if row["is_taken_over"] or one.called_off else fresh).append(one)
    if interrupted:
        fresh += await record_interruptions(tx, interrupted, now=now)
    return Taken(await end_expired(tx, fresh, now=now), may_be_more)


def _claimed(row: Sequence[Any], claim: int) -> Claimed:
    """Two hundred at a time: by place, as Claimed and the statement have them."""
    id_, *sent, policy, expires_at, told_by, told_by_id, message_id, why, _, _ = row
    told = (told_by, told_by_id, message_id)
    values = [id_, claim, *sent, policy_from(policy), expires_at, *told, called_off(why)]
    return Claimed(*values)


async def release(tx: Transaction, claimed: Collection[Claimed]) -> None:
    """Give back what is not going to be recorded; it costs no attempt and is due still."""
    ids, claims = [one.id for one in claimed], [one.claim for one in claimed]
    await _RELEASE.rows(tx, ids=ids, claims=claims)


_RELEASE: Final = Direct("""
    delete from leases using unnest(:ids::bigint[], :claims::bigint[]) as mine(id, claim)
    where leases.delivery_id = mine.id and leases.claim = mine.claim
""")
