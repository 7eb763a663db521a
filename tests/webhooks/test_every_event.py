"""Every event of the contract is told: made by REST, with the fields that clients read, and once."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import delete

from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.events.models import Event
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from recado.webhooks.names import Subscription
from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation
from tests.receiver import Receiver
from tests.webhooks.test_telling import Desk, subscribe

Call = tuple[str, str, Any]
MESSAGE = {
    "id", "content", "content_type", "content_attributes", "additional_attributes", "message_type",
    "private", "source_id", "created_at", "sender", "inbox", "account", "conversation",
}  # fmt: skip
CONVERSATION = {
    "id", "inbox_id", "status", "channel", "can_reply", "labels", "custom_attributes",
    "additional_attributes", "priority", "unread_count", "waiting_since", "first_reply_created_at",
    "snoozed_until", "agent_last_seen_at", "contact_last_seen_at", "last_activity_at", "timestamp",
    "created_at", "updated_at", "contact_inbox", "meta", "messages",
}  # fmt: skip
CONTACT = {
    "id", "name", "email", "phone_number", "identifier", "avatar", "thumbnail", "custom_attributes",
    "additional_attributes", "blocked", "account",
}  # fmt: skip
INBOX = {"id", "name", "account"}
TYPING = {"user", "conversation", "is_private"}
VISIT = {"id", "contact", "inbox", "account", "current_conversation", "source_id", "event_info"}
OPENED = {"name": "webwidget.triggered", "event_info": {"referer": "https://loja.example"}}
POST_MESSAGE: Call = ("POST", "conversations/1/messages", {"content": "Olá"})


@dataclass(frozen=True)
class Told:
    """What makes an event, what its body has, and one thing that it says."""

    calls: list[Call]
    fields: set[str]
    says: dict[str, Any] = field(default_factory=dict)


EVENTS = {
    Subscription.CONVERSATION_CREATED: Told(
        [("POST", "conversations", {"contact_id": 1, "inbox_id": 1})], CONVERSATION,
        {"status": "open", "messages": []},
    ),
    Subscription.CONVERSATION_STATUS_CHANGED: Told(
        [("POST", "conversations/1/toggle_status", {"status": "resolved"})],
        CONVERSATION | {"changed_attributes"},
        {"changed_attributes": [{"status": {"previous_value": "open", "current_value": "resolved"}}]},
    ),
    Subscription.CONVERSATION_UPDATED: Told(
        [("POST", "conversations/1/labels", {"labels": ["vip"]})],
        CONVERSATION | {"changed_attributes"},
        {"changed_attributes": [{"label_list": {"previous_value": [], "current_value": ["vip"]}}]},
    ),
    Subscription.MESSAGE_CREATED: Told([POST_MESSAGE], MESSAGE, {"message_type": "outgoing"}),
    Subscription.MESSAGE_UPDATED: Told(
        [POST_MESSAGE, ("DELETE", "conversations/1/messages/1", None)], MESSAGE,
    ),
    Subscription.WEBWIDGET_TRIGGERED: Told(
        [("POST", "/public/api/v1/inboxes/{site}/contacts", {"source_id": "s" * 40}),
         ("POST", "/public/api/v1/inboxes/{site}/contacts/" + "s" * 40 + "/events", OPENED)],
        VISIT, {"source_id": "s" * 40},
    ),
    Subscription.CONTACT_CREATED: Told(
        [("POST", "contacts", {"name": "Zé"})], CONTACT, {"name": "Zé"},
    ),
    Subscription.CONTACT_UPDATED: Told(
        [("PUT", "contacts/1", {"name": "Maria S"})], CONTACT | {"changed_attributes"},
        {"name": "Maria S"},
    ),
    Subscription.INBOX_CREATED: Told(
        [("POST", "inboxes", {"name": "Zap", "channel": {"type": "api"}})], INBOX, {"name": "Zap"},
    ),
    Subscription.INBOX_UPDATED: Told(
        [("PATCH", "inboxes/1", {"name": "Site 2"})], INBOX | {"changed_attributes"},
        {"name": "Site 2"},
    ),
    Subscription.CONVERSATION_TYPING_ON: Told(
        [("POST", "conversations/1/toggle_typing_status", {"typing_status": "on"})], TYPING,
        {"is_private": False},
    ),
    Subscription.CONVERSATION_TYPING_OFF: Told(
        [("POST", "conversations/1/toggle_typing_status",
          {"typing_status": "off", "is_private": True})], TYPING, {"is_private": True},
    ),
}  # fmt: skip


@pytest.fixture
def desk(database: Database, outbound: Outbound, receiver: Receiver, cast: Cast) -> Desk:
    return Desk(database, outbound, receiver, cast)


@pytest.fixture
def api(visitor: Browser, cast: Cast) -> Program:
    return programs(visitor, cast)[0]


async def a_site(desk: Desk) -> str:
    """Maria's conversation 1 in the API inbox; and the token of a website's inbox."""
    draft = InboxDraft("Loja", Channel.WEB_WIDGET, {"website_url": "https://loja.example"})
    async with desk.database.transaction() as tx:
        await a_conversation(tx, desk.cast.inbox, await a_contact(tx, desk.cast.account))
        inbox = await open_inbox(tx, desk.cast.account.id, draft, vault=VAULT, now=NOW)
        await tx.execute(delete(Event))  # what making them has recorded
        return inbox.identifier


def test_no_event_is_left_out() -> None:
    assert set(EVENTS) == set(Subscription)


@pytest.mark.parametrize("name", Subscription)
async def test_an_event_is_told_to_who_subscribed_to_it(
    name: Subscription, desk: Desk, api: Program
) -> None:
    site = await a_site(desk)
    await subscribe(desk, name)
    for method, path, body in EVENTS[name].calls:
        full = path.replace("{site}", site)
        is_open = full.startswith("/")
        answer = (
            await api.browser.api(method, full, None, body)
            if is_open
            else await api.call(method, full, body)
        )
        assert answer.status_code == 200, (path, answer.text)
    [told] = await desk.told(1)
    assert told["event"] == name
    assert EVENTS[name].fields <= set(told), EVENTS[name].fields - set(told)
    for key, value in EVENTS[name].says.items():
        assert told[key] == value, key
    assert {"type", "id"} == set(told["performed_by"])
