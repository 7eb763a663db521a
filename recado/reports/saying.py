"""Counting what was said: a row for each conversation and day, and what reports read of it.

From these rows come the messages of the account, its inboxes and authors, which never change, and at the time of a
report those of teams, labels and assignees: whose a conversation is, is asked of the conversation itself. What was
said in one that is deleted afterwards stays counted, on the days on which it was said.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Delete,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    literal,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT, aggregate_order_by, insert

from recado.conversations.models import Conversation, Message, MessageType
from recado.db.database import Transaction
from recado.reports.days import of_uncounted
from recado.reports.dimensions import ALL, Dimension
from recado.reports.models import MessageTotal
from recado.reports.periods import Period

SPOKEN: Final = (MessageType.INCOMING, MessageType.OUTGOING)
WHOSE: Final[dict[str, ColumnElement[str]]] = {  # messages, by what never changes about them
    ALL: literal("", Text),
    Dimension.INBOX: cast(Message.inbox_id, Text),
    Dimension.AGENT: func.coalesce(cast(Message.sender_user_id, Text), ""),  # who wrote
}
_NOBODY: Final = 0  # among authors: bots, rules, programs


async def count_messages(tx: Transaction, account_id: int, period: Period, days: CTE) -> None:
    """Count these days anew."""
    is_now = MessageTotal.day.between(period.first, period.last)
    await tx.execute(without_messages(account_id).where(is_now))
    is_incoming = Message.message_type == MessageType.INCOMING
    author = func.coalesce(Message.sender_user_id, _NOBODY)
    authors = func.array_agg(aggregate_order_by(author, author)).filter(~is_incoming)
    said = (
        select(
            literal(account_id), days.c.day, Message.conversation_id,
            func.min(Message.inbox_id),
            cast(func.count().filter(is_incoming), Integer),
            cast(func.count().filter(~is_incoming), Integer),
            func.coalesce(authors, cast([], ARRAY(BIGINT))),
        )
        .join_from(days, Message, and_(*messages_of(days, account_id)))
        .group_by(days.c.day, Message.conversation_id)
        .order_by(days.c.day, Message.conversation_id)
    )  # fmt: skip
    columns = (
        "account_id", "day", "conversation_id", "inbox_id", "incoming", "outgoing", "authors",
    )  # fmt: skip
    await tx.execute(insert(MessageTotal).from_select(columns, said))


def without_messages(account_id: int) -> Delete:
    """Forget what can be counted again: what was said in conversations that are still there."""
    return delete(MessageTotal).where(MessageTotal.account_id == account_id, _is_there())


def messages_of(days: CTE, account_id: int) -> list[ColumnElement[bool]]:
    """Which messages are counted: what was said in these days, in public."""
    said = Message
    return [
        (said.created_at >= days.c.starts) & (said.created_at < days.c.ends),
        said.account_id == account_id,
        said.message_type.in_(SPOKEN),
        ~said.private,
    ]


def sums_of_messages(account_id: int, period: Period, dimension: str) -> Subquery:
    """Of counted days: day, name, key, and count."""
    total = MessageTotal
    then = total.day.between(period.first, period.last)
    said = _each(dimension, select(total).where(total.account_id == account_id, then).cte())
    by = (said.c.day, said.c.name, said.c.key)
    return select(*by, func.sum(said.c.count).label("count")).group_by(*by).subquery()


def said_in_gone(days: CTE, account_id: int, dimension: str) -> Subquery:
    """Of days that are to be counted again, what was said in conversations that are deleted since."""
    total = MessageTotal
    then = select(total).where(total.account_id == account_id, total.day == days.c.day)
    return _each(dimension, of_uncounted(days, then.where(~_is_there())).cte())


def said_by_day(
    account_id: int,
    between: tuple[date, date],
    only: Iterable[ColumnElement[bool]],
    whose: ColumnElement[Any] | None = None,
) -> Subquery:
    """Of these days, in conversations that are there: day, whose, incoming and outgoing.

    Added up before anything else is joined: PostgreSQL knows nothing of how many days a list holds, takes
    it for a few, and would look for each conversation by itself.
    """
    total, talk = MessageTotal, Conversation
    key = literal("", Text) if whose is None else whose
    return (
        select(
            total.day,
            key.label("whose"),
            func.sum(total.incoming).label(MessageType.INCOMING),
            func.sum(total.outgoing).label(MessageType.OUTGOING),
        )
        .join(talk, talk.id == total.conversation_id)
        .where(total.account_id == account_id, total.day.between(*between), *only)
        .group_by(total.day, text("2"))
        .subquery()
    )


def said_by(days: CTE, daily: Subquery, key: ColumnElement[Any]) -> list[Select[Any]]:
    """Of counted days: key, name, count and no seconds."""
    sums = (
        select(
            key.label("key"),
            *(func.sum(daily.c[name]).label(name) for name in SPOKEN),
        )
        .join_from(daily, days, (days.c.day == daily.c.day) & days.c.is_counted)
        .group_by(text("1"))
        .cte()
    )
    return [
        select(sums.c.key, literal(name, Text), sums.c[name], literal(0.0)).where(sums.c[name] > 0)
        for name in SPOKEN
    ]


def _each(dimension: str, totals: CTE) -> Subquery:
    """Totals as rows of day, name, key, and count, which is never 0."""
    total = totals.c
    key = cast(total.inbox_id, Text) if dimension == Dimension.INBOX else literal("", Text)
    incoming = select(
        total.day, literal(MessageType.INCOMING, Text).label("name"), key.label("key"),
        total.incoming.label("count"),
    ).where(total.incoming > 0)  # fmt: skip
    name = literal(MessageType.OUTGOING, Text)
    outgoing = select(total.day, name, key, total.outgoing).where(total.outgoing > 0)
    if dimension == Dimension.AGENT:
        each = select(total.day, func.unnest(total.authors).label("author")).subquery()
        whose = case((each.c.author == _NOBODY, ""), else_=cast(each.c.author, Text))
        outgoing = select(each.c.day, name, whose, literal(1))
    return union_all(incoming, outgoing).subquery()


def _is_there() -> ColumnElement[bool]:
    """Whether the conversation of a MessageTotal is not deleted."""
    return select(Conversation.id).where(Conversation.id == MessageTotal.conversation_id).exists()
