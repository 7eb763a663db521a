"""Writing attempts down and settling their deliveries, a batch in one transaction."""

import random
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.deliveries.delivering import Tried
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.retrying import trouble_of
from recado.deliveries.settling import Settled, settle
from recado.deliveries.states import State
from recado.lib.outcomes import Response


async def record(
    tx: Transaction, tried: list[Tried], *, now: datetime, dice: float | None = None
) -> list[tuple[Tried, Settled]]:
    """Write what came of each try; what was written is returned.

    Writes only where the claim still matches: a worker that wakes after its lease overwrites
    nothing, and the attempt of the one that took over counts.
    """
    written = []
    for one in sorted(tried, key=lambda each: each.claimed.id):  # one order: no deadlocks
        settled = settle(
            one.outcome,
            tries=one.claimed.tries_count + 1,
            is_test=one.claimed.is_test,
            now=now,
            dice=random.random() if dice is None else dice,  # noqa: S311 - spreads load, guards nothing
        )
        if await _write(tx, one, settled, now=now):
            written.append((one, settled))
    for account_id in {one.claimed.account_id for one, _ in written}:
        await notify_pages(tx, account_id, "delivery")
    return written


async def _write(tx: Transaction, tried: Tried, settled: Settled, *, now: datetime) -> bool:
    claimed = tried.claimed
    mine = (Delivery.id == claimed.id, Delivery.claim == claimed.claim)
    changed = await tx.execute(
        update(Delivery)
        .where(*mine)
        .values(
            state=settled.state,
            reason=settled.reason,
            due_at=settled.due_at,
            claim=None,
            attempts_count=claimed.attempts_count + 1,
            tries_count=claimed.tries_count + 1,
            finished_at=now if State(settled.state).is_end else None,
        )
        .returning(Delivery.id)
    )
    if changed.first() is None:
        return False
    await tx.execute(insert(Attempt).values(**_attempt(tried)))
    return True


def _attempt(tried: Tried) -> dict[str, Any]:
    outcome = tried.outcome
    timing = {phase: value for phase, value in asdict(outcome.timing).items() if value is not None}
    values: dict[str, Any] = {
        "delivery_id": tried.claimed.id,
        "number": tried.claimed.attempts_count + 1,
        "started_at": tried.started_at,
        "milliseconds": outcome.timing.total,
        "timing": timing,
        "trouble": trouble_of(outcome),
        "status": None,
        "detail": "",
        "response_size": 0,
        "response_is_cut": False,
    }
    if isinstance(outcome, Response):
        return values | _response(outcome)
    return values | {"detail": outcome.detail}


def _response(response: Response) -> dict[str, Any]:
    return {
        "status": response.status,
        "detail": _storable(response.reason),
        "response_headers": [
            [_storable(name), _storable(value)] for name, value in response.headers
        ],
        "response_body": response.body,
        "response_size": response.body_size,
        "response_is_cut": response.is_cut,
    }


def _storable(text: str) -> str:
    """Receivers may send anything; PostgreSQL keeps no U+0000, UTF-8 no lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
