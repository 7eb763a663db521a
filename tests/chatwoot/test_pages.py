"""The page of connected desks: to connect one, to see how it goes, to end it."""

import pytest
from sqlalchemy import update

from recado.chatwoot.models import ChatwootArrival, ChatwootServer
from tests.browser import Browser
from tests.chatwoot.conftest import Beside
from tests.people import NOW
from tests.standin.server import TOKEN, StandIn


async def test_a_chatwoot_is_connected_on_the_page(ana: Browser, chatwoot: StandIn) -> None:
    chatwoot.desk.add_inbox("Zap", "Channel::Whatsapp")
    assert "No connections yet" in (await ana.get("/app/connections")).text
    form = {"url": chatwoot.url, "token": TOKEN, "account": ""}
    answer = await ana.post("/app/connections", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/connections")
    page = await ana.get("/app/connections")
    assert "Loja Antiga" in page.text
    assert "Being read" in page.text
    assert TOKEN not in page.text
    [webhook] = chatwoot.desk.webhooks
    assert "/public/chatwoot/" in webhook["url"]


@pytest.mark.parametrize(
    ("values", "place", "sentence"),
    [
        ({"token": "wrong"}, "token", "does not accept the token"),
        ({"url": "chat.example"}, "url", "http"),
        ({"url": "http://127.0.0.1:9"}, "url", "could not be reached"),
        ({"url": "http://10.0.0.1"}, "url", "not on the public internet"),
        ({"account": "8"}, "account", "the token opens 7 (Loja Antiga)"),
    ],
    ids=["token", "no address", "nobody there", "an inner address", "another account"],
)
async def test_what_does_not_work_is_told_at_its_field(
    ana: Browser, chatwoot: StandIn, values: dict[str, str], place: str, sentence: str
) -> None:
    form = {"url": chatwoot.url, "token": TOKEN, "account": ""} | values
    answer = await ana.post("/app/connections", form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="error-{place}"' in answer.text
    assert form["url"] in answer.text
    assert chatwoot.desk.webhooks == []


async def test_the_list_says_how_it_goes(ana: Browser, beside: Beside) -> None:
    page = await ana.get("/app/connections")
    assert "Connected</span>" in page.text
    assert "Nothing from it waits" in page.text
    beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.chatwoot.settled()
    async with beside.database.transaction() as tx:
        await tx.execute(update(ChatwootArrival).values(received_at=NOW))
    page = await ana.get("/app/connections")
    assert "Behind</span>" in page.text
    assert "1 message from it waits" in page.text
    beside.chatwoot.answer_next(401)
    await beside.look()
    page = await ana.get("/app/connections")
    assert "Not answering</span>" in page.text
    assert "It does not accept the token" in page.text


async def test_a_desk_that_signs_nothing_is_pointed_out(ana: Browser, beside: Beside) -> None:
    assert "does not sign" not in (await ana.get("/app/connections")).text
    beside.chatwoot.signs = False
    await beside.connect()
    assert "does not sign" in (await ana.get("/app/connections")).text


async def test_a_connection_is_ended_by_its_name(ana: Browser, beside: Beside) -> None:
    path = f"/app/connections/{beside.server_id}/remove"
    assert "Loja Antiga" in (await ana.get(path)).text
    assert (await ana.post(path, {"name": "Another"})).status_code == 422
    assert (await ana.post(path, {"name": "Loja Antiga"})).status_code == 303
    [server] = await beside.all(ChatwootServer)
    assert not server.is_connected
    assert (await ana.get(path)).status_code == 404  # it is no connection any more


async def test_what_could_not_be_ended_over_there_is_told(ana: Browser, beside: Beside) -> None:
    beside.chatwoot.answer_next(500)
    path = f"/app/connections/{beside.server_id}/remove"
    page = await ana.post(path, {"name": "Loja Antiga"})
    assert "Remove it by hand" in page.text


async def test_agents_connect_nothing(beto: Browser, chatwoot: StandIn) -> None:
    assert (await beto.get("/app/connections")).status_code in {403, 404}
    form = {"url": chatwoot.url, "token": TOKEN, "account": ""}
    assert (await beto.post("/app/connections", form)).status_code in {403, 404}
    assert chatwoot.desk.webhooks == []
