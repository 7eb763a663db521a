"""Messages of a conversation."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from litestar import get, post
from msgspec import Struct, UnsetType

from recado.accounts.models import Membership, User
from recado.api.agents import Agent, agent_json, memberships_by_person
from recado.api.causing import cause_in
from recado.api.door import ROOT, ApiRequest, invalid, now, unacceptable, unix
from recado.api.fields import (
    UNSET,
    Flag,
    Json,
    MaybeId,
    MaybeJson,
    Short,
    Words,
    id_or_none,
    json_or_empty,
    text_or,
)
from recado.api.files import files_in, files_problem
from recado.api.people import ContactSender, Sender, sender_json
from recado.api.reading import asked, read
from recado.api.seeing import visible, visible_conversation
from recado.conversations.addressing import BCC, CC, Others, others_from
from recado.conversations.finding import messages_page
from recado.conversations.models import Attachment, Conversation, Message, MessageType
from recado.conversations.pages.files import LARGEST_UPLOAD, keep_files
from recado.conversations.posting import (
    MessageDraft,
    Post,
    StoredFile,
    message_problem,
    post_messages,
)
from recado.conversations.posting_together import Poster, Wish
from recado.db.database import Database, Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.bots import BotMember
from recado.inboxes.models import AgentBot, Channel
from recado.lib.files import FileKind
from recado.lib.languages import Sentence


class AttachmentJson(Struct, kw_only=True):
    """A file; whoever has its `data_url` may read it, which ends in the file's name."""

    id: int
    message_id: int
    file_type: str
    account_id: int
    extension: str | None
    data_url: str
    thumb_url: str
    file_size: int
    width: int | None = None
    height: int | None = None


class MessageJson(Struct, kw_only=True):
    """A message. `message_type`: 0 incoming, 1 outgoing, 2 activity, 3 template."""

    id: int
    content: str
    inbox_id: int
    echo_id: str | UnsetType = UNSET
    conversation_id: int
    message_type: int
    content_type: str
    status: str
    content_attributes: Json
    created_at: int
    private: bool
    source_id: str | None
    sender: Sender | UnsetType = UNSET
    conversation: Json | UnsetType = UNSET
    attachments: list[AttachmentJson] | UnsetType = UNSET


class ThreadMeta(Struct):
    """What a thread's messages have in common."""

    labels: list[str]
    additional_attributes: Json
    contact: ContactSender
    assignee: Agent | UnsetType
    agent_last_seen_at: int
    assignee_last_seen_at: int


class Thread(Struct):
    """A stretch of a conversation, oldest first."""

    meta: ThreadMeta
    payload: list[MessageJson]


class MessageBody(Struct):
    """A message to post.

    `message_type` is `outgoing` (the default, from the token's person) or, in API inboxes,
    `incoming` (from the contact). A repeated `echo_id` finds the message it made the first time.
    Files come as multipart, each as a part named `attachments[]`.
    """

    content: Words = UNSET
    message_type: Words = UNSET
    private: Flag = UNSET
    content_type: Words = UNSET
    content_attributes: MaybeJson = UNSET
    source_id: Words = UNSET
    echo_id: Short = UNSET
    attachments: Any = UNSET
    cc_emails: Any = UNSET  # text with commas, or a list of texts
    bcc_emails: Any = UNSET


class ThreadQuery(Struct):
    """Without either, the last 20; the 20 before an id; up to 100 after one; between two, 1,000."""

    before: MaybeId = UNSET
    after: MaybeId = UNSET


_TYPES: Final = {
    "": MessageType.OUTGOING,
    "outgoing": MessageType.OUTGOING,
    "1": MessageType.OUTGOING,
    "incoming": MessageType.INCOMING,
    "0": MessageType.INCOMING,
    "template": MessageType.TEMPLATE,
    "3": MessageType.TEMPLATE,
}
_CONTENT_TYPES: Final = frozenset(
    ["text", "input_text", "input_textarea", "input_email", "input_select", "cards", "form",
     "article", "incoming_email", "input_csat", "integrations", "sticker"]
)  # fmt: skip
_NUMBERS: Final = {kind: number for number, kind in enumerate(MessageType)}
MESSAGES = f"{ROOT}/conversations/{{conversation_id:int}}/messages"


@get(MESSAGES, opt={"asks": ThreadQuery})
async def list_messages(request: ApiRequest, database: Database, conversation_id: int) -> Thread:
    """List the messages of a conversation."""
    query = await asked(request, ThreadQuery)
    async with database.transaction() as tx:
        conversation = await visible_conversation(tx, request.user, conversation_id)
        found = await messages_page(
            tx, conversation.id, before=id_or_none(query.before), after=id_or_none(query.after)
        )
        people = await memberships_by_person(
            tx, conversation.account_id, (conversation.assignee_id, *writers(found))
        )
    meta = _meta(conversation, people)
    return Thread(meta, [message_json(one, conversation, people) for one in found])


@post(
    MESSAGES,
    status_code=200,
    opt={"takes": MessageBody, "bots": True},
    request_max_body_size=LARGEST_UPLOAD,
)
async def create_message(request: ApiRequest, poster: Poster, conversation_id: int) -> MessageJson:
    """Post a message."""
    body = await read(request, MessageBody, wrapped="message")
    check_message(body)
    given = files_in(body.attachments)
    files = await keep_files(request.app.state["store"], given) if given else ()

    async def prepare(tx: Transaction, found: Conversation | None) -> Post:
        conversation = await visible(tx, request.user, found)
        return await _post_of(tx, request, conversation, body, files)

    wish = Wish(request.user.account_id, conversation_id, prepare)
    message, conversation = await poster.post(wish)
    return message_json(message, conversation, _by_person(request))


def _by_person(request: ApiRequest) -> dict[int, Membership]:
    """Whoever asks, if it is a person; their own messages need nobody else."""
    who: Membership | BotMember = request.user
    return {} if isinstance(who, BotMember) else {who.user_id: who}


def check_message(body: MessageBody) -> None:
    """Refuse what can be no message, wherever it is to go."""
    wrong: dict[str, Sentence | str] = {}
    files = files_in(body.attachments)
    if problem := files_problem(body.attachments):
        wrong["attachments"] = problem
    if problem := message_problem(text_or(body.content), has_files=bool(files)):
        wrong["content"] = problem
    if text_or(body.message_type) not in _TYPES:
        wrong["message_type"] = "Choose one of: incoming, outgoing."
    wrong |= _others(body)[1]
    if (text_or(body.content_type) or "text") not in _CONTENT_TYPES:
        wrong["content_type"] = "There is no such content type."
    if wrong:
        raise invalid(wrong)


async def post_body(
    tx: Transaction,
    request: ApiRequest,
    conversation: Conversation,
    body: MessageBody,
    files: tuple[StoredFile, ...] = (),
) -> Message:
    """Post a message that was checked, its files stored, to a conversation found for change."""
    post = await _post_of(tx, request, conversation, body, files)
    return (await post_messages(tx, [post], now=now()))[0]


async def _post_of(
    tx: Transaction,
    request: ApiRequest,
    conversation: Conversation,
    body: MessageBody,
    files: tuple[StoredFile, ...],
) -> Post:
    kind = _TYPES[text_or(body.message_type)]
    is_incoming = kind is MessageType.INCOMING
    if is_incoming and conversation.inbox.channel != Channel.API:
        raise unacceptable("Incoming messages are only allowed in Api inboxes")
    draft = MessageDraft(
        content=text_or(body.content),
        message_type=kind,
        private=body.private is True and not is_incoming,
        sender=conversation.contact if is_incoming else writer_of(request),
        content_type=text_or(body.content_type) or "text",
        content_attributes=_attributes(conversation, body),
        source_id=text_or(body.source_id) or None,
        echo_id=text_or(body.echo_id) or None,
        files=files,
    )
    who = Cause(Actor.CONTACT, conversation.contact_id) if is_incoming else None
    return Post(conversation, draft, await cause_in(tx, request, conversation, by=who))


def _attributes(conversation: Conversation, body: MessageBody) -> Json:
    """In e-mail inboxes those who get a copy belong to them; without any they are as given."""
    given = json_or_empty(body.content_attributes)
    others = _others(body)[0]
    if conversation.inbox.channel != Channel.EMAIL or others == Others():
        return given
    return {**given, **others.as_attributes}


def _others(body: MessageBody) -> tuple[Others, dict[str, Sentence]]:
    """Who gets a copy, named beside the message or among its attributes."""
    given = json_or_empty(body.content_attributes)
    named = {CC: body.cc_emails, BCC: body.bcc_emails}
    cc, bcc = (given.get(name) if one is UNSET else one for name, one in named.items())
    return others_from(cc, bcc)


def writer_of(request: ApiRequest) -> User | AgentBot:
    """The person, or the bot, whose token it is."""
    who: Membership | BotMember = request.user
    return who.bot if isinstance(who, BotMember) else who.user


def writers(messages: Iterable[Message]) -> Iterator[int | None]:
    """The ids of the people who wrote these messages; None for everybody else."""
    return (one.sender_user_id for one in messages)


def message_json(
    message: Message,
    conversation: Conversation,
    people: Mapping[int, Membership],
) -> MessageJson:
    """A message, its sender loaded, as the API shows it; `people` as `sender_json` wants them."""
    who = message.sender_user or message.sender_contact or message.sender_bot
    sender = sender_json(who, people)
    return MessageJson(
        id=message.id, content=message.content, inbox_id=message.inbox_id,
        echo_id=message.echo_id or UNSET, conversation_id=conversation.display_id,
        message_type=_NUMBERS[MessageType(message.message_type)],
        content_type=message.content_type, status=message.status,
        content_attributes=message.content_attributes, created_at=unix(message.created_at),
        private=message.private, source_id=message.source_id, sender=sender or UNSET,
        attachments=[attachment_json(one) for one in message.attachments] or UNSET,
    )  # fmt: skip


def attachment_json(attachment: Attachment) -> AttachmentJson:
    """A file as the API shows it."""
    url = attachment.url
    return AttachmentJson(
        id=attachment.id, message_id=attachment.message_id, file_type=attachment.kind,
        account_id=attachment.account_id, extension=None, data_url=url,
        thumb_url=url if attachment.kind == FileKind.IMAGE else "", file_size=attachment.size,
    )  # fmt: skip


def _meta(conversation: Conversation, people: Mapping[int, Membership]) -> ThreadMeta:
    contact = sender_json(conversation.contact, people)
    assignee: Agent | UnsetType = UNSET
    if conversation.assignee is not None:
        person = conversation.assignee
        assignee = agent_json(person, conversation.account_id, people.get(person.id))
    if not isinstance(contact, ContactSender):
        raise TypeError("A conversation is always with a contact.")
    return ThreadMeta(
        list(conversation.labels), conversation.additional_attributes, contact, assignee,
        unix(conversation.agent_last_seen_at), unix(conversation.agent_last_seen_at),
    )  # fmt: skip


handlers: list[Any] = [list_messages, create_message]
