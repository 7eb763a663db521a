"""What happens with the answer, on the pages: the form, the last answer's values, warnings."""

import html
import re
from typing import Any

import pytest
from sqlalchemy import select

from recado.actions.models import CustomAction, FieldHistory
from recado.actions.saving import ActionDraft, create_action
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from tests.browser import Browser
from tests.deliveries.rows import a_delivery
from tests.people import NOW, Cast
from tests.receiver import Receiver

FIELDS = {"fields": [{"path": "response.body.id", "of": "contact", "key": "crm_id"}]}


@pytest.fixture
async def action(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> CustomAction:
    """An action that keeps the id of the answer in the contact."""
    draft = ActionDraft("CRM", url=receiver.url + "/crm", body="{}", answers=FIELDS)
    async with database.transaction() as tx:
        attribute = AttributeDraft("CRM number", "crm_id", AttributeKind.TEXT, AttributeModel.CONTACT)  # fmt: skip
        await create_attribute(tx, cast.account.id, attribute, now=NOW)
        return await create_action(tx, cast.account.id, draft, vault=outbound.vault, now=NOW)


def form(receiver: Receiver, **fields: str) -> dict[str, str]:
    plain = {"name": "CRM", "method": "POST", "url": receiver.url, "body_kind": "json"}
    named = {name.replace("__", "-"): value for name, value in fields.items()}
    return {**plain, "body": "{}", "answers-note": "", **named}


async def kept(database: Database, action: CustomAction) -> dict[str, Any]:
    async with database.transaction() as tx:
        return (await tx.scalars(select(CustomAction.answers).where(CustomAction.id == action.id))).one()  # fmt: skip


async def test_the_form_says_what_happens_with_the_answer(
    ana: Browser, action: CustomAction, receiver: Receiver, database: Database, cast: Cast
) -> None:
    shown = (await ana.get(f"/app/actions/{action.id}/edit")).text
    assert 'value="response.body.id"' in shown
    assert re.search(r'<option value="contact:crm_id" selected>CRM number</option>', shown)
    answer = await ana.post(
        f"/app/actions/{action.id}",
        form(
            receiver,
            **{
                "answers-fields-0-path": "$.data.id",
                "answers-fields-0-key": "contact:crm_id",
                "answers-fields-0-default": "none",
                "answers-fields-1-path": "",
                "answers-note": "Now {{ response.body.data.id }}",
                "answers-labels": "crm, VIP",
                "answers-failure-note": "{{ response.problem }}",
                "answers-failure-assignee_id": str(cast.beto.user_id),
            },
        ),
    )
    assert answer.status_code == 303
    answers = await kept(database, action)
    assert answers["fields"] == [
        {"path": "response.body.data.id", "of": "contact", "key": "crm_id", "default": "none"}
    ]
    assert (answers["note"], answers["labels"]) == (
        "Now {{ response.body.data.id }}", ["crm", "vip"],
    )  # fmt: skip
    assert answers["failure"]["assignee_id"] == cast.beto.user_id


async def test_a_refused_form_comes_back_whole_with_each_mistake_at_its_field(
    ana: Browser, action: CustomAction, receiver: Receiver
) -> None:
    fields = {
        "answers-fields-0-path": "a b",
        "answers-fields-0-key": "contact:crm_id",
        "answers-reply": "Hello {{ contact.nmae }}",
    }
    answer = await ana.post(f"/app/actions/{action.id}", form(receiver, **fields), htmx=True)
    assert answer.status_code == 422
    assert 'id="error-answers-fields-0-path"' in answer.text
    assert 'id="error-answers-reply"' in answer.text
    assert 'value="a b"' in answer.text
    assert '<details class="fold answers" open>' in answer.text


async def test_a_value_of_the_last_answer_is_chosen_with_a_click(
    ana: Browser, action: CustomAction, receiver: Receiver
) -> None:
    receiver.answer(201, b'{"id": 881, "data": {"plan": "gold"}}')
    tested = (await ana.post(f"/app/actions/{action.id}/test", {}, htmx=True)).text
    links = [html.unescape(one) for one in re.findall(r'<a class="value" href="([^"]+)"', tested)]
    assert links[1] == (f"/app/actions/{action.id}/edit?keep=response.body.data.plan")
    assert "CRM number" in tested  # what it would become
    assert "881" in tested
    shown = (await ana.get(links[1])).text
    assert re.search(r'name="answers-fields-1-path"[^>]* value="response.body.data.plan"', shown)
    assert '<option value="response.body.data.plan">gold</option>' in shown  # typed, it is offered
    again = (await ana.get(links[0])).text  # kept already: no second row for it
    assert again.count('value="response.body.id"') == 2  # its row, and the list of what was seen


async def test_a_test_changes_no_attribute(
    ana: Browser, action: CustomAction, receiver: Receiver, database: Database
) -> None:
    await ana.post(f"/app/actions/{action.id}/test", {}, htmx=True)
    async with database.transaction() as tx:
        assert list(await tx.scalars(select(FieldHistory.path))) == []


async def test_a_vanished_field_is_told_in_the_list_and_on_the_test_page(
    ana: Browser, action: CustomAction, database: Database
) -> None:
    async with database.transaction() as tx:
        recent = "000" + "1" * 37
        tx.add(FieldHistory(action_id=action.id, path="response.body.id", recent=recent))
    told = "The answers lacked response.body.id in 37 of the last 40 calls."
    for page in ("/app/actions", f"/app/actions/{action.id}/test"):
        assert told in html.unescape((await ana.get(page)).text)


async def test_a_delivery_tells_what_its_answer_did(
    ana: Browser, action: CustomAction, database: Database, cast: Cast
) -> None:
    sentence = {"text": "The answer has no %(path)s.", "values": {"path": "response.body.x"}}
    done = [
        {"what": "contact", "key": "crm_id", "result": "done", "value": "881", "sentence": None},
        {
            "what": "contact",
            "key": "plan",
            "result": "missing",
            "value": None,
            "sentence": sentence,
        },
        {"what": "note", "key": "", "result": "done", "value": None, "sentence": None},
    ]
    async with database.transaction() as tx:
        made = await a_delivery(tx, cast.account.id, action_id=action.id)
        made.answered = {"success": done}
    shown = html.unescape((await ana.get(f"/app/deliveries/{made.id}")).text)
    assert "crm_id = 881" in shown
    assert "The answer has no response.body.x." in shown
    assert "Private note" in shown
