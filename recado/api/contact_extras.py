"""More about contacts: filtering, labels, where they can be written to, merging two."""

from typing import Any
from uuid import uuid4

from litestar import get, post
from msgspec import Struct

from recado.api.contacts import (
    CONTACT,
    Contacts,
    ContactsMeta,
    contacts_json,
    visible_contact,
)
from recado.api.conversation_changes import LabelsOfConversation, LabelTitles, checked_titles
from recado.api.door import ROOT, ApiRequest, absent, administrators, invalid, now, unacceptable
from recado.api.fields import UNSET, MaybeId, Page, id_or_none
from recado.api.inboxes import slim_inbox
from recado.api.people import ContactInboxJson, ContactJson
from recado.api.reading import asked, read
from recado.contacts.saving import label_contact
from recado.contacts.searching import filtered_contacts
from recado.conversations.merging import merge_contacts
from recado.conversations.starting import contact_inboxes_of
from recado.db.database import Database
from recado.inboxes.models import Channel
from recado.inboxes.opening import inboxes_for


class FilterBody(Struct):
    """Conditions `{"attribute_key", "filter_operator", "values", "query_operator"}`, each joined
    with the next by its `query_operator` AND or OR; AND binds closer.
    """

    payload: Any = UNSET


class PageQuery(Struct):
    """Which page."""

    page: Page = UNSET


class ContactableInboxes(Struct):
    """The inboxes in which a conversation with a contact can be started."""

    payload: list[ContactInboxJson]


class MergeBody(Struct):
    """The contact that stays, and the one that becomes part of it."""

    base_contact_id: MaybeId = UNSET
    mergee_contact_id: MaybeId = UNSET


@post(f"{ROOT}/contacts/filter", status_code=200, opt={"takes": FilterBody, "asks": PageQuery})
async def filter_contacts(request: ApiRequest, database: Database) -> Contacts:
    """Find contacts by conditions, 15 a page."""
    body, page = await read(request, FilterBody), await page_of(request)
    async with database.transaction() as tx:
        found = await filtered_contacts(tx, request.user, rows_of(body), page=page, now=now())
        if isinstance(found, str):
            raise unacceptable(found)
        contacts, total = found
        return Contacts(ContactsMeta(total, page), await contacts_json(tx, contacts))


@get(f"{CONTACT}/labels")
async def list_labels_of_contact(
    request: ApiRequest, database: Database, contact_id: int
) -> LabelsOfConversation:
    """List the labels of a contact."""
    async with database.transaction() as tx:
        contact = await visible_contact(tx, request, contact_id)
    return LabelsOfConversation(list(contact.labels))


@post(f"{CONTACT}/labels", status_code=200, opt={"takes": LabelTitles})
async def set_labels_of_contact(
    request: ApiRequest, database: Database, contact_id: int
) -> LabelsOfConversation:
    """Give a contact exactly these labels."""
    titles = checked_titles(await read(request, LabelTitles))
    async with database.transaction() as tx:
        contact = await visible_contact(tx, request, contact_id)
        await label_contact(tx, contact, titles, now=now())
    return LabelsOfConversation(list(contact.labels))


@get(f"{CONTACT}/contactable_inboxes")
async def list_contactable_inboxes(
    request: ApiRequest, database: Database, contact_id: int
) -> ContactableInboxes:
    """List the inboxes where a conversation with a contact can be started, and their id there."""
    async with database.transaction() as tx:
        contact = await visible_contact(tx, request, contact_id)
        known = (await contact_inboxes_of(tx, [contact.id])).get(contact.id, [])
        ids = {inbox.id: one.source_id for one, inbox in known}
        found = [
            ContactInboxJson(ids.get(inbox.id) or str(uuid4()), slim_inbox(inbox))
            for inbox in await inboxes_for(tx, request.user)
            if inbox.id in ids or inbox.channel == Channel.API
        ]
    return ContactableInboxes(found)


@post(
    f"{ROOT}/actions/contact_merge", status_code=200, guards=[administrators],
    opt={"takes": MergeBody},
)  # fmt: skip
async def merge(request: ApiRequest, database: Database) -> ContactJson:
    """Make two contacts one: `mergee_contact_id` is gone, and all it had belongs to the other."""
    body = await read(request, MergeBody)
    base_id, mergee_id = id_or_none(body.base_contact_id), id_or_none(body.mergee_contact_id)
    if base_id is None or mergee_id is None:
        raise absent()
    if base_id == mergee_id:
        raise invalid({"mergee_contact_id": "Name two different contacts."})
    async with database.transaction() as tx:
        base = await visible_contact(tx, request, base_id)
        mergee = await visible_contact(tx, request, mergee_id)
        await merge_contacts(tx, base, mergee, now=now())
        [shown] = await contacts_json(tx, [base])
    return shown


async def page_of(request: ApiRequest) -> int:
    """The page that the address asks for."""
    query = await asked(request, PageQuery)
    return max(query.page, 1) if isinstance(query.page, int) else 1


def rows_of(body: FilterBody) -> Any:
    """The conditions that were sent; none finds everything."""
    return [] if body.payload is UNSET or body.payload is None else body.payload


handlers: list[Any] = [
    filter_contacts, list_labels_of_contact, set_labels_of_contact, list_contactable_inboxes, merge,
]  # fmt: skip
