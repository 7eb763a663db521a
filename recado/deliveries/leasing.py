"""Leases: which deliveries are being sent right now, kept apart from the rows that say what is sent.

A delivery's row is wide and stands in many indexes; taking it writes four short values elsewhere. So
that nothing is overlooked, whoever changes a waiting delivery locks its row first and looks at its lease in
a statement of its own: a claim locks the row as well, and what it wrote is seen only by what begins later.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from recado.db.database import Transaction
from recado.db.direct import Direct, Insertion
from recado.deliveries.models import Lease

_LEASED: Final = Direct("select delivery_id from leases where delivery_id = any(:ids::bigint[])")
_END: Final = Direct("delete from leases where delivery_id = any(:ids::bigint[])")
_NEW: Final = Insertion(Lease.__table__, ("delivery_id", "claim", "until", "is_taken_over"))


def new_claim() -> int:
    """A number that nobody else holds."""
    return secrets.randbits(62)


async def lease(tx: Transaction, ids: Collection[int], claim: int, *, until: datetime) -> None:
    """Take deliveries that this transaction has written down: nobody else can know of them."""
    told = {"claim": claim, "until": until, "is_taken_over": False}
    await _NEW.later(tx, [{"delivery_id": one, **told} for one in ids])


class Waiting(NamedTuple):
    """Ids of deliveries: those that nobody holds, and those that are being sent right now."""

    idle: list[int]
    busy: list[int]


async def waiting_among(tx: Transaction, ids: Sequence[int]) -> Waiting:
    """These deliveries, which the caller has locked, by whether somebody sends them."""
    rows = await _LEASED.rows(tx, ids=list(ids)) if ids else []
    leased = {row["delivery_id"] for row in rows}
    return Waiting([one for one in ids if one not in leased], [one for one in ids if one in leased])


async def end_leases(tx: Transaction, ids: Collection[int]) -> None:
    """Nobody sends these any more, whoever did; who still tries may not record."""
    if ids:
        await _END.later(tx, ids=list(ids))
