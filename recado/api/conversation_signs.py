"""Small signs about a conversation: seen, unread, typing, muted."""

from typing import Any

from litestar import post
from litestar.response import Response
from msgspec import Struct

from recado.api.conversation_changes import make_change
from recado.api.conversations import CONVERSATION, ConversationJson, conversation_json
from recado.api.door import ApiRequest, cause_of, invalid, nothing, now
from recado.api.fields import UNSET, Flag, Words, text_or
from recado.api.messages import writer_of
from recado.api.reading import read
from recado.api.seeing import visible_conversation
from recado.conversations.changing import Change
from recado.conversations.models import Status
from recado.conversations.seeing import mark_seen, mark_unread
from recado.conversations.typing import Sign, tell_typing
from recado.db.database import Database


class TypingBody(Struct):
    """`typing_status` is on or off; `is_private` while a note is written."""

    typing_status: Words = UNSET
    is_private: Flag = UNSET


@post(
    f"{CONVERSATION}/toggle_typing_status", status_code=200, opt={"takes": TypingBody, "bots": True}
)
async def toggle_typing_status(
    request: ApiRequest, database: Database, conversation_id: int
) -> Response[bytes]:
    """Tell that the token's person types, or has stopped."""
    body = await read(request, TypingBody)
    sign = Sign(is_typing_on(text_or(body.typing_status)), body.is_private is True)
    async with database.transaction() as tx:
        conversation = await visible_conversation(
            tx, request.user, conversation_id, for_change=True
        )
        await tell_typing(
            tx, conversation, writer_of(request), sign, cause=cause_of(request), now=now()
        )  # fmt: skip
    return nothing()


@post(f"{CONVERSATION}/update_last_seen", status_code=200)
async def update_last_seen(
    request: ApiRequest, database: Database, conversation_id: int
) -> ConversationJson:
    """Mark a conversation as read."""
    async with database.transaction() as tx:
        conversation = await visible_conversation(
            tx, request.user, conversation_id, for_change=True
        )
        await mark_seen(tx, conversation, now=now())
        return await conversation_json(tx, conversation)


@post(f"{CONVERSATION}/unread", status_code=200)
async def mark_as_unread(
    request: ApiRequest, database: Database, conversation_id: int
) -> ConversationJson:
    """Mark a conversation as unread."""
    async with database.transaction() as tx:
        conversation = await visible_conversation(
            tx, request.user, conversation_id, for_change=True
        )
        await mark_unread(tx, conversation)
        return await conversation_json(tx, conversation)


@post(f"{CONVERSATION}/mute", status_code=200)
async def mute(request: ApiRequest, database: Database, conversation_id: int) -> Response[bytes]:
    """Resolve a conversation, and keep it so whatever its contact writes."""
    await _change(request, database, conversation_id, Change(is_muted=True, status=Status.RESOLVED))
    return nothing()


@post(f"{CONVERSATION}/unmute", status_code=200)
async def unmute(request: ApiRequest, database: Database, conversation_id: int) -> Response[bytes]:
    """Let the contact's messages open the conversation again."""
    await _change(request, database, conversation_id, Change(is_muted=False))
    return nothing()


def is_typing_on(told: str) -> bool:
    """What a typing status says, or 422."""
    if told not in {"on", "off"}:
        raise invalid({"typing_status": "Choose one of: on, off."})
    return told == "on"


async def _change(
    request: ApiRequest, database: Database, conversation_id: int, change: Change
) -> None:
    async with database.transaction() as tx:
        conversation = await visible_conversation(
            tx, request.user, conversation_id, for_change=True
        )
        await make_change(tx, request, conversation, change)


handlers: list[Any] = [toggle_typing_status, update_last_seen, mark_as_unread, mute, unmute]
