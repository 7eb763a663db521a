"""By whose conversations are counted, and where an event says whose it is."""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, cast, func, literal

from recado.conversations.models import ReportingEvent


class Dimension(StrEnum):
    """By whose conversations are counted."""

    AGENT = "agent"
    TEAM = "team"
    INBOX = "inbox"
    LABEL = "label"


ALL: Final = "all"  # by nobody's
BY: Final[dict[Dimension, ColumnElement[Any]]] = {
    Dimension.AGENT: ReportingEvent.user_id.expression,
    Dimension.TEAM: ReportingEvent.team_id.expression,
    Dimension.INBOX: ReportingEvent.inbox_id.expression,
    Dimension.LABEL: func.unnest(ReportingEvent.labels),
}


def key_by(dimension: str) -> ColumnElement[str]:
    """Whose an event is, as text; empty: nobody's."""
    if dimension == ALL:
        return literal("", Text)
    if dimension == Dimension.LABEL:
        return BY[Dimension.LABEL]
    return func.coalesce(cast(BY[Dimension(dimension)], Text), "")


def key_of(dimension: Dimension, key: str) -> int | str | None:
    """Whose it is: an id, or a label; None: nobody's."""
    if dimension == Dimension.LABEL:
        return key
    return int(key) if key else None
