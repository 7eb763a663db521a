"""A signing secret that both ends know, for what is always signed: made here, shown to administrators."""

from datetime import datetime

from recado.db.database import Transaction
from recado.deliveries.keeping_secrets import opened
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
    ring = await ring_secrets(tx, account_id, ring_id) if ring_id else []
    if not ring:
        return None
    newest = ring[0]
    values = opened(
        {newest.id: newest}, [newest.id], account_id=account_id, lane=newest.lane, vault=vault
    )
    return values[newest.id] if values else None
