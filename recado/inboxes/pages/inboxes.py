"""Pages of inboxes."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import ClientException, NotFoundException
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    flash_of,
    form_page,
    found,
    found_for_change,
    go_to,
    page,
    spoken,
)
from recado.accounts.meeting import Values, first_meeting, meet
from recado.accounts.pages.deleting import Deletable, deleting
from recado.accounts.people import colleagues_of
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.events.causes import Actor, Cause
from recado.inboxes.embedding import snippet
from recado.inboxes.keeping_tokens import hmac_of
from recado.inboxes.models import OPENED_BY_PEOPLE, Channel, Inbox
from recado.inboxes.opening import (
    InboxDraft,
    close_inbox,
    dealing_problem,
    find_inbox,
    inbox_member_ids,
    inbox_problems,
    inboxes_of,
    let_deal_out,
    open_inbox,
    set_inbox_members,
    update_inbox,
)
from recado.inboxes.pages.hours import hours_sentence
from recado.lib.languages import Sentence, say
from recado.lib.names import name_problem
from recado.lib.numbers import numbers_in
from recado.settings import Settings


@dataclass(frozen=True, slots=True)
class Leaving:
    """What becomes of the conversations of agents who answer in an inbox no more; of the room above."""

    counts: Callable[[Transaction, Inbox], Awaitable[dict[int, int]]]  # by who would leave
    leave: Callable[[Transaction, Inbox, Collection[int]], Awaitable[None]]


_USED: Final[dict[str, str]] = {  # what else the form asks of a channel
    Channel.API: "webhook_url", Channel.WEB_WIDGET: "website_url", Channel.EMAIL: "",
}  # fmt: skip
_FIELDS: Final = ("name", "deals_out", "most_dealt", "members")  # of an inbox's own form
_LABELS: Final = {
    "name": say("Name"), "deals_out": say("Assign new conversations by turns"),
    "most_dealt": say("Open conversations of one agent at most"),
}  # fmt: skip
_PROVING: Final = (Channel.API, Channel.WEB_WIDGET)  # whose contacts can be proven


@get("/app/inboxes", guards=[administrators_only])
async def list_inboxes(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        inboxes = await inboxes_of(tx, request.user.account_id)
    return page(request, "inboxes/list.html", inboxes=inboxes, flash=_flash(request))


@get("/app/inboxes/new", guards=[administrators_only], sync_to_thread=False)
def new_inbox(request: MemberRequest) -> Template:
    values = {"name": "", "channel": Channel.API, "website_url": "", "webhook_url": ""}
    return page(request, "inboxes/new.html", values=values, errors={})


@post("/app/inboxes", guards=[administrators_only])
async def create_inbox(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template | Response[Any]:
    form = await request.form()
    values = {
        name: str(form.get(name, "")).strip() for name in ("name", "website_url", "webhook_url")
    }
    channel = _channel(str(form.get("channel", Channel.API)))
    used = _USED[channel]
    draft = InboxDraft(values["name"], channel, {used: values[used] or None} if used else {})
    if problems := inbox_problems(draft, outbound.sender.is_surely_refused):
        return page(
            request, "inboxes/new.html", status_code=422,
            values={**values, "channel": channel}, errors=spoken(problems),
        )  # fmt: skip
    async with database.transaction() as tx:
        inbox = await open_inbox(
            tx, request.user.account_id, draft,
            vault=outbound.vault, now=datetime.now(UTC), cause=_cause(request),
        )  # fmt: skip
    place = "/mailbox" if channel == Channel.EMAIL else ""
    return go_to(request, f"/app/inboxes/{inbox.id}{place}")


@get("/app/inboxes/{inbox_id:int}", guards=[administrators_only])
async def show_inbox(
    request: MemberRequest,
    database: Database,
    settings: Settings,
    outbound: Outbound,
    leaving: Leaving,
    inbox_id: int,
) -> Template:
    async with database.transaction() as tx:
        inbox = found(await find_inbox(tx, request.user.account_id, inbox_id))
        shown = await _values(tx, inbox)
        return await _inbox_page(
            tx,
            request,
            settings,
            outbound,
            inbox,
            values=shown,
            meeting=first_meeting(shown),
            leaves=await leaving.counts(tx, inbox),
        )


@post("/app/inboxes/{inbox_id:int}", guards=[administrators_only])
async def change_inbox(
    request: MemberRequest,
    database: Database,
    settings: Settings,
    outbound: Outbound,
    leaving: Leaving,
    inbox_id: int,
) -> Template | Response[Any]:
    form, account_id = await request.form(), request.user.account_id
    async with database.transaction() as tx:
        inbox = await found_for_change(tx, await find_inbox(tx, account_id, inbox_id))
        met = meet(form, _typed(form), await _values(tx, inbox))
        problems = _problems(met.meant)
        if problems or met.overlapping:
            return await _inbox_page(
                tx, request, settings, outbound, inbox,
                values=met.meant, problems=problems, meeting=met.again(_LABELS, problems),
                leaves=await leaving.counts(tx, inbox),
            )  # fmt: skip
        name, deals_out, most, chosen = (met.meant[one] for one in _FIELDS)
        await update_inbox(
            tx, inbox, name, inbox.settings, now=datetime.now(UTC), cause=_cause(request)
        )
        await let_deal_out(tx, inbox, deals_out, int(most) if most else None)
        await leaving.leave(tx, inbox, await set_inbox_members(tx, inbox, chosen))
    is_dealt_to_nobody = deals_out and not chosen
    target = f"/app/inboxes/{inbox_id}" if is_dealt_to_nobody else "/app/inboxes"
    return go_to(request, f"{target}?saved=yes")


@post("/app/inboxes/{inbox_id:int}/identity", guards=[administrators_only])
async def insist_on_proof(
    request: MemberRequest, database: Database, inbox_id: int
) -> Response[Any]:
    """Ask visitors for a proof of who they are, or not."""
    form = await request.form()
    async with database.transaction() as tx:
        inbox = await found_for_change(tx, await find_inbox(tx, request.user.account_id, inbox_id))
        if inbox.channel not in _PROVING:
            raise NotFoundException
        wanted = {**inbox.settings, "hmac_mandatory": "hmac_mandatory" in form}
        await update_inbox(
            tx, inbox, inbox.name, wanted, now=datetime.now(UTC), cause=_cause(request)
        )
    return go_to(request, f"/app/inboxes/{inbox_id}?saved=yes#identity")


async def _inbox_page(
    tx: Transaction,
    request: MemberRequest,
    settings: Settings,
    outbound: Outbound,
    inbox: Inbox,
    **drawn: Any,
) -> Template:
    """`drawn`: the form's `values`, their `problems`, the `meeting` over them, and who `leaves` what."""
    return form_page(
        request, "inboxes/show.html", inbox=inbox, inside=await inbox_member_ids(tx, inbox.id),
        members=await colleagues_of(tx, inbox.account_id),
        hours=hours_sentence(inbox, now=datetime.now(UTC)),
        snippet=snippet(settings.public_url, inbox), proves=inbox.channel in _PROVING,
        hmac_token=hmac_of(inbox, outbound.vault), public_url=settings.public_url,
        api=f"{settings.public_url}/api/v1/accounts/{inbox.account_id}",
        flash=_flash(request), **drawn,
    )  # fmt: skip


async def _values(tx: Transaction, inbox: Inbox) -> Values:
    most = "" if inbox.most_dealt is None else str(inbox.most_dealt)
    inside = await inbox_member_ids(tx, inbox.id)
    shown = (inbox.name, inbox.deals_out, most, inside)
    return dict(zip(_FIELDS, shown, strict=True))


def _typed(form: FormMultiDict) -> Values:
    most = str(form.get("most_dealt", "")).strip()
    chosen = numbers_in(form.getall("members", []))
    typed = (str(form.get("name", "")), "deals_out" in form, most, chosen)
    return dict(zip(_FIELDS, typed, strict=True))


def _problems(values: Values) -> dict[str, Sentence]:
    most: str = values["most_dealt"]
    is_number = most.isascii() and most.isdigit() and len(most) < 10
    problem = dealing_problem(int(most) if is_number else most or None)
    found = {"name": name_problem(values["name"]), "most_dealt": problem}
    return {field: one for field, one in found.items() if one}


def _flash(request: MemberRequest) -> dict[str, str] | None:
    is_saved = request.query_params.get("saved") == "yes"
    return flash_of(say("The inbox is saved.") if is_saved else None)


def _cause(request: MemberRequest) -> Cause:
    return Cause(Actor.PERSON, request.user.user_id)


def _channel(text: str) -> Channel:
    if text not in OPENED_BY_PEOPLE:
        raise ClientException("There is no such channel.")
    return Channel(text)


_DELETABLE: Final = Deletable(
    "inbox", "inboxes/delete.html", find_inbox, close_inbox, lambda _: "/app/inboxes"
)

handlers: list[Any] = [
    list_inboxes, new_inbox, create_inbox, show_inbox, change_inbox, insist_on_proof,
    *deleting("/app/inboxes", _DELETABLE),
]  # fmt: skip
