"""Secrets of an account: stored encrypted, bound to the host they were entered for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from recado.db.database import Transaction
from recado.deliveries.models import Secret
from recado.lib.secrets import SecretUnreadable, Vault

_BATCH: Final = 200  # secrets encrypted anew in one transaction


async def keep_secret(
    tx: Transaction, account_id: int, value: str, *, vault: Vault, lane: str, now: datetime
) -> int:
    """Store a value for one destination and return its id; the value is never shown again."""
    encrypted = vault.encrypt(value, about=_about(account_id, lane))
    secret = Secret(account_id=account_id, lane=lane, encrypted=encrypted, created_at=now)
    tx.add(secret)
    await tx.flush()
    return secret.id


async def change_secret(
    tx: Transaction, account_id: int, secret_id: int, value: str, *, vault: Vault
) -> bool:
    """Give a secret another value, for what waits with it, too; False where there is no such secret."""
    query = select(Secret).where(Secret.account_id == account_id, Secret.id == secret_id)
    secret = await tx.scalar(query.with_for_update())
    if secret is None:
        return False
    secret.encrypted = vault.encrypt(value, about=_about(account_id, secret.lane))
    await tx.flush()
    return True


async def lanes_of_secrets(
    tx: Transaction, account_id: int, ids: Collection[int]
) -> dict[int, str]:
    """For which destination each of the account's secrets was entered."""
    query = select(Secret.id, Secret.lane).where(
        Secret.account_id == account_id, Secret.id.in_(ids)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


async def sealed_secrets(tx: Transaction, ids: Collection[int]) -> dict[int, Secret]:
    """Secrets as stored, for the worker, which knows that their deliveries may use them.

    The id of a ring stands for all its secrets.
    """
    if not ids:
        return {}
    query = select(Secret).where(Secret.id.in_(ids) | Secret.ring_id.in_(ids))
    return {one.id: one for one in await tx.scalars(query)}


async def is_secret_read(tx: Transaction, vault: Vault) -> bool | None:
    """Whether this key reads the newest or the oldest secret; None where there is none."""
    newest = select(Secret).order_by(Secret.id.desc()).limit(1)
    oldest = select(Secret).order_by(Secret.id).limit(1)
    found = [one for query in (newest, oldest) if (one := await tx.scalar(query))]
    return any(_is_readable(one, vault) for one in found) if found else None


@dataclass(slots=True)
class Rotated:
    """How far the change of the key has come: the last id, and what was found until there."""

    last_id: int = 0
    changed: int = 0
    unreadable: int = 0


async def rotate_secrets(tx: Transaction, vault: Vault, so_far: Rotated) -> bool:
    """Encrypt the next batch with the present key; whether there may be more.

    Whoever is stopped in the middle begins again: what is done is left as it is.
    """
    query = select(Secret).where(Secret.id > so_far.last_id).order_by(Secret.id).limit(_BATCH)
    batch = list(await tx.scalars(query.with_for_update()))
    for secret in batch:
        so_far.last_id = secret.id
        try:
            renewed = vault.renewed(secret.encrypted, about=_about(secret.account_id, secret.lane))
        except SecretUnreadable:
            so_far.unreadable += 1
            continue
        if renewed is not None:
            secret.encrypted = renewed
            so_far.changed += 1
    await tx.flush()
    return bool(batch)


async def forget_unreadable(tx: Transaction, vault: Vault) -> int:
    """Remove every secret that this key does not read; how many there were."""
    stale = [one for one in await tx.scalars(select(Secret)) if not _is_readable(one, vault)]
    for one in stale:
        await tx.delete(one)
    await tx.flush()
    return len(stale)


def _is_readable(secret: Secret, vault: Vault) -> bool:
    try:
        vault.decrypt(secret.encrypted, about=_about(secret.account_id, secret.lane))
    except SecretUnreadable:
        return False
    return True


def opened(
    sealed: dict[int, Secret], needed: Collection[int], *, account_id: int, lane: str, vault: Vault
) -> dict[int, str] | None:
    """The values a request to `lane` needs; None when one is gone, foreign or unreadable."""
    values: dict[int, str] = {}
    for secret_id in needed:
        secret = sealed.get(secret_id)
        if secret is None or secret.account_id != account_id or secret.lane != lane:
            return None
        try:
            values[secret_id] = vault.decrypt(secret.encrypted, about=_about(account_id, lane))
        except SecretUnreadable:
            return None
    return values


def _about(account_id: int, lane: str) -> str:
    return f"account {account_id}, {lane}"
