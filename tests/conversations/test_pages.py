"""Conversations in a browser: who sees what, what a form does, what happens when it is wrong."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from recado.accounts.models import Role
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.labels import create_label
from recado.contacts.models import AttributeKind, AttributeModel
from recado.conversations.models import ContactInbox, Conversation, Message
from recado.db.database import Database, Transaction
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.browser import Browser
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation, a_member

HTMX = {"hx-request": "true"}


@pytest.fixture
async def hidden(database: Database, cast: Cast, number: int) -> int:
    """A conversation in an inbox where Beto does not answer."""
    async with database.transaction() as tx:
        inbox = await open_inbox(
            tx, cast.account.id, InboxDraft("Loja", Channel.API), vault=VAULT, now=NOW
        )
        contact = await a_contact(tx, cast.account, name="João", email=None, phone_number=None)
        return (await a_conversation(tx, inbox, contact)).display_id


@pytest.fixture
async def read(database: Database) -> AsyncIterator[Transaction]:
    """To look into the database after a request."""
    async with database.transaction() as tx:
        yield tx


async def _conversation(tx: Transaction, number: int) -> Conversation:
    query = select(Conversation).where(Conversation.display_id == number)
    return (await tx.scalars(query.order_by(Conversation.id))).first() or pytest.fail("not there")


async def _messages(tx: Transaction) -> list[Message]:
    return list(await tx.scalars(select(Message).order_by(Message.id)))


PATHS = ["", "/messages", "/state", "/attributes", "/attributes/edit"]


@pytest.mark.parametrize("path", PATHS)
async def test_who_may_see_a_conversation(
    ana: Browser, beto: Browser, celia: Browser, visitor: Browser, hidden: int, path: str
) -> None:
    seen = f"/app/conversations/1{path}"
    assert (await ana.get(seen, headers=HTMX)).status_code == 200
    assert (await beto.get(seen, headers=HTMX)).status_code == 200
    assert (await celia.get(seen)).status_code == 404
    assert (await visitor.get(seen)).headers["location"] == f"/sign-in?next={seen}"
    assert (await ana.get(f"/app/conversations/{hidden}{path}", headers=HTMX)).status_code == 200
    assert (await beto.get(f"/app/conversations/{hidden}{path}")).status_code == 404


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("messages", {"content": "x"}),
        ("look", {}),
        ("change", {"status": "resolved"}),
        ("attributes", {}),
    ],
)
async def test_who_may_not_see_may_not_change(
    beto: Browser, celia: Browser, visitor: Browser, hidden: int, path: str, form: dict[str, str]
) -> None:
    assert (await celia.post(f"/app/conversations/1/{path}", form)).status_code == 404
    assert (await beto.post(f"/app/conversations/{hidden}/{path}", form)).status_code == 404
    await visitor.get("/sign-in")
    refused = await visitor.post(f"/app/conversations/1/{path}", form)
    assert refused.headers["location"] == "/sign-in"


@pytest.mark.parametrize("number", ["0", "999999", "9" * 19, "9" * 40])
async def test_a_number_that_is_not_there_is_not_found(ana: Browser, number: str) -> None:
    assert (await ana.get(f"/app/conversations/{number}")).status_code == 404


async def test_the_page_shows_thread_contact_and_list(ana: Browser, number: int) -> None:
    page = await ana.get(f"/app/conversations/{number}")
    assert "Where is &lt;my&gt; order?" in page.text
    assert "<my>" not in page.text
    for text in ("Maria Souza", "maria@example.com", "+5511912345678", "Assign to me"):
        assert text in page.text


@pytest.mark.parametrize(
    ("is_claim", "made_contact", "is_proven", "said"),
    [
        (True, False, False, "Identity not proven"),
        (True, True, False, None),  # nobody else is known by this name
        (False, False, False, None),
        (False, False, True, "Identity proven"),
    ],
)
async def test_the_page_says_whether_an_identity_was_proven(
    ana: Browser, database: Database, number: int,
    is_claim: bool, made_contact: bool, is_proven: bool, said: str | None,
) -> None:  # fmt: skip
    async with database.transaction() as tx:
        known = await tx.scalar(select(ContactInbox)) or pytest.fail("not there")
        known.is_claim, known.made_contact, known.hmac_verified = is_claim, made_contact, is_proven
    page = (await ana.get(f"/app/conversations/{number}")).text
    told = {one for one in ("Identity not proven", "Identity proven") if one in page}
    assert told == ({said} if said else set())


async def test_only_administrators_see_deliveries_and_verdicts_and_simulate(
    ana: Browser, beto: Browser, number: int
) -> None:
    for browser, is_shown in ((ana, True), (beto, False)):
        text = (await browser.get(f"/app/conversations/{number}")).text
        assert (f"/app/deliveries/of?conversation={number}" in text) is is_shown
        assert (f"/app/automation/verdicts?conversation={number}" in text) is is_shown
        assert ('value="contact"' in text) is is_shown


async def test_an_empty_desk_says_what_comes_first(
    ana: Browser, beto: Browser, celia: Browser, number: int
) -> None:
    assert "Choose a conversation" in (await ana.get("/app/conversations")).text
    assert "No conversations yet" in (await celia.get("/app/conversations")).text
    resolved = await beto.get("/app/conversations?status=resolved&tab=all")
    assert "No conversations here." in resolved.text
    assert "No conversations yet" not in resolved.text  # there are open ones


async def test_the_list_alone_is_for_scripts(ana: Browser, number: int) -> None:
    fragment = await ana.get(f"/app/conversations/list?open={number}&tab=all", headers=HTMX)
    assert fragment.text.lstrip().startswith("<section")
    assert 'aria-current="true"' in fragment.text
    assert (await ana.get("/app/conversations/list")).status_code == 302


async def test_a_list_that_is_drawn_again_leaves_what_can_be_chosen_as_it_is(
    ana: Browser, number: int
) -> None:
    whole = (await ana.get(f"/app/conversations/{number}?tab=all")).text
    [address] = re.findall(r'hx-get="(/app/conversations/list[^"]*)"', whole)
    again = (await ana.get(html.unescape(address), headers=HTMX)).text
    assert "Beto Reis" in whole.partition('id="many"')[2].partition("</form>")[0]
    assert '<form id="many" hx-morph-skip></form>' in again
    assert "<switch-form hx-morph-skip></switch-form>" in again
    assert "<option" not in again
    assert address in again
    for part in (f'id="talk-{number}"', "<pick-rows", "</pick-rows>"):
        assert (whole.count(part), again.count(part)) == (1, 1)


async def test_an_empty_list_asks_for_what_can_be_chosen(ana: Browser, number: int) -> None:
    nothing = (await ana.get("/app/conversations?tab=all&status=resolved")).text
    [address] = re.findall(r'hx-get="(/app/conversations/list[^"]*)"', nothing)
    assert "drawn" not in address


async def test_a_reply_is_posted_once_however_often_it_is_sent(
    beto: Browser, number: int, read: Transaction
) -> None:
    form = {"content": "On its way", "kind": "reply", "echo_id": "one"}
    first = await beto.post(f"/app/conversations/{number}/messages", form)
    second = await beto.post(f"/app/conversations/{number}/messages", form, htmx=True)
    assert (first.status_code, second.status_code) == (303, 200)
    posted = (await _messages(read))[1:]
    assert [(one.content, one.message_type) for one in posted] == [("On its way", "outgoing")]


async def test_the_thread_says_which_message_was_the_one_that_was_sent(
    beto: Browser, number: int
) -> None:
    form = {"content": "On its way", "kind": "note", "echo_id": "a&b"}
    path = f"/app/conversations/{number}/messages"
    answers = [await beto.post(path, form, htmx=True) for _ in range(2)]
    for answer in answers:
        thread, _, head = answer.text.partition("<hx-partial")
        assert thread.count("On its way") == thread.count('data-echo="a&amp;b"') == 1
        assert 'id="composer"' not in answer.text  # what is typed there meanwhile stays
        assert 'id="head"' in head
    assert ["recado-told" in one.headers for one in answers] == [True, False]  # pages hear once


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(" \n", "Write something first.", id="nothing"),
        pytest.param("x" * 150_001, "Use at most 150000 characters.", id="too much"),
    ],
)
async def test_a_script_is_told_in_words_why_a_message_is_refused(
    ana: Browser, number: int, content: str, why: str
) -> None:
    form = {"content": content, "kind": "note"}
    answer = await ana.post(f"/app/conversations/{number}/messages", form, htmx=True)
    assert (answer.status_code, answer.text.strip()) == (422, why)


async def test_a_refused_message_stays_typed(ana: Browser, number: int) -> None:
    form = {"content": "   \n", "kind": "note"}
    answer = await ana.post(f"/app/conversations/{number}/messages", form)
    assert answer.status_code == 422
    assert "Write something first." in answer.text
    assert "   \n</textarea>" in answer.text
    assert re.search(r'value="note" checked', answer.text)


async def test_too_long_a_message_is_refused_whole(ana: Browser, number: int) -> None:
    form = {"content": "x" * 150_001}
    answer = await ana.post(f"/app/conversations/{number}/messages", form)
    assert answer.status_code == 422
    assert "x" * 150_001 in answer.text


async def test_an_administrator_writes_in_the_contacts_place(
    ana: Browser, beto: Browser, number: int, read: Transaction
) -> None:
    form = {"content": "Hello?", "kind": "contact"}
    assert (await beto.post(f"/app/conversations/{number}/messages", form)).status_code == 403
    shown = await ana.post(f"/app/conversations/{number}/messages", form, htmx=True)
    assert "Simulated by Ana Lima" in shown.text
    assert (await _messages(read))[-1].sender_type == "contact"


async def test_looking_is_told_by_the_page_and_remembered(
    beto: Browser, number: int, read: Transaction
) -> None:
    shown = await beto.get(f"/app/conversations/{number}")
    assert f'<thread-presence number="{number}"' in shown.text
    assert (await beto.post(f"/app/conversations/{number}/look")).status_code == 204
    conversation = await _conversation(read, number)
    assert conversation.agent_last_seen_at is not None
    assert (datetime.now(UTC) - conversation.agent_last_seen_at).total_seconds() < 60


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ({"status": "resolved"}, "Beto Reis resolved the conversation."),
        ({"priority": "high"}, "Beto Reis set the priority to High."),
        ({"assignee": "2"}, "Beto Reis assigned the conversation to Beto Reis."),
        ({"add_label": "vip"}, "Beto Reis added the labels vip."),
    ],
)
async def test_changes_are_written_into_the_thread(
    database: Database, cast: Cast, beto: Browser, number: int, form: dict[str, str], shown: str
) -> None:
    async with database.transaction() as tx:
        await create_label(tx, cast.account.id, "vip")
    path = f"/app/conversations/{number}"
    assert (await beto.post(f"{path}/change", form, htmx=True)).status_code == 200
    assert shown in (await beto.get(path)).text
    assert (await beto.post(f"{path}/change", form)).status_code == 303


@pytest.mark.parametrize(
    "form",
    [
        {"status": "gone"}, {"status": ""}, {"priority": "open"}, {"assignee": "3"}, {"assignee": "x"},
        {"team": "1"}, {"add_label": "none"}, {"add_label": "\0"}, {"remove_label": ""},
    ],
)  # fmt: skip
async def test_what_is_not_there_cannot_be_chosen(
    ana: Browser, number: int, form: dict[str, str]
) -> None:
    answer = await ana.post(f"/app/conversations/{number}/change", form)
    assert answer.status_code == 400
    toast = await ana.post(f"/app/conversations/{number}/change", form, htmx=True)
    assert (toast.status_code, toast.headers["hx-reswap"]) == (400, "none")


async def test_custom_attributes_are_checked_and_kept(
    database: Database, cast: Cast, beto: Browser, number: int, read: Transaction
) -> None:
    async with database.transaction() as tx:
        draft = AttributeDraft("Order", "order", AttributeKind.NUMBER, AttributeModel.CONVERSATION)
        await create_attribute(tx, cast.account.id, draft, now=NOW)
    path = f"/app/conversations/{number}/attributes"
    wrong = await beto.post(path, {"custom_attributes.order": "a dozen"}, htmx=True)
    assert wrong.status_code == 422
    assert 'value="a dozen"' in wrong.text
    assert "Enter a number" in wrong.text
    assert (await beto.post(path, {"custom_attributes.order": "a dozen"})).status_code == 422
    right = await beto.post(path, {"custom_attributes.order": "12"}, htmx=True)
    assert "12" in right.text
    assert (await _conversation(read, number)).custom_attributes == {"order": 12}


async def test_attributes_that_two_change_at_once_meet(
    database: Database, cast: Cast, ana: Browser, beto: Browser, number: int, read: Transaction
) -> None:
    async with database.transaction() as tx:
        for key in ("order", "shelf"):
            draft = AttributeDraft(key, key, AttributeKind.TEXT, AttributeModel.CONVERSATION)
            await create_attribute(tx, cast.account.id, draft, now=NOW)
    path = f"/app/conversations/{number}/attributes"
    order, shelf = "custom_attributes.order", "custom_attributes.shelf"
    form = (await beto.get(f"{path}/edit", headers=HTMX)).text
    opened = {"opened": html.unescape(re.findall(r'name="opened" value="([^"]+)"', form)[0])}
    await ana.post(path, {order: "12", shelf: ""})
    beside = await beto.post(path, opened | {order: "", shelf: "B"}, htmx=True)
    assert "what others saved of it meanwhile stays" in beside.text
    assert (await _conversation(read, number)).custom_attributes == {"order": "12", "shelf": "B"}
    told = await beto.post(path, opened | {order: "13", shelf: ""}, htmx=True)
    assert told.status_code == 422
    assert "order: “” → “12”" in told.text
    assert 'value="13"' in told.text


async def test_the_form_of_attributes_is_a_page_without_scripts(ana: Browser, number: int) -> None:
    path = f"/app/conversations/{number}/attributes/edit"
    assert "<html" in (await ana.get(path)).text
    assert "<html" not in (await ana.get(path, headers=HTMX)).text


NEW = {"inbox": "1", "contact": "", "name": "João", "email": "", "content": "Oi", "kind": "contact"}


async def test_a_newcomer_makes_a_message_by_hand(ana: Browser, read: Transaction) -> None:
    assert "Who writes the first message?" in (await ana.get("/app/conversations/new")).text
    answer = await ana.post("/app/conversations", NEW)
    assert answer.headers["location"] == "/app/conversations/1"
    [message] = await _messages(read)
    assert (message.content, message.message_type) == ("Oi", "incoming")


async def test_a_known_contact_is_chosen(ana: Browser, number: int, read: Transaction) -> None:
    page = await ana.get("/app/conversations/new?contact=1")
    assert '<option value="1" selected>Maria Souza' in page.text
    answer = await ana.post("/app/conversations", {**NEW, "contact": "1", "kind": "reply"})
    assert answer.status_code == 303
    assert (await _conversation(read, number + 1)).contact_id == 1


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"content": " "}, "Write something first."),
        ({"name": ""}, "Enter a name, or something else to recognise the contact by."),
        ({"email": "nobody"}, "This is not an e-mail address."),
        ({"email": "maria@example.com"}, "Another contact has this already."),
        ({"phone_number": "123"}, "Enter the number with its country"),
    ],
)
async def test_a_refused_beginning_stays_typed(
    ana: Browser, number: int, read: Transaction, changed: dict[str, str], problem: str
) -> None:
    answer = await ana.post("/app/conversations", {**NEW, **changed})
    assert answer.status_code == 422
    assert problem in answer.text
    assert "João" in answer.text or "name" in changed
    assert await read.scalar(select(func.count()).select_from(Conversation)) == 1


async def test_nobody_begins_in_a_strangers_inbox_or_with_a_stranger(
    ana: Browser, beto: Browser, celia: Browser, hidden: int
) -> None:
    assert (await ana.post("/app/conversations", {**NEW, "inbox": "2"})).status_code == 404
    assert (await celia.post("/app/conversations", {**NEW, "inbox": "1"})).status_code == 404
    stranger = {**NEW, "inbox": "2", "contact": "1"}
    assert (await celia.post("/app/conversations", stranger)).status_code == 404
    assert (await beto.post("/app/conversations", NEW)).status_code == 403  # not as the contact
    assert (await beto.post("/app/conversations", {**NEW, "inbox": "3"})).status_code == 404
    reply = {**NEW, "kind": "reply"}
    assert (await beto.post("/app/conversations", reply)).status_code == 303


async def test_a_contacts_conversations_are_those_one_may_see(
    ana: Browser, beto: Browser, celia: Browser, hidden: int
) -> None:
    assert "#1 · Site" in (await ana.get("/app/conversations/of?contact=1")).text
    assert f"#{hidden}" in (await ana.get("/app/conversations/of?contact=2")).text
    nothing = await beto.get("/app/conversations/of?contact=2")
    assert "No conversations with this contact yet." in nothing.text
    assert (await celia.get("/app/conversations/of?contact=1")).status_code == 404
    assert (await ana.get("/app/conversations/of?contact=x")).status_code == 404


async def test_an_agent_is_removed_by_typing_the_name(
    ana: Browser, beto: Browser, celia: Browser, cast: Cast
) -> None:
    path = f"/app/agents/{cast.beto.user_id}/remove"
    assert (await celia.get(path)).status_code == 404
    assert (await beto.post(path, {"name": "Beto Reis"})).status_code == 403
    assert "Beto Reis" in (await ana.get(path)).text
    wrong = await ana.post(path, {"name": "beto"})
    assert wrong.status_code == 422
    assert "The name is not the same." in wrong.text
    assert (await beto.get("/app/conversations")).status_code == 200
    assert (await ana.post(path, {"name": "Beto Reis"})).status_code == 303
    assert (await beto.get("/app/conversations")).status_code == 303
    own = await ana.post(f"/app/agents/{cast.ana.user_id}/remove", {"name": "Ana Lima"})
    assert "You cannot remove yourself." in own.text


async def test_what_postgresql_cannot_keep_is_no_accident_of_ours(ana: Browser) -> None:
    answer = await ana.post("/app/conversations", {**NEW, "name": "a\0b"})
    assert answer.status_code == 400


async def test_who_does_not_answer_in_the_inbox_cannot_have_it(
    database: Database, cast: Cast, ana: Browser, number: int
) -> None:
    async with database.transaction() as tx:
        elsewhere = await a_member(tx, cast.account, "Dora", "dora@acme.example", Role.AGENT)
    path = f"/app/conversations/{number}/change"
    for who, status in ((elsewhere, 400), (cast.celia, 400), (cast.beto, 200), (cast.ana, 200)):
        answer = await ana.post(path, {"assignee": str(who.user_id)}, htmx=True)
        assert answer.status_code == status, who.user.name
