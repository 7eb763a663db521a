"""Opening the chat of a website: told to webhooks and bots that listen, and nothing without them."""

from typing import Any

import orjson
import pytest
from sqlalchemy import func, select, update

from recado.contacts.models import Contact
from recado.conversations.visiting import circumstances
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.models import Delivery
from recado.events.models import Event
from recado.inboxes.bots import BotDraft, create_bot
from recado.inboxes.models import Inbox
from recado.webhooks.names import Subscription
from tests.browser import Browser
from tests.people import NOW, Cast
from tests.receiver import Receiver
from tests.webhooks.test_telling import Desk, subscribe
from tests.widget.conftest import OpenSite, Visitor

MARIA = "a" * 48
INFO = {
    "initiated_at": {"timestamp": "Thu Nov 26 2026 10:00:00 GMT-0300"},
    "referer": "https://loja.example/botas",
    "widget_language": "pt-BR",
    "browser_language": "pt-BR",
    "browser": {"browser_name": "Chromium", "platform_name": "Linux"},
}
OPENED = {"name": "webwidget.triggered", "event_info": INFO}


@pytest.fixture
def desk(database: Database, outbound: Outbound, receiver: Receiver, cast: Cast) -> Desk:
    return Desk(database, outbound, receiver, cast)


async def test_a_webhook_is_told_who_opens_the_chat(
    desk: Desk, visitor: Browser, open_site: OpenSite
) -> None:
    inbox = await open_site()
    await subscribe(desk, Subscription.WEBWIDGET_TRIGGERED)
    maria = Visitor(visitor, inbox.identifier, MARIA)
    await maria.arrive(name="Maria")
    assert (await maria.own("POST", "/events", OPENED)).content == b""
    [told] = await desk.told(1)
    assert told["event"] == "webwidget_triggered"
    assert told["source_id"] == MARIA
    assert (told["contact"]["name"], told["inbox"]) == ("Maria", {"id": inbox.id, "name": "Loja"})
    assert told["account"] == {"id": 1, "name": "Acme"}
    assert told["current_conversation"] is None
    assert told["event_info"] == INFO
    assert told["performed_by"] == {"type": "contact", "id": told["contact"]["id"]}
    assert isinstance(told["id"], int)


async def test_the_conversation_that_is_under_way_is_told(
    desk: Desk, visitor: Browser, open_site: OpenSite
) -> None:
    inbox = await open_site()
    maria = Visitor(visitor, inbox.identifier, MARIA)
    await maria.arrive(name="Maria")
    await maria.write("Tem bota 42?")
    await subscribe(desk, Subscription.WEBWIDGET_TRIGGERED)
    await maria.own("POST", "/events", OPENED)
    [told] = await desk.told(1)
    current = told["current_conversation"]
    assert (current["id"], current["status"]) == (1, "open")
    assert [one["content"] for one in current["messages"]] == ["Tem bota 42?"]


async def test_a_bot_is_told(desk: Desk, visitor: Browser, open_site: OpenSite) -> None:
    inbox = await open_site()
    async with desk.database.transaction() as tx:
        draft = BotDraft("Robô", "", f"{desk.receiver.url}/bot")
        bot = await create_bot(tx, desk.cast.account.id, draft, vault=desk.outbound.vault, now=NOW)
        await tx.execute(update(Inbox).where(Inbox.id == inbox.id).values(agent_bot_id=bot.id))
    maria = Visitor(visitor, inbox.identifier, MARIA)
    await maria.arrive()
    await maria.own("POST", "/events", OPENED)
    [told] = await desk.told(1)
    assert (told["event"], told["source_id"]) == ("webwidget_triggered", MARIA)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/events", {"name": "webwidget.closed"}, 422),
        ("/events", {}, 422),
        ("/events", {"name": "webwidget.triggered", "event_info": "no object"}, 422),
    ],
)
async def test_nonsense_is_refused_and_nothing_recorded(
    database: Database, visitor: Browser, open_site: OpenSite, path: str, body: Any, status: int
) -> None:
    maria = Visitor(visitor, (await open_site()).identifier, MARIA)
    await maria.arrive()
    assert (await maria.own("POST", path, body)).status_code == status
    assert await visits(database) == 0


async def test_whoever_is_not_known_opens_nothing(
    database: Database, visitor: Browser, open_site: OpenSite, cast: Cast
) -> None:
    stranger = Visitor(visitor, (await open_site()).identifier, MARIA)
    assert (await stranger.own("POST", "/events", OPENED)).status_code == 404
    program = Visitor(visitor, cast.inbox.identifier, MARIA)  # of an API inbox, which has no chat
    await program.arrive()
    assert (await program.own("POST", "/events", OPENED)).status_code == 404
    assert await visits(database) == 0


async def test_the_frame_tells_visits_only_where_somebody_listens(
    desk: Desk, visitor: Browser, open_site: OpenSite
) -> None:
    inbox = await open_site()
    address = f"/widget?website_token={inbox.identifier}"
    assert '"tells_visits": false' in (await visitor.get(address)).text
    await subscribe(desk, Subscription.MESSAGE_CREATED)
    assert '"tells_visits": false' in (await visitor.get(address)).text
    await subscribe_elsewhere(desk)
    assert '"tells_visits": false' in (await visitor.get(address)).text
    async with desk.database.transaction() as tx:
        assert await tx.scalar(select(func.count(Contact.id))) == 0


async def subscribe_elsewhere(desk: Desk) -> None:
    other = desk.cast.other_account.id
    await subscribe(desk, Subscription.WEBWIDGET_TRIGGERED, cast_account=other)


async def test_the_frame_tells_visits_where_somebody_listens(
    desk: Desk, visitor: Browser, open_site: OpenSite
) -> None:
    inbox = await open_site()
    await subscribe(desk, Subscription.WEBWIDGET_TRIGGERED)
    page = await visitor.get(f"/widget?website_token={inbox.identifier}")
    assert '"tells_visits": true' in page.text


async def test_an_opening_that_nobody_listens_to_is_no_delivery(
    desk: Desk, visitor: Browser, open_site: OpenSite
) -> None:
    maria = Visitor(visitor, (await open_site()).identifier, MARIA)
    await maria.arrive()
    await maria.own("POST", "/events", OPENED)
    async with desk.database.transaction() as tx:
        assert await tx.scalar(select(func.count(Delivery.id))) == 0


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({}, {}),
        ({"password": "x", "referer": "https://a.example"}, {"referer": "https://a.example"}),
        ({"referer": "x" * 9_000}, {"referer": "x" * 500}),
        ({"browser": {"a": {"b": {"c": 1}}}}, {"browser": {"a": "{'b': {'c': 1}}"}}),
        ({"browser": {str(n): n for n in range(99)}}, {"browser": {str(n): n for n in range(10)}}),
        (
            {"initiated_at": None, "widget_language": 7},
            {"initiated_at": None, "widget_language": 7},
        ),
    ],
)
def test_what_a_browser_says_is_kept_within_bounds(told: Any, kept: Any) -> None:
    assert circumstances(told) == kept
    assert len(orjson.dumps(circumstances(told))) < 1_000


async def visits(database: Database) -> int:
    async with database.transaction() as tx:
        query = select(func.count(Event.id)).where(Event.name == "webwidget_triggered")
        return await tx.scalar(query) or 0
