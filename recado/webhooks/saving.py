"""Webhooks of an account: checking, keeping, finding."""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import select

from recado.db.database import Transaction
from recado.deliveries.sharing_secrets import ring_for
from recado.lib.addresses import Refuses, kept_url_problem
from recado.lib.languages import Sentence, say
from recado.lib.secrets import Vault
from recado.webhooks.models import Webhook
from recado.webhooks.names import Subscription

_LONGEST_NAME: Final = 255


async def webhooks_of(tx: Transaction, account_id: int) -> list[Webhook]:
    """An account's webhooks, oldest first."""
    query = select(Webhook).where(Webhook.account_id == account_id).order_by(Webhook.id)
    return list(await tx.scalars(query))


async def find_webhook(tx: Transaction, account_id: int, webhook_id: int) -> Webhook | None:
    """A webhook of this account."""
    return await tx.scalar(
        select(Webhook).where(Webhook.account_id == account_id, Webhook.id == webhook_id)
    )


async def webhook_problems(
    tx: Transaction, webhook: Webhook, refuses: Refuses | None = None
) -> dict[str, Sentence]:
    """What is wrong with a webhook, by field; `refuses` is asked about its address."""
    problems: dict[str, Sentence] = {}
    if problem := kept_url_problem(webhook.url, refuses):
        problems["url"] = problem
    elif await _is_taken(tx, webhook):
        problems["url"] = say("Another webhook has this address already.")
    if len(webhook.name) > _LONGEST_NAME:
        problems["name"] = say("Use at most %(number)s characters.", number=_LONGEST_NAME)
    if not webhook.subscriptions:
        problems["subscriptions"] = say("Choose at least one event.")
    elif unknown := [one for one in webhook.subscriptions if one not in tuple(Subscription)]:
        problems["subscriptions"] = say("There is no event %(name)s.", name=unknown[0][:100])
    return problems


async def keep_webhook(
    tx: Transaction, webhook: Webhook, *, now: datetime, vault: Vault | None = None
) -> None:
    """Store a webhook, new or changed, that has no problems; without a name it has its host's.

    With a `vault` what it tells is signed.
    """
    webhook.name = webhook.name.strip() or str(urlsplit(webhook.url).hostname)
    webhook.subscriptions = [one for one in Subscription if one in set(webhook.subscriptions)]
    webhook.updated_at = now
    if vault is not None:
        webhook.signing_ring = await ring_for(
            tx, webhook.account_id, webhook.signing_ring, webhook.url, vault=vault, now=now
        )
    tx.add(webhook)
    await tx.flush()


async def sign_unsigned_webhooks(tx: Transaction, *, vault: Vault, now: datetime) -> None:
    """Have secrets for webhooks that were there before everything was signed."""
    query = select(Webhook).where(Webhook.signing_ring.is_(None)).with_for_update()
    for webhook in await tx.scalars(query):
        if kept_url_problem(webhook.url) is None:
            webhook.signing_ring = await ring_for(
                tx, webhook.account_id, None, webhook.url, vault=vault, now=now
            )
    await tx.flush()


async def delete_webhook(tx: Transaction, webhook: Webhook) -> None:
    """Tell no more; what waits is still sent, and the log stays."""
    await tx.delete(webhook)
    await tx.flush()


async def _is_taken(tx: Transaction, webhook: Webhook) -> bool:
    with tx.no_autoflush:
        query = select(Webhook.id).where(
            Webhook.account_id == webhook.account_id,
            Webhook.url == webhook.url,
            Webhook.id != (webhook.id or 0),
        )
        return await tx.scalar(query) is not None
