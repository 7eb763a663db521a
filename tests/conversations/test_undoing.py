"""A change is taken back by the form of its toast."""

import re
from html import unescape
from typing import Any

import pytest

from recado.conversations.finding import find_conversation
from recado.conversations.models import Conversation
from recado.db.database import Database
from tests.browser import Browser
from tests.people import Cast, a_contact, a_conversation

_TOAST = re.compile(r'<hx-partial hx-target="#toasts".*?</hx-partial>', re.DOTALL)
_VALUE = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
async def conversation(database: Database, cast: Cast) -> Conversation:
    async with database.transaction() as tx:
        found = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        found.labels = ["vip"]
        return found


def _undo_in(text: str) -> tuple[str, dict[str, str]]:
    [toast] = _TOAST.findall(text)
    path = re.search(r'hx-post="([^"]+)"', toast)
    assert path is not None
    values = {name: unescape(value) for name, value in _VALUE.findall(toast)}
    return unescape(path[1]), {key: value for key, value in values.items() if key[0] != "_"}


async def _state(database: Database, conversation: Conversation) -> list[Any]:
    async with database.transaction() as tx:
        now = await find_conversation(tx, conversation.account_id, conversation.display_id)
        assert now is not None
        return [now.status, now.snoozed_until, now.assignee_id, now.priority, now.labels]


@pytest.mark.parametrize(
    ("path", "form", "sentence"),
    [
        ("change", {"status": "resolved"}, "The conversation is resolved."),
        ("change", {"status": "pending"}, "The conversation is pending."),
        ("snooze", {"until": "60"}, "The conversation is snoozed."),
        ("change", {"assignee": "beto"}, "Assigned to Beto Reis."),
        ("change", {"priority": "urgent"}, "The priority is changed."),
        ("change", {"remove_label": "vip"}, "The labels are changed."),
    ],
    ids=lambda one: str(one),
)
async def test_it_is_as_before(
    ana: Browser, cast: Cast, database: Database, conversation: Conversation, path: str,
    form: dict[str, str], sentence: str,
) -> None:  # fmt: skip
    if form.get("remove_label"):
        await ana.post("/app/labels", {"title": "vip", "color": "#123456"})
    form = {
        key: str(cast.beto.user_id) if value == "beto" else value for key, value in form.items()
    }
    before = await _state(database, conversation)
    link = f"/app/conversations/{conversation.display_id}"
    changed = await ana.post(f"{link}/{path}", form, htmx=True)
    assert sentence in changed.text
    assert await _state(database, conversation) != before
    back = await ana.post(*_undo_in(changed.text), htmx=True)
    assert back.status_code == 200
    assert await _state(database, conversation) == before
    assert _TOAST.findall(back.text) == []  # what is taken back is not offered again


async def test_a_snooze_that_was_ended_comes_back_with_its_time(
    ana: Browser, database: Database, conversation: Conversation
) -> None:
    link = f"/app/conversations/{conversation.display_id}"
    await ana.post(f"{link}/snooze", {"until": "tomorrow"}, htmx=True)
    before = await _state(database, conversation)
    opened = await ana.post(f"{link}/change", {"status": "open"}, htmx=True)
    await ana.post(*_undo_in(opened.text), htmx=True)
    assert await _state(database, conversation) == before


async def test_what_changes_nothing_offers_nothing(
    ana: Browser, conversation: Conversation
) -> None:
    link = f"/app/conversations/{conversation.display_id}/change"
    answer = await ana.post(link, {"status": "open"}, htmx=True)
    assert _TOAST.findall(answer.text) == []
