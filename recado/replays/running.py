"""Replays: starting one, calling it off, and the steps that the worker takes.

Every step is a transaction: a worker that dies leaves the rest to the next one.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from recado.actions.models import CustomAction
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.deliveries.filtering import LogFilter, filter_as_json, filter_from_json
from recado.deliveries.models import Delivery
from recado.deliveries.searching import count_matching, next_matching
from recado.replays.models import Mode, Progress, Replay
from recado.replays.repeating import How, repeat

RATES: Final = (60, 300, 1_000, 6_000)  # deliveries a minute
USUAL_RATE: Final = 300
_STEP: Final = timedelta(seconds=2)
_LARGEST_STEP: Final = 100


async def start_replay(
    tx: Transaction,
    account_id: int,
    wanted: LogFilter,
    how: How,
    *,
    per_minute: int = USUAL_RATE,
    now: datetime,
) -> Replay:
    """Write down that what matches now is to be sent again, or called off; the worker does it."""
    newest = select(func.max(Delivery.id)).where(Delivery.account_id == account_id)
    replayed = Replay(
        account_id=account_id,
        who=how.who,
        wanted=filter_as_json(wanted),
        mode=how.mode,
        includes_delivered=how.includes_delivered,
        per_minute=per_minute,
        total=await count_matching(tx, account_id, wanted),
        until_id=await tx.scalar(newest) or 0,
        next_at=now,
        created_at=now,
    )
    tx.add(replayed)
    await tx.flush()
    await notify_pages(tx, account_id, "replay", id=replayed.id)
    return replayed


async def find_replay(
    tx: Transaction, account_id: int, replay_id: int, *, for_change: bool = False
) -> Replay | None:
    """A replay of this account."""
    query = select(Replay).where(Replay.account_id == account_id, Replay.id == replay_id)
    return await tx.scalar(query.with_for_update() if for_change else query)


async def replays_of(tx: Transaction, account_id: int, *, limit: int = 50) -> list[Replay]:
    """The last replays, newest first."""
    query = select(Replay).where(Replay.account_id == account_id)
    return list(await tx.scalars(query.order_by(Replay.id.desc()).limit(limit)))


async def cancel_replay(tx: Transaction, replayed: Replay, *, now: datetime) -> None:
    """Send no more of it; what was sent again stays sent."""
    if replayed.is_running:
        await _end(tx, replayed, Progress.CANCELLED, now=now)


async def advance_replays(tx: Transaction, *, now: datetime) -> bool:
    """Take one step of the replay that has waited longest; whether there was one."""
    query = select(Replay).where(Replay.state == Progress.RUNNING, Replay.next_at <= now)
    query = query.order_by(Replay.next_at).limit(1).with_for_update(skip_locked=True)
    replayed = await tx.scalar(query)
    if replayed is None:
        return False
    await _advance(tx, replayed, now=now)
    return True


async def _advance(tx: Transaction, replayed: Replay, *, now: datetime) -> None:
    share = replayed.per_minute * _STEP / timedelta(minutes=1)
    limit = max(1, min(_LARGEST_STEP, int(share)))
    wanted = replace(filter_from_json(replayed.wanted), before=replayed.until_id + 1)
    ids, looked_to = await next_matching(
        tx, replayed.account_id, wanted, replayed.after_id, limit=limit
    )
    sent = 0
    for delivery in await _locked(tx, ids):
        sent += await _repeat(tx, replayed, delivery, now=now)
    replayed.sent_count += sent
    replayed.after_id = looked_to or replayed.until_id
    replayed.next_at = now + sent / replayed.per_minute * timedelta(minutes=1)
    if looked_to is None:
        await _end(tx, replayed, Progress.DONE, now=now)
    await notify_pages(tx, replayed.account_id, "replay", id=replayed.id)


async def _locked(tx: Transaction, ids: list[int]) -> list[Delivery]:
    """Locked in the order of recording, so that nobody waits for each other."""
    query = select(Delivery).where(Delivery.id.in_(ids)).order_by(Delivery.id)
    query = query.options(selectinload(Delivery.lease)).with_for_update()
    return list(await tx.scalars(query.options(selectinload(Delivery.attempts))))


async def _repeat(tx: Transaction, replayed: Replay, delivery: Delivery, *, now: datetime) -> int:
    query = select(CustomAction).where(
        CustomAction.id == delivery.action_id, CustomAction.account_id == replayed.account_id
    )
    how = How(Mode(replayed.mode), replayed.includes_delivered, replayed.who)
    problem = await repeat(tx, delivery, await tx.scalar(query), how, now=now)
    if problem is None:
        return 1
    left_out = dict(replayed.left_out)
    left_out[problem.text] = left_out.get(problem.text, 0) + 1
    replayed.left_out = left_out
    return 0


async def _end(tx: Transaction, replayed: Replay, state: Progress, *, now: datetime) -> None:
    replayed.state = state
    replayed.finished_at = now
    await tx.flush()
    await notify_pages(tx, replayed.account_id, "replay", id=replayed.id)
