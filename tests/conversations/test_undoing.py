"""A change is taken back by the form of its toast."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from recado.contacts.labels import create_label
from recado.conversations.changing import Change, change_conversation
from recado.conversations.changing_many import change_many
from recado.conversations.finding import find_conversation
from recado.conversations.models import Conversation
from recado.conversations.taking_back import OFFERED, TakenBack, take_back, undo_offered
from recado.conversations.undoing import Done, done_from, told_back
from recado.db.database import Database, Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.opening import set_inbox_members
from recado.lib.languages import speaking
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

_TOAST = re.compile(r'<hx-partial hx-target="#toasts".*?</hx-partial>', re.DOTALL)
_REGION = re.compile(r"<toast-region.*?</toast-region>", re.DOTALL)
_VALUE = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
async def conversation(database: Database, cast: Cast) -> Conversation:
    async with database.transaction() as tx:
        found = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        found.labels = ["vip"]
        return found


def _undo_in(text: str) -> tuple[str, dict[str, str]]:
    [toast] = _TOAST.findall(text) or _REGION.findall(text)
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


# --- many at once, and "resolve and next" ---


LATER = NOW + timedelta(seconds=5)


@pytest.fixture
async def three(tx: Transaction, here: Cast) -> list[Conversation]:
    contact = await a_contact(tx, here.account)
    return [await a_conversation(tx, here.inbox, contact) for _ in range(3)]


async def _change(tx: Transaction, here: Cast, conversation: Conversation, change: Change) -> None:
    by = Cause(Actor.PERSON, here.beto.user_id)
    await change_conversation(tx, conversation, change, cause=by, now=LATER)


_ALL = Done(NOW, (1, 2, 3))


@pytest.mark.parametrize(
    "form",
    [
        {"status": "resolved"},
        {"status": "open"},
        {"assignee": "beto", "status": "pending"},
        {"add_label": "vip"},
    ],
    ids=str,
)
async def test_many_are_each_as_before(
    tx: Transaction, here: Cast, three: list[Conversation], form: dict[str, str]
) -> None:
    await create_label(tx, here.account.id, "vip")
    if "assignee" in form:
        form = form | {"assignee": str(here.beto.user_id)}
    first, second, _ = three
    await _change(tx, here, first, {"status": "pending", "labels": ["vip"]})
    await _change(tx, here, second, {"status": "snoozed", "snoozed_until": LATER})
    names = ("status", "snoozed_until", "assignee_id", "labels")
    before = [[getattr(one, name) for name in names] for one in three]
    assert await change_many(tx, here.ana, [1, 2, 3], form, now=NOW) == 3
    changed = sum(
        [getattr(one, name) for name in names] != was
        for one, was in zip(three, before, strict=True)
    )
    assert changed
    assert await take_back(tx, here.ana, _ALL, now=LATER) == TakenBack(changed, 0)
    assert [[getattr(one, name) for name in names] for one in three] == before


async def test_what_somebody_has_changed_since_stays(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    await change_many(tx, here.ana, [1, 2, 3], {"status": "resolved"}, now=NOW)
    await _change(tx, here, three[0], {"status": "pending"})
    await a_message(tx, three[1], "And now?")  # opens it again
    assert await take_back(tx, here.ana, _ALL, now=LATER) == TakenBack(1, 2)
    assert [one.status for one in three] == ["pending", "open", "open"]


async def test_what_others_did_to_something_else_stays_too(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    await change_many(tx, here.ana, [1], {"status": "resolved"}, now=NOW)
    await _change(tx, here, three[0], {"priority": "urgent"})
    assert await take_back(tx, here.ana, Done(NOW, (1,)), now=LATER) == TakenBack(1, 0)
    assert (three[0].status, three[0].priority) == ("open", "urgent")


async def test_an_agent_who_has_left_the_inbox_does_not_come_back(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    await _change(tx, here, three[0], {"assignee_id": here.beto.user_id})
    await change_many(tx, here.ana, [1], {"assignee": ""}, now=NOW)
    await set_inbox_members(tx, here.inbox, set())
    assert await take_back(tx, here.ana, Done(NOW, (1,)), now=LATER) == TakenBack(0, 1)
    assert three[0].assignee_id is None


@pytest.mark.parametrize("who", ["beto", "celia"])
async def test_only_what_one_did_oneself_is_taken_back(
    tx: Transaction, here: Cast, three: list[Conversation], who: str
) -> None:
    await change_many(tx, here.ana, [1, 2], {"status": "resolved"}, now=NOW)
    assert await take_back(tx, getattr(here, who), _ALL, now=LATER) == TakenBack(0, 0)
    assert three[0].status == "resolved"


async def test_it_is_offered_for_a_minute_and_while_it_can_be(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    await change_many(tx, here.ana, [1, 2], {"status": "resolved"}, now=NOW)

    async def told(now: Any) -> str | None:
        offered = await undo_offered(tx, here.ana, _ALL, path="/undo", now=now)
        return offered and str(getattr(offered, "text", offered))

    with speaking("en"):
        assert await told(LATER) == ("Changed: 2 of 3 conversations. The others stay as they were.")
        assert await told(NOW + OFFERED) is None
        await take_back(tx, here.ana, _ALL, now=LATER)
        assert await told(LATER) is None
        _ALL_TIMES = Done(LATER + timedelta(seconds=1), (1, 2))
        nothing = await undo_offered(
            tx, here.ana, _ALL_TIMES, path="/undo", now=LATER + timedelta(seconds=2)
        )
        assert str(nothing) == (
            "No conversation was changed: they were so already, or the agent does not answer there."
        )


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"did": "yesterday", "of": "1"},
        {"did": "2026-11-23T12:00:00", "of": "1"},  # without a zone
        {"did": NOW.isoformat(), "of": ""},
        {"did": NOW.isoformat(), "of": "x.-1.0"},
    ],
)
def test_an_address_without_sense_says_nothing(query: dict[str, str]) -> None:
    assert done_from(query) is None


def test_an_address_says_what_was_done() -> None:
    assert done_from(_ALL.query) == _ALL


@pytest.mark.parametrize(
    ("back", "kept", "text"),
    [
        (1, 0, "The conversation is as before."),
        (3, 0, "3 conversations are as before."),
        (2, 1, "As before: 2. Changed by somebody since, and left so: 1."),
        (0, 2, "Somebody has changed this since: it stays as it is."),
    ],
)
def test_it_says_how_many_are_as_before(back: int, kept: int, text: str) -> None:
    with speaking("en"):
        assert str(told_back(back, kept)) == text


async def test_the_bar_and_resolving_offer_to_take_it_back(
    ana: Browser, cast: Cast, database: Database, conversation: Conversation
) -> None:
    async with database.transaction() as tx:
        other = await a_conversation(
            tx, cast.inbox, await a_contact(tx, cast.account, email=None, phone_number=None)
        )
    numbers = [conversation.display_id, other.display_id]
    form = {"number": [str(one) for one in numbers], "status": "pending"}
    done = await ana.post("/app/conversations/many?tab=all&status=pending", form)
    listed = await ana.get(done.headers["location"])
    assert "2 conversations are changed." in listed.text
    path, values = _undo_in(listed.text)
    back = await ana.post(path, values)
    assert back.headers["location"] == "/app/conversations?tab=all&status=pending&back=2&kept=0"
    assert "2 conversations are as before." in (await ana.get(back.headers["location"])).text
    assert (await _state(database, conversation))[0] == "open"

    gone_on = await ana.post(f"/app/conversations/{numbers[0]}/resolve-and-next?tab=all")
    following = await ana.get(gone_on.headers["location"])
    assert "The conversation is resolved." in following.text
    back = await ana.post(*_undo_in(following.text), htmx=True)
    assert back.headers["hx-redirect"] == (f"/app/conversations/{numbers[0]}?tab=all&back=1&kept=0")
    assert (await _state(database, conversation))[0] == "open"


async def test_a_stranger_takes_nothing_back(
    ana: Browser, celia: Browser, database: Database, conversation: Conversation
) -> None:
    form = {"number": str(conversation.display_id), "status": "resolved"}
    done = await ana.post("/app/conversations/many", form)
    path, values = _undo_in((await ana.get(done.headers["location"])).text)
    assert "is resolved" not in (await celia.get(done.headers["location"])).text
    back = await celia.post(path, values)
    assert back.headers["location"] == "/app/conversations?back=0&kept=0"
    assert (await _state(database, conversation))[0] == "resolved"


async def test_an_undo_of_nonsense_is_nowhere(ana: Browser) -> None:
    assert (await ana.post("/app/conversations/undo", {"did": "x", "of": "y"})).status_code == 404
    huge = {"did": NOW.isoformat(), "of": "9" * 18}
    assert (await ana.post("/app/conversations/undo", huge)).status_code == 303
