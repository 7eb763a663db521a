"""The page that says how the chat looks and what it asks."""

import json
import re
from typing import Any

import pytest

from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel
from recado.db.database import Database
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import InboxDraft, open_inbox, update_inbox
from tests.browser import Browser
from tests.people import NOW, VAULT, Cast

FORM = {
    "widget_color": "#ffeb3b",
    "widget_position": "left",
    "welcome_title": "Fale com a loja",
    "welcome_tagline": "Respondemos em minutos",
    "pre_chat_message": "Quem é você?",
    "ask-standard-fullName": "asked",
    "ask-standard-emailAddress": "required",
    "ask-standard-phoneNumber": "",
    "ask-conversation_attribute-size": "asked",
}


@pytest.fixture
async def website(cast: Cast, database: Database) -> Inbox:
    """Ana's, with a custom attribute that visitors could be asked."""
    async with database.transaction() as tx:
        draft = InboxDraft("Loja", Channel.WEB_WIDGET, {"website_url": "https://loja.example"})
        size = AttributeDraft(
            "Número", "size", AttributeKind.LIST, AttributeModel.CONVERSATION, choices=["41", "42"]
        )
        await create_attribute(tx, cast.account.id, size, now=NOW)
        return await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOW)


async def seen(visitor: Browser, website: Inbox) -> dict[str, Any]:
    """What the frame is told."""
    shown = (await visitor.get(f"/widget?website_token={website.identifier}&locale=en")).text
    island = re.search(r'id="seen"[^>]*>(.*?)</script>', shown, re.DOTALL)
    assert island is not None
    told: dict[str, Any] = json.loads(island[1])
    return told


async def test_what_is_saved_is_what_visitors_see(
    ana: Browser, visitor: Browser, website: Inbox
) -> None:
    answer = await ana.post(f"/app/inboxes/{website.id}/widget", FORM)
    assert answer.status_code == 303
    told = await seen(visitor, website)
    assert (told["colour"], told["ink"], told["position"]) == ("#ffeb3b", "#15131f", "left")
    assert (told["title"], told["tagline"]) == ("Fale com a loja", "Respondemos em minutos")
    assert told["asks_with"] == "Quem é você?"
    assert [(one["label"], one["type"], one["required"]) for one in told["asks"]] == [
        ("Name", "text", False), ("E-mail", "email", True), ("Número", "list", False),
    ]  # fmt: skip
    assert told["asks"][2]["choices"] == ["41", "42"]
    shown = (await ana.get(f"/app/inboxes/{website.id}/widget")).text
    assert "Fale com a loja" in shown


async def test_questions_stay_in_the_order_that_a_program_gave_them(
    ana: Browser, visitor: Browser, database: Database, website: Inbox
) -> None:
    fields: list[dict[str, Any]] = [
        {"name": "size", "field_type": "conversation_attribute", "enabled": True},
        {"name": "phoneNumber", "field_type": "standard", "enabled": False},
        {"name": "emailAddress", "field_type": "standard", "enabled": True, "label": "Mail"},
    ]
    asks = {"pre_chat_message": "Quem é você?", "pre_chat_fields": fields}
    kept = {**website.settings, "pre_chat_form_enabled": True, "pre_chat_form_options": asks}
    async with database.transaction() as tx:
        await update_inbox(tx, await tx.merge(website), website.name, kept, now=NOW)
    path = f"/app/inboxes/{website.id}/widget"
    order = ["size", "phoneNumber", "emailAddress", "fullName"]
    assert re.findall(r'<select[^>]*id="ask-\w+?-(\w+)"', (await ana.get(path)).text) == order
    await ana.post(path, FORM)  # asks for the name as well
    told = await seen(visitor, website)
    assert [one["name"] for one in told["asks"]] == ["size", "emailAddress", "fullName"]
    await ana.post(path, FORM | {"ask-standard-phoneNumber": "asked"})
    told = await seen(visitor, website)
    assert [one["name"] for one in told["asks"]] == order


async def test_the_sentence_stays_while_nothing_is_asked(
    ana: Browser, visitor: Browser, website: Inbox
) -> None:
    path = f"/app/inboxes/{website.id}/widget"
    await ana.post(path, {one: "" if one.startswith("ask-") else FORM[one] for one in FORM})
    assert (await seen(visitor, website))["asks"] == []
    assert "Quem é você?" in (await ana.get(path)).text


async def test_nothing_is_asked_until_somebody_wants_it(visitor: Browser, website: Inbox) -> None:
    assert (await seen(visitor, website))["asks"] == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("widget_color", "red", "Choose a colour"),
        ("welcome_title", "x" * 81, "Use at most 80 characters."),
        ("welcome_tagline", "x" * 251, "Use at most 250 characters."),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_is_lost(
    ana: Browser, website: Inbox, name: str, value: str, said: str
) -> None:
    answer = await ana.post(f"/app/inboxes/{website.id}/widget", {**FORM, name: value})
    assert answer.status_code == 422
    assert said in answer.text
    assert value in answer.text
    assert 'value="required" selected' in answer.text


async def test_only_websites_have_a_look(ana: Browser, cast: Cast, website: Inbox) -> None:
    assert (await ana.get(f"/app/inboxes/{cast.inbox.id}/widget")).status_code == 404


async def test_it_is_for_administrators_of_the_account(
    beto: Browser, celia: Browser, website: Inbox
) -> None:
    path = f"/app/inboxes/{website.id}/widget"
    assert (await beto.get(path)).status_code == 403
    assert (await celia.get(path)).status_code == 404
    assert (await celia.post(path, FORM)).status_code == 404
