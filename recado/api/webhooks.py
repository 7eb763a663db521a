"""Webhooks: which events an account tells to which addresses."""

from typing import Any

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct

from recado.accounts.doors import found
from recado.api.door import ROOT, ApiRequest, administrators, invalid, nothing, now
from recado.api.fields import UNSET, Short, UnsetType, Words, text_or
from recado.api.inboxes import SlimInbox
from recado.api.reading import read
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.sharing_secrets import shared_secret
from recado.webhooks.models import Webhook
from recado.webhooks.saving import (
    delete_webhook,
    find_webhook,
    keep_webhook,
    webhook_problems,
    webhooks_of,
)


class WebhookJson(Struct, kw_only=True):
    """A webhook; `secret` signs what it is told, in `X-Chatwoot-Signature`."""

    id: int
    name: str
    url: str
    account_id: int
    subscriptions: list[str]
    secret: str | None
    inbox: SlimInbox | None = None


class Webhooks(Struct):
    """All webhooks."""

    webhooks: list[WebhookJson]


class WebhookList(Struct):
    """All webhooks."""

    payload: Webhooks


class OneWebhook(Struct):
    """One webhook."""

    webhook: WebhookJson


class SavedWebhook(Struct):
    """One webhook."""

    payload: OneWebhook


class WebhookBody(Struct):
    """A webhook to make or to change: each `url` once in the account, at least one of
    conversation_created, conversation_status_changed, conversation_updated, message_created,
    message_updated, webwidget_triggered, contact_created, contact_updated, inbox_created,
    inbox_updated, conversation_typing_on, conversation_typing_off.
    """

    url: Words = UNSET
    name: Short = UNSET
    subscriptions: list[str] | UnsetType | None = UNSET


_WEBHOOK = f"{ROOT}/webhooks/{{webhook_id:int}}"


@get(f"{ROOT}/webhooks", guards=[administrators])
async def list_webhooks(request: ApiRequest, database: Database, outbound: Outbound) -> WebhookList:
    """List the webhooks."""
    async with database.transaction() as tx:
        found = await webhooks_of(tx, request.user.account_id)
        return WebhookList(Webhooks([await _webhook_json(tx, one, outbound) for one in found]))


@post(f"{ROOT}/webhooks", status_code=200, guards=[administrators], opt={"takes": WebhookBody})
async def add_webhook(request: ApiRequest, database: Database, outbound: Outbound) -> SavedWebhook:
    """Have events told to an address."""
    body = await read(request, WebhookBody, wrapped="webhook")
    moment = now()
    webhook = Webhook(
        account_id=request.user.account_id, name="", url="", created_at=moment, updated_at=moment
    )
    async with database.transaction() as tx:
        return await _keep(tx, webhook, body, outbound)


@patch(_WEBHOOK, guards=[administrators], opt={"takes": WebhookBody})
async def patch_webhook(
    request: ApiRequest, database: Database, outbound: Outbound, webhook_id: int
) -> SavedWebhook:
    """Change a webhook."""
    return await _change(request, database, outbound, webhook_id)


@put(_WEBHOOK, guards=[administrators], opt={"takes": WebhookBody})
async def put_webhook(
    request: ApiRequest, database: Database, outbound: Outbound, webhook_id: int
) -> SavedWebhook:
    """Change a webhook; what is not sent stays."""
    return await _change(request, database, outbound, webhook_id)


@delete(_WEBHOOK, status_code=200, guards=[administrators])
async def remove_webhook(
    request: ApiRequest, database: Database, webhook_id: int
) -> Response[bytes]:
    """Tell that address no more; what waits is still sent."""
    async with database.transaction() as tx:
        await delete_webhook(tx, await _find(tx, request, webhook_id))
    return nothing()


async def _change(
    request: ApiRequest, database: Database, outbound: Outbound, webhook_id: int
) -> SavedWebhook:
    body = await read(request, WebhookBody, wrapped="webhook")
    async with database.transaction() as tx:
        return await _keep(tx, await _find(tx, request, webhook_id), body, outbound)


async def _keep(
    tx: Transaction, webhook: Webhook, body: WebhookBody, outbound: Outbound
) -> SavedWebhook:
    webhook.url = text_or(body.url, webhook.url).strip()
    webhook.name = text_or(body.name, webhook.name)
    if isinstance(body.subscriptions, list) or body.subscriptions is None:
        webhook.subscriptions = body.subscriptions or []
    refuses = None if body.url is UNSET else outbound.sender.is_surely_refused
    with tx.no_autoflush:
        problems = await webhook_problems(tx, webhook, refuses)
    if problems:
        raise invalid(problems)
    await keep_webhook(tx, webhook, now=now(), vault=outbound.vault)
    return SavedWebhook(OneWebhook(await _webhook_json(tx, webhook, outbound)))


async def _find(tx: Transaction, request: ApiRequest, webhook_id: int) -> Webhook:
    return found(await find_webhook(tx, request.user.account_id, webhook_id))


async def _webhook_json(tx: Transaction, webhook: Webhook, outbound: Outbound) -> WebhookJson:
    secret = await shared_secret(tx, webhook.account_id, webhook.signing_ring, vault=outbound.vault)
    return WebhookJson(
        id=webhook.id, name=webhook.name, url=webhook.url, account_id=webhook.account_id,
        subscriptions=list(webhook.subscriptions), secret=secret,
    )  # fmt: skip


handlers: list[Any] = [list_webhooks, add_webhook, patch_webhook, put_webhook, remove_webhook]
