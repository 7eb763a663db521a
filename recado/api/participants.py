"""Who follows a conversation besides whoever it is assigned to."""

from typing import Any, Final

from litestar import delete, get, patch, post
from litestar.response import Response
from msgspec import Struct

from recado.api.agents import Agent, agents_json
from recado.api.conversations import CONVERSATION
from recado.api.door import ApiRequest, invalid, nothing
from recado.api.fields import UNSET, Id, UnsetType
from recado.api.reading import read
from recado.api.seeing import visible_conversation
from recado.conversations.models import Conversation
from recado.conversations.participating import may_follow, participant_ids, set_participants
from recado.db.database import Database, Transaction


class ParticipantsBody(Struct):
    """Which agents are meant; all of them see the conversation's inbox."""

    user_ids: list[Id] | UnsetType = UNSET


_PARTICIPANTS: Final = f"{CONVERSATION}/participants"


@get(_PARTICIPANTS)
async def list_participants(
    request: ApiRequest, database: Database, conversation_id: int
) -> list[Agent]:
    """List who follows a conversation."""
    async with database.transaction() as tx:
        conversation = await visible_conversation(tx, request.user, conversation_id)
        return await _shown(tx, conversation)


@post(_PARTICIPANTS, status_code=200, opt={"takes": ParticipantsBody})
async def add_participants(
    request: ApiRequest, database: Database, conversation_id: int
) -> list[Agent]:
    """Let agents follow a conversation."""
    wanted = await _wanted(request)
    async with database.transaction() as tx:
        conversation = await _found(tx, request, conversation_id, wanted)
        known = await participant_ids(tx, conversation)
        await set_participants(tx, conversation, known | wanted)
        return await _shown(tx, conversation)


@patch(_PARTICIPANTS, opt={"takes": ParticipantsBody})
async def replace_participants(
    request: ApiRequest, database: Database, conversation_id: int
) -> list[Agent]:
    """Say who follows a conversation, all at once."""
    wanted = await _wanted(request)
    async with database.transaction() as tx:
        conversation = await _found(tx, request, conversation_id, wanted)
        await set_participants(tx, conversation, wanted)
        return await _shown(tx, conversation)


@delete(_PARTICIPANTS, status_code=200, opt={"takes": ParticipantsBody})
async def remove_participants(
    request: ApiRequest, database: Database, conversation_id: int
) -> Response[bytes]:
    """Let agents follow a conversation no more."""
    wanted = await _wanted(request)
    async with database.transaction() as tx:
        conversation = await visible_conversation(
            tx, request.user, conversation_id, for_change=True
        )
        known = await participant_ids(tx, conversation)
        await set_participants(tx, conversation, known - wanted)
    return nothing()


async def _wanted(request: ApiRequest) -> set[int]:
    body = await read(request, ParticipantsBody)
    if not isinstance(body.user_ids, list):
        raise invalid({"user_ids": "Name at least one agent."})
    return set(body.user_ids)


async def _found(
    tx: Transaction, request: ApiRequest, number: int, wanted: set[int]
) -> Conversation:
    """The conversation, which all of these may follow."""
    conversation = await visible_conversation(tx, request.user, number, for_change=True)
    if wanted - await may_follow(tx, conversation):
        raise invalid({"user_ids": "Name agents who answer in the conversation's inbox."})
    return conversation


async def _shown(tx: Transaction, conversation: Conversation) -> list[Agent]:
    ids = await participant_ids(tx, conversation)
    return await agents_json(tx, conversation.account_id, ids)


handlers: list[Any] = [
    list_participants, add_participants, replace_participants, remove_participants,
]  # fmt: skip
