"""Changing a message that was posted: taking it back, saying how far it has come."""

from typing import Any

from litestar import delete, patch, post
from litestar.response import Response
from msgspec import Struct

from recado.accounts.doors import found
from recado.api.agents import memberships_by_person
from recado.api.door import ApiError, ApiRequest, cause_of, invalid, nothing, now
from recado.api.fields import UNSET, Words, text_or
from recado.api.messages import MESSAGES, MessageJson, message_json, writers
from recado.api.reading import read
from recado.api.seeing import visible_conversation
from recado.conversations.correcting import (
    Arrival,
    MessageStatus,
    change_status,
    delete_message,
    find_message,
)
from recado.conversations.mailing_again import mail_again
from recado.conversations.models import Conversation, Message
from recado.db.database import Database, Transaction
from recado.inboxes.models import Channel
from recado.lib.storing import FileStore


class MessageStatusBody(Struct):
    """sent, delivered, read or failed; `external_error` says why it failed."""

    status: Words = UNSET
    external_error: Words = UNSET


_MESSAGE = f"{MESSAGES}/{{message_id:int}}"


@patch(_MESSAGE, opt={"takes": MessageStatusBody})
async def patch_message(
    request: ApiRequest, database: Database, conversation_id: int, message_id: int
) -> MessageJson:
    """Say how far a message has come; only in API inboxes, whose messages others deliver."""
    body = await read(request, MessageStatusBody, wrapped="message")
    if text_or(body.status) not in tuple(MessageStatus):
        raise invalid({"status": f"Choose one of: {', '.join(MessageStatus)}."})
    arrival = Arrival(MessageStatus(text_or(body.status)), text_or(body.external_error))
    async with database.transaction() as tx:
        conversation, message = await _find(tx, request, conversation_id, message_id)
        if conversation.inbox.channel != Channel.API:
            raise ApiError(403, {"error": "Message status update is only allowed for API inboxes"})
        await change_status(
            tx, conversation, message, arrival, cause=cause_of(request), now=now()
        )  # fmt: skip
        wrote = writers([message])
        people = await memberships_by_person(tx, conversation.account_id, wrote)
    return message_json(message, conversation, people)


@delete(_MESSAGE, status_code=200)
async def remove_message(
    request: ApiRequest,
    database: Database,
    store: FileStore,
    conversation_id: int,
    message_id: int,
) -> Response[bytes]:
    """Take a message back, its files too; it stays in the thread with `content_attributes.deleted`."""
    async with database.transaction() as tx:
        conversation, message = await _find(tx, request, conversation_id, message_id)
        keys = await delete_message(tx, conversation, message, cause=cause_of(request), now=now())
    await store.let_go(keys)
    return nothing()


@post(f"{_MESSAGE}/retry", status_code=200)
async def retry_message(
    request: ApiRequest, database: Database, conversation_id: int, message_id: int
) -> MessageJson:
    """Send a message of an e-mail inbox again that could not be sent."""
    async with database.transaction() as tx:
        conversation = await visible_conversation(
            tx, request.user, conversation_id, for_change=True
        )
        by = cause_of(request)
        message = found(await mail_again(tx, conversation, message_id, cause=by, now=now()))
        wrote = writers([message])
        people = await memberships_by_person(tx, conversation.account_id, wrote)
    return message_json(message, conversation, people)


async def _find(
    tx: Transaction, request: ApiRequest, conversation_id: int, message_id: int
) -> tuple[Conversation, Message]:
    conversation = await visible_conversation(tx, request.user, conversation_id, for_change=True)
    message = found(await find_message(tx, conversation, message_id))
    return conversation, message


handlers: list[Any] = [patch_message, remove_message, retry_message]
