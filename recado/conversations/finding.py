"""Finding conversations and messages, with what the verbs and pages need loaded."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    UnaryExpression,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import joinedload, selectinload

from recado.accounts.models import Membership
from recado.conversations.loading import Talk, talks, whole_conversation, whole_conversations
from recado.conversations.models import (
    MENTIONING,
    Attachment,
    ContactInbox,
    Conversation,
    ConversationParticipant,
    Message,
    Priority,
    Status,
)
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.inboxes.models import InboxMember

PAGE: Final = 25  # conversations on a page, as the API has it
MOST_COUNTED: Final = 1_000  # conversations of a tab; what is beyond is told as more
THREAD: Final = 20  # messages of a thread at once, as the API has it

_URGENCY = case({name: at for at, name in enumerate(Priority)}, value=Conversation.priority)

SORTS: Final[dict[str, tuple[UnaryExpression[Any], ...]]] = {
    "latest": (Conversation.last_activity_at.desc(),),
    "oldest": (Conversation.last_activity_at.asc(),),
    "created": (Conversation.created_at.desc(),),
    "priority": (_URGENCY.desc().nulls_last(), Conversation.last_activity_at.desc()),
    "waiting": (Conversation.waiting_since.asc().nulls_last(),),  # longest without an answer
    "first": (Conversation.created_at.asc(),),
    "calm": (_URGENCY.asc().nulls_first(), Conversation.last_activity_at.desc()),
    "waiting_least": (Conversation.waiting_since.desc().nulls_last(),),
}

WITH_FACTS: Final = (
    joinedload(Conversation.account),
    joinedload(Conversation.contact),
    joinedload(Conversation.contact_inbox),
    joinedload(Conversation.inbox),
    joinedload(Conversation.assignee),
    joinedload(Conversation.team),
)

WITH_EVERYTHING: Final = (
    *WITH_FACTS,
    joinedload(Conversation.contact_inbox).joinedload(ContactInbox.inbox),
)

WITH_PARTS: Final = (
    selectinload(Message.sender_user),
    selectinload(Message.sender_contact),
    selectinload(Message.sender_bot),
    selectinload(Message.attachments),
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which conversations; None means any. `assigned` is "me", "unassigned", "assigned" or "all".

    `kind` is "unattended" (nobody has answered, or the contact waits), "participating" (one's own and
    what one follows), "mention" (a private note mentions this person) or "".
    """

    status: str | None = Status.OPEN
    assigned: str = "all"
    inbox_id: int | None = None
    team_id: int | None = None
    labels: list[str] = field(default_factory=list)
    contact_id: int | None = None
    priority: str | None = None
    q: str = ""
    kind: str = ""
    updated_after: datetime | None = None
    sort: str = ""  # one of SORTS; anything else is the first of them
    condition: ColumnElement[bool] | None = None  # what a saved filter stands for


async def find_conversation(
    tx: Transaction, account_id: int, display_id: int, *, for_change: bool = False
) -> Conversation | None:
    """The account's conversation of this number, with everything loaded.

    `for_change` locks its row until the transaction ends, which keeps its events in order.
    """
    if not for_change:
        return await whole_conversation(tx, account_id, display_id)
    query = select(Conversation).where(
        Conversation.account_id == account_id, Conversation.display_id == display_id
    )
    return await _one(tx, query, for_change=True)


async def find_conversation_by_id(
    tx: Transaction, account_id: int, conversation_id: int, *, for_change: bool = False
) -> Conversation | None:
    """The same by the database's id."""
    query = select(Conversation).where(
        Conversation.account_id == account_id, Conversation.id == conversation_id
    )
    return await _one(tx, query, for_change=for_change)


async def find_conversations_for_change(
    tx: Transaction, conversation_ids: Collection[int]
) -> dict[int, Conversation]:
    """Several by the database's ids, of whatever account, with everything loaded.

    For what follows from their own events. Locked in one order; a deleted one is missing.
    """
    if not conversation_ids:
        return {}
    query = select(Conversation).where(Conversation.id.in_(conversation_ids))
    query = _for_change(query.order_by(Conversation.id)).options(*WITH_EVERYTHING)
    return {one.id: one for one in await tx.scalars(query)}


async def conversations_page(
    tx: Transaction, member: Membership, wanted: Filter, *, page: int = 1
) -> list[Conversation]:
    """The conversations this person sees, latest activity first, with everything loaded."""
    query = in_order(member, wanted, page).limit(PAGE).with_only_columns(Conversation.id)
    return await whole_conversations(tx, list(await tx.scalars(query)))


async def conversations_listed(
    tx: Transaction, member: Membership, wanted: Filter, *, page: int = 1
) -> tuple[list[Talk], bool]:
    """The same for a list that names their contacts only, and whether there are more."""
    query = in_order(member, wanted, page).limit(PAGE + 1).with_only_columns(Conversation.id)
    found = list(await tx.scalars(query))
    return await talks(tx, found[:PAGE], member.user_id) if found else [], len(found) > PAGE


def in_order(member: Membership, wanted: Filter, page: int) -> Select[Conversation]:
    """What this person sees of it in the order that it wants, from this page on."""
    order = (*SORTS.get(wanted.sort, SORTS["latest"]), Conversation.id.desc())
    before = (max(page, 1) - 1) * PAGE
    where = _where(member, wanted)
    if _is_of_any_status(wanted):
        where = [_is_newest(where, before + PAGE + 1)]
    return select(Conversation).where(*where).order_by(*order).offset(before)


def _is_of_any_status(wanted: Filter) -> bool:
    """Whether the newest of all are wanted, of which nothing but an order makes few."""
    is_narrow = wanted.contact_id or wanted.q or wanted.condition is not None
    return wanted.status is None and wanted.sort in {"", "latest"} and not is_narrow


def _is_newest(where: list[ColumnElement[bool]], number: int) -> ColumnElement[bool]:
    """Among so many of each status: the index has them by status, and all together they are sorted."""
    order = (*SORTS["latest"], Conversation.id.desc())
    query = select(Conversation.id).where(*where).order_by(*order).limit(number).correlate(None)
    return Conversation.id.in_(
        union_all(*(query.where(Conversation.status == one) for one in Status))
    )


async def conversation_counts(
    tx: Transaction, member: Membership, wanted: Filter
) -> dict[str, int]:
    """How many there are, whatever `wanted.assigned` says: mine, assigned, unassigned, all."""
    everyone = replace(wanted, assigned="all")
    return await counted(tx, member, _where(member, everyone))


async def some_counts(tx: Transaction, member: Membership, wanted: Filter) -> dict[str, int]:
    """How many there are in each tab, each counted to MOST_COUNTED; one more means: more.

    An account has a hundred thousand that are resolved: counting them costs more than the page.
    """
    tabs = {"mine": "me", "unassigned": "unassigned", "all": "all"}
    row = await tx.execute(
        select(*(_some(member, replace(wanted, assigned=whose)) for whose in tabs.values()))
    )
    return dict(zip(tabs, row.one(), strict=True))


def _some(member: Membership, wanted: Filter) -> ScalarSelect[int]:
    found = select(Conversation.id).where(*_where(member, wanted)).limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


async def counted(
    tx: Transaction, member: Membership, where: list[ColumnElement[bool]]
) -> dict[str, int]:
    """How many conversations meet a condition: mine, assigned, unassigned, all."""
    assignee = Conversation.assignee_id
    row = (
        await tx.execute(
            select(
                func.count().filter(assignee == member.user_id),
                func.count().filter(assignee.is_not(None)),
                func.count().filter(assignee.is_(None)),
                func.count(),
            ).where(*where)
        )
    ).one()
    return dict(zip(("mine", "assigned", "unassigned", "all"), row, strict=True))


async def messages_page(
    tx: Transaction, conversation_id: int, *, before: int | None = None, after: int | None = None
) -> list[Message]:
    """A stretch of a thread, oldest first, with senders loaded.

    The last 20; before an id, the 20 before it; after an id, up to 100; both, up to 1,000.
    """
    query = select(Message).where(Message.conversation_id == conversation_id)
    query = query.options(*WITH_PARTS)
    if before:
        query = query.where(Message.id < before)
    if after:
        query = query.where(Message.id > after).order_by(Message.id)
        return list(await tx.scalars(query.limit(1_000 if before else 100)))
    newest = await tx.scalars(query.order_by(Message.id.desc()).limit(THREAD))
    return list(newest)[::-1]


async def last_messages(tx: Transaction, conversation_ids: list[int]) -> dict[int, Message]:
    """The newest message of each conversation that is no activity, with senders loaded."""
    newest = [id_ for (id_,) in await _LAST.rows(tx, ids=conversation_ids)]
    query = select(Message).where(Message.id.in_(newest)).options(*WITH_PARTS)
    return {message.conversation_id: message for message in await tx.scalars(query)}


_LAST: Final = Direct("""
    select said.id from unnest(:ids::bigint[]) as wanted(id), lateral (
        select id from messages where conversation_id = wanted.id and message_type <> 'activity'
        order by id desc limit 1
    ) as said
""")


async def find_attachment(tx: Transaction, key: str) -> Attachment | None:
    """The file of this key, whose holder may read it."""
    return await tx.scalar(select(Attachment).where(Attachment.key == key).limit(1))


async def _one(tx: Transaction, query: Any, *, for_change: bool) -> Conversation | None:
    query = query.options(*WITH_EVERYTHING)
    found: Conversation | None = await tx.scalar(_for_change(query) if for_change else query)
    return found


def _for_change(query: Any) -> Any:
    """No key changes, so those who write rows that name the conversation need not wait."""
    locked = query.with_for_update(of=Conversation, key_share=True)
    return locked.execution_options(populate_existing=True)


def seen_by(member: Membership) -> list[ColumnElement[bool]]:
    """Which conversations a person sees: administrators all, agents those of their inboxes."""
    where: list[ColumnElement[bool]] = [Conversation.account_id == member.account_id]
    if not member.is_administrator:
        own = select(InboxMember.inbox_id).where(InboxMember.user_id == member.user_id)
        where.append(Conversation.inbox_id.in_(own))
    return where


def _where(member: Membership, wanted: Filter) -> list[ColumnElement[bool]]:
    where = seen_by(member)
    for column, value in (
        (Conversation.status, wanted.status),
        (Conversation.inbox_id, wanted.inbox_id),
        (Conversation.team_id, wanted.team_id),
        (Conversation.contact_id, wanted.contact_id),
        (Conversation.priority, wanted.priority),
    ):
        if value is not None:
            where.append(column == value)
    if wanted.labels:
        where.append(Conversation.labels.overlap(wanted.labels))
    if wanted.updated_after:
        where.append(Conversation.updated_at > wanted.updated_after)
    if wanted.condition is not None:
        where.append(wanted.condition)
    where += _assigned(member, wanted.assigned) + _of_kind(member, wanted.kind)
    return where + _containing(wanted.q)


def _of_kind(member: Membership, kind: str) -> list[ColumnElement[bool]]:
    match kind:
        case "unattended":
            never = Conversation.first_reply_created_at.is_(None)
            return [or_(never, Conversation.waiting_since.is_not(None))]
        case "participating":
            followed = select(ConversationParticipant.conversation_id).where(
                ConversationParticipant.user_id == member.user_id
            )
            mine = Conversation.assignee_id == member.user_id
            return [or_(mine, Conversation.id.in_(followed))]
        case "mention":
            return [_mentioning(member)]
        case _:
            return []


def _mentioning(member: Membership) -> ColumnElement[bool]:
    """Whether a private note mentions this person: those few are found first, and once."""
    link = f"](mention://user/{member.user_id}/"
    notes = select(Message.conversation_id).where(
        Message.account_id == member.account_id,
        Message.private,
        literal_column(MENTIONING),
        Message.content.contains(link, autoescape=True),
    )
    return Conversation.id == func.any(func.array(notes.scalar_subquery()))


def _assigned(member: Membership, assigned: str) -> list[ColumnElement[bool]]:
    match assigned:
        case "me":
            return [Conversation.assignee_id == member.user_id]
        case "unassigned":
            return [Conversation.assignee_id.is_(None)]
        case "assigned":
            return [Conversation.assignee_id.is_not(None)]
        case _:
            return []


def _containing(q: str) -> list[ColumnElement[bool]]:
    if not q.strip():
        return []
    wanted = Message.content.icontains(q.strip(), autoescape=True)
    return [select(Message.id).where(Message.conversation_id == Conversation.id, wanted).exists()]
