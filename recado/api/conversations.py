"""Conversations as the API shows them: starting, finding, showing."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import get, post
from msgspec import Struct, UnsetType

from recado.accounts.doors import found
from recado.accounts.models import Membership, Team
from recado.accounts.people import find_membership
from recado.accounts.teams import find_team
from recado.api.agents import Agent, agent_json, memberships_by_person
from recado.api.conversation_query import ConversationQuery, filter_of, status_of
from recado.api.door import ROOT, ApiRequest, absent, cause_of, invalid, iso, now, unix
from recado.api.fields import (
    UNSET,
    Json,
    MaybeId,
    MaybeJson,
    Short,
    Words,
    id_or_none,
    json_or_empty,
    text_or,
)
from recado.api.inboxes import CHANNEL_TYPES
from recado.api.messages import (
    MessageBody,
    MessageJson,
    check_message,
    message_json,
    post_body,
    writers,
)
from recado.api.people import ContactJson, contact_json
from recado.api.reading import asked, read, shaped
from recado.api.seeing import visible_conversation, visible_inbox
from recado.contacts.attributes import account_values, attributes_named
from recado.contacts.models import AttributeModel
from recado.contacts.saving import find_contact
from recado.conversations.counting_unread import unread_counts
from recado.conversations.finding import (
    Filter,
    conversation_counts,
    conversations_page,
    last_messages,
)
from recado.conversations.models import ContactInbox, Conversation, Message, Status
from recado.conversations.starting import (
    ConversationDraft,
    find_known,
    introduce,
    start_conversation,
)
from recado.db.database import Database, Transaction
from recado.inboxes.models import Channel
from recado.lib.languages import Sentence


class TeamInside(Struct):
    """The team that has a conversation."""

    id: int
    name: str
    description: str | None
    allow_auto_assign: bool
    account_id: int


class ConversationMeta(Struct, kw_only=True):
    """Who takes part in a conversation."""

    sender: ContactJson
    channel: str
    assignee: Agent | UnsetType = UNSET
    assignee_type: str | None
    team: TeamInside | UnsetType = UNSET
    hmac_verified: bool = False


class ConversationJson(Struct, kw_only=True):
    """A conversation. `id` is its number in the account; times in Unix seconds, 0 for never.

    `messages` holds the last one.
    """

    meta: ConversationMeta
    id: int
    messages: list[MessageJson]
    account_id: int
    uuid: str
    additional_attributes: Json
    agent_last_seen_at: int
    assignee_last_seen_at: int
    can_reply: bool = True
    contact_last_seen_at: int
    custom_attributes: Json
    inbox_id: int
    labels: list[str]
    muted: bool
    snoozed_until: str | None
    status: str
    created_at: int
    updated_at: float
    timestamp: int
    first_reply_created_at: int
    unread_count: int
    last_non_activity_message: MessageJson | None
    last_activity_at: int
    priority: str | None
    waiting_since: int
    sla_policy_id: int | None = None


class Counts(Struct):
    """How many conversations there are, by who has them."""

    mine_count: int
    assigned_count: int
    unassigned_count: int
    all_count: int


class CountsOnly(Struct):
    """Only the numbers."""

    meta: Counts


class ConversationsPage(Struct):
    """25 conversations, latest activity first, and how many there are."""

    meta: Counts
    payload: list[ConversationJson]


class Conversations(Struct):
    """A page of conversations."""

    data: ConversationsPage


class NewConversation(Struct):
    """With whom and where: `source_id`, or `contact_id` and `inbox_id`; and a first message."""

    source_id: Short = UNSET
    contact_id: MaybeId = UNSET
    inbox_id: MaybeId = UNSET
    status: Words = UNSET
    assignee_id: MaybeId = UNSET
    team_id: MaybeId = UNSET
    custom_attributes: MaybeJson = UNSET
    additional_attributes: MaybeJson = UNSET
    message: MaybeJson = UNSET


_LONGEST_TEXT: Final = 1_500  # characters of a value without a definition, as in Chatwoot
_LARGEST_NUMBER: Final = 9_999_999_999
CONVERSATION: Final = f"{ROOT}/conversations/{{conversation_id:int}}"


@get(f"{ROOT}/conversations", opt={"asks": ConversationQuery})
async def list_conversations(request: ApiRequest, database: Database) -> Conversations:
    """List the conversations that the token's person sees, 25 a page."""
    query = await asked(request, ConversationQuery)
    wanted = filter_of(query)
    page = query.page if isinstance(query.page, int) else 1
    async with database.transaction() as tx:
        found = await conversations_page(tx, request.user, wanted, page=page)
        counts = await _counts(tx, request.user, wanted)
        return Conversations(ConversationsPage(counts, await conversations_json(tx, found)))


@get(f"{ROOT}/conversations/meta", opt={"asks": ConversationQuery})
async def count_conversations(request: ApiRequest, database: Database) -> CountsOnly:
    """Count the conversations of a filter."""
    wanted = filter_of(await asked(request, ConversationQuery))
    async with database.transaction() as tx:
        return CountsOnly(await _counts(tx, request.user, wanted))


@get(CONVERSATION)
async def show_conversation(
    request: ApiRequest, database: Database, conversation_id: int
) -> ConversationJson:
    """Show a conversation."""
    async with database.transaction() as tx:
        conversation = await visible_conversation(tx, request.user, conversation_id)
        return await conversation_json(tx, conversation)


@post(f"{ROOT}/conversations", status_code=200, opt={"takes": NewConversation, "bots": True})
async def create_conversation(request: ApiRequest, database: Database) -> ConversationJson:
    """Start a conversation, with a first message if one is given."""
    body = await read(request, NewConversation, wrapped="conversation")
    first = None
    if given := json_or_empty(body.message):
        first = shaped(given, MessageBody)
        check_message(first)
    async with database.transaction() as tx:
        draft = await _draft(tx, request, body)
        known = await _contact_inbox(tx, request, body)
        conversation = await start_conversation(
            tx, known, draft, cause=cause_of(request), now=now()
        )
        if first is None:  # nothing was said in it yet
            account_id, who = conversation.account_id, conversation.assignee_id
            people = await memberships_by_person(tx, account_id, [who])
            return _shown(conversation, None, 0, people)
        await post_body(tx, request, conversation, first)
        return await conversation_json(tx, conversation)


async def conversation_json(tx: Transaction, conversation: Conversation) -> ConversationJson:
    """A conversation, everything loaded, as the API shows it."""
    [shown] = await conversations_json(tx, [conversation])
    return shown


async def conversations_json(
    tx: Transaction, conversations: list[Conversation]
) -> list[ConversationJson]:
    """Conversations of one account, everything loaded, as the API shows them."""
    if not conversations:
        return []
    last = await last_messages(tx, [one.id for one in conversations])
    unread = await unread_counts(tx, conversations)
    shown = (*(one.assignee_id for one in conversations), *writers(last.values()))
    people = await memberships_by_person(tx, conversations[0].account_id, shown)
    return [_shown(one, last.get(one.id), unread.get(one.id, 0), people) for one in conversations]


async def checked_attributes(tx: Transaction, account_id: int, given: Json) -> Json:
    """Custom attributes of a conversation as they are stored, or 422."""
    definitions = await attributes_named(tx, account_id, AttributeModel.CONVERSATION, given)
    values, wrong = await account_values(tx, account_id, definitions, given)
    problems: dict[str, Sentence | str] = {
        f"custom_attributes.{key}": sentence for key, sentence in wrong.items()
    }
    for key, value in values.items():
        if isinstance(value, str) and len(value) > _LONGEST_TEXT:
            problems[f"custom_attributes.{key}"] = f"Use at most {_LONGEST_TEXT} characters."
        if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
            problems[f"custom_attributes.{key}"] = f"Use at most {_LARGEST_NUMBER}."
    if problems:
        raise invalid(problems)
    return {key: value for key, value in values.items() if value is not None}


async def checked_assignee(tx: Transaction, account_id: int, user_id: int) -> Membership:
    """An agent of the account, or 404."""
    return found(await find_membership(tx, account_id, user_id))


async def checked_team(tx: Transaction, account_id: int, team_id: int) -> Team:
    """A team of the account, or 404."""
    return found(await find_team(tx, account_id, team_id))


async def _counts(tx: Transaction, member: Membership, wanted: Filter) -> Counts:
    return counts_json(await conversation_counts(tx, member, wanted))


def counts_json(counts: Mapping[str, int]) -> Counts:
    """How many there are, as the API shows it."""
    return Counts(counts["mine"], counts["assigned"], counts["unassigned"], counts["all"])


async def _draft(tx: Transaction, request: ApiRequest, body: NewConversation) -> ConversationDraft:
    account_id = request.user.account_id
    assignee_id, team_id = id_or_none(body.assignee_id), id_or_none(body.team_id)
    if assignee_id is not None:
        await checked_assignee(tx, account_id, assignee_id)
    if team_id is not None:
        await checked_team(tx, account_id, team_id)
    return ConversationDraft(
        status=status_of(text_or(body.status) or Status.OPEN),
        assignee_id=assignee_id,
        team_id=team_id,
        custom_attributes=await checked_attributes(
            tx, account_id, json_or_empty(body.custom_attributes)
        ),
        additional_attributes=json_or_empty(body.additional_attributes),
    )


async def _contact_inbox(
    tx: Transaction, request: ApiRequest, body: NewConversation
) -> ContactInbox:
    """Whom a conversation is with, as an inbox knows them."""
    source_id, contact_id = text_or(body.source_id), id_or_none(body.contact_id)
    inbox_id, inbox = id_or_none(body.inbox_id), None
    if inbox_id is not None:
        inbox = await visible_inbox(tx, request.user, inbox_id)
    if source_id:
        known = await find_known(tx, request.user, source_id, contact_id, inbox_id)
        if known is not None:
            return known
    if contact_id is None or inbox is None:
        raise (
            absent() if source_id else invalid({"contact_id": "Say with whom and in which inbox."})
        )
    contact = found(await find_contact(tx, request.user.account_id, contact_id))
    known = await introduce(tx, contact, inbox, source_id=source_id or None, now=now())
    if known is None:
        raise invalid({"source_id": "The inbox knows somebody else by this id."})
    return known


def _shown(
    conversation: Conversation, last: Message | None, unread: int, people: dict[int, Membership]
) -> ConversationJson:
    one = conversation
    newest = message_json(last, one, people) if last else None
    if newest:
        newest.conversation = _around(one, unread)
    return ConversationJson(
        meta=_meta(one, people), id=one.display_id, messages=[newest] if newest else [],
        account_id=one.account_id, uuid=str(one.uuid),
        additional_attributes=one.additional_attributes,
        agent_last_seen_at=unix(one.agent_last_seen_at),
        assignee_last_seen_at=unix(one.agent_last_seen_at),
        contact_last_seen_at=unix(one.contact_last_seen_at),
        custom_attributes=one.custom_attributes, inbox_id=one.inbox_id, labels=list(one.labels),
        muted=one.is_muted, snoozed_until=iso(one.snoozed_until), status=one.status,
        created_at=unix(one.created_at), updated_at=one.updated_at.timestamp(),
        timestamp=unix(one.last_activity_at), last_activity_at=unix(one.last_activity_at),
        first_reply_created_at=unix(one.first_reply_created_at), unread_count=unread,
        last_non_activity_message=newest, priority=one.priority,
        waiting_since=unix(one.waiting_since),
    )  # fmt: skip


def team_inside(team: Team) -> TeamInside:
    """A team as conversations show it."""
    return TeamInside(team.id, team.name, team.description, team.allow_auto_assign, team.account_id)


def _around(conversation: Conversation, unread: int) -> Json:
    """What bridges read of a message's conversation."""
    return {
        "assignee_id": conversation.assignee_id,
        "unread_count": unread,
        "last_activity_at": unix(conversation.last_activity_at),
        "contact_inbox": {"source_id": conversation.contact_inbox.source_id},
    }


def _meta(conversation: Conversation, people: dict[int, Membership]) -> ConversationMeta:
    assignee, team = conversation.assignee, conversation.team
    meta = ConversationMeta(
        sender=contact_json(conversation.contact),
        channel=CHANNEL_TYPES[Channel(conversation.inbox.channel)],
        assignee_type="User" if assignee else None,
        hmac_verified=conversation.contact_inbox.hmac_verified,
    )
    if assignee is not None:
        meta.assignee = agent_json(assignee, conversation.account_id, people.get(assignee.id))
    if team is not None:
        meta.team = team_inside(team)
    return meta


handlers: list[Any] = [
    list_conversations, count_conversations, show_conversation, create_conversation,
]  # fmt: skip
