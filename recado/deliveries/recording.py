"""Writing attempts down and settling their deliveries, a batch in one transaction."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

import orjson

from recado.db.asking import Asked
from recado.db.database import Transaction
from recado.db.direct import Direct, Insertion
from recado.db.notifying import notify_pages
from recado.deliveries.claims import Claimed
from recado.deliveries.delivering import Tried
from recado.deliveries.leasing import end_leases
from recado.deliveries.models import Attempt
from recado.deliveries.settling import HOLD_LASTS, Settled, Terms, called_off, settle
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Outcome, Response, Timing

_PHASES: Final = tuple(one.name for one in fields(Timing))
_MOST_TOLD: Final = 300  # a notification has 7,999 bytes
# Locked in one order, so that two workers never wait for each other; the lease as well, which is looked at
# again if another took it over in this moment.
_STILL_OURS: Final = Direct("""
    select deliveries.id, leases.claim, deliveries.reason from deliveries
    join leases on leases.delivery_id = deliveries.id
    join unnest(:ids::bigint[], :claims::bigint[]) as mine(id, claim)
        on leases.delivery_id = mine.id and leases.claim = mine.claim
    order by deliveries.id for update of deliveries, leases
""")
_SETTLE: Final = Direct("""
    update deliveries set state = one.state, reason = one.reason,
        due_at = one.due_at, attempts_count = attempts_count + 1, tries_count = tries_count + 1,
        last_status = one.last_status, finished_at = one.finished_at, held_until = one.held_until
    from unnest(
        :ids::bigint[], :states::text[], :reasons::jsonb[], :due_ats::timestamptz[],
        :statuses::bigint[], :finished::timestamptz[], :held::timestamptz[]
    ) as one(id, state, reason, due_at, last_status, finished_at, held_until)
    where deliveries.id = one.id
""")
_ATTEMPTS: Final = Insertion(
    Attempt.__table__,
    (
        "delivery_id", "number", "started_at", "milliseconds", "timing", "status", "trouble",
        "asked_by", "detail", "response_headers", "response_body", "response_size",
        "response_is_cut",
    ),
)  # fmt: skip


async def record(
    tx: Transaction, tried: Sequence[Tried], *, now: datetime, dice: float | None = None
) -> list[tuple[Tried, Settled]]:
    """Write what came of each try; what was written is returned.

    Writes only where the claim still matches: a worker that wakes after its lease overwrites
    nothing, and the attempt of the one that took over counts.
    """
    rows = await _STILL_OURS.rows(tx, **_ids(tried))
    ours = {(id_, claim): reason for id_, claim, reason in rows}
    written = [
        (one, _settled(one, ours[key], now=now, dice=dice))
        for one in tried
        if (key := (one.claimed.id, one.claimed.claim)) in ours
    ]
    if written:
        await _settle(tx, written, now=now)
        await end_leases(tx, [one.claimed.id for one, _ in written])
        kept = [ours[one.claimed.id, one.claimed.claim] for one, _ in written]
        await _ATTEMPTS.later(
            tx, [_attempt(one, told) for (one, _), told in zip(written, kept, strict=True)]
        )
    await _tell(tx, [one.claimed for one, _ in written])
    return written


def still_ours(tried: Sequence[Tried]) -> Asked:
    """What `record` asks first, for whoever has it asked beside something else."""
    return _STILL_OURS.asked(**_ids(tried))


def _ids(tried: Sequence[Tried]) -> dict[str, list[int]]:
    claimed = [one.claimed for one in tried]
    return {"ids": [one.id for one in claimed], "claims": [one.claim for one in claimed]}


async def _tell(tx: Transaction, claimed: Sequence[Claimed]) -> None:
    """Open pages hear of it once an account, with the conversations whose threads have a line."""
    by_account: dict[int, set[int]] = {}
    for one in claimed:
        numbers = by_account.setdefault(one.account_id, set())
        numbers |= {one.conversation_id} if one.conversation_id else set()
    for account_id, numbers in by_account.items():
        of = {"conversations": sorted(numbers)} if len(numbers) <= _MOST_TOLD else {}
        await notify_pages(tx, account_id, "delivery", **of)


def _settled(
    tried: Tried, kept: Mapping[str, Any], *, now: datetime, dice: float | None
) -> Settled:
    claimed = tried.claimed
    terms = Terms(
        tries=claimed.tries_count + 1,
        is_test=claimed.is_test,
        called_off=called_off(kept.get("why")),
        policy=claimed.policy,
        method=str(claimed.request["method"]),
        expires_at=claimed.expires_at,
    )
    dice = random.random() if dice is None else dice  # noqa: S311 - spreads load, guards nothing
    settled = settle(tried.outcome, terms, now=now, dice=dice)
    if kept.get("why") and settled.reason.get("why") == kept["why"]:
        return replace(settled, reason={**settled.reason, **kept})  # by whom, or for which one
    return settled


async def _settle(
    tx: Transaction, written: Sequence[tuple[Tried, Settled]], *, now: datetime
) -> None:
    ends = [settled for _, settled in written]
    await _SETTLE.later(
        tx,
        ids=[tried.claimed.id for tried, _ in written],
        states=[one.state for one in ends],
        reasons=[orjson.dumps(one.reason).decode() for one in ends],
        due_ats=[one.due_at for one in ends],
        statuses=[_status(tried.outcome) for tried, _ in written],
        finished=[now if one.state.is_end else None for one in ends],
        held=[now + HOLD_LASTS if one.state == State.HELD else None for one in ends],
    )


def _status(outcome: Outcome) -> int | None:
    return outcome.status if isinstance(outcome, Response) else None


def _attempt(tried: Tried, kept: Mapping[str, Any]) -> dict[str, Any]:
    outcome = tried.outcome
    timing = {one: ms for one in _PHASES if (ms := getattr(outcome.timing, one)) is not None}
    where = {"address": outcome.address} if outcome.address else {}
    values: dict[str, Any] = {
        "delivery_id": tried.claimed.id,
        "number": tried.claimed.attempts_count + 1,
        "started_at": tried.started_at,
        "milliseconds": outcome.timing.total,
        "timing": timing | where,
        "trouble": tried.trouble,
        "asked_by": kept.get("who") if kept.get("why") == Why.AGAIN else None,
    }
    return values | (_response(outcome) if isinstance(outcome, Response) else _none(outcome.detail))


def _response(response: Response) -> dict[str, Any]:
    return {
        "status": response.status,
        "detail": response.reason,
        "response_headers": [[name, value] for name, value in response.headers],
        "response_body": response.body,
        "response_size": response.body_size,
        "response_is_cut": response.is_cut,
    }


def _none(detail: str) -> dict[str, Any]:
    return {
        "status": None,
        "detail": detail,
        "response_headers": None,
        "response_body": None,
        "response_size": 0,
        "response_is_cut": False,
    }
