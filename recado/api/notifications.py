"""Notifications: what waits for the token's person, and what they want to be told."""

from typing import Any, Final

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct

from recado.accounts.doors import found
from recado.accounts.models import Membership
from recado.api.agents import memberships_by_person
from recado.api.conversation_changes import moment_in
from recado.api.conversations import ConversationJson, conversations_json
from recado.api.door import ROOT, ApiRequest, iso, nothing, now, unacceptable, unix
from recado.api.fields import UNSET, Json, MaybeId, Page, UnsetType, Words, id_or_none, text_or
from recado.api.messages import MessageJson, message_json, writers
from recado.api.people import UserSender, user_json
from recado.api.reading import asked, read
from recado.conversations.finding import find_conversation
from recado.conversations.models import Conversation
from recado.db.database import Database, Transaction
from recado.notifications.models import Notification
from recado.notifications.reading import (
    UNREAD,
    Wished,
    find_notification,
    mark_all_read,
    mark_conversation_read,
    mark_read,
    mark_unread,
    notification_count,
    notifications_page,
    remove_notification,
    remove_notifications,
    snooze,
)
from recado.notifications.wording import text_of, title_of


class ActionInside(Struct):
    """A custom action that fails."""

    id: int
    name: str


class NotificationJson(Struct, kw_only=True):
    """What waits for somebody: about a conversation, `primary_actor`, whose id is its number; or about a
    custom action that fails, or an inbox whose mailbox cannot be read. `created_at` and `last_activity_at` in Unix seconds.
    """

    id: int
    notification_type: str
    push_message_title: str
    push_message_body: str
    primary_actor_type: str
    primary_actor_id: int
    primary_actor: ConversationJson | None
    secondary_actor: MessageJson | None
    custom_action: ActionInside | None
    performed_by: UserSender | None
    read_at: str | None
    snoozed_until: str | None
    times: int
    created_at: int
    last_activity_at: int
    account_id: int
    user_id: int
    meta: Json = {}


class NotificationsMeta(Struct):
    """How many are unread, how many are listed, and which page this is."""

    unread_count: int
    count: int
    current_page: int


class NotificationsPage(Struct):
    """15 notifications, latest first."""

    meta: NotificationsMeta
    payload: list[NotificationJson]


class Notifications(Struct):
    """A page of notifications."""

    data: NotificationsPage


class NotificationQuery(Struct):
    """Only unread ones that are awake; `includes[]` adds `read` and `snoozed`. `sort_order` asc or desc."""

    page: Page = UNSET
    includes: list[str] | UnsetType = UNSET
    sort_order: Words = UNSET


class ActorBody(Struct):
    """`primary_actor_id`: only of this conversation; without it, of all."""

    primary_actor_type: Words = UNSET
    primary_actor_id: MaybeId = UNSET


class SnoozeBody(Struct):
    """Until when, in Unix seconds or ISO 8601; null wakes it."""

    snoozed_until: Words = UNSET


class RemoveBody(Struct):
    """`type`: `read`, or `all`."""

    type: Words = UNSET


_ONE: Final = f"{ROOT}/notifications/{{notification_id:int}}"


@get(f"{ROOT}/notifications", opt={"asks": NotificationQuery})
async def list_notifications(request: ApiRequest, database: Database) -> Notifications:
    """List what waits for the token's person, 15 a page."""
    query, moment, member = await asked(request, NotificationQuery), now(), request.user
    includes = query.includes if isinstance(query.includes, list) else []
    wished = Wished("read" in includes, "snoozed" in includes, text_or(query.sort_order) == "asc")
    page = max(query.page, 1) if isinstance(query.page, int) else 1
    async with database.transaction() as tx:
        found = await notifications_page(tx, member, wished, now=moment, page=page)
        unread, count = [
            await notification_count(tx, member, one, now=moment) for one in (UNREAD, wished)
        ]
        meta = NotificationsMeta(unread, count, page)
        return Notifications(NotificationsPage(meta, await _shown(tx, found)))


@get(f"{ROOT}/notifications/unread_count")
async def count_unread(request: ApiRequest, database: Database) -> int:
    """Count what is unread: a bare number."""
    async with database.transaction() as tx:
        return await notification_count(tx, request.user, now=now())


@post(f"{ROOT}/notifications/read_all", status_code=200, opt={"takes": ActorBody})
async def read_all(request: ApiRequest, database: Database) -> Response[bytes]:
    """Mark all as read, or those of one conversation."""
    number = id_or_none((await read(request, ActorBody)).primary_actor_id)
    member = request.user
    async with database.transaction() as tx:
        if number is None:
            await mark_all_read(tx, member, now=now())
        else:
            talk = await _conversation(tx, request, number)
            await mark_conversation_read(tx, member, talk, now=now())
    return nothing()


@post(f"{ROOT}/notifications/destroy_all", status_code=200, opt={"takes": RemoveBody})
async def remove_all(request: ApiRequest, database: Database) -> Response[bytes]:
    """Forget all, or those that are read."""
    which = text_or((await read(request, RemoveBody)).type) or "all"
    if which not in {"all", "read"}:
        raise unacceptable("type: Choose one of: all, read.")
    async with database.transaction() as tx:
        await remove_notifications(tx, request.user, only_read=which == "read")
    return nothing()


@patch(_ONE)
async def patch_notification(
    request: ApiRequest, database: Database, notification_id: int
) -> NotificationJson:
    """Mark as read; a body is not looked at."""
    return await _read(request, database, notification_id)


@put(_ONE)
async def put_notification(
    request: ApiRequest, database: Database, notification_id: int
) -> NotificationJson:
    """Mark as read."""
    return await _read(request, database, notification_id)


@post(f"{_ONE}/unread", status_code=200)
async def unread_notification(
    request: ApiRequest, database: Database, notification_id: int
) -> NotificationJson:
    """Mark as unread again."""
    async with database.transaction() as tx:
        one = await _find(tx, request, notification_id)
        await mark_unread(tx, one)
        return await _one(tx, one)


@post(f"{_ONE}/snooze", status_code=200, opt={"takes": SnoozeBody})
async def snooze_notification(
    request: ApiRequest, database: Database, notification_id: int
) -> NotificationJson:
    """Put it aside until a moment; then it is unread again."""
    given = text_or((await read(request, SnoozeBody)).snoozed_until)
    until = moment_in(given) if given else None
    async with database.transaction() as tx:
        one = await _find(tx, request, notification_id)
        await snooze(tx, one, until)
        return await _one(tx, one)


@delete(_ONE, status_code=200)
async def forget_notification(
    request: ApiRequest, database: Database, notification_id: int
) -> Response[bytes]:
    """Forget one."""
    async with database.transaction() as tx:
        await remove_notification(tx, await _find(tx, request, notification_id))
    return nothing()


async def _read(request: ApiRequest, database: Database, notification_id: int) -> NotificationJson:
    async with database.transaction() as tx:
        one = await _find(tx, request, notification_id)
        await mark_read(tx, one, now=now())
        return await _one(tx, one)


async def _find(tx: Transaction, request: ApiRequest, notification_id: int) -> Notification:
    return found(await find_notification(tx, request.user, notification_id))


async def _conversation(tx: Transaction, request: ApiRequest, number: int) -> Conversation:
    return found(await find_conversation(tx, request.user.account_id, number))


async def _one(tx: Transaction, one: Notification) -> NotificationJson:
    [shown] = await _shown(tx, [one])
    return shown


async def _shown(tx: Transaction, found: list[Notification]) -> list[NotificationJson]:
    talks = list(
        {one.conversation.id: one.conversation for one in found if one.conversation}.values()
    )
    told = await conversations_json(tx, talks)
    by_id = dict(zip((one.id for one in talks), told, strict=True))
    people = await _people(tx, found) if found else {}
    return [_json(one, by_id, people) for one in found]


async def _people(tx: Transaction, found: list[Notification]) -> dict[int, Membership]:
    """Those who caused notifications of one account, or wrote the messages that they are about."""
    wrote = writers(one.message for one in found if one.message)
    caused = (one.by_user.id for one in found if one.by_user)
    return await memberships_by_person(tx, found[0].account_id, (*wrote, *caused))


def _json(
    one: Notification, talks: dict[int, ConversationJson], people: dict[int, Membership]
) -> NotificationJson:
    talk = talks.get(one.conversation_id or 0)
    return NotificationJson(
        id=one.id, notification_type=one.kind,
        push_message_title=str(title_of(one)), push_message_body=text_of(one),
        primary_actor_type="Conversation" if talk else "Inbox" if one.inbox_id else "CustomAction",
        primary_actor_id=talk.id if talk else one.inbox_id or one.action_id or 0,
        primary_actor=talk,
        secondary_actor=_message(one, people),
        custom_action=ActionInside(one.action.id, one.action.name) if one.action else None,
        performed_by=user_json(one.by_user, people) if one.by_user else None, read_at=iso(one.read_at),
        snoozed_until=iso(one.snoozed_until), times=one.times, created_at=unix(one.created_at),
        last_activity_at=unix(one.last_activity_at), account_id=one.account_id, user_id=one.user_id,
    )  # fmt: skip


def _message(one: Notification, people: dict[int, Membership]) -> MessageJson | None:
    if one.message is None or one.conversation is None:
        return None
    return message_json(one.message, one.conversation, people)


handlers: list[Any] = [
    list_notifications, count_unread, read_all, remove_all, patch_notification, put_notification,
    unread_notification, snooze_notification, forget_notification,
]  # fmt: skip
