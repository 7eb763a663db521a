"""The client API: what a contact's own program says and reads in their conversations."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from litestar import get, patch, post
from litestar.di import Provide
from litestar.response import Response
from msgspec import Struct

from recado.accounts.doors import found
from recado.accounts.models import Membership
from recado.api.agents import memberships_by_person
from recado.api.client_self import (
    SELF,
    AnyRequest,
    OwnContact,
    caused_by,
    known_self,
    own_contact_json,
)
from recado.api.conversation_signs import is_typing_on
from recado.api.door import absent, invalid, nothing, now, unix
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
from recado.api.messages import (
    MessageBody,
    MessageJson,
    check_message,
    message_json,
    writers,
)
from recado.api.people import ContactSender
from recado.api.reading import asked, read
from recado.contacts.saving import merged
from recado.conversations.changing import change_conversation
from recado.conversations.correcting import find_message, submit_values
from recado.conversations.identifying import (
    find_own_conversation,
    is_own_conversation,
    own_conversations,
    own_messages,
)
from recado.conversations.models import ContactInbox, Conversation, Message, MessageType, Status
from recado.conversations.pages.files import LARGEST_UPLOAD, keep_files
from recado.conversations.posting import MessageDraft, Post
from recado.conversations.posting_together import Poster, Wish
from recado.conversations.seeing import mark_seen_by_contact
from recado.conversations.starting import ConversationDraft, start_conversation
from recado.conversations.typing import Sign, tell_typing
from recado.db.database import Database, Transaction
from recado.lib.storing import FileStore

People = Mapping[int, Membership]  # of the account, by id: who of them is there
_CIRCUMSTANCES: Final = ("browser", "browser_language", "initiated_at", "referer")
ONE: Final = f"{SELF}/conversations/{{conversation_id:int}}"


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


@get(f"{SELF}/conversations")
async def list_own_conversations(
    database: Database, identifier: str, source_id: str
) -> list[OwnConversation]:
    """List one's conversations, latest activity first."""
    async with database.transaction() as tx:
        _, known = await known_self(tx, identifier, source_id)
        return await _conversations_json(tx, known, await own_conversations(tx, known))


@post(f"{SELF}/conversations", status_code=200, opt={"takes": OwnConversationBody})
async def start_own_conversation(
    request: AnyRequest, database: Database, identifier: str, source_id: str
) -> OwnConversation:
    """Start a conversation."""
    body = await read(request, OwnConversationBody, wrapped="conversation")
    async with database.transaction() as tx:
        _, known = await known_self(tx, identifier, source_id)
        told = json_or_empty(body.additional_attributes)
        draft = ConversationDraft(
            custom_attributes=merged({}, json_or_empty(body.custom_attributes)),
            additional_attributes={name: told[name] for name in _CIRCUMSTANCES if name in told},
        )
        made = await start_conversation(tx, known, draft, cause=caused_by(known), now=now())
        return await _conversation_json(tx, known, made)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody speaks: in which inbox, as whom, in which of their conversations."""

    identifier: str
    source_id: str
    conversation_id: int


def place_in(identifier: str, source_id: str, conversation_id: int) -> Place:
    """The place that a path names."""
    return Place(identifier, source_id, conversation_id)


THERE: Final = {"place": Provide(place_in, sync_to_thread=False)}


@get(ONE, dependencies=THERE)
async def show_own_conversation(database: Database, place: Place) -> OwnConversation:
    """Show one of one's conversations."""
    async with database.transaction() as tx:
        known, conversation = await own_conversation(tx, place)
        return await _conversation_json(tx, known, conversation)


@post(f"{ONE}/toggle_status", status_code=200, dependencies=THERE)
async def resolve_own_conversation(database: Database, place: Place) -> OwnConversation:
    """Resolve one of one's conversations; one that is not open stays as it is."""
    async with database.transaction() as tx:
        known, conversation = await own_conversation(tx, place)
        await change_conversation(
            tx, conversation, {"status": Status.RESOLVED}, cause=caused_by(known), now=now()
        )
        return await _conversation_json(tx, known, conversation)


@post(f"{ONE}/toggle_typing", status_code=200, opt={"takes": OwnTypingBody}, dependencies=THERE)
async def toggle_own_typing(
    request: AnyRequest, database: Database, place: Place
) -> Response[bytes]:
    """Tell that one types, or has stopped."""
    sign = Sign(is_typing_on(text_or((await read(request, OwnTypingBody)).typing_status)))
    async with database.transaction() as tx:
        known, one = await own_conversation(tx, place)
        await tell_typing(tx, one, one.contact, sign, cause=caused_by(known), now=now())
    return nothing()


@post(f"{ONE}/update_last_seen", status_code=200, dependencies=THERE)
async def see_own_conversation(database: Database, place: Place) -> Response[bytes]:
    """Tell that one has read everything so far."""
    async with database.transaction() as tx:
        _, conversation = await own_conversation(tx, place)
        await mark_seen_by_contact(tx, conversation, now=now())
    return nothing()


@get(f"{ONE}/messages", opt={"asks": OwnMessagesQuery}, dependencies=THERE)
async def list_own_messages(
    request: AnyRequest, database: Database, place: Place
) -> list[MessageJson]:
    """List what was said, oldest first."""
    query = await asked(request, OwnMessagesQuery)
    async with database.transaction() as tx:
        known, one = await own_conversation(tx, place)
        found = await own_messages(tx, one, before=id_or_none(query.before))
        people = await memberships_by_person(tx, one.account_id, writers(found))
        return [_message_json(known, message, one, people) for message in found]


@post(
    f"{ONE}/messages", status_code=200, opt={"takes": OwnMessageBody},
    request_max_body_size=LARGEST_UPLOAD, dependencies=THERE,
)  # fmt: skip
async def send_own_message(
    request: AnyRequest, database: Database, poster: Poster, store: FileStore, place: Place
) -> MessageJson:
    """Write. A repeated `echo_id` finds the message it made the first time."""
    body = await read(request, OwnMessageBody, wrapped="message")
    check_message(MessageBody(content=body.content, attachments=body.attachments))
    async with database.transaction() as tx:  # first: nobody fills the store from outside
        inbox, known = await known_self(tx, place.identifier, place.source_id)
        if not await is_own_conversation(tx, known, inbox.account_id, place.conversation_id):
            raise absent()
    files = await keep_files(store, files_in(body.attachments))

    async def prepare(_: Transaction, found: Conversation | None) -> Post:
        if found is None:  # deleted in this moment
            raise absent()
        draft = MessageDraft(
            text_or(body.content), MessageType.INCOMING, sender=found.contact,
            echo_id=text_or(body.echo_id) or None, files=files,
        )  # fmt: skip
        return Post(found, draft, caused_by(known))

    wish = Wish(inbox.account_id, place.conversation_id, prepare)
    message, conversation = await poster.post(wish)
    return _message_json(known, message, conversation, {})  # the contact's own


@patch(f"{ONE}/messages/{{message_id:int}}", opt={"takes": SubmittedBody}, dependencies=THERE)
async def answer_own_message(
    request: AnyRequest, database: Database, place: Place, message_id: int
) -> MessageJson:
    """Answer a message that asks to choose or to fill in."""
    body = await read(request, SubmittedBody, wrapped="message")
    if not isinstance(body.submitted_values, list | dict):
        raise invalid({"submitted_values": "Send what was chosen, as a list or an object."})
    async with database.transaction() as tx:
        known, one = await own_conversation(tx, place)
        message = await find_message(tx, one, message_id)
        if message is None or message.private or message.message_type == MessageType.ACTIVITY:
            raise absent()
        await submit_values(
            tx, one, message, body.submitted_values, cause=caused_by(known), now=now()
        )
        people = await memberships_by_person(tx, one.account_id, writers([message]))
    return _message_json(known, message, one, people)


async def own_conversation(tx: Transaction, place: Place) -> tuple[ContactInbox, Conversation]:
    """Who speaks, and the conversation of theirs that a path names, locked; or 404."""
    inbox, known = await known_self(tx, place.identifier, place.source_id)
    one = found(await find_own_conversation(tx, known, inbox.account_id, place.conversation_id))
    return known, one


async def _conversation_json(
    tx: Transaction, known: ContactInbox, one: Conversation
) -> OwnConversation:
    [shown] = await _conversations_json(tx, known, [one])
    return shown


async def _conversations_json(
    tx: Transaction, known: ContactInbox, talks: list[Conversation]
) -> list[OwnConversation]:
    if not talks:
        return []
    said = [await own_messages(tx, one) for one in talks]
    wrote = writers(chain.from_iterable(said))
    people = await memberships_by_person(tx, talks[0].account_id, wrote)
    return [_shown(known, one, found, people) for one, found in zip(talks, said, strict=True)]


def _shown(
    known: ContactInbox, one: Conversation, found: list[Message], people: People
) -> OwnConversation:
    return OwnConversation(
        id=one.display_id, uuid=str(one.uuid), inbox_id=one.inbox_id, status=one.status,
        contact_last_seen_at=unix(one.contact_last_seen_at),
        agent_last_seen_at=unix(one.agent_last_seen_at),
        messages=[_message_json(known, message, one, people) for message in found],
        contact=own_contact_json(known, one.contact),
    )  # fmt: skip


def _message_json(
    known: ContactInbox, message: Message, one: Conversation, people: People
) -> MessageJson:
    """A message without what the account's people keep about the contact."""
    shown = message_json(message, one, people)
    if isinstance(shown.sender, ContactSender):
        own = own_contact_json(known, one.contact)
        shown.sender = ContactSender(
            id=own.id, name=own.name, email=own.email, phone_number=own.phone_number,
            identifier=None, thumbnail="", blocked=False, custom_attributes={},
            additional_attributes={},
        )  # fmt: skip
    return shown


handlers: list[Any] = [
    list_own_conversations, start_own_conversation, show_own_conversation,
    resolve_own_conversation, toggle_own_typing, see_own_conversation, list_own_messages,
    send_own_message, answer_own_message,
]  # fmt: skip
