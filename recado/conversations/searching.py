"""Searching what was written, by anybody, in the conversations that a person may see."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import contains_eager, joinedload

from recado.accounts.models import Membership
from recado.contacts.models import Contact
from recado.contacts.saving import contacts_page
from recado.conversations.mentioning import as_read
from recado.conversations.models import SEARCHED, Conversation, Message, MessageType
from recado.conversations.viewing import find_visible
from recado.db.database import Transaction
from recado.inboxes.models import InboxMember
from recado.lib.excerpts import Piece, excerpt, search_words
from recado.lib.numbers import number_in

MOST_MESSAGES: Final = 30
MOST_CONTACTS: Final = 6
LATELY: Final = 500  # messages: read from the end, without the index
MOST_SORTED: Final = (
    10_000  # messages that the index finds; of more, as many again are near the end
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that holds all the words, its conversation loaded with contact and inbox."""

    message: Message
    conversation: Conversation
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brings: the conversation of that number, contacts, and messages, newest first."""

    conversation: Conversation | None
    contacts: list[Contact]
    hits: list[Hit]

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing of the kind."""
        return not (self.conversation or self.contacts or self.hits)


async def search(tx: Transaction, member: Membership, typed: str) -> Found:
    """Everything this person may see that has what was typed; `#12` and `12` find a number too."""
    words = search_words(typed)
    number = number_in(typed.strip().removeprefix("#"))
    contacts, _ = await contacts_page(tx, member.account_id, q=typed, sort="-last_activity_at")
    return Found(
        conversation=await find_visible(tx, member, number) if number else None,
        contacts=contacts[:MOST_CONTACTS] if typed.strip() else [],
        hits=[
            Hit(one, one.conversation, excerpt(as_read(one.content), words))
            for one in await _messages(tx, member, words)
        ],
    )


async def _messages(tx: Transaction, member: Membership, words: list[str]) -> list[Message]:
    ids = await _newest(tx, _where(member, words)) if words else []
    if not ids:
        return []
    query = (
        select(Message)
        .join(Message.conversation)
        .where(Message.id.in_(ids))
        .options(
            contains_eager(Message.conversation).options(
                joinedload(Conversation.contact), joinedload(Conversation.inbox)
            )
        )
        .order_by(Message.id.desc())
    )
    return list(await tx.scalars(query))


def _where(member: Membership, words: list[str]) -> list[ColumnElement[bool]]:
    wanted = func.to_tsquery("simple", " & ".join(f"'{word}':*" for word in words))
    where = [
        Message.account_id == member.account_id,
        Message.message_type != MessageType.ACTIVITY,
        literal_column(SEARCHED).op("@@")(wanted),
    ]
    if not member.is_administrator:
        own = select(InboxMember.inbox_id).where(InboxMember.user_id == member.user_id)
        where.append(Message.inbox_id.in_(own))
    return where


async def _newest(tx: Transaction, where: list[ColumnElement[bool]]) -> list[int]:
    """The ids of the newest messages with these words, in no order that matters.

    PostgreSQL takes any beginning of a word for one that every 200th message has, so it looks for the
    newest from the end, through all messages if nobody has written it. Hence in steps: a word that
    many write stands at the end, what few write the index has at once.
    """
    newest = select(Message.id).where(*where).order_by(Message.id.desc()).limit(MOST_MESSAGES)
    end = select(func.max(Message.id)).scalar_subquery()
    lately = list(await tx.scalars(newest.where(Message.id > end - LATELY)))
    if len(lately) == MOST_MESSAGES:
        return lately
    some = select(Message.id).where(*where).limit(MOST_SORTED + 1).subquery()
    number = func.count().over()
    query = select(some.c.id, number).order_by(some.c.id.desc()).limit(MOST_MESSAGES)
    found = (await tx.execute(query)).all()
    if found and found[0][1] > MOST_SORTED:
        return list(await tx.scalars(newest))
    return [one for one, _ in found]
