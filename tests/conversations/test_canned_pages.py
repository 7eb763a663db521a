"""Canned responses: kept in the settings, offered by `/`, filled in for a conversation."""

import pytest

from recado.conversations.canning import canned_offers, create_canned_response
from recado.db.database import Database, Transaction
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation

FORM = {"short_code": "/horario", "content": "Abrimos às 9h, {{ contact.first_name }}."}


async def test_one_is_added_changed_and_deleted(ana: Browser, beto: Browser, number: int) -> None:
    assert "No canned responses yet" in (await beto.get("/app/canned")).text
    assert (await beto.post("/app/canned", FORM)).headers["location"] == "/app/canned"
    assert "/horario" in (await beto.get("/app/canned?q=abrimos")).text
    changed = await beto.post("/app/canned/1", {**FORM, "content": "Abrimos às 10h."})
    assert changed.headers["location"] == "/app/canned"
    assert "Abrimos às 10h." in (await ana.get("/app/canned/1")).text
    assert (await beto.post("/app/canned/1/delete")).status_code == 403
    assert (await ana.post("/app/canned/1/delete")).headers["location"] == "/app/canned"
    assert "No canned responses yet" in (await ana.get("/app/canned")).text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"short_code": " "}, "Enter a short code."),
        ({"short_code": "horario"}, "This short code is taken."),
        ({"short_code": "two words"}, "Leave the spaces out"),
        ({"content": ""}, "Write something first."),
        ({"content": "Oi {{ contact.nome }}"}, "Did you mean “contact.name”?"),
        ({"content": "Oi {{ contact.name"}, "never closed"),
    ],
)
async def test_what_is_wrong_stands_beside_what_was_typed(
    beto: Browser, number: int, wrong: dict[str, str], sentence: str
) -> None:
    await beto.post("/app/canned", FORM)
    answer = await beto.post("/app/canned", {**FORM, "short_code": "outro"} | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text


async def test_a_slash_offers_them_filled_in(
    beto: Browser, celia: Browser, number: int, database: Database, cast: Cast
) -> None:
    await beto.post("/app/canned", FORM)
    offers = f"/app/canned/offers?conversation={number}"
    assert 'data-content="Abrimos às 9h, Maria."' in (await beto.get(f"{offers}&q=hor")).text
    assert "data-content" not in (await beto.get(f"{offers}&q=nada")).text
    assert (await celia.get(offers)).status_code == 404


async def test_two_braces_offer_what_is_known_here(
    beto: Browser, celia: Browser, number: int
) -> None:
    offers = f"/app/conversations/{number}/values"
    headers = {"hx-request": "true"}
    shown = (await beto.get(f"{offers}?q=contact.first", headers=headers)).text
    assert 'data-content="Maria"' in shown
    assert "contact.first_name" in shown
    assert (
        "data-content" not in (await beto.get(f"{offers}?q=team", headers=headers)).text
    )  # it has none
    assert (await celia.get(offers, headers=headers)).status_code == 404


async def test_short_codes_come_before_texts_and_broken_templates_stay(
    tx: Transaction, here: Cast
) -> None:
    for code, content in (("a", "pix: chave"), ("pix", "{% if %}"), ("z", "nada")):
        await create_canned_response(tx, here.account.id, code, content, now=NOW)
    conversation = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    found = await canned_offers(tx, conversation, "PIX", now=NOW)
    assert [(one.short_code, one.content) for one in found] == [
        ("pix", "{% if %}"),
        ("a", "pix: chave"),
    ]
