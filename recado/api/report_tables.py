"""Reports that count by two things, in the shapes of Chatwoot's API, version 2."""

from typing import Any

from litestar import get
from msgspec import Struct

from recado.api.door import ApiRequest, administrators, invalid
from recado.api.fields import UNSET, Flag, MaybeId, UnsetType, Words, text_or
from recado.api.inboxes import CHANNEL_TYPES
from recado.api.reading import asked
from recado.api.reports import ROOT, ReportQuery, names_by, scope_of
from recado.contacts.labels import labels_of
from recado.db.database import Database
from recado.inboxes.models import Channel
from recado.inboxes.opening import inboxes_of
from recado.reports.dimensions import Dimension
from recado.reports.distributing import (
    answers_by,
    conversations_by_inbox_and_label,
    first_responses,
)


class MatrixQuery(Struct):
    """Which inboxes and labels, all of them where it is not said; Unix `since` and `until`."""

    since: Words = UNSET
    until: Words = UNSET
    inbox_ids: list[MaybeId] | UnsetType = UNSET
    label_ids: list[MaybeId] | UnsetType = UNSET
    business_hours: Flag = UNSET


class InboxName(Struct):
    """A row of the matrix."""

    id: int
    name: str


class LabelTitle(Struct):
    """A column of the matrix."""

    id: int
    title: str


class Matrix(Struct):
    """How many conversations of each inbox carry each label: a row for an inbox, a column for a label."""

    inboxes: list[InboxName]
    labels: list[LabelTitle]
    matrix: list[list[int]]


class SentMessages(Struct):
    """How many messages went out, by whose they are."""

    id: int
    name: str
    outgoing_messages_count: int


@get(
    f"{ROOT}/reports/first_response_time_distribution",
    guards=[administrators],
    opt={"asks": ReportQuery},
)
async def show_first_responses(
    request: ApiRequest, database: Database
) -> dict[str, dict[str, int]]:
    """Show how many first answers took less than 1, 4, 8, 24 hours or longer, by channel."""
    query = await asked(request, ReportQuery)
    scope = scope_of(request, query)
    async with database.transaction() as tx:
        found = await first_responses(tx, scope, business=query.business_hours is True)
    return {CHANNEL_TYPES[Channel(channel)]: counts for channel, counts in found.items()}


@get(f"{ROOT}/reports/inbox_label_matrix", guards=[administrators], opt={"asks": MatrixQuery})
async def show_matrix(request: ApiRequest, database: Database) -> Matrix:
    """Show how many of the conversations that began carry which label, inbox by inbox."""
    query = await asked(request, MatrixQuery)
    scope = scope_of(request, query)
    async with database.transaction() as tx:
        inboxes = _chosen(await inboxes_of(tx, scope.account_id), query.inbox_ids)
        labels = _chosen(await labels_of(tx, scope.account_id), query.label_ids)
        counts = await conversations_by_inbox_and_label(tx, scope)
    return Matrix(
        inboxes=[InboxName(one.id, one.name) for one in inboxes],
        labels=[LabelTitle(one.id, one.title) for one in labels],
        matrix=[[counts.get((row.id, one.title), 0) for one in labels] for row in inboxes],
    )


@get(f"{ROOT}/reports/outgoing_messages_count", guards=[administrators], opt={"asks": ReportQuery})
async def show_sent_messages(request: ApiRequest, database: Database) -> list[SentMessages]:
    """Show how many messages were sent, by agent, team, inbox or label."""
    query = await asked(request, ReportQuery)
    kind = text_or(query.group_by)
    if kind not in set(Dimension):
        raise invalid({"group_by": f"Choose one of: {', '.join(Dimension)}."})
    dimension = Dimension(kind)
    scope = scope_of(request, query)
    async with database.transaction() as tx:
        counts = await answers_by(tx, scope, dimension)
        names = await names_by(tx, scope.account_id, dimension)
    return [
        SentMessages(id=number, name=name, outgoing_messages_count=counts.get(key, 0))
        for key, (number, name) in names.items()
    ]


def _chosen(those: list[Any], ids: list[Any] | UnsetType) -> list[Any]:
    return those if isinstance(ids, UnsetType) else [one for one in those if one.id in ids]


handlers: list[Any] = [show_first_responses, show_matrix, show_sent_messages]
