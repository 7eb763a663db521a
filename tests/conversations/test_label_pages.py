"""Labels in a browser and over the API: made, changed on whatever carries them, and deleted."""

import pytest

from recado.contacts.models import Label
from recado.conversations.models import Conversation
from recado.db.database import Database
from tests.browser import Browser
from tests.people import Cast, a_contact, a_conversation

VIP = {"title": "VIP", "color": "#ff0000", "description": "importante", "show_on_sidebar": "true"}
_PATHS = ("/app/labels/new", "/app/labels/1", "/app/labels/1/delete")


@pytest.fixture
async def carried(database: Database, cast: Cast, ana: Browser) -> Conversation:
    """A conversation and its contact carry "vip"; the stranger's account has the same word."""
    await ana.post("/app/labels", VIP)
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account)
        contact.labels = ["vip", "sul"]
        conversation = await a_conversation(tx, cast.inbox, contact)
        conversation.labels = ["novo", "vip"]
        tx.add(Label(account_id=cast.other_account.id, title="vip"))
        stranger = await a_contact(tx, cast.other_account)
        other = await a_conversation(tx, cast.other_inbox, stranger)
        other.labels = ["vip"]
    return conversation


async def _labels(database: Database, conversation: Conversation) -> tuple[list[str], list[str]]:
    async with database.transaction() as tx:
        found = await tx.get_one(Conversation, conversation.id)
        await tx.refresh(found, ["contact"])
        return found.labels, found.contact.labels


async def test_administrators_change_them_and_agents_see_them(
    ana: Browser, beto: Browser, celia: Browser, visitor: Browser
) -> None:
    assert (await beto.post("/app/labels", VIP)).status_code == 403
    assert (await ana.post("/app/labels", VIP)).status_code == 303
    page = (await beto.get("/app/labels")).text
    assert "vip" in page
    assert "importante" in page
    for path in _PATHS:
        assert path not in page
        assert (await beto.get(path)).status_code == 403
    assert "No labels yet" in (await celia.get("/app/labels")).text
    assert (await visitor.get("/app/labels")).status_code == 303
    for path in _PATHS[1:]:
        assert (await celia.get(path)).status_code == 404
        assert (await celia.post(path, VIP)).status_code == 404
        assert (await beto.post(path, VIP)).status_code == 403
    assert (await ana.post("/app/labels/1/delete")).status_code == 303
    assert "No labels yet" in (await ana.get("/app/labels")).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": "two words"}, "without spaces"),
        ({"title": ""}, "without spaces"),
        ({"title": "taken"}, "This label exists already."),
        ({"title": "TAKEN"}, "This label exists already."),
        ({"color": "red"}, "Enter a colour as #1f93ff."),
    ],
)
@pytest.mark.parametrize("path", ["/app/labels", "/app/labels/2"])
async def test_a_refused_label_stays_typed(
    ana: Browser, path: str, typed: dict[str, str], said: str
) -> None:
    for title in ("taken", "other"):
        await ana.post("/app/labels", {"title": title, "color": "#00ff00"})
    form = {"title": "boleto", "color": "#123456", "description": "why it is", **typed}
    answer = await ana.post(path, form)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text
    for text in form.values():
        assert f'value="{text}"' in answer.text


async def test_the_form_shows_what_is_saved(ana: Browser) -> None:
    await ana.post("/app/labels", VIP)
    page = (await ana.get("/app/labels/1")).text
    for text in ('value="vip"', 'value="#ff0000"', 'value="importante"', "checked"):
        assert text in page


async def test_what_is_left_out_is_switched_off(ana: Browser) -> None:
    await ana.post("/app/labels", VIP)
    await ana.post("/app/labels/1", {"title": "vip", "color": "#ff0000"})
    page = (await ana.get("/app/labels/1")).text
    assert "checked" not in page
    assert "importante" not in page


@pytest.mark.parametrize(
    ("form", "conversation", "contact"),
    [
        ({"title": "Ouro"}, ["novo", "ouro"], ["ouro", "sul"]),
        ({"title": "vip", "color": "#000000"}, ["novo", "vip"], ["vip", "sul"]),
        ({"title": " vip "}, ["novo", "vip"], ["vip", "sul"]),
    ],
)
async def test_another_word_is_put_where_the_old_one_stands(
    ana: Browser,
    database: Database,
    carried: Conversation,
    form: dict[str, str],
    conversation: list[str],
    contact: list[str],
) -> None:
    assert (await ana.post("/app/labels/1", {**VIP, **form})).status_code == 303
    assert await _labels(database, carried) == (conversation, contact)


async def test_a_strangers_conversations_keep_their_word(
    ana: Browser, database: Database, carried: Conversation, cast: Cast
) -> None:
    await ana.post("/app/labels/1", {**VIP, "title": "ouro"})
    async with database.transaction() as tx:
        theirs = await tx.get_one(Conversation, carried.id + 1)
    assert (theirs.account_id, theirs.labels) == (cast.other_account.id, ["vip"])


async def test_the_api_renames_them_too(
    ana: Browser, cast: Cast, database: Database, carried: Conversation
) -> None:
    path = f"/api/v1/accounts/{cast.account.id}/labels/1"
    answer = await ana.api("PATCH", path, cast.ana_token, {"title": "ouro"})
    assert answer.json()["description"] == "importante"
    assert answer.json()["show_on_sidebar"] is True
    assert await _labels(database, carried) == (["novo", "ouro"], ["ouro", "sul"])


async def test_deleting_says_first_how_many_carry_it(
    ana: Browser, database: Database, carried: Conversation
) -> None:
    page = (await ana.get("/app/labels/1/delete")).text
    assert "1 conversation<" in page
    assert "1 contact<" in page
    await ana.post("/app/labels/1/delete")
    assert await _labels(database, carried) == (["novo", "vip"], ["vip", "sul"])


async def test_deleting_what_nobody_carries_says_so(ana: Browser) -> None:
    await ana.post("/app/labels", VIP)
    page = (await ana.get("/app/labels/1/delete")).text
    assert "No conversation and no contact carries it." in page


@pytest.mark.parametrize(
    ("switch", "address", "offered"),
    [
        ({"show_on_sidebar": "true"}, "", True),
        ({}, "", False),
        ({}, "&label=vip", True),  # a filter that is set can be seen
    ],
)
async def test_it_is_offered_among_the_filters_if_wanted(
    ana: Browser, carried: Conversation, switch: dict[str, str], address: str, offered: bool
) -> None:
    await ana.post("/app/labels/1", {"title": "vip", "color": "#ff0000", **switch})
    page = (await ana.get(f"/app/conversations?tab=all{address}")).text
    filters = page.partition('name="label"')[2].partition("</select>")[0]
    assert ('value="vip"' in filters) is offered
    assert '<option value="vip">' in page.partition('name="add_label"')[2]
