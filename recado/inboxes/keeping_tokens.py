"""The tokens of inboxes and bots, encrypted where they are kept: made, read, and given a new key."""

from typing import Final

from sqlalchemy import select

from recado.accounts.tokens import new_token
from recado.db.database import Transaction
from recado.deliveries.keeping_secrets import Rotated, is_secret_read
from recado.inboxes.bots import about_bots, renew_token
from recado.inboxes.models import AgentBot, Inbox
from recado.lib.secrets import SecretUnreadable, Vault

_LENGTH: Final = 24  # characters of an HMAC token


def sealed_hmac(account_id: int, vault: Vault, token: str = "") -> bytes:
    """An inbox's token as it is kept, this one or a new one: its contacts are proven with it."""
    return vault.encrypt(token or new_token()[:_LENGTH], about=_about(account_id))


def hmac_of(inbox: Inbox, vault: Vault) -> str:
    """The inbox's HMAC token, for administrators and for proofs; empty where the key is lost."""
    if inbox.hmac_encrypted is None:
        return inbox.hmac_token or ""
    try:
        return vault.decrypt(inbox.hmac_encrypted, about=_about(inbox.account_id))
    except SecretUnreadable:
        return ""


async def is_key_of_stored(tx: Transaction, vault: Vault) -> bool:
    """Whether this key reads what is stored: some of it at least, or nothing is stored."""
    reads = [await is_secret_read(tx, vault), await _is_token_read(tx, vault)]
    return any(reads) or all(one is None for one in reads)


async def _is_token_read(tx: Transaction, vault: Vault) -> bool | None:
    sealed = Inbox.hmac_encrypted.is_not(None)
    newest = select(Inbox).where(sealed).order_by(Inbox.id.desc()).limit(1)
    oldest = select(Inbox).where(sealed).order_by(Inbox.id).limit(1)
    found = [one for query in (newest, oldest) if (one := await tx.scalar(query))]
    return any(hmac_of(one, vault) for one in found) if found else None


async def encrypt_tokens(tx: Transaction, vault: Vault) -> None:
    """Encrypt the HMAC tokens of inboxes that were opened before they were kept encrypted."""
    query = select(Inbox).where(Inbox.hmac_token.is_not(None)).with_for_update()
    for inbox in await tx.scalars(query):
        inbox.hmac_encrypted = sealed_hmac(inbox.account_id, vault, inbox.hmac_token or "")
        inbox.hmac_token = None
    await tx.flush()


async def rotate_tokens(tx: Transaction, vault: Vault, so_far: Rotated) -> None:
    """Encrypt the tokens of inboxes and bots with the present key, those that no key reads aside."""
    await encrypt_tokens(tx, vault)
    for inbox in await tx.scalars(select(Inbox).with_for_update()):
        about = _about(inbox.account_id)
        inbox.hmac_encrypted = _renewed(inbox.hmac_encrypted, about, vault, so_far)
    for bot in await tx.scalars(select(AgentBot).with_for_update()):
        about = about_bots(bot.account_id)
        bot.token_encrypted = _renewed(bot.token_encrypted, about, vault, so_far) or b""
    await tx.flush()


async def replace_unreadable(tx: Transaction, vault: Vault) -> int:
    """Give a new token to every inbox and bot whose own this key does not read; how many."""
    count = 0
    for inbox in await tx.scalars(select(Inbox)):
        if not hmac_of(inbox, vault):
            inbox.hmac_encrypted = sealed_hmac(inbox.account_id, vault)
            count += 1
    for bot in await tx.scalars(select(AgentBot)):
        try:
            vault.decrypt(bot.token_encrypted, about=about_bots(bot.account_id))
        except SecretUnreadable:
            await renew_token(tx, bot, vault=vault)
            count += 1
    await tx.flush()
    return count


def _renewed(kept: bytes | None, about: str, vault: Vault, so_far: Rotated) -> bytes | None:
    if kept is None:
        return None
    try:
        renewed = vault.renewed(kept, about=about)
    except SecretUnreadable:
        so_far.unreadable += 1
        return kept
    so_far.changed += renewed is not None
    return renewed or kept


def _about(account_id: int) -> str:
    return f"inbox of account {account_id}"
