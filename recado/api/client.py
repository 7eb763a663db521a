"""The client API: a contact's own program, without a token. The `source_id` is its secret.

Never a private note, never a line such as "resolved"; only what is the contact's own.
"""

from typing import Any

from litestar import get, patch, post
from litestar.response import Response
from msgspec import Struct

from recado.api.client_self import INBOX, SELF, AnyRequest, inbox_of, known_self, own_contact_json
from recado.api.door import absent, invalid, nothing, now, unacceptable
from recado.api.fields import (
    UNSET,
    MaybeJson,
    Short,
    Words,
    json_or_empty,
    text_or,
)
from recado.api.reading import read
from recado.contacts.models import Contact
from recado.contacts.saving import ContactDraft, contact_problems, update_contact
from recado.conversations.identifying import (
    believe,
    contact_of,
    drop_claims,
    is_proven,
    matching_contact,
    own_contact,
)
from recado.conversations.models import ContactInbox
from recado.conversations.starting import introduce
from recado.conversations.visiting import tell_visit
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.inboxes.models import Channel, Inbox
from recado.lib.pubsub import Ear, pubsub_token


class OpenInbox(Struct, kw_only=True):
    """An inbox as strangers see it."""

    identifier: str
    name: str
    identity_validation_enabled: bool
    timezone: str = "UTC"
    working_hours_enabled: bool = False
    greeting_enabled: bool = False
    csat_survey_enabled: bool = False


class Self(Struct, kw_only=True):
    """The contact, with the secrets that open what is theirs."""

    source_id: str
    pubsub_token: str
    id: int
    name: str
    email: str | None
    phone_number: str | None


class SelfBody(Struct):
    """Who somebody says to be. `identifier_hash` is the hexadecimal HMAC-SHA256 of `identifier`
    with the inbox's `hmac_token`. Where the inbox has `hmac_mandatory` it is needed: in an API inbox
    always, in a website's for whoever gives an `identifier`.
    """

    source_id: Short = UNSET
    identifier: Short = UNSET
    identifier_hash: Words = UNSET
    email: Short = UNSET
    name: Words = UNSET
    phone_number: Short = UNSET
    avatar_url: Words = UNSET
    custom_attributes: MaybeJson = UNSET


class VisitBody(Struct):
    """`webwidget.triggered`, and from which page and browser: initiated_at, referer,
    widget_language, browser_language, browser.
    """

    name: Words = UNSET
    event_info: MaybeJson = UNSET


@get(INBOX)
async def show_open_inbox(database: Database, identifier: str) -> OpenInbox:
    """Show an inbox."""
    async with database.transaction() as tx:
        inbox = await inbox_of(tx, identifier)
    return OpenInbox(
        identifier=inbox.identifier, name=inbox.name,
        identity_validation_enabled=bool(inbox.settings.get("hmac_mandatory")),
    )  # fmt: skip


@post(f"{INBOX}/contacts", status_code=200, opt={"takes": SelfBody})
async def introduce_oneself(
    request: AnyRequest, database: Database, outbound: Outbound, identifier: str
) -> Self:
    """Become known to an inbox: a contact is found by identifier, e-mail or phone, or made."""
    body = await read(request, SelfBody, wrapped="contact")
    draft = _draft(body)
    async with database.transaction() as tx:
        inbox = await inbox_of(tx, identifier)
        proven = _proof(inbox, body, outbound)
        if not proven and inbox.settings.get("hmac_mandatory"):
            await drop_claims(tx, inbox.account_id, draft)
        existing = await matching_contact(tx, inbox.account_id, draft)
        if not existing and (wrong := await contact_problems(tx, inbox.account_id, draft)):
            raise invalid(wrong)
        contact = await own_contact(tx, inbox, draft, now=now())
        source_id = text_or(body.source_id) or None
        known = await introduce(tx, contact, inbox, source_id=source_id, now=now(), is_claim=True)
        if known is None:
            raise invalid({"source_id": "The inbox knows somebody else by this id."})
        known.made_contact = known.made_contact or existing is None
        if proven and contact.identifier == draft.identifier:  # which a known e-mail does not prove
            await believe(tx, known)
    return _self(known, contact, outbound)


@get(SELF)
async def show_oneself(
    database: Database, outbound: Outbound, identifier: str, source_id: str
) -> Self:
    """Show who one is."""
    async with database.transaction() as tx:
        _, known = await known_self(tx, identifier, source_id)
        return _self(known, await contact_of(tx, known), outbound)


@patch(SELF, opt={"takes": SelfBody})
async def change_oneself(
    request: AnyRequest, database: Database, outbound: Outbound, identifier: str, source_id: str
) -> Self:
    """Change what is known about oneself; attributes are merged."""
    body = await read(request, SelfBody, wrapped="contact")
    draft = _draft(body)
    async with database.transaction() as tx:
        inbox, known = await known_self(tx, identifier, source_id)
        contact = await contact_of(tx, known)
        believed = contact.identifier or "" if known.hmac_verified else None
        if _proof(inbox, body, outbound, believed=believed) and (
            known.made_contact or contact.identifier == draft.identifier
        ):
            await believe(tx, known)
        if not known.is_trusted:
            raise unacceptable("This contact was known before: prove it with identifier_hash")
        if wrong := await contact_problems(tx, inbox.account_id, draft, but=contact.id):
            raise invalid(wrong)
        await update_contact(tx, contact, draft, now=now())
    return _self(known, contact, outbound)


@post(f"{SELF}/events", status_code=200, opt={"takes": VisitBody})
async def tell_own_visit(
    request: AnyRequest, database: Database, identifier: str, source_id: str
) -> Response[bytes]:
    """Tell that one has opened the chat of a website: `webwidget_triggered` for whoever listens."""
    body = await read(request, VisitBody)
    if text_or(body.name) != "webwidget.triggered":
        raise invalid({"name": "The only event that can be told is webwidget.triggered."})
    async with database.transaction() as tx:
        inbox, known = await known_self(tx, identifier, source_id)
        if inbox.channel != Channel.WEB_WIDGET:
            raise absent()
        await tell_visit(tx, inbox, known, json_or_empty(body.event_info), now=now())
    return nothing()


def _proof(
    inbox: Inbox, body: SelfBody, outbound: Outbound, *, believed: str | None = None
) -> bool:
    """Whether the identifier is proven; 422 for a wrong proof, or none where one must be.

    Whoever was believed to be somebody needs none to go on as the same.
    """
    given, identifier = text_or(body.identifier_hash), text_or(body.identifier)
    if given and not is_proven(inbox, identifier, given, outbound.vault):
        raise unacceptable("HMAC failed: Invalid Identifier Hash Provided")
    if given:
        return True
    if believed is not None:
        is_refused = identifier not in {"", believed}
    else:
        claims = identifier or inbox.channel == Channel.API  # a program knows whom it speaks for
        is_refused = bool(inbox.settings.get("hmac_mandatory") and claims)
    if is_refused:
        raise unacceptable("HMAC failed: this inbox asks for identifier and identifier_hash")
    return False


def _draft(body: SelfBody) -> ContactDraft:
    return ContactDraft(
        name=text_or(body.name) or None,
        email=text_or(body.email).strip().lower() or None,
        phone_number=text_or(body.phone_number) or None,
        identifier=text_or(body.identifier) or None,
        avatar_url=text_or(body.avatar_url) or None,
        custom_attributes=json_or_empty(body.custom_attributes),
    )


def _self(known: ContactInbox, contact: Contact, outbound: Outbound) -> Self:
    """What a stranger may learn: of a contact who was known before, nothing until it is proven."""
    shown = own_contact_json(known, contact)
    return Self(
        source_id=known.source_id,
        pubsub_token=pubsub_token(outbound.vault, Ear.CONTACT, known.id),
        id=shown.id, name=shown.name, email=shown.email, phone_number=shown.phone_number,
    )  # fmt: skip


handlers: list[Any] = [
    show_open_inbox, introduce_oneself, show_oneself, change_oneself, tell_own_visit,
]  # fmt: skip
