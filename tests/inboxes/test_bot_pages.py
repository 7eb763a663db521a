"""Agent bots in a browser."""

import re

from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.people import Cast

NEW = {"name": "Greeter", "description": "", "outgoing_url": "https://bot.example/", "inboxes": "1"}


def token_in(page: str) -> str:
    shown = re.search(r'id="new-token">([^<]+)<', page)
    return shown[1] if shown else ""


async def test_only_administrators_see_bots(ana: Browser, beto: Browser, visitor: Browser) -> None:
    await ana.post("/app/bots", NEW)
    for path in ("/app/bots", "/app/bots/new", "/app/bots/1", "/app/bots/1/delete"):
        assert (await ana.get(path)).status_code == 200
        assert (await beto.get(path)).status_code == 403
        assert (await visitor.get(path)).status_code == 303


async def test_a_bot_inside_the_network_is_refused_on_saving(ana: Browser, cast: Cast) -> None:
    inside = "http://192.168.0.9/bot"
    refused = await ana.post("/app/bots", NEW | {"outgoing_url": inside})
    assert refused.status_code == 422
    assert "it is not on the public internet" in refused.text
    api = programs(ana, cast)[0]
    answer = await api.call("POST", "agent_bots", {"name": "Greeter", "outgoing_url": inside})
    assert (answer.status_code, answer.json()["attributes"]) == (422, ["outgoing_url"])


async def test_a_new_bots_token_is_shown_once_and_opens_its_inbox(
    ana: Browser, visitor: Browser, cast: Cast
) -> None:
    token = token_in((await ana.post("/app/bots", NEW)).text)
    assert token
    assert token not in (await ana.get("/app/bots/1")).text
    api = programs(visitor, cast)[0]
    assert (await api.get("inboxes/1/agent_bot"))["agent_bot"]["name"] == "Greeter"
    bot = Program(visitor, token, api.account_id)
    answer = await bot.call("POST", "conversations/9/messages", {"content": "x"})
    assert answer.status_code == 404  # it may; there is no such conversation
    renewed = token_in((await ana.post("/app/bots/1/token")).text)
    assert renewed not in ("", token)
    assert (await bot.call("POST", "conversations/9/messages")).status_code == 401


async def test_a_bot_is_changed_and_leaves_an_inbox(
    ana: Browser, visitor: Browser, cast: Cast
) -> None:
    await ana.post("/app/bots", NEW)
    assert "whsec_" in (await ana.get("/app/bots/1")).text
    form = {"name": "Cel", "description": "Night", "outgoing_url": ""}
    assert (await ana.post("/app/bots/1", form)).headers["location"] == "/app/bots"
    page = (await ana.get("/app/bots")).text
    assert "Cel" in page
    assert "In no inbox yet" in page
    assert (await programs(visitor, cast)[0].get("inboxes/1/agent_bot")) == {"agent_bot": None}


async def test_a_bot_is_never_put_into_a_strangers_inbox(ana: Browser, celia: Browser) -> None:
    await ana.post("/app/bots", {**NEW, "inboxes": "2"})
    assert "In no inbox yet" in (await ana.get("/app/bots")).text
    assert (await celia.get("/app/bots/1")).status_code == 404
    assert (await celia.post("/app/bots/1/token")).status_code == 404


async def test_what_is_wrong_stands_under_its_field(ana: Browser) -> None:
    for path in ("/app/bots", "/app/bots/1"):
        answer = await ana.post(path, {**NEW, "name": "", "outgoing_url": "nonsense"})
        assert answer.status_code == (422 if path == "/app/bots" else 404)
    assert (
        'value="nonsense"'
        in (await ana.post("/app/bots", {**NEW, "outgoing_url": "nonsense"})).text
    )
    await ana.post("/app/bots", NEW)
    refused = await ana.post("/app/bots/1", {**NEW, "name": ""})
    assert refused.status_code == 422
    assert "Please enter a name." in refused.text


async def test_a_bot_is_deleted_by_its_name(ana: Browser) -> None:
    await ana.post("/app/bots", NEW)
    assert (await ana.post("/app/bots/1/delete", {"name": "x"})).status_code == 422
    assert (await ana.post("/app/bots/1/delete", {"name": "Greeter"})).status_code == 303
    assert (await ana.get("/app/bots/1")).status_code == 404
