"""Secrets that replace one another without a gap: a ring, of which at most two are live at once.

What signs a request must change at both ends. While the receiver still has the old secret, both
sign; after a day the old one is over.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update

from recado.db.database import Transaction
from recado.deliveries.keeping_secrets import keep_secret
from recado.deliveries.models import Secret
from recado.lib.secrets import Vault

OVERLAP: Final = timedelta(hours=24)  # how long a replaced secret still signs


async def begin_ring(
    tx: Transaction, account_id: int, value: str, *, vault: Vault, lane: str, now: datetime
) -> int:
    """Store the first secret of a ring for one destination; the ring's id."""
    first = await keep_secret(tx, account_id, value, vault=vault, lane=lane, now=now)
    await _put_into(tx, first, first)
    return first


async def replace_secret(
    tx: Transaction, ring: list[Secret], value: str, *, vault: Vault, now: datetime
) -> None:
    """Put a new secret first; the newest of `ring` stays live for a day, older ones end now."""
    newest, *older = ring
    newest.live_until = now + OVERLAP
    for secret in older:
        secret.live_until = min(secret.live_until or now, now)
    await tx.flush()
    new = await keep_secret(tx, newest.account_id, value, vault=vault, lane=newest.lane, now=now)
    await _put_into(tx, newest.ring_id, new)


async def end_replaced(tx: Transaction, ring: list[Secret], *, now: datetime) -> None:
    """Stop signing with what was replaced, at once: somebody may have seen it."""
    for secret in ring[1:]:
        secret.live_until = min(secret.live_until or now, now)
    await tx.flush()


async def ring_secrets(tx: Transaction, account_id: int, ring_id: int) -> list[Secret]:
    """An account's secrets of one ring, newest first."""
    query = select(Secret).where(Secret.account_id == account_id, Secret.ring_id == ring_id)
    return list(await tx.scalars(query.order_by(Secret.id.desc())))


def live_ids(sealed: Iterable[Secret], ring_id: int, *, now: datetime) -> list[int]:
    """The secrets of a ring that sign now, newest first."""
    live = [
        one.id
        for one in sealed
        if one.ring_id == ring_id and (one.live_until is None or one.live_until > now)
    ]
    return sorted(live, reverse=True)


async def prune_secrets(tx: Transaction, *, now: datetime) -> int:
    """Delete secrets that were replaced and are over; how many."""
    over = delete(Secret).where(Secret.live_until < now).returning(Secret.id)
    return len((await tx.execute(over)).all())


async def _put_into(tx: Transaction, ring_id: int | None, secret_id: int) -> None:
    await tx.execute(update(Secret).where(Secret.id == secret_id).values(ring_id=ring_id))
