"""How many, by two things at once, as the API reports them: channel and delay, inbox and label, whose messages."""

from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, select

from recado.conversations.models import (
    Conversation,
    MessageType,
    ReportingEvent,
    ReportingName,
)
from recado.db.database import Transaction
from recado.inboxes.models import Inbox
from recado.reports.dimensions import Dimension
from recado.reports.measuring import Scope, messages_by, messages_of_whose

HOURS: Final = {"0-1h": 1, "1-4h": 4, "4-8h": 8, "8-24h": 24}  # each until before so many
LONGER: Final = "24h+"

_FOLLOWED: Final[dict[Dimension, ColumnElement[Any]]] = {
    Dimension.TEAM: Conversation.team_id.expression,
    Dimension.LABEL: Conversation.labels.expression,  # many share the same ones
}


async def first_responses(
    tx: Transaction, scope: Scope, *, business: bool
) -> dict[str, dict[str, int]]:
    """How many first answers took how long, by the inbox's channel."""
    event = ReportingEvent
    value = event.value_in_business_hours if business else event.value
    steps = [(value < hours * 3_600, name) for name, hours in HOURS.items()]
    delay = case(*steps, else_=LONGER).label("delay")
    rows = await tx.execute(
        select(Inbox.channel, delay, func.count())
        .join(Inbox, Inbox.id == event.inbox_id)
        .where(*_within(scope, ReportingName.FIRST_RESPONSE))
        .group_by(Inbox.channel, delay)
    )
    found: dict[str, dict[str, int]] = {}
    for channel, name, count in rows:
        found.setdefault(channel, dict.fromkeys([*HOURS, LONGER], 0))[name] = count
    return found


async def conversations_by_inbox_and_label(
    tx: Transaction, scope: Scope
) -> dict[tuple[int, str], int]:
    """How many conversations began in an inbox and carry a label."""
    event = ReportingEvent
    label = func.unnest(event.labels).label("label")
    rows = await tx.execute(
        select(event.inbox_id, label, func.count())
        .where(*_within(scope, ReportingName.CONVERSATION_CREATED))
        .group_by(event.inbox_id, label)
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def answers_by(tx: Transaction, scope: Scope, dimension: Dimension) -> dict[Any, int]:
    """How many messages were sent: by person, or by whose conversation it is now; None: nobody's."""
    if dimension not in _FOLLOWED:
        said = await messages_by(tx, scope, dimension)
        return {key: line.count(MessageType.OUTGOING) for key, line in said.items()}
    said = await messages_of_whose(tx, scope, _FOLLOWED[dimension])
    found: dict[Any, int] = {}
    for whose, line in said.items():
        for key in whose if dimension == Dimension.LABEL else (whose,):
            found[key] = found.get(key, 0) + line.count(MessageType.OUTGOING)
    return found


def _within(scope: Scope, name: ReportingName) -> list[ColumnElement[bool]]:
    event = ReportingEvent
    return [
        event.account_id == scope.account_id,
        event.name == name,
        event.created_at >= scope.since,
        event.created_at < scope.until,
    ]
