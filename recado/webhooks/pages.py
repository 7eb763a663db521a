"""Pages of webhooks."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    form_page,
    found,
    found_for_change,
    go_to,
    page,
)
from recado.accounts.meeting import Meeting, first_meeting, meet
from recado.accounts.pages.deleting import Deletable, deleting
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.finding import last_told
from recado.deliveries.sharing_secrets import shared_secret
from recado.deliveries.showing import STATE_PILLS
from recado.lib.languages import Sentence, say
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

_LABELS: Final = {"name": say("Name"), "url": say("Address")}


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
    return await _save(request, database, outbound, None)


@get("/app/webhooks/{webhook_id:int}", guards=[administrators_only])
async def show_webhook(
    request: MemberRequest, database: Database, outbound: Outbound, webhook_id: int
) -> Template:
    async with database.transaction() as tx:
        webhook = found(await find_webhook(tx, request.user.account_id, webhook_id))
        secret = await shared_secret(
            tx, webhook.account_id, webhook.signing_ring, vault=outbound.vault
        )
    shown = _values(webhook)
    return _form(request, shown | {"secret": secret}, webhook, meeting=first_meeting(shown))


@post("/app/webhooks/{webhook_id:int}", guards=[administrators_only])
async def change_webhook(
    request: MemberRequest, database: Database, outbound: Outbound, webhook_id: int
) -> Template | Response[Any]:
    return await _save(request, database, outbound, webhook_id)


async def _save(
    request: MemberRequest, database: Database, outbound: Outbound, webhook_id: int | None
) -> Template | Response[Any]:
    form, now, account_id = await request.form(), datetime.now(UTC), request.user.account_id
    async with database.transaction() as tx:
        shown: dict[str, Any] = {}
        if webhook_id:
            webhook = await found_for_change(tx, await find_webhook(tx, account_id, webhook_id))
            shown = _values(webhook)
            tx.expunge(webhook)  # what is refused must not be written
        else:
            webhook = Webhook(
                account_id=account_id, name="", url="", created_at=now, updated_at=now
            )
        met = meet(form, _typed(form), shown)
        for name, value in met.meant.items():
            setattr(webhook, name, value)
        problems = await webhook_problems(tx, webhook, outbound.sender.is_surely_refused)
        if problems or met.overlapping:
            saved, again = (webhook if webhook_id else None), met.again(_LABELS, problems)
            return _form(request, met.meant, saved, problems, again)
        await keep_webhook(tx, webhook, now=now, vault=outbound.vault)
    return go_to(request, "/app/webhooks", "saved")


def _form(
    request: MemberRequest,
    values: Mapping[str, Any],
    webhook: Webhook | None = None,
    problems: dict[str, Sentence] | None = None,
    meeting: Meeting | None = None,
) -> Template:
    return form_page(
        request, "webhooks/form.html", problems, meeting,
        webhook=webhook, values=values, events=LABELS,
    )  # fmt: skip


def _values(webhook: Webhook) -> dict[str, Any]:
    return {
        "name": webhook.name,
        "url": webhook.url,
        "subscriptions": set(webhook.subscriptions),
    }


def _typed(form: FormMultiDict) -> dict[str, Any]:
    return {
        "name": str(form.get("name", "")),
        "url": str(form.get("url", "")).strip(),
        "subscriptions": {str(one) for one in form.getall("subscriptions", [])},
    }


_DELETABLE: Final = Deletable(
    "webhook", "webhooks/delete.html", find_webhook, delete_webhook, lambda _: "/app/webhooks"
)

handlers: list[Any] = [
    list_webhooks, new_webhook, add_webhook, show_webhook, change_webhook,
    *deleting("/app/webhooks", _DELETABLE),
]  # fmt: skip
