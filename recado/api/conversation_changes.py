"""Changing a conversation: status, priority, labels, who has it, custom attributes."""

from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, patch, post
from litestar.response import Response
from msgspec import Struct

from recado.api.agents import Agent, agent_json
from recado.api.causing import cause_in
from recado.api.conversation_query import status_of
from recado.api.conversations import (
    CONVERSATION,
    ConversationJson,
    TeamInside,
    checked_assignee,
    checked_attributes,
    checked_team,
    conversation_json,
    team_inside,
)
from recado.api.door import ApiRequest, invalid, iso, nothing, now
from recado.api.fields import (
    UNSET,
    Json,
    MaybeId,
    MaybeJson,
    UnsetType,
    Words,
    id_or_none,
    json_or_empty,
    text_or,
)
from recado.api.reading import read
from recado.api.seeing import visible_conversation
from recado.conversations.changing import Change, change_conversation
from recado.conversations.models import Conversation, Priority, Status
from recado.db.database import Database, Transaction


class StatusBody(Struct):
    """The status to have; without one, an open conversation is resolved and any other opened.

    `snoozed_until` in Unix seconds or ISO 8601; without it, a snooze lasts until the next reply.
    """

    status: Words = UNSET
    snoozed_until: Words = UNSET


class ToggledStatus(Struct):
    """What came of it."""

    success: bool
    conversation_id: int
    current_status: str
    snoozed_until: str | None


class Toggled(Struct):
    """What came of a change of status."""

    meta: Json
    payload: ToggledStatus


class PriorityBody(Struct):
    """low, medium, high or urgent; null for none."""

    priority: Words = UNSET


class ConversationBody(PriorityBody):
    """What is to be different; what is not sent stays. null unassigns."""

    status: Words = UNSET
    assignee_id: MaybeId = UNSET
    team_id: MaybeId = UNSET


class LabelTitles(Struct):
    """All labels that the conversation is to have."""

    labels: list[str] | UnsetType | None = UNSET


class LabelsOfConversation(Struct):
    """Its labels."""

    payload: list[str]


class AssignmentBody(Struct):
    """Who is to have it: `assignee_id` (null for nobody) wins over `team_id`."""

    assignee_id: MaybeId = UNSET
    team_id: MaybeId = UNSET


class AttributesBody(Struct):
    """All custom attributes that the conversation is to have: what is not sent is gone."""

    custom_attributes: MaybeJson = UNSET


class Attributes(Struct):
    """Its custom attributes."""

    custom_attributes: Json


_MOST_LABELS: Final = 100
_LONGEST_LABEL: Final = 255  # characters


@post(f"{CONVERSATION}/toggle_status", status_code=200, opt={"takes": StatusBody, "bots": True})
async def toggle_status(request: ApiRequest, database: Database, conversation_id: int) -> Toggled:
    """Change the status of a conversation."""
    body = await read(request, StatusBody)
    async with database.transaction() as tx:
        conversation = await _find(tx, request, conversation_id)
        flipped = Status.RESOLVED if conversation.status == Status.OPEN else Status.OPEN
        change = Change(status=status_of(text_or(body.status) or flipped))
        if change["status"] == Status.SNOOZED and text_or(body.snoozed_until):
            change["snoozed_until"] = moment_in(text_or(body.snoozed_until))
        await make_change(tx, request, conversation, change)
    told = ToggledStatus(
        True, conversation.display_id, conversation.status, iso(conversation.snoozed_until)
    )
    return Toggled({}, told)


@post(f"{CONVERSATION}/toggle_priority", status_code=200, opt={"takes": PriorityBody, "bots": True})
async def toggle_priority(
    request: ApiRequest, database: Database, conversation_id: int
) -> Response[bytes]:
    """Set or clear the priority of a conversation."""
    change = _priority_change(await read(request, PriorityBody, wrapped="conversation"))
    async with database.transaction() as tx:
        conversation = await _find(tx, request, conversation_id)
        await make_change(tx, request, conversation, change)
    return nothing()


@patch(CONVERSATION, opt={"takes": ConversationBody, "bots": True})
async def update_conversation(
    request: ApiRequest, database: Database, conversation_id: int
) -> ConversationJson:
    """Change priority, status, agent or team of a conversation, and show it."""
    body = await read(request, ConversationBody, wrapped="conversation")
    async with database.transaction() as tx:
        conversation = await _find(tx, request, conversation_id)
        change = await _change_from(tx, conversation, body)
        await make_change(tx, request, conversation, change)
        return await conversation_json(tx, conversation)


@get(f"{CONVERSATION}/labels")
async def list_labels_of_conversation(
    request: ApiRequest, database: Database, conversation_id: int
) -> LabelsOfConversation:
    """List the labels of a conversation."""
    async with database.transaction() as tx:
        conversation = await visible_conversation(tx, request.user, conversation_id)
    return LabelsOfConversation(list(conversation.labels))


@post(f"{CONVERSATION}/labels", status_code=200, opt={"takes": LabelTitles})
async def set_labels(
    request: ApiRequest, database: Database, conversation_id: int
) -> LabelsOfConversation:
    """Give a conversation exactly these labels."""
    titles = checked_titles(await read(request, LabelTitles))
    async with database.transaction() as tx:
        conversation = await _find(tx, request, conversation_id)
        await make_change(tx, request, conversation, {"labels": titles})
    return LabelsOfConversation(list(conversation.labels))


@post(f"{CONVERSATION}/assignments", status_code=200, opt={"takes": AssignmentBody, "bots": True})
async def assign_conversation(
    request: ApiRequest, database: Database, conversation_id: int
) -> Agent | TeamInside | None:
    """Give a conversation to an agent or a team; the answer is who has it now, or null."""
    body = await read(request, AssignmentBody)
    async with database.transaction() as tx:
        conversation = await _find(tx, request, conversation_id)
        if body.assignee_id is not UNSET:
            return await _assign_agent(tx, request, conversation, id_or_none(body.assignee_id))
        if body.team_id is not UNSET:
            return await _assign_team(tx, request, conversation, id_or_none(body.team_id))
    return None


@post(
    f"{CONVERSATION}/custom_attributes",
    status_code=200,
    opt={"takes": AttributesBody, "bots": True},
)
async def set_custom_attributes(
    request: ApiRequest, database: Database, conversation_id: int
) -> Attributes:
    """Give a conversation exactly these custom attributes."""
    body = await read(request, AttributesBody)
    async with database.transaction() as tx:
        conversation = await _find(tx, request, conversation_id)
        values = await checked_attributes(
            tx, conversation.account_id, json_or_empty(body.custom_attributes)
        )
        await make_change(tx, request, conversation, {"custom_attributes": values})
    return Attributes(conversation.custom_attributes)


def checked_titles(body: LabelTitles) -> list[str]:
    """The labels that were sent, or 422."""
    titles = body.labels if isinstance(body.labels, list) else []
    if len(titles) > _MOST_LABELS or any(len(one) > _LONGEST_LABEL for one in titles):
        raise invalid(
            {"labels": f"Use at most {_MOST_LABELS} labels of {_LONGEST_LABEL} characters."}
        )
    return titles


async def make_change(
    tx: Transaction, request: ApiRequest, conversation: Conversation, change: Change
) -> None:
    """Change a conversation as a program asks, perhaps because a rule has called it."""
    cause = await cause_in(tx, request, conversation)
    await change_conversation(tx, conversation, change, cause=cause, now=now())


def _priority_change(body: PriorityBody) -> Change:
    priority = text_or(body.priority)
    if priority not in (*Priority, "", "nil", "none"):
        raise invalid({"priority": f"Choose one of: {', '.join(Priority)}."})
    if isinstance(body.priority, UnsetType):
        return Change()
    return Change(priority=priority if priority in tuple(Priority) else None)


async def _change_from(
    tx: Transaction, conversation: Conversation, body: ConversationBody
) -> Change:
    change = _priority_change(body)
    if text_or(body.status):
        change["status"] = status_of(text_or(body.status))
    if not isinstance(body.assignee_id, UnsetType):
        change["assignee_id"] = user_id = id_or_none(body.assignee_id)
        if user_id is not None:
            await checked_assignee(tx, conversation.account_id, user_id)
    if not isinstance(body.team_id, UnsetType):
        change["team_id"] = team_id = id_or_none(body.team_id)
        if team_id is not None:
            await checked_team(tx, conversation.account_id, team_id)
    return change


async def _assign_agent(
    tx: Transaction, request: ApiRequest, conversation: Conversation, user_id: int | None
) -> Agent | None:
    member = None
    if user_id is not None:
        member = await checked_assignee(tx, conversation.account_id, user_id)
    await make_change(tx, request, conversation, {"assignee_id": user_id})
    return agent_json(member.user, member.account_id, member) if member else None


async def _assign_team(
    tx: Transaction, request: ApiRequest, conversation: Conversation, team_id: int | None
) -> TeamInside | None:
    team = await checked_team(tx, conversation.account_id, team_id) if team_id else None
    await make_change(tx, request, conversation, {"team_id": team_id})
    return team_inside(team) if team else None


async def _find(tx: Transaction, request: ApiRequest, conversation_id: int) -> Conversation:
    return await visible_conversation(tx, request.user, conversation_id, for_change=True)


def moment_in(text: str) -> datetime:
    """The moment until which something is snoozed, or 422."""
    try:
        if text.strip().lstrip("-").replace(".", "", 1).isdigit():
            return datetime.fromtimestamp(float(text), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise invalid({"snoozed_until": "Enter Unix seconds or ISO 8601."}) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


handlers: list[Any] = [
    toggle_status, toggle_priority, update_conversation, list_labels_of_conversation, set_labels,
    assign_conversation, set_custom_attributes,
]  # fmt: skip
