"""Remembering how fast each destination can be sent to, for every worker."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Final

from recado.db.asking import Asked
from recado.db.database import Transaction
from recado.db.direct import Direct, Insertion
from recado.deliveries.delivering import Tried
from recado.deliveries.models import Lane
from recado.deliveries.pacing import Pace, paced
from recado.lib.outcomes import Outcome


async def keep_pace(
    tx: Transaction, tried: Sequence[Tried], *, most: int, now: datetime
) -> list[str]:
    """Let each destination's calls speed it up, slow it down, open or close its breaker.

    The lanes whose breaker has opened just now are returned.
    """
    outcomes: dict[str, list[Outcome]] = {}
    for one in tried:
        outcomes.setdefault(one.claimed.lane, []).append(one.outcome)
    before = await _paces(tx, tried)
    after = {
        lane: paced(before.get(lane, Pace()), called, most=most, now=now)
        for lane, called in outcomes.items()
    }
    await _keep(tx, {lane: pace for lane, pace in after.items() if pace != before.get(lane)})
    return [
        lane
        for lane, pace in after.items()
        if pace.is_open and pace.openings > before.get(lane, Pace()).openings
    ]


def paces_before(tried: Sequence[Tried]) -> Asked:
    """What `keep_pace` asks first, for whoever has it asked beside something else."""
    return _FOR_CHANGE.asked(lanes=_lanes(tried))


async def _paces(tx: Transaction, tried: Sequence[Tried]) -> dict[str, Pace]:
    found = await _FOR_CHANGE.rows(tx, lanes=_lanes(tried))
    return {lane: Pace(*pace) for lane, *pace in found}


def _lanes(tried: Sequence[Tried]) -> list[str]:
    return sorted({one.claimed.lane for one in tried})


async def _keep(tx: Transaction, paces: dict[str, Pace]) -> None:
    if paces:
        rows = [{"lane": lane, **asdict(pace)} for lane, pace in sorted(paces.items())]
        await _KEEP.later(tx, rows)


_PACE: Final = tuple(one.name for one in fields(Pace))
# Locked in one order, so that two workers never wait for each other.
_FOR_CHANGE: Final = Direct(
    f"select lane, {', '.join(_PACE)} from lanes"  # noqa: S608 - names of our own
    " where lane = any(:lanes::text[]) order by lane for update"
)
_KEEP: Final = Insertion(
    Lane.__table__,
    ("lane", *_PACE),
    "on conflict (lane) do update set " + ", ".join(f"{one} = excluded.{one}" for one in _PACE),
)
