"""A signing secret that both ends know, for what is always signed: made here, shown to administrators."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from recado.db.database import Transaction
from recado.deliveries.keeping_secrets import opened
from recado.deliveries.models import Secret
from recado.deliveries.replacing_secrets import begin_ring, ring_secrets
from recado.lib.addresses import lane_of
from recado.lib.secrets import Vault
from recado.lib.signing import new_signing_secret


async def ring_for(
    tx: Transaction, account_id: int, ring_id: int | None, url: str, *, vault: Vault, now: datetime
) -> int:
    """The ring of secrets that signs what goes to `url`.

    It stays while the host does. Secrets are bound to their host, so another host gets a ring of
    its own, which begins with the same secret: the receiver has moved, not changed.
    """
    ring = await ring_secrets(tx, account_id, ring_id) if ring_id else []
    if ring_id and ring and ring[0].lane == lane_of(url):
        return ring_id
    known = await shared_secret(tx, account_id, ring_id, vault=vault)
    return await begin_ring(
        tx, account_id, known or new_signing_secret(), vault=vault, lane=lane_of(url), now=now
    )


async def shared_secret(
    tx: Transaction, account_id: int, ring_id: int | None, *, vault: Vault
) -> str | None:
    """The newest secret of a ring, for administrators; None where there is none to be read."""
    return (await shared_secrets(tx, account_id, [ring_id], vault=vault)).get(ring_id)


async def shared_secrets(
    tx: Transaction, account_id: int, ring_ids: Collection[int | None], *, vault: Vault
) -> dict[int | None, str]:
    """The newest secrets of several rings, by ring; those that cannot be read are missing."""
    wanted = {one for one in ring_ids if one}
    if not wanted:
        return {}
    query = select(Secret).where(Secret.account_id == account_id, Secret.ring_id.in_(wanted))
    newest = {one.ring_id: one for one in await tx.scalars(query.order_by(Secret.id))}
    found: dict[int | None, str] = {}
    for ring_id, one in newest.items():
        values = opened({one.id: one}, [one.id], account_id=account_id, lane=one.lane, vault=vault)
        if values:
            found[ring_id] = values[one.id]
    return found
