"""The client API: a contact's own program, without a token. The `source_id` is its secret.

Never a private note, never a line such as "resolved"; only what is the contact's own.
"""

from typing import Any, Final

from litestar import Request, get, patch, post
from litestar.response import Response
from msgspec import Struct

from recado.api.conversation_signs import is_typing_on
from recado.api.door import absent, invalid, nothing, now, unacceptable, unix
from recado.api.fields import (
    UNSET,
    MaybeId,
    MaybeJson,
    Short,
    Words,
    id_or_none,
    json_or_empty,
    text_or,
)
from recado.api.files import files_in
from recado.api.messages import MessageBody, MessageJson, check_message, message_json
from recado.api.people import ContactSender
from recado.api.reading import asked, read
from recado.contacts.models import Contact
from recado.contacts.saving import ContactDraft, contact_problems, update_contact
from recado.conversations.changing import change_conversation
from recado.conversations.correcting import find_message, submit_values
from recado.conversations.identifying import (
    contact_of,
    find_open_inbox,
    find_own_conversation,
    find_self,
    is_proven,
    matching_contact,
    own_contact,
    own_conversations,
    own_messages,
)
from recado.conversations.models import ContactInbox, Conversation, Message, MessageType, Status
from recado.conversations.pages.files import LARGEST_UPLOAD, keep_files
from recado.conversations.posting import MessageDraft, post_message
from recado.conversations.seeing import mark_seen_by_contact
from recado.conversations.starting import ConversationDraft, introduce, start_conversation
from recado.conversations.typing import Sign, tell_typing
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Inbox
from recado.lib.pubsub import Ear, pubsub_token
from recado.lib.storing import FileStore

AnyRequest = Request[Any, Any, Any]


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


class OwnContact(Struct):
    """The contact of a conversation."""

    id: int
    name: str
    email: str | None
    phone_number: str | None


class OwnConversation(Struct, kw_only=True):
    """A conversation as its contact sees it."""

    id: int
    uuid: str
    inbox_id: int
    contact_last_seen_at: int
    agent_last_seen_at: int
    status: str
    messages: list[MessageJson]
    contact: OwnContact


class SelfBody(Struct):
    """Who somebody says to be. `identifier_hash` is the hexadecimal HMAC-SHA256 of `identifier`
    with the inbox's `hmac_token`; it is needed where the inbox has `hmac_mandatory`.
    """

    source_id: Short = UNSET
    identifier: Short = UNSET
    identifier_hash: Words = UNSET
    email: Short = UNSET
    name: Words = UNSET
    phone_number: Short = UNSET
    avatar_url: Words = UNSET
    custom_attributes: MaybeJson = UNSET


class OwnConversationBody(Struct):
    """A conversation to start; `additional_attributes` say from which page and browser."""

    custom_attributes: MaybeJson = UNSET
    additional_attributes: MaybeJson = UNSET


class OwnMessageBody(Struct):
    """A message to send; files as multipart parts named `attachments[]`."""

    content: Words = UNSET
    echo_id: Short = UNSET
    attachments: Any = UNSET


class OwnMessagesQuery(Struct):
    """The last 100; with `before`, the 100 before an id."""

    before: MaybeId = UNSET


class SubmittedBody(Struct):
    """What somebody chose or filled in."""

    submitted_values: Any = UNSET


class OwnTypingBody(Struct):
    """on or off."""

    typing_status: Words = UNSET


_CIRCUMSTANCES: Final = ("browser", "browser_language", "initiated_at", "referer")
_INBOX: Final = "/public/api/v1/inboxes/{identifier:str}"
_SELF: Final = f"{_INBOX}/contacts/{{source_id:str}}"
_ONE: Final = f"{_SELF}/conversations/{{conversation_id:int}}"


@get(_INBOX)
async def show_open_inbox(database: Database, identifier: str) -> OpenInbox:
    """Show an inbox."""
    async with database.transaction() as tx:
        inbox = await _inbox(tx, identifier)
    return OpenInbox(
        identifier=inbox.identifier, name=inbox.name,
        identity_validation_enabled=bool(inbox.settings.get("hmac_mandatory")),
    )  # fmt: skip


@post(f"{_INBOX}/contacts", status_code=200, opt={"takes": SelfBody})
async def introduce_oneself(
    request: AnyRequest, database: Database, outbound: Outbound, identifier: str
) -> Self:
    """Become known to an inbox: a contact is found by identifier, e-mail or phone, or made."""
    body = await read(request, SelfBody, wrapped="contact")
    draft = _draft(body)
    async with database.transaction() as tx:
        inbox = await _inbox(tx, identifier)
        proven = _proof(inbox, body, outbound)
        existing = await matching_contact(tx, inbox.account_id, draft)
        if not existing and (wrong := await contact_problems(tx, inbox.account_id, draft)):
            raise invalid(wrong)
        contact = await own_contact(tx, inbox, draft, now=now())
        source_id = text_or(body.source_id) or None
        known = await introduce(tx, contact, inbox, source_id=source_id, now=now(), is_new=True)
        if known is None:
            raise invalid({"source_id": "The inbox knows somebody else by this id."})
        known.hmac_verified = known.hmac_verified or proven
        known.made_contact = known.made_contact or existing is None
    return _self(known, contact, outbound)


@get(_SELF)
async def show_oneself(
    database: Database, outbound: Outbound, identifier: str, source_id: str
) -> Self:
    """Show who one is."""
    async with database.transaction() as tx:
        _, known = await _known(tx, identifier, source_id)
        return _self(known, await contact_of(tx, known), outbound)


@patch(_SELF, opt={"takes": SelfBody})
async def change_oneself(
    request: AnyRequest, database: Database, outbound: Outbound, identifier: str, source_id: str
) -> Self:
    """Change what is known about oneself; attributes are merged."""
    body = await read(request, SelfBody, wrapped="contact")
    draft = _draft(body)
    async with database.transaction() as tx:
        inbox, known = await _known(tx, identifier, source_id)
        known.hmac_verified = _proof(inbox, body, outbound, known=known) or known.hmac_verified
        contact = await contact_of(tx, known)
        if not known.is_trusted:
            raise unacceptable("This contact was known before: prove it with identifier_hash")
        if wrong := await contact_problems(tx, inbox.account_id, draft, but=contact.id):
            raise invalid(wrong)
        await update_contact(tx, contact, draft, now=now())
    return _self(known, contact, outbound)


@get(f"{_SELF}/conversations")
async def list_own_conversations(
    database: Database, identifier: str, source_id: str
) -> list[OwnConversation]:
    """List one's conversations, latest activity first."""
    async with database.transaction() as tx:
        _, known = await _known(tx, identifier, source_id)
        return [
            await _conversation_json(tx, known, one) for one in await own_conversations(tx, known)
        ]


@post(f"{_SELF}/conversations", status_code=200, opt={"takes": OwnConversationBody})
async def start_own_conversation(
    request: AnyRequest, database: Database, identifier: str, source_id: str
) -> OwnConversation:
    """Start a conversation."""
    body = await read(request, OwnConversationBody, wrapped="conversation")
    async with database.transaction() as tx:
        _, known = await _known(tx, identifier, source_id)
        told = json_or_empty(body.additional_attributes)
        draft = ConversationDraft(
            custom_attributes=json_or_empty(body.custom_attributes),
            additional_attributes={name: told[name] for name in _CIRCUMSTANCES if name in told},
        )
        made = await start_conversation(tx, known, draft, cause=_by(known), now=now())
        return await _conversation_json(tx, known, made)


@get(_ONE)
async def show_own_conversation(
    database: Database, identifier: str, source_id: str, conversation_id: int
) -> OwnConversation:
    """Show one of one's conversations."""
    async with database.transaction() as tx:
        known, conversation = await _own(tx, identifier, source_id, conversation_id)
        return await _conversation_json(tx, known, conversation)


@post(f"{_ONE}/toggle_status", status_code=200)
async def resolve_own_conversation(
    database: Database, identifier: str, source_id: str, conversation_id: int
) -> OwnConversation:
    """Resolve one of one's conversations; one that is not open stays as it is."""
    async with database.transaction() as tx:
        known, conversation = await _own(tx, identifier, source_id, conversation_id)
        await change_conversation(
            tx, conversation, {"status": Status.RESOLVED}, cause=_by(known), now=now()
        )
        return await _conversation_json(tx, known, conversation)


@post(f"{_ONE}/toggle_typing", status_code=200, opt={"takes": OwnTypingBody})
async def toggle_own_typing(
    request: AnyRequest,
    database: Database,
    identifier: str,
    source_id: str,
    conversation_id: int,
) -> Response[bytes]:
    """Tell that one types, or has stopped."""
    sign = Sign(is_typing_on(text_or((await read(request, OwnTypingBody)).typing_status)))
    async with database.transaction() as tx:
        known, one = await _own(tx, identifier, source_id, conversation_id)
        await tell_typing(tx, one, one.contact, sign, cause=_by(known), now=now())
    return nothing()


@post(f"{_ONE}/update_last_seen", status_code=200)
async def see_own_conversation(
    database: Database, identifier: str, source_id: str, conversation_id: int
) -> Response[bytes]:
    """Tell that one has read everything so far."""
    async with database.transaction() as tx:
        _, conversation = await _own(tx, identifier, source_id, conversation_id)
        await mark_seen_by_contact(tx, conversation, now=now())
    return nothing()


@get(f"{_ONE}/messages", opt={"asks": OwnMessagesQuery})
async def list_own_messages(
    request: AnyRequest,
    database: Database,
    identifier: str,
    source_id: str,
    conversation_id: int,
) -> list[MessageJson]:
    """List what was said, oldest first."""
    query = await asked(request, OwnMessagesQuery)
    async with database.transaction() as tx:
        known, one = await _own(tx, identifier, source_id, conversation_id)
        found = await own_messages(tx, one, before=id_or_none(query.before))
        return [_message_json(known, message, one) for message in found]


@post(
    f"{_ONE}/messages", status_code=200, opt={"takes": OwnMessageBody},
    request_max_body_size=LARGEST_UPLOAD,
)  # fmt: skip
async def send_own_message(
    request: AnyRequest,
    database: Database,
    store: FileStore,
    identifier: str,
    source_id: str,
    conversation_id: int,
) -> MessageJson:
    """Write. A repeated `echo_id` finds the message it made the first time."""
    body = await read(request, OwnMessageBody, wrapped="message")
    check_message(MessageBody(content=body.content, attachments=body.attachments))
    async with database.transaction() as tx:
        await _own(tx, identifier, source_id, conversation_id)  # before anything is stored
    files = await keep_files(store, files_in(body.attachments))
    async with database.transaction() as tx:
        known, one = await _own(tx, identifier, source_id, conversation_id)
        draft = MessageDraft(
            text_or(body.content), MessageType.INCOMING, sender=one.contact,
            echo_id=text_or(body.echo_id) or None, files=files,
        )  # fmt: skip
        message = await post_message(tx, one, draft, cause=_by(known), now=now())
    return _message_json(known, message, one)


@patch(f"{_ONE}/messages/{{message_id:int}}", opt={"takes": SubmittedBody})
async def answer_own_message(
    request: AnyRequest,
    database: Database,
    identifier: str,
    source_id: str,
    conversation_id: int,
    message_id: int,
) -> MessageJson:
    """Answer a message that asks to choose or to fill in."""
    body = await read(request, SubmittedBody, wrapped="message")
    if not isinstance(body.submitted_values, list | dict):
        raise invalid({"submitted_values": "Send what was chosen, as a list or an object."})
    async with database.transaction() as tx:
        known, one = await _own(tx, identifier, source_id, conversation_id)
        message = await find_message(tx, one, message_id)
        if message is None or message.private or message.message_type == MessageType.ACTIVITY:
            raise absent()
        await submit_values(tx, one, message, body.submitted_values, cause=_by(known), now=now())
    return _message_json(known, message, one)


async def _inbox(tx: Transaction, identifier: str) -> Inbox:
    inbox = await find_open_inbox(tx, identifier)
    if inbox is None:
        raise absent()
    return inbox


async def _known(tx: Transaction, identifier: str, source_id: str) -> tuple[Inbox, ContactInbox]:
    inbox = await _inbox(tx, identifier)
    known = await find_self(tx, inbox, source_id)
    if known is None:
        raise absent()
    return inbox, known


async def _own(
    tx: Transaction, identifier: str, source_id: str, conversation_id: int
) -> tuple[ContactInbox, Conversation]:
    inbox, known = await _known(tx, identifier, source_id)
    one = await find_own_conversation(tx, known, inbox.account_id, conversation_id)
    if one is None:
        raise absent()
    return known, one


def _proof(
    inbox: Inbox, body: SelfBody, outbound: Outbound, *, known: ContactInbox | None = None
) -> bool:
    """Whether the identifier is proven; 401 for a wrong proof, or none where one must be."""
    given = text_or(body.identifier_hash)
    if not given:
        if inbox.settings.get("hmac_mandatory") and not (known and known.hmac_verified):
            raise unacceptable("HMAC failed: this inbox asks for identifier and identifier_hash")
        return False
    if not is_proven(inbox, text_or(body.identifier), given, outbound.vault):
        raise unacceptable("HMAC failed: Invalid Identifier Hash Provided")
    return True


def _by(known: ContactInbox) -> Cause:
    return Cause(Actor.CONTACT, known.contact_id)


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
    shown = _own_contact(known, contact)
    return Self(
        source_id=known.source_id,
        pubsub_token=pubsub_token(outbound.vault, Ear.CONTACT, known.id),
        id=shown.id, name=shown.name, email=shown.email, phone_number=shown.phone_number,
    )  # fmt: skip


def _own_contact(known: ContactInbox, contact: Contact) -> OwnContact:
    if not known.is_trusted:
        return OwnContact(contact.id, "", None, None)
    return OwnContact(contact.id, contact.name, contact.email, contact.phone_number)


async def _conversation_json(
    tx: Transaction, known: ContactInbox, one: Conversation
) -> OwnConversation:
    found = await own_messages(tx, one)
    return OwnConversation(
        id=one.display_id, uuid=str(one.uuid), inbox_id=one.inbox_id, status=one.status,
        contact_last_seen_at=unix(one.contact_last_seen_at),
        agent_last_seen_at=unix(one.agent_last_seen_at),
        messages=[_message_json(known, message, one) for message in found],
        contact=_own_contact(known, one.contact),
    )  # fmt: skip


def _message_json(known: ContactInbox, message: Message, one: Conversation) -> MessageJson:
    """A message without what the account's people keep about the contact."""
    shown = message_json(message, one)
    if isinstance(shown.sender, ContactSender):
        own = _own_contact(known, one.contact)
        shown.sender = ContactSender(
            id=own.id, name=own.name, email=own.email, phone_number=own.phone_number,
            identifier=None, thumbnail="", blocked=False, custom_attributes={},
            additional_attributes={},
        )  # fmt: skip
    return shown


handlers: list[Any] = [
    show_open_inbox, introduce_oneself, show_oneself, change_oneself, list_own_conversations,
    start_own_conversation, show_own_conversation, resolve_own_conversation, toggle_own_typing,
    see_own_conversation, list_own_messages, send_own_message, answer_own_message,
]  # fmt: skip
