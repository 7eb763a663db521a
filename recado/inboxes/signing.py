"""The secrets that sign what the webhook of an API inbox and the address of a bot are told."""

from datetime import datetime

from sqlalchemy import func, select

from recado.db.database import Transaction
from recado.deliveries.replacing_secrets import replace_secret, ring_secrets
from recado.deliveries.sharing_secrets import ring_for
from recado.inboxes.models import AgentBot, Channel, Inbox
from recado.lib.addresses import kept_url_problem
from recado.lib.secrets import Vault
from recado.lib.signing import new_signing_secret


async def sign_inbox(tx: Transaction, inbox: Inbox, *, vault: Vault, now: datetime) -> None:
    """Have a secret for the webhook of an API inbox, if it has one; the same while its host stays."""
    url = inbox.settings.get("webhook_url")
    if inbox.channel == Channel.API and url:
        inbox.signing_ring = await ring_for(
            tx, inbox.account_id, inbox.signing_ring, url, vault=vault, now=now
        )
        await tx.flush()


async def sign_bot(tx: Transaction, bot: AgentBot, *, vault: Vault, now: datetime) -> None:
    """Have a secret for the address of a bot, if it has one; the same while its host stays."""
    if bot.outgoing_url:
        bot.signing_ring = await ring_for(
            tx, bot.account_id, bot.signing_ring, bot.outgoing_url, vault=vault, now=now
        )
        await tx.flush()


async def sign_unsigned(tx: Transaction, *, vault: Vault, now: datetime) -> None:
    """Have secrets for what was there before everything was signed; what cannot be called stays."""
    inboxes = select(Inbox).where(
        Inbox.channel == Channel.API,
        Inbox.signing_ring.is_(None),
        func.coalesce(Inbox.settings["webhook_url"].astext, "") != "",
    )
    for inbox in await tx.scalars(inboxes.with_for_update()):
        if kept_url_problem(inbox.settings["webhook_url"]) is None:
            await sign_inbox(tx, inbox, vault=vault, now=now)
    bots = select(AgentBot).where(AgentBot.signing_ring.is_(None), AgentBot.outgoing_url != "")
    for bot in await tx.scalars(bots.with_for_update()):
        if kept_url_problem(bot.outgoing_url) is None:
            await sign_bot(tx, bot, vault=vault, now=now)


async def renew_signing(
    tx: Transaction, account_id: int, ring_id: int, *, vault: Vault, now: datetime
) -> None:
    """Sign with a new secret; in `webhook-signature` the old one stands beside it for a day."""
    ring = await ring_secrets(tx, account_id, ring_id)
    await replace_secret(tx, ring, new_signing_secret(), vault=vault, now=now)
