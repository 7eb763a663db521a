"""What reports count, event by event, in the shapes of Chatwoot's API."""

from typing import Any

from litestar import get
from msgspec import Struct

from recado.api.door import ROOT, ApiRequest, administrators, iso
from recado.api.fields import UNSET, MaybeId, Page, Words, id_or_none, text_or
from recado.api.reading import asked
from recado.api.reports import moment_asked
from recado.api.seeing import visible_conversation
from recado.conversations.models import ReportingEvent
from recado.db.database import Database
from recado.reports.listing import (
    PAGE,
    Wanted,
    event_count,
    events_of_conversation,
    events_page,
)


class EventQuery(Struct):
    """Which events: of an inbox, a person, a name, and of when, in Unix seconds."""

    page: Page = UNSET
    since: Words = UNSET
    until: Words = UNSET
    inbox_id: MaybeId = UNSET
    user_id: MaybeId = UNSET
    name: Words = UNSET


class ReportingEventJson(Struct, kw_only=True):
    """What was counted, and how many seconds it took; `conversation_id` is the conversation's number,
    null once it is deleted.
    """

    id: int
    name: str
    value: float
    value_in_business_hours: float
    event_start_time: str
    event_end_time: str
    account_id: int
    conversation_id: int | None
    inbox_id: int
    user_id: int | None
    created_at: str
    updated_at: str


class EventsMeta(Struct):
    """How many there are, and which page this is."""

    count: int
    current_page: int
    total_pages: int


class Events(Struct):
    """25 events, newest first."""

    meta: EventsMeta
    payload: list[ReportingEventJson]


@get(f"{ROOT}/reporting_events", guards=[administrators], opt={"asks": EventQuery})
async def list_events(request: ApiRequest, database: Database) -> Events:
    """List what reports count."""
    query = await asked(request, EventQuery)
    wanted = Wanted(
        since=moment_asked("since", text_or(query.since)),
        until=moment_asked("until", text_or(query.until)),
        inbox_id=id_or_none(query.inbox_id),
        user_id=id_or_none(query.user_id),
        name=text_or(query.name) or None,
    )
    page = max(query.page, 1) if isinstance(query.page, int) else 1
    account_id = request.user.account_id
    async with database.transaction() as tx:
        count = await event_count(tx, account_id, wanted)
        rows = await events_page(tx, account_id, wanted, page=page)
    return Events(
        EventsMeta(count=count, current_page=page, total_pages=-(-count // PAGE)),
        [_json(event, number) for event, number in rows],
    )


@get(f"{ROOT}/conversations/{{number:int}}/reporting_events")
async def list_events_of_conversation(
    request: ApiRequest, database: Database, number: int
) -> list[ReportingEventJson]:
    """List what reports count of one conversation, in its order."""
    async with database.transaction() as tx:
        conversation = await visible_conversation(tx, request.user, number)
        events = await events_of_conversation(tx, conversation)
    return [_json(one, number) for one in events]


def _json(event: ReportingEvent, number: int | None) -> ReportingEventJson:
    began, at = iso(event.started_at) or "", iso(event.created_at) or ""
    return ReportingEventJson(
        id=event.id, name=event.name, value=event.value,
        value_in_business_hours=event.value_in_business_hours,
        event_start_time=began, event_end_time=at, account_id=event.account_id,
        conversation_id=number, inbox_id=event.inbox_id, user_id=event.user_id,
        created_at=at, updated_at=at,
    )  # fmt: skip


handlers: list[Any] = [list_events, list_events_of_conversation]
