"""Pages of webhooks."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page, spoken
from recado.accounts.pages.deleting import Deletable, deleting
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.finding import last_told
from recado.deliveries.sharing_secrets import shared_secret
from recado.deliveries.showing import STATE_PILLS
from recado.webhooks.models import Webhook
from recado.webhooks.names import LABELS, Subscription
from recado.webhooks.saving import (
    delete_webhook,
    find_webhook,
    keep_webhook,
    webhook_problems,
    webhooks_of,
)
from recado.webhooks.tellers import Teller


@get("/app/webhooks", guards=[administrators_only])
async def list_webhooks(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        webhooks = await webhooks_of(tx, request.user.account_id)
        results = await last_told(
            tx, request.user.account_id, Teller.WEBHOOK, [one.id for one in webhooks]
        )
    return page(
        request, "webhooks/list.html", webhooks=webhooks, results=results, pills=STATE_PILLS,
        labels=LABELS,
    )  # fmt: skip


@get("/app/webhooks/new", guards=[administrators_only], sync_to_thread=False)
def new_webhook(request: MemberRequest) -> Template:
    chosen = [Subscription.MESSAGE_CREATED]
    return _form(request, {"name": "", "url": "", "subscriptions": chosen})


@post("/app/webhooks", guards=[administrators_only])
async def add_webhook(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template | Response[Any]:
    moment = datetime.now(UTC)
    webhook = Webhook(
        account_id=request.user.account_id, name="", url="", created_at=moment, updated_at=moment
    )
    return await _save(request, database, outbound, webhook)


@get("/app/webhooks/{webhook_id:int}", guards=[administrators_only])
async def show_webhook(
    request: MemberRequest, database: Database, outbound: Outbound, webhook_id: int
) -> Template:
    async with database.transaction() as tx:
        webhook = found(await find_webhook(tx, request.user.account_id, webhook_id))
        secret = await shared_secret(
            tx, webhook.account_id, webhook.signing_ring, vault=outbound.vault
        )
    return _form(request, _values(webhook) | {"secret": secret}, webhook)


@post("/app/webhooks/{webhook_id:int}", guards=[administrators_only])
async def change_webhook(
    request: MemberRequest, database: Database, outbound: Outbound, webhook_id: int
) -> Template | Response[Any]:
    async with database.transaction() as tx:
        webhook = found(await find_webhook(tx, request.user.account_id, webhook_id))
        tx.expunge(webhook)  # what was refused must not be written
    return await _save(request, database, outbound, webhook)


async def _save(
    request: MemberRequest, database: Database, outbound: Outbound, webhook: Webhook
) -> Template | Response[Any]:
    form = await request.form()
    saved = webhook if webhook.id else None
    webhook.name, webhook.url = str(form.get("name", "")), str(form.get("url", "")).strip()
    webhook.subscriptions = [str(one) for one in form.getall("subscriptions", [])]
    async with database.transaction() as tx:
        if problems := await webhook_problems(tx, webhook, outbound.sender.is_surely_refused):
            return _form(request, _values(webhook), saved, spoken(problems))
        await keep_webhook(tx, webhook, now=datetime.now(UTC), vault=outbound.vault)
    return go_to(request, "/app/webhooks")


def _form(
    request: MemberRequest,
    values: Mapping[str, Any],
    webhook: Webhook | None = None,
    errors: dict[str, str] | None = None,
) -> Template:
    return page(
        request, "webhooks/form.html", status_code=422 if errors else 200, webhook=webhook,
        values=values, errors=errors or {}, events=LABELS,
    )  # fmt: skip


def _values(webhook: Webhook) -> dict[str, Any]:
    return {
        "name": webhook.name,
        "url": webhook.url,
        "subscriptions": list(webhook.subscriptions),
    }


_DELETABLE: Final = Deletable(
    "webhook", "webhooks/delete.html", find_webhook, delete_webhook, lambda _: "/app/webhooks"
)

handlers: list[Any] = [
    list_webhooks, new_webhook, add_webhook, show_webhook, change_webhook,
    *deleting("/app/webhooks", _DELETABLE),
]  # fmt: skip
