"""Merging two contacts: finding the other one, seeing what wins, doing it."""

from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page
from recado.contacts.attributes import attributes_of
from recado.contacts.mapping import FIELDS
from recado.contacts.models import AttributeModel, Contact
from recado.contacts.saving import contacts_page, find_contact
from recado.conversations.merging import brings, merge_contacts, outcome
from recado.db.database import Database, Transaction
from recado.lib.numbers import number_in

_MOST_OFFERED: Final = 10


@get("/app/contacts/{contact_id:int}/merge", guards=[administrators_only])
async def show_merge(request: MemberRequest, database: Database, contact_id: int) -> Template:
    """Who else it is: a search, or with `other` both side by side."""
    other_id = number_in(request.query_params.get("other"))
    async with database.transaction() as tx:
        contact = found(await find_contact(tx, request.user.account_id, contact_id))
        if other_id:
            other = found(await find_contact(tx, request.user.account_id, other_id))
            found(None if other.id == contact.id else other)
            return await _side_by_side(tx, request, contact, other)
        return await _search(tx, request, contact)


@post("/app/contacts/{contact_id:int}/merge", guards=[administrators_only])
async def merge(request: MemberRequest, database: Database, contact_id: int) -> Response[Any]:
    """The contact of the address stays; the one that the form names becomes part of it."""
    other_id = number_in(str((await request.form()).get("other", "")))
    async with database.transaction() as tx:
        base = found(await find_contact(tx, request.user.account_id, contact_id, for_change=True))
        other = await find_contact(tx, request.user.account_id, other_id or 0, for_change=True)
        mergee = found(other if other_id != contact_id else None)
        await merge_contacts(tx, base, mergee, now=datetime.now(UTC))
    return go_to(request, f"/app/contacts/{contact_id}?saved=merged")


async def _search(tx: Transaction, request: MemberRequest, contact: Contact) -> Template:
    q = request.query_params.get("q", contact.name)[:200].replace("\0", "")
    offered, total = await contacts_page(tx, contact.account_id, q=q, sort="-last_activity_at")
    others = [one for one in offered if one.id != contact.id]
    return page(
        request, "conversations/merge.html", contact=contact, other=None, q=q,
        offered=others[:_MOST_OFFERED], has_more=total > _MOST_OFFERED + 1,
    )  # fmt: skip


async def _side_by_side(
    tx: Transaction, request: MemberRequest, base: Contact, mergee: Contact
) -> Template:
    definitions = await attributes_of(tx, base.account_id, AttributeModel.CONTACT)
    return page(
        request, "conversations/merge.html", contact=base, other=mergee,
        lines=outcome(base, mergee, {**FIELDS, **{one.key: one.name for one in definitions}}),
        brings=await brings(tx, mergee),
    )  # fmt: skip


handlers: list[Any] = [show_merge, merge]
