"""No visitor sees, hears or writes in another's conversation, whatever they know about them."""

from typing import Any

import pytest

from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.pubsub import who_listens
from tests.api.calling import Program
from tests.api.test_cable import line
from tests.browser import Browser
from tests.serving import serving
from tests.widget.conftest import OpenSite, Visitor

MARIA, ZE = "a" * 48, "b" * 48


@pytest.mark.parametrize(
    ("method", "path", "json"),
    [
        ("GET", "/conversations/1", None),
        ("GET", "/conversations/1/messages", None),
        ("POST", "/conversations/1/messages", {"content": "mine now"}),
        ("POST", "/conversations/1/toggle_status", None),
        ("POST", "/conversations/1/toggle_typing", {"typing_status": "on"}),
        ("POST", "/conversations/1/update_last_seen", None),
    ],
)
async def test_a_visitor_finds_nothing_of_anothers(
    visitor: Browser, open_site: OpenSite, method: str, path: str, json: Any
) -> None:
    inbox = await open_site()
    maria, ze = (Visitor(visitor, inbox.identifier, one) for one in (MARIA, ZE))
    await maria.arrive(name="Maria", email="maria@example.com")
    assert await maria.write("My card number is…") == 1
    await ze.arrive()
    assert (await ze.own(method, path, json)).status_code == 404
    said = (await maria.own("GET", "/conversations/1/messages")).json()
    assert [one["content"] for one in said] == ["My card number is…"]


async def test_anothers_secret_is_not_taken_over(visitor: Browser, open_site: OpenSite) -> None:
    inbox = await open_site()
    maria = Visitor(visitor, inbox.identifier, MARIA)
    await maria.arrive(name="Maria")
    again = await maria.call("POST", "", {"source_id": MARIA, "name": "Zé"})
    assert again.status_code == 422


async def test_knowing_an_email_shows_nothing(visitor: Browser, open_site: OpenSite) -> None:
    inbox = await open_site()
    maria, ze = (Visitor(visitor, inbox.identifier, one) for one in (MARIA, ZE))
    await maria.arrive(name="Maria", email="maria@example.com")
    await maria.write("hush")
    me = await ze.arrive(email="maria@example.com")
    assert (me["name"], me["email"]) == ("", None)
    assert (await ze.own("GET", "/conversations")).json() == []


async def test_a_secret_opens_only_its_own_website(visitor: Browser, open_site: OpenSite) -> None:
    inbox, other = await open_site(), await open_site()
    maria = Visitor(visitor, inbox.identifier, MARIA)
    await maria.arrive(name="Maria")
    await maria.write("hush")
    elsewhere = Visitor(visitor, other.identifier, MARIA)
    assert (await elsewhere.own("GET", "/conversations")).status_code == 404


async def test_a_visitor_hears_only_what_is_said_to_them(
    app: Any, visitor: Browser, api: Program, open_site: OpenSite
) -> None:
    inbox = await open_site()
    maria, ze = (Visitor(visitor, inbox.identifier, one) for one in (MARIA, ZE))
    tokens = [(await one.arrive())["pubsub_token"] for one in (maria, ze)]
    first, second = await maria.write("I am Maria"), await ze.write("I am Zé")
    async with serving(app) as address, line(address) as ear:
        assert await ear.join(pubsub_token=tokens[1]) == "confirm_subscription"
        await api.post(f"conversations/{first}/messages", {"content": "to Maria"})
        await api.post(f"conversations/{second}/messages", {"content": "a note", "private": True})
        await api.post(f"conversations/{second}/messages", {"content": "to Zé"})
        heard = (await ear.hears())["message"]
    assert (heard["event"], heard["data"]["content"]) == ("message.created", "to Zé")


async def test_a_token_for_listening_cannot_be_made_up(
    app: Any, visitor: Browser, open_site: OpenSite, outbound: Outbound, database: Database
) -> None:
    inbox = await open_site()
    real = (await Visitor(visitor, inbox.identifier, MARIA).arrive())["pubsub_token"]
    forged = f"c{int(real[1 : real.index('-')]) + 1}{real[real.index('-') :]}"
    assert who_listens(outbound.vault, real) is not None
    async with serving(app) as address, line(address) as ear:
        assert await ear.join(pubsub_token=forged) == "reject_subscription"
