"""The test page: which data, which request, what came back, and saving whatever came."""

import html
import json
import re
from typing import Any

import pytest

from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import ActionDraft, HeaderDraft, create_action
from recado.conversations.models import Conversation
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.filtering import LogFilter
from recado.deliveries.models import Delivery
from recado.deliveries.searching import deliveries_page
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message
from tests.receiver import Receiver

BODY = (
    '{"text": "{{ message.content }}", "id": {{ contact.id }}, "labels": {{ conversation.labels }}}'
)


@pytest.fixture
async def action(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> CustomAction:
    """A draft that posts to the receiver, with a secret header."""
    headers = (
        HeaderDraft("Authorization", "Bearer s3cr3t-value", is_secret=True),
        HeaderDraft("X-Name", "{{ contact.name }}"),
    )
    draft = ActionDraft("CRM", "", "POST", receiver.url + "/crm", headers, "json", BODY)
    async with database.transaction() as tx:
        return await create_action(tx, cast.account.id, draft, vault=outbound.vault, now=NOW)


@pytest.fixture
async def conversation(database: Database, cast: Cast) -> Conversation:
    """One conversation with Maria, who wrote two lines."""
    async with database.transaction() as tx:
        found = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, found, 'He said "hi"\n😀')
    return found


async def _change(database: Database, action: CustomAction, **values: Any) -> None:
    async with database.transaction() as tx:
        stored = await tx.get(CustomAction, action.id)
        assert stored is not None
        for name, value in values.items():
            setattr(stored, name, value)


async def _logged(database: Database, cast: Cast) -> list[Delivery]:
    async with database.transaction() as tx:
        deliveries, _ = await deliveries_page(tx, cast.account.id, LogFilter())
    return deliveries


def _values(**values: str) -> dict[str, str]:
    """The fields of the test form."""
    fields: dict[str, str] = {}
    for number, (name, value) in enumerate(values.items()):
        fields[f"values-{number}-name"] = name.replace("__", ".")
        fields[f"values-{number}"] = value
    return fields


def _plain(text: str) -> str:
    """What a page says, without its elements."""
    return html.unescape(re.sub(r"<[^>]+>", "", text))


async def test_the_page_shows_sample_values_and_the_request(
    ana: Browser, action: CustomAction
) -> None:
    shown = (await ana.get(f"/app/actions/{action.id}/test")).text
    assert 'value="Maria Souza"' in shown
    assert "Meu pedido é o 5531, obrigada!" in shown
    assert '"labels": ["vip","pedido"]' in _plain(shown)
    assert "s3cr3t" not in shown
    assert "••••••" in shown
    assert "This really sends the request: it changes data in the system at 127.0.0.1." in shown
    assert "curl --request POST" in _plain(shown)
    assert shown.count('name="values-') == 8  # the four variables that it uses, name and value


async def test_the_request_follows_the_values(ana: Browser, action: CustomAction) -> None:
    form = _values(contact__name="Zé", contact__id="8", conversation__labels='["a"]')
    shown = _plain((await ana.post(f"/app/actions/{action.id}/preview", form, htmx=True)).text)
    assert '"id": 8, "labels": ["a"]' in shown
    assert "Zé" in shown


async def test_a_successful_test_shows_everything_and_is_logged(
    ana: Browser, action: CustomAction, receiver: Receiver, database: Database, cast: Cast
) -> None:
    receiver.answer(201, b'{"id":981,"echo":"Bearer s3cr3t-value"}', {"content-type": "text/json"})
    answer = await ana.post(f"/app/actions/{action.id}/test", _values(contact__id="8"), htmx=True)
    shown = _plain(answer.text)
    assert answer.status_code == 200
    assert "Delivered" in shown
    assert "201" in shown
    assert '"id": 981' in shown
    assert "s3cr3t" not in shown
    assert "content-type" in shown
    assert "The name led to the address 127.0.0.1" in shown
    assert "Test the action again" in shown
    [received] = receiver.received
    assert json.loads(received.body)["id"] == 8
    assert received.headers["authorization"] == "Bearer s3cr3t-value"
    [logged] = await _logged(database, cast)
    assert (logged.is_test, logged.state, logged.conversation_id) == (True, "delivered", None)


async def test_without_scripts_the_whole_page_comes_back(
    ana: Browser, action: CustomAction, receiver: Receiver
) -> None:
    answer = await ana.post(f"/app/actions/{action.id}/test", _values(contact__name="Zé"))
    assert "<html" in answer.text
    assert 'value="Zé"' in answer.text
    assert "Delivered" in answer.text


async def test_a_conversation_by_its_number(
    ana: Browser,
    action: CustomAction,
    conversation: Conversation,
    receiver: Receiver,
    database: Database,
    cast: Cast,
) -> None:
    link = f"/app/actions/{action.id}/test"
    shown = (await ana.get(f"{link}?source=conversation&conversation=%231")).text
    assert "He said &#34;hi&#34;\n😀" in shown
    await ana.post(link, {"conversation": "1"})
    [received] = receiver.received
    assert json.loads(received.body) == {
        "text": 'He said "hi"\n😀',
        "id": conversation.contact_id,
        "labels": [],
    }
    [logged] = await _logged(database, cast)
    assert logged.conversation_id == 1


async def test_an_untouched_value_keeps_its_type_and_line_breaks(
    ana: Browser, action: CustomAction, conversation: Conversation, receiver: Receiver
) -> None:
    form = _values(message__content='He said "hi"\r\n😀', contact__identifier="")
    await ana.post(f"/app/actions/{action.id}/test", {"conversation": "1", **form})
    [received] = receiver.received
    assert json.loads(received.body)["text"] == 'He said "hi"\n😀'


@pytest.mark.parametrize("number", ["7", "0", "-1", "1.5", "9" * 12, "９", "abc", "1 or 1=1"])
async def test_a_number_without_conversation_is_told_under_the_field(
    ana: Browser, action: CustomAction, receiver: Receiver, number: str
) -> None:
    link = f"/app/actions/{action.id}/test"
    answer = await ana.get(link, params={"source": "conversation", "conversation": number})
    assert answer.status_code == 422
    error = re.search(r'id="error-conversation">.*?</p>', answer.text, re.DOTALL)
    assert error is not None
    assert "There is no conversation with the number" in error[0]
    refused = await ana.post(link, {"conversation": number}, htmx=True)
    assert refused.status_code == 422
    assert "Nothing was sent" in refused.text
    assert receiver.received == []


async def test_choosing_a_conversation_begins_without_an_error(
    ana: Browser, action: CustomAction
) -> None:
    link = f"/app/actions/{action.id}/test?source=conversation"
    answer = await ana.get(link, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert "error-conversation" not in answer.text
    assert "Choose the data first" in answer.text
    refused = await ana.get(link + "&conversation=")
    assert refused.status_code == 422
    assert "Choose a conversation." in refused.text


async def test_a_conversation_of_another_account_is_unknown(
    celia: Browser, ana: Browser, action: CustomAction, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.other_account)
        await a_conversation(tx, cast.other_inbox, contact)
    answer = await ana.get(f"/app/actions/{action.id}/test?conversation=1")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("contact.id", "seven", "Enter a number"),
        ("contact.id", "true", "Enter a number"),
        ("conversation.labels", "vip", "Enter a JSON list"),
        ("conversation.labels", '{"a": 1}', "Enter a JSON list"),
    ],
)
async def test_a_value_of_the_wrong_kind_is_told_and_nothing_sent(
    ana: Browser, action: CustomAction, receiver: Receiver, name: str, value: str, sentence: str
) -> None:
    form = {"values-0-name": name, "values-0": value}
    answer = await ana.post(f"/app/actions/{action.id}/test", form, htmx=True)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{html.escape(value).replace("&quot;", "&#34;")}"' in answer.text
    assert receiver.received == []


async def test_a_template_error_stands_where_the_response_would(
    ana: Browser,
    action: CustomAction,
    receiver: Receiver,
    database: Database,
    cast: Cast,
) -> None:
    await _change(database, action, url=receiver.url + "/crm/{{ contact.identifier }}/notes")
    answer = await ana.post(
        f"/app/actions/{action.id}/test", _values(contact__identifier=""), htmx=True
    )
    shown = _plain(answer.text)
    assert "With these values no request can be made." in shown
    assert "A variable in the path of the URL has no value" in shown.partition("Response")[2]
    assert "Template error" in shown
    assert receiver.received == []
    [logged] = await _logged(database, cast)
    assert logged.reason["trouble"] == "template"


TROUBLES = [
    ("http://recado-has-no-such.host.invalid/", "There is no such host."),
    ("http://127.0.0.1:1/", "could not be reached or refused the connection"),
    ("http://10.0.0.1/", "This address is not allowed"),
    ("/status/404", "There is nothing at this URL: check the path."),
    ("/status/302", "The receiver redirects (302), which is not followed."),
    ("/status/503", "It is down or overloaded at the moment"),
    ("/status/500", "It failed while working on this call"),
    ("/status/599", "The trouble is on its side."),
    ("/reset", "The connection broke before the whole answer came."),
]


async def test_a_failure_says_what_happened_and_saving_works_all_the_same(
    ana: Browser, action: CustomAction, receiver: Receiver, database: Database
) -> None:
    for url, sentence in TROUBLES:
        whole = url if "://" in url else receiver.url + url
        await _change(database, action, url=whole, headers=[])
        answer = await ana.post(f"/app/actions/{action.id}/test", {}, htmx=True)
        shown = _plain(answer.text)
        assert answer.status_code == 200
        assert sentence in shown, url
        assert "Failed" in shown
        assert "although the test did not succeed" in shown
    await ana.post(f"/app/actions/{action.id}/save")
    async with database.transaction() as tx:
        stored = await tx.get(CustomAction, action.id)
    assert stored is not None
    assert stored.state == ActionState.ACTIVE


async def test_a_receiver_that_is_too_slow(
    ana: Browser, action: CustomAction, receiver: Receiver
) -> None:
    receiver.answer(200, b"late", delay=5)
    shown = (await ana.post(f"/app/actions/{action.id}/test", {}, htmx=True)).text
    assert "The server did not answer in time." in shown
    assert "Time is up" in shown


async def test_answers_that_are_no_json(
    ana: Browser, action: CustomAction, receiver: Receiver
) -> None:
    link = f"/app/actions/{action.id}/test"
    for body, sentence in [
        (b"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        (b"", "The answer has no body."),
        (b"\x89PNG\0\1", "Not text: image/png, 6 bytes."),
    ]:
        receiver.answer(200, body, {"content-type": "image/png"})
        assert sentence in (await ana.post(link, {}, htmx=True)).text
        assert "<script>alert" not in (await ana.post(link, {}, htmx=True)).text


async def test_a_web_page_instead_of_data_is_doubted(
    ana: Browser, action: CustomAction, receiver: Receiver
) -> None:
    link, told = f"/app/actions/{action.id}/test", "The answer is a web page, not data."
    page, html_of_php = b"\n<!DOCTYPE html><title>Sign in</title>", b'{"id": 42}'
    for status, body, kind, is_doubted in [
        (200, page, "text/html; charset=utf-8", True),
        (200, html_of_php, "text/html", False),  # PHP says so of everything
        (200, b'{"page": "<html>"}', "application/json", False),
        (404, page, "text/html", False),  # it failed, which says enough
    ]:
        receiver.answer(status, body, {"content-type": kind})
        shown = (await ana.post(link, {}, htmx=True)).text
        assert (told in shown) is is_doubted, body
        newest = max(int(one) for one in re.findall(r"/app/deliveries/(\d+)", shown))
        assert (told in (await ana.get(f"/app/deliveries/{newest}")).text) is is_doubted, body


async def test_an_action_without_variables_asks_for_none(
    ana: Browser, action: CustomAction, database: Database
) -> None:
    await _change(database, action, body='{"a": 1}', headers=[])
    shown = (await ana.get(f"/app/actions/{action.id}/test")).text
    assert "No variable stands in this action" in shown
    assert "values-0" not in shown


async def test_a_test_is_judged_as_its_action_judges_answers(
    ana: Browser, database: Database, action: CustomAction, receiver: Receiver
) -> None:
    receiver.answer(409)
    failed = await ana.post(f"/app/actions/{action.id}/test")
    assert "409" in failed.text
    async with database.transaction() as tx:
        stored = await tx.get_one(CustomAction, action.id)
        stored.policy = {"success_statuses": ["200-299", "409"]}
    judged = await ana.post(f"/app/actions/{action.id}/test")
    assert "It says that this record exists already" in failed.text
    assert "It says that this record exists already" not in judged.text
    assert "Delivered" in judged.text


async def _options(browser: Browser, typed: str) -> list[str]:
    answer = await browser.get("/app/actions/conversations", params={"q": typed})
    return re.findall(r"<option[^>]*>(.*?)</option>", answer.text)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["#1 · Maria Souza"]),
        ("souza", ["#1 · Maria Souza"]),
        ("maria@", ["#1 · Maria Souza"]),
        ("5511912", ["#1 · Maria Souza"]),
        ("#1", ["#1 · Maria Souza"]),
        ("nobody", []),
        ("99999", []),
    ],
)
async def test_a_conversation_is_found_by_whom_it_is_with(
    ana: Browser, conversation: Conversation, typed: str, found: list[str]
) -> None:
    assert await _options(ana, typed) == found


async def test_conversations_of_others_are_not_offered(
    celia: Browser, beto: Browser, conversation: Conversation
) -> None:
    assert await _options(celia, "souza") == []
    assert (await beto.get("/app/actions/conversations")).status_code == 403


async def test_without_scripts_a_conversation_is_looked_for_too(
    ana: Browser, action: CustomAction, conversation: Conversation
) -> None:
    link = f"/app/actions/{action.id}/test"
    shown = await ana.get(link, params={"source": "conversation", "find": "souza"})
    assert "#1 · Maria Souza</option>" in shown.text


async def test_values_are_those_of_the_chosen_conversation(
    ana: Browser, celia: Browser, conversation: Conversation
) -> None:
    path = "/app/actions/variables"
    samples = {one["name"]: one["sample"] for one in (await ana.get(path)).json()}
    told = {one["name"]: one["sample"] for one in (await ana.get(f"{path}?conversation=1")).json()}
    assert told["contact.id"] == str(conversation.contact_id)
    assert told["conversation.id"] == "1"
    assert told.keys() == samples.keys()
    assert (await celia.get(f"{path}?conversation=1")).status_code == 404
