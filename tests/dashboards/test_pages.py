"""Dashboard apps: kept in the settings, a tab beside every conversation, framed there and nowhere else."""

import re

import pytest

from recado.dashboards.saving import MOST, create_app
from recado.db.database import Database
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

FORM = {"name": "CRM", "urls": "https://crm.example/chat"}
HERE = "/app/dashboard-apps"


def frames_of(policy: str) -> list[str]:
    """What a content policy allows to be framed."""
    rules = dict(one.strip().partition(" ")[::2] for one in policy.split(";"))
    return rules.get("frame-src", "").split()


@pytest.fixture
async def number(database: Database, cast: Cast) -> int:
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account, name="Maria Souza")
        conversation = await a_conversation(tx, cast.inbox, contact)
        await a_message(tx, conversation, "Oi")
    return conversation.display_id


async def test_one_is_added_changed_and_deleted(ana: Browser) -> None:
    assert "No dashboard apps yet" in (await ana.get(HERE)).text
    assert (await ana.get(f"{HERE}/new")).status_code == 200
    assert (await ana.post(HERE, FORM)).headers["location"] == HERE
    assert "https://crm.example/chat" in (await ana.get(HERE)).text
    two = {"name": "ERP", "urls": " https://erp.example/a \r\n\r\nhttp://localhost:9/b"}
    assert (await ana.post(f"{HERE}/1", two)).headers["location"] == HERE
    form = (await ana.get(f"{HERE}/1")).text
    assert "https://erp.example/a\nhttp://localhost:9/b" in form
    assert (await ana.post(f"{HERE}/1/delete", {"name": "CRM"})).status_code == 422
    assert (await ana.post(f"{HERE}/1/delete", {"name": "ERP"})).headers["location"] == HERE
    assert "No dashboard apps yet" in (await ana.get(HERE)).text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "Please enter a name."),
        ({"urls": " \n "}, "Enter an address."),
        ({"urls": "http://crm.example"}, "The address must begin with https://"),
    ],
)
async def test_what_is_wrong_stands_beside_what_was_typed(
    ana: Browser, wrong: dict[str, str], sentence: str
) -> None:
    await ana.post(HERE, FORM)
    for path in (HERE, f"{HERE}/1"):
        answer = await ana.post(path, {**FORM, "name": "Typed", **wrong})
        assert answer.status_code == 422
        assert sentence in answer.text
        assert (wrong.get("urls") or FORM["urls"]).strip() in answer.text
    assert "Typed" not in (await ana.get(HERE)).text


async def test_there_are_never_too_many(ana: Browser, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        for _ in range(MOST):
            await create_app(tx, cast.account.id, "CRM", ["https://crm.example"], now=NOW)
    refused = await ana.post(HERE, FORM)
    assert refused.status_code == 422
    assert f"An account has at most {MOST} of them." in refused.text


async def test_only_administrators_see_the_settings(beto: Browser) -> None:
    for path in (HERE, f"{HERE}/new"):
        assert (await beto.get(path)).status_code == 403


async def test_a_conversation_frames_what_the_account_has_and_nothing_else(
    ana: Browser, beto: Browser, celia: Browser, number: int
) -> None:
    conversation = f"/app/conversations/{number}"
    before = await beto.get(conversation)
    assert frames_of(before.headers["content-security-policy"]) == []
    assert "<iframe" not in before.text
    await celia.post(HERE, {"name": "Célia's", "urls": "https://celia.example"})
    await ana.post(HERE, {"name": "<CRM>", "urls": "https://crm.example/?a=1&b='\""})
    await ana.post(HERE, {"name": "Dev", "urls": "https://crm.example/b\nhttp://localhost:5173/"})
    shown = await beto.get(conversation)
    assert frames_of(shown.headers["content-security-policy"]) == [
        "http://localhost:5173", "https://crm.example:443",
    ]  # fmt: skip
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert "&lt;CRM&gt;" in shown.text
    assert "celia.example" not in shown.text
    assert shown.text.count("<iframe") == 3
    assert "<iframe" not in re.sub(r"<template>.*?</template>", "", shown.text)  # not loaded yet
    for path in ("/app/conversations", f"{conversation}/messages", HERE):
        assert frames_of((await ana.get(path)).headers["content-security-policy"]) == []


async def test_a_frame_is_kept_in_its_box(ana: Browser, number: int) -> None:
    await ana.post(HERE, FORM)
    page = (await ana.get(f"/app/conversations/{number}")).text
    assert 'sandbox="allow-scripts allow-same-origin allow-forms allow-popups"' in page
    assert 'referrerpolicy="no-referrer"' in page


async def test_a_refused_message_keeps_the_tabs(ana: Browser, beto: Browser, number: int) -> None:
    await ana.post(HERE, FORM)
    refused = await beto.post(f"/app/conversations/{number}/messages", {"content": " "})
    assert refused.status_code == 422
    assert frames_of(refused.headers["content-security-policy"]) == ["https://crm.example:443"]


async def test_an_app_is_told_who_writes_and_who_answers(beto: Browser, number: int) -> None:
    answer = await beto.get(f"/app/conversations/{number}/app-context")
    told = answer.json()
    assert set(told) == {"conversation", "contact", "currentAgent"}
    assert told["conversation"]["id"] == number
    assert told["conversation"]["meta"]["sender"]["name"] == "Maria Souza"
    assert told["conversation"]["messages"][0]["content"] == "Oi"
    assert told["contact"]["email"] == "maria@example.com"
    assert (told["currentAgent"]["name"], told["currentAgent"]["email"]) == (
        "Beto Reis", "beto@acme.example",
    )  # fmt: skip
    assert set(told["currentAgent"]) == {"id", "name", "email"}


async def test_a_stranger_is_told_nothing(celia: Browser, visitor: Browser, number: int) -> None:
    path = f"/app/conversations/{number}/app-context"
    assert (await celia.get(path)).status_code == 404
    assert (await visitor.get(path)).status_code == 303
