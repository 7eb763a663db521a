"""What the log and its neighbours ask about deliveries; searching it stands in `searching.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, DateTime, Text, exists, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import selectinload

from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.deliveries.filtering import host_of
from recado.deliveries.models import Attempt, Delivery, Lane
from recado.deliveries.states import State

FAILING: Final = 3  # calls in a row that failed make a failing action
_LATEST: Final = 50  # deliveries among which an answer is looked for


async def find_delivery(
    tx: Transaction, account_id: int, delivery_id: int, *, for_change: bool = False
) -> Delivery | None:
    """A delivery of this account with its attempts and its lease."""
    query = (
        select(Delivery)
        .where(Delivery.account_id == account_id, Delivery.id == delivery_id)
        .options(selectinload(Delivery.attempts), selectinload(Delivery.lease))
    )
    if for_change:
        query = query.with_for_update(of=Delivery)
    return await tx.scalar(query)


async def find_deliveries(
    tx: Transaction, account_id: int, delivery_ids: Sequence[int]
) -> list[Delivery]:
    """Those of this account with their attempts, in the order of `delivery_ids`."""
    query = (
        select(Delivery)
        .where(Delivery.account_id == account_id, Delivery.id.in_(delivery_ids))
        .options(selectinload(Delivery.attempts))
    )
    found = {one.id: one for one in await tx.scalars(query)}
    return [found[one] for one in dict.fromkeys(delivery_ids) if one in found]


async def last_answer(tx: Transaction, account_id: int, action_id: int) -> Attempt | None:
    """The newest successful attempt among an action's last deliveries, tests included."""
    newest = (
        select(Delivery.id)
        .where(Delivery.account_id == account_id, Delivery.action_id == action_id)
        .order_by(Delivery.id.desc())
        .limit(_LATEST)
    )
    query = select(Attempt).where(
        Attempt.delivery_id.in_(newest.scalar_subquery()), Attempt.status.between(200, 299)
    )
    return await tx.scalar(query.order_by(Attempt.id.desc()).limit(1))


async def last_tests(
    tx: Transaction, account_id: int, action_id: int, *, most: int = 10
) -> list[Delivery]:
    """An action's newest tests with their attempts, newest first."""
    query = (
        select(Delivery)
        .where(Delivery.account_id == account_id, Delivery.action_id == action_id, Delivery.is_test)
        .options(selectinload(Delivery.attempts))
        .order_by(Delivery.id.desc())
        .limit(most)
    )
    return list(await tx.scalars(query))


@dataclass(frozen=True, slots=True)
class Latest:
    """One of the newest deliveries, as a mark in a list tells it."""

    id: int
    state: str
    created_at: datetime


async def last_deliveries(
    tx: Transaction, account_id: int, action_ids: Sequence[int], *, each: int = 5
) -> dict[int, list[Latest]]:
    """The newest deliveries of each action, newest first."""
    found: dict[int, list[Latest]] = {one: [] for one in action_ids}
    if found:
        about = {"account_id": account_id, "ids": list(action_ids), "each": each}
        for action_id, *told in await _LATEST_OF_ACTIONS.rows(tx, **about):
            found[action_id].append(Latest(*told))
    return found


# Each action is a short walk along its own index.
_LATEST_OF_ACTIONS: Final = Direct("""
    select action.id, latest.id, latest.state, latest.created_at
    from unnest(:ids::bigint[]) as action(id)
    cross join lateral (
        select id, state, created_at from deliveries
        where account_id = :account_id and action_id = action.id order by id desc limit :each
    ) latest
    order by latest.id desc
""")


async def last_told(
    tx: Transaction, account_id: int, told_by: str, ids: list[int], *, each: int = 5
) -> dict[int, list[Delivery]]:
    """The newest deliveries of each who tells without an action, such as a webhook, newest first."""
    found: dict[int, list[Delivery]] = {}
    for told_by_id in ids:
        query = (
            select(Delivery)
            .where(
                Delivery.account_id == account_id,
                Delivery.told_by == told_by,
                Delivery.told_by_id == told_by_id,
            )
            .order_by(Delivery.id.desc())
            .limit(each)
        )
        found[told_by_id] = list(await tx.scalars(query))
    return found


async def actions_in_log(tx: Transaction, account_id: int) -> dict[int, str]:
    """Every custom action that the log tells of, by the name it had last."""
    return await _names_in_log(tx, account_id, "action")


async def rules_in_log(tx: Transaction, account_id: int) -> dict[int, str]:
    """Every rule that the log tells of, by the name it had last."""
    return await _names_in_log(tx, account_id, "rule")


async def hosts_in_log(tx: Transaction, account_id: int) -> list[str]:
    """Every destination that the log tells of, as people name it."""
    return sorted({host_of(lane) for lane in await lanes_in_log(tx, account_id)})


async def lanes_in_log(tx: Transaction, account_id: int) -> list[str]:
    """Every destination that the log tells of."""
    query = text("""
        with recursive hop as (
            (select lane from deliveries where account_id = :account_id and lane > ''
             order by lane limit 1)
            union all
            select (select d.lane from deliveries d
                    where d.account_id = :account_id and d.lane > hop.lane
                    order by d.lane limit 1)
            from hop where hop.lane is not null
        )
        select lane from hop where lane is not null
    """)
    return list(await tx.scalars(query, {"account_id": account_id}))


# Hops along the index from one id to the next, so a million rows cost no more than their ids.
_NAMES_IN_LOG: Final = """
    with recursive hop as (
        (select WHAT_id as id from deliveries where account_id = :account_id and WHAT_id is not null
         order by WHAT_id limit 1)
        union all
        select (select d.WHAT_id from deliveries d
                where d.account_id = :account_id and d.WHAT_id > hop.id
                order by d.WHAT_id limit 1)
        from hop where hop.id is not null
    )
    select hop.id, newest.name from hop cross join lateral (
        select d.WHAT_name as name from deliveries d
        where d.account_id = :account_id and d.WHAT_id = hop.id order by d.id desc limit 1
    ) newest order by lower(newest.name), hop.id
"""


async def _names_in_log(tx: Transaction, account_id: int, what: str) -> dict[int, str]:
    query = text(_NAMES_IN_LOG.replace("WHAT", what))
    return {row[0]: row[1] for row in await tx.execute(query, {"account_id": account_id})}


async def still_there(tx: Transaction, delivery: Delivery) -> dict[str, bool]:
    """Whether the action and the rule of a delivery exist still, so that a link leads somewhere,
    and whether the action is "off": there, but sending nothing.

    Their tables belong to slices above this one, hence plain SQL.
    """
    query = text("""
        select (select state from custom_actions
                where id = :action_id and account_id = :account_id) as action,
            exists (select from automation_rules
                where id = :rule_id and account_id = :account_id) as rule
    """)
    ids = {
        "action_id": delivery.action_id,
        "rule_id": delivery.rule_id,
        "account_id": delivery.account_id,
    }
    action, rule = (await tx.execute(query, ids)).one()
    return {"action": action is not None, "off": action not in {None, "active"}, "rule": rule}


@dataclass(frozen=True, slots=True)
class FailingAction:
    """An active action whose last calls all failed; `reason` is the newest one's."""

    id: int
    name: str
    state: str
    reason: dict[str, Any]
    since: datetime


async def failing_actions(tx: Transaction, account_id: int) -> list[FailingAction]:
    """The account's active actions whose last FAILING calls, tests apart, are all in trouble."""
    query = text("""
        select a.id, a.name, last.state, last.reason, last.since from custom_actions a
        cross join lateral (
            select (array_agg(d.state order by d.id desc))[1] as state,
                (array_agg(d.reason order by d.id desc))[1] as reason,
                min(d.created_at) as since, count(*) as number,
                bool_and(d.state in ('failed', 'unknown', 'expired') or d.state = 'pending'
                    and d.reason ->> 'trouble' is not null) as is_bad
            from (select * from deliveries d
                where d.account_id = a.account_id and d.action_id = a.id and not d.is_test
                and (d.attempts_count > 0 or d.state = 'failed')
                order by d.id desc limit :failing) d
        ) last
        where a.account_id = :account_id and a.state = 'active'
            and last.number = :failing and last.is_bad
        order by lower(a.name)
    """).columns(id=BigInteger, name=Text, state=Text, reason=JSONB, since=DateTime(timezone=True))
    rows = await tx.execute(query, {"account_id": account_id, "failing": FAILING})
    return [FailingAction(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class StoppedAction:
    """An action that Recado itself switched off; `notice` says why."""

    id: int
    name: str
    notice: dict[str, Any]


async def stopped_actions(tx: Transaction, account_id: int) -> list[StoppedAction]:
    """The account's actions that wait for an administrator since Recado switched them off."""
    query = text("""
        select id, name, notice from custom_actions
        where account_id = :account_id and state = 'off' and jsonb_typeof(notice) = 'object'
        order by lower(name)
    """).columns(id=BigInteger, name=Text, notice=JSONB)
    return [StoppedAction(*row) for row in await tx.execute(query, {"account_id": account_id})]


async def paused_lanes(tx: Transaction, account_id: int) -> dict[str, datetime]:
    """The destinations of waiting deliveries to which nothing is sent for now, and until when."""
    is_awaited = exists().where(
        Delivery.lane == Lane.lane,
        Delivery.state == State.PENDING,
        Delivery.account_id == account_id,
    )
    query = select(Lane.lane, Lane.open_until).where(Lane.open_until.is_not(None), is_awaited)
    rows = await tx.execute(query.order_by(Lane.lane))
    return {lane: until for lane, until in rows if until}
