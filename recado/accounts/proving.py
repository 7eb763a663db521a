"""The second step of signing in: a code from an app, besides the password."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from recado.accounts.models import Authenticator, RecoveryCode
from recado.db.database import Transaction
from recado.lib.one_time_codes import new_recovery_codes, new_secret, recovery_digest, step_of
from recado.lib.secrets import SecretUnreadable, Vault

_LONGEST_CODE: Final = 100  # characters


async def find_authenticator(tx: Transaction, user_id: int) -> Authenticator | None:
    """A person's app, even one that is not confirmed yet."""
    return await tx.get(Authenticator, user_id, populate_existing=True)


async def has_second_step(tx: Transaction, user_id: int) -> bool:
    """Whether a person needs a code to sign in."""
    query = select(Authenticator.user_id).where(
        Authenticator.user_id == user_id, Authenticator.confirmed_at.is_not(None)
    )
    return await tx.scalar(query) is not None


async def begin_authenticator(tx: Transaction, user_id: int, *, vault: Vault) -> None:
    """Make a secret for a new app. It counts once a code confirms it; one that counts stays."""
    sealed = vault.encrypt(new_secret(), about=_about(user_id))
    added = insert(Authenticator).values(user_id=user_id, secret_encrypted=sealed, last_step=0)
    renewed = added.on_conflict_do_update(
        index_elements=[Authenticator.user_id],
        set_={"secret_encrypted": sealed, "last_step": 0},
        where=Authenticator.confirmed_at.is_(None),
    )
    await tx.execute(renewed)


def secret_of(authenticator: Authenticator, vault: Vault) -> str | None:
    """What the app has to know; None where the server's key was lost."""
    try:
        return vault.decrypt(authenticator.secret_encrypted, about=_about(authenticator.user_id))
    except SecretUnreadable:
        return None


async def confirm_authenticator(
    tx: Transaction, user_id: int, code: str, *, vault: Vault, now: datetime
) -> list[str] | None:
    """Ask for codes from now on, if this one is right: the recovery codes, seen only this once."""
    authenticator = await _locked(tx, user_id)
    if authenticator is None or authenticator.confirmed_at is not None:
        return None
    if not _is_fresh(authenticator, code, vault=vault, now=now):
        return None
    authenticator.confirmed_at = now
    return await renew_recovery_codes(tx, user_id)


async def prove(tx: Transaction, user_id: int, code: str, *, vault: Vault, now: datetime) -> bool:
    """Whether the code is one of the app's or a recovery code; either is good for one time."""
    authenticator = await _locked(tx, user_id)
    if authenticator is None or authenticator.confirmed_at is None or len(code) > _LONGEST_CODE:
        return False
    if _is_fresh(authenticator, code, vault=vault, now=now):
        await tx.flush()
        return True
    mine = (RecoveryCode.user_id == user_id, RecoveryCode.digest == recovery_digest(code))
    used = await tx.execute(delete(RecoveryCode).where(*mine).returning(RecoveryCode.user_id))
    return used.first() is not None


async def renew_recovery_codes(tx: Transaction, user_id: int) -> list[str]:
    """New recovery codes, seen only this once; the ones before are good for nothing."""
    codes = new_recovery_codes()
    await tx.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    tx.add_all(RecoveryCode(user_id=user_id, digest=recovery_digest(one)) for one in codes)
    await tx.flush()
    return codes


async def recovery_codes_left(tx: Transaction, user_id: int) -> int:
    """How many recovery codes are not used up."""
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
    return await tx.scalar(query) or 0


async def remove_authenticator(tx: Transaction, user_id: int) -> None:
    """Ask for the password alone from now on."""
    await tx.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    if authenticator := await _locked(tx, user_id):
        await tx.delete(authenticator)
    await tx.flush()


async def rotate_authenticators(tx: Transaction, vault: Vault) -> tuple[int, int]:
    """Encrypt every app's secret with the present key: how many were, how many no key reads."""
    changed = unreadable = 0
    for one in await tx.scalars(select(Authenticator).with_for_update()):
        try:
            renewed = vault.renewed(one.secret_encrypted, about=_about(one.user_id))
        except SecretUnreadable:
            unreadable += 1
            continue
        changed += renewed is not None
        one.secret_encrypted = renewed or one.secret_encrypted
    await tx.flush()
    return changed, unreadable


async def _locked(tx: Transaction, user_id: int) -> Authenticator | None:
    """Two who come at once with the same code must not both be let in."""
    return await tx.get(Authenticator, user_id, with_for_update=True, populate_existing=True)


def _is_fresh(authenticator: Authenticator, code: str, *, vault: Vault, now: datetime) -> bool:
    """Whether the code is right and newer than any before, which uses it up."""
    secret = secret_of(authenticator, vault)
    step = step_of(secret, code[:_LONGEST_CODE], now=now) if secret else None
    if step is None or step <= authenticator.last_step:
        return False
    authenticator.last_step = step
    return True


def _about(user_id: int) -> str:
    return f"authenticator of person {user_id}"
