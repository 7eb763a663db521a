"""Contacts: who writes."""

from typing import Any, Final

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct, UnsetType

from recado.accounts.doors import found
from recado.api.conversations import ConversationJson, conversations_json
from recado.api.door import (
    ROOT,
    ApiRequest,
    administrators,
    cause_of,
    invalid,
    nothing,
    now,
    unacceptable,
)
from recado.api.fields import (
    UNSET,
    Flag,
    MaybeId,
    MaybeJson,
    Page,
    Short,
    Words,
    id_or_none,
    json_or_empty,
    text_or,
)
from recado.api.people import ContactInboxJson, ContactJson, contact_inbox_json, contact_json
from recado.api.reading import asked, read
from recado.api.seeing import visible_inbox
from recado.contacts.models import Contact
from recado.contacts.saving import (
    PAGE,
    ContactDraft,
    contact_problems,
    contacts_page,
    create_contact,
    find_contact,
    remove_attributes,
    update_contact,
)
from recado.conversations.finding import Filter, conversations_page
from recado.conversations.models import ContactInbox
from recado.conversations.starting import contact_inboxes_of, introduce
from recado.db.database import Database, Transaction
from recado.erasing.forgetting import erase_contact
from recado.inboxes.models import Inbox
from recado.lib.storing import FileStore

_CONVERSATIONS: Final = 20  # of a contact, as the API has it


class ContactsMeta(Struct):
    """How many there are, and which page this is."""

    count: int
    current_page: int
    has_more: bool | UnsetType = UNSET


class Contacts(Struct):
    """A page of 15 contacts."""

    meta: ContactsMeta
    payload: list[ContactJson]


class OneContact(Struct):
    """One contact."""

    payload: ContactJson


class NewContact(Struct):
    """A contact just made, and how the inbox knows them."""

    contact: ContactJson
    contact_inbox: ContactInboxJson


class CreatedContact(Struct):
    """One contact just made."""

    payload: NewContact


class ContactConversations(Struct):
    """A contact's conversations, latest activity first."""

    payload: list[ConversationJson]


class ContactBody(Struct):
    """A contact to make or to change. Attributes are merged; null removes one.

    "" is as if the field was not there; null clears it. `phone_number` in E.164.
    """

    name: Words = UNSET
    email: Short = UNSET
    phone_number: Short = UNSET
    identifier: Short = UNSET
    avatar_url: Words = UNSET
    blocked: Flag = UNSET
    custom_attributes: MaybeJson = UNSET
    additional_attributes: MaybeJson = UNSET


class NewContactBody(ContactBody):
    """The same, and the inbox that is to know them, with their id there."""

    inbox_id: MaybeId = UNSET
    source_id: Short = UNSET


class ContactQuery(Struct):
    """Which contacts: `sort` is one of name, email, phone_number, last_activity_at, created_at,
    company, city, country, with a `-` before it for the other way round; `labels[]`: who carry one.
    """

    q: Words = UNSET
    page: Page = UNSET
    sort: Words = UNSET
    labels: list[str | None] | UnsetType | None = UNSET


class ContactInboxBody(Struct):
    """An inbox, and the contact's id there; without one, Recado makes one."""

    inbox_id: MaybeId = UNSET
    source_id: Short = UNSET


class AttributeKeys(Struct):
    """Keys of custom attributes to remove."""

    custom_attributes: list[str] | UnsetType = UNSET


CONTACT = f"{ROOT}/contacts/{{contact_id:int}}"


@get(f"{ROOT}/contacts", opt={"asks": ContactQuery})
async def list_contacts(request: ApiRequest, database: Database) -> Contacts:
    """List the contacts, 15 a page."""
    query = await asked(request, ContactQuery)
    async with database.transaction() as tx:
        return await _page(tx, request, query)


@get(f"{ROOT}/contacts/search", opt={"asks": ContactQuery})
async def search_contacts(request: ApiRequest, database: Database) -> Contacts:
    """Find contacts whose name, e-mail, phone or identifier contains `q`, ignoring case."""
    query = await asked(request, ContactQuery)
    if not text_or(query.q).strip():
        raise unacceptable("Specify search string with parameter q")
    async with database.transaction() as tx:
        found = await _page(tx, request, query)
    found.meta.has_more = found.meta.current_page * PAGE < found.meta.count
    return found


@post(f"{ROOT}/contacts", status_code=200, opt={"takes": NewContactBody})
async def add_contact(request: ApiRequest, database: Database) -> CreatedContact:
    """Create a contact."""
    body = await read(request, NewContactBody, wrapped="contact")
    draft = _draft(body)
    async with database.transaction() as tx:
        inbox = None
        if inbox_id := id_or_none(body.inbox_id):
            inbox = await visible_inbox(tx, request.user, inbox_id)
        if problems := await contact_problems(tx, request.user.account_id, draft):
            raise invalid(problems)
        contact = await create_contact(
            tx, request.user.account_id, draft, now=now(), cause=cause_of(request)
        )
        known = None
        if inbox is not None:
            known = await _introduced(tx, contact, inbox, text_or(body.source_id))
        [shown] = await contacts_json(tx, [contact])
    return CreatedContact(NewContact(shown, contact_inbox_json(known, inbox)))


@get(CONTACT)
async def show_contact(request: ApiRequest, database: Database, contact_id: int) -> OneContact:
    """Show a contact."""
    async with database.transaction() as tx:
        return await _one(tx, await visible_contact(tx, request, contact_id))


@put(CONTACT, opt={"takes": ContactBody})
async def put_contact(request: ApiRequest, database: Database, contact_id: int) -> OneContact:
    """Change a contact; what is not sent stays."""
    return await _change(request, database, contact_id)


@patch(CONTACT, opt={"takes": ContactBody})
async def patch_contact(request: ApiRequest, database: Database, contact_id: int) -> OneContact:
    """Change a contact; what is not sent stays."""
    return await _change(request, database, contact_id)


@delete(CONTACT, status_code=200, guards=[administrators])
async def remove_contact(
    request: ApiRequest, database: Database, store: FileStore, contact_id: int
) -> Response[bytes]:
    """Erase a contact with everything that is kept of them, in the delivery log too."""
    async with database.transaction() as tx:
        keys = await erase_contact(tx, await visible_contact(tx, request, contact_id), now=now())
    await store.let_go(keys)
    return nothing()


@get(f"{CONTACT}/conversations")
async def list_conversations_of_contact(
    request: ApiRequest, database: Database, contact_id: int
) -> ContactConversations:
    """List a contact's 20 latest conversations."""
    async with database.transaction() as tx:
        contact = await visible_contact(tx, request, contact_id)
        wanted = Filter(status=None, contact_id=contact.id)
        found = await conversations_page(tx, request.user, wanted)
        return ContactConversations(await conversations_json(tx, found[:_CONVERSATIONS]))


@post(f"{CONTACT}/contact_inboxes", status_code=200, opt={"takes": ContactInboxBody})
async def add_contact_inbox(
    request: ApiRequest, database: Database, contact_id: int
) -> ContactInboxJson:
    """Make a contact known to an inbox."""
    body = await read(request, ContactInboxBody)
    async with database.transaction() as tx:
        contact = await visible_contact(tx, request, contact_id)
        inbox = await visible_inbox(tx, request.user, id_or_none(body.inbox_id) or 0)
        known = await _introduced(tx, contact, inbox, text_or(body.source_id))
    return contact_inbox_json(known, inbox)


@post(f"{CONTACT}/destroy_custom_attributes", status_code=200, opt={"takes": AttributeKeys})
async def destroy_custom_attributes(
    request: ApiRequest, database: Database, contact_id: int
) -> OneContact:
    """Take custom attributes away from a contact."""
    body = await read(request, AttributeKeys)
    keys = body.custom_attributes if isinstance(body.custom_attributes, list) else []
    async with database.transaction() as tx:
        contact = await visible_contact(tx, request, contact_id)
        await remove_attributes(tx, contact, keys, now=now(), cause=cause_of(request))
        return await _one(tx, contact)


async def _change(request: ApiRequest, database: Database, contact_id: int) -> OneContact:
    body = await read(request, ContactBody, wrapped="contact")
    draft = _draft(body)
    async with database.transaction() as tx:
        contact = await visible_contact(tx, request, contact_id)
        problems = await contact_problems(tx, contact.account_id, draft, but=contact.id)
        if problems:
            raise invalid(problems)
        await update_contact(tx, contact, draft, now=now(), cause=cause_of(request))
        return await _one(tx, contact)


def _draft(body: ContactBody) -> ContactDraft:
    return ContactDraft(
        name=_cleared(body.name),
        email=_cleared(body.email) if body.email != "" else None,
        phone_number=_cleared(body.phone_number) if body.phone_number != "" else None,
        identifier=_cleared(body.identifier) if body.identifier != "" else None,
        avatar_url=_cleared(body.avatar_url) if body.avatar_url != "" else None,
        blocked=body.blocked if isinstance(body.blocked, bool) else None,
        custom_attributes=json_or_empty(body.custom_attributes),
        additional_attributes=json_or_empty(body.additional_attributes),
    )


def _cleared(value: Words) -> str | None:
    """For a draft: None is "not given", "" is "none"."""
    if isinstance(value, str):
        return value
    return "" if value is None else None


async def visible_contact(tx: Transaction, request: ApiRequest, contact_id: int) -> Contact:
    """The account's contact, or 404."""
    return found(await find_contact(tx, request.user.account_id, contact_id))


async def _introduced(
    tx: Transaction, contact: Contact, inbox: Inbox, source_id: str
) -> ContactInbox:
    known = await introduce(tx, contact, inbox, source_id=source_id or None, now=now())
    if known is None:
        raise invalid({"source_id": "The inbox knows somebody else by this id."})
    return known


async def _page(tx: Transaction, request: ApiRequest, query: ContactQuery) -> Contacts:
    page = max(query.page, 1) if isinstance(query.page, int) else 1
    labels = query.labels if isinstance(query.labels, list) else []
    found, total = await contacts_page(
        tx, request.user.account_id, q=text_or(query.q), labels=[one for one in labels if one],
        page=page, sort=text_or(query.sort, "name"),
    )  # fmt: skip
    return Contacts(ContactsMeta(total, page), await contacts_json(tx, found))


async def _one(tx: Transaction, contact: Contact) -> OneContact:
    [shown] = await contacts_json(tx, [contact])
    return OneContact(shown)


async def contacts_json(tx: Transaction, contacts: list[Contact]) -> list[ContactJson]:
    """Contacts as the API shows them, with how inboxes know them."""
    known = await contact_inboxes_of(tx, [one.id for one in contacts])
    shown = [contact_json(one) for one in contacts]
    for one in shown:
        one.contact_inboxes = [contact_inbox_json(*pair) for pair in known.get(one.id, [])]
    return shown


handlers: list[Any] = [
    list_contacts, search_contacts, add_contact, show_contact, put_contact, patch_contact,
    remove_contact, list_conversations_of_contact, add_contact_inbox, destroy_custom_attributes,
]  # fmt: skip
