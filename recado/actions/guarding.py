"""A guard against runaway calls: an action that is sent far more often than usual, or beyond the budget
that its administrator gave it, is paused. (A limit that lets the rest wait is `allowing.py`.)

Calls are counted in a row per action and hour, written once a batch. What the pause holds back waits
for an administrator, who says whether to go on; nothing is lost meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from recado.actions.models import ActionState, CustomAction, HourOfCalls
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.notifying import notify_pages
from recado.deliveries.holding import hold_waiting
from recado.deliveries.policies import Policy
from recado.deliveries.states import Why

TIMES_USUAL: Final = 20
FEWEST: Final = 200  # calls an hour; fewer are never too many
FEWEST_HOURS: Final = 3  # with calls: before that, nobody knows what is usual
LOOKS_BACK: Final = timedelta(days=7)
TRUSTED_FOR: Final = timedelta(hours=24)  # after somebody said to go on
_FIRED: Final = "fired"  # in the transaction's own notes

# Sorted, so that two workers never wait for each other. What is usual, the calls in an hour that had any
# of the last days, is asked only for what is called often; null while it is too early to tell.
_COUNT: Final = Direct("""
    with counted as (
        insert into hours_of_calls as h (action_id, hour, calls)
        select id, :hour::timestamptz, number
        from unnest(:ids::bigint[], :numbers::bigint[]) as fired(id, number)
        on conflict (action_id, hour) do update set calls = h.calls + excluded.calls
        returning action_id, calls
    )
    select action_id, calls, case when calls > :fewest::int then (
        select avg(before.calls)::float8 from hours_of_calls before
        where before.action_id = counted.action_id
            and before.hour < :hour and before.hour >= :since::timestamptz
        having count(*) >= :hours::int
    ) end as usual from counted
""")


@dataclass(slots=True)
class _Fired:
    budget: int | None  # calls an hour
    calls: int = 0


def note_fired(tx: Transaction, action: CustomAction, policy: Policy) -> None:
    """Count a call of this transaction; `guard_actions` writes all of them down at once."""
    fired: dict[int, _Fired] = tx.info.setdefault(_FIRED, {})
    fired.setdefault(action.id, _Fired(policy.hourly_budget)).calls += 1


async def guard_actions(tx: Transaction, *, now: datetime) -> list[int]:
    """Write down what this transaction fired, and pause what is far beyond the usual or its budget:
    which.
    """
    fired: dict[int, _Fired] = tx.info.pop(_FIRED, {})
    if not fired:
        return []
    hour = now.replace(minute=0, second=0, microsecond=0)
    ids = sorted(fired)
    numbers = [fired[one].calls for one in ids]
    counts = await _COUNT.rows(
        tx, hour=hour, ids=ids, numbers=numbers,
        fewest=FEWEST, since=hour - LOOKS_BACK, hours=FEWEST_HOURS,
    )  # fmt: skip
    found = {one: _surge(calls, fired[one].budget, usual) for one, calls, usual in counts}
    return [one for one, told in found.items() if told and await _pause(tx, one, told, now=now)]


def _surge(calls: int, budget: int | None, usual: float | None) -> dict[str, int] | None:
    """What the notice tells of so many calls in an hour; None where they are no surge."""
    if budget is not None:
        return {"calls": calls, "budget": budget} if calls > budget else None
    if usual is not None and is_surge(calls, usual=usual):
        return {"calls": calls, "usual": round(usual)}
    return None


def is_surge(calls: int, *, usual: float) -> bool:
    """Whether so many calls in an hour are far more than the usual number."""
    return calls > max(FEWEST, TIMES_USUAL * usual)


async def prune_hours(tx: Transaction, *, now: datetime) -> int:
    """Forget hours that no longer tell what is usual; how many there were."""
    old = delete(HourOfCalls).where(HourOfCalls.hour < now - LOOKS_BACK - timedelta(days=1))
    return len((await tx.execute(old.returning(HourOfCalls.hour))).all())


async def _pause(
    tx: Transaction, action_id: int, told: Mapping[str, int], *, now: datetime
) -> bool:
    query = select(CustomAction).where(
        CustomAction.id == action_id, CustomAction.state == ActionState.ACTIVE
    )
    action = await tx.scalar(query.with_for_update().execution_options(populate_existing=True))
    if action is None or (action.trusted_until and now < action.trusted_until):
        return False
    action.state = ActionState.OFF
    action.holds_calls = True
    action.notice = {"why": Why.SURGE, "at": now.isoformat(), **told}
    action.updated_at = now
    await tx.flush()
    await hold_waiting(tx, action.account_id, action.id, now=now)
    await notify_pages(tx, action.account_id, "action")
    return True
