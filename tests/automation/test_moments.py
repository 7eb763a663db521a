"""Which events of rules a recorded event stands for, and what rules do about contacts alone."""

from typing import Any

import pytest
from sqlalchemy import select

from recado.automation.catalogue import has_changes, has_conversation
from recado.automation.moments import as_moment, moments_of, recorded_as
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel, Contact
from recado.contacts.saving import ContactDraft, remove_attributes, update_contact
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.events.models import Event
from recado.events.names import EventName
from tests.automation.rules import changed, facts, row
from tests.automation.stories import a_rule, an_action, change, does, run, texts, verdicts
from tests.people import NOW, Cast, a_contact


@pytest.mark.parametrize(
    ("name", "changes", "narrower"),
    [
        ("conversation_updated", {}, []),
        ("conversation_updated", {"status": ["open", "resolved"]}, []),
        ("conversation_updated", {"labels": [[], ["vip"]]}, ["label_added"]),
        ("conversation_updated", {"labels": [["vip"], []]}, ["label_removed"]),
        ("conversation_updated", {"labels": [["a"], ["b"]]}, ["label_added", "label_removed"]),
        ("conversation_updated", {"assignee_id": [None, 5]}, ["assignee_changed"]),
        (
            "conversation_updated",
            {"team_id": [3, None], "priority": [None, "low"]},
            ["team_changed", "priority_changed"],
        ),
        (
            "conversation_updated",
            {"custom_attributes": [{}, {"a": 1}]},
            ["conversation_attribute_changed"],
        ),
        ("conversation_opened", {"labels": [[], ["vip"]]}, []),  # told by conversation_updated
        ("contact_updated", {"custom_attributes": [{}, {"a": 1}]}, ["contact_attribute_changed"]),
        ("contact_updated", {"name": ["A", "B"]}, []),
        ("message_created", {}, []),
    ],
)
def test_a_recorded_event_means_more_than_one(
    name: str, changes: dict[str, Any], narrower: list[str]
) -> None:
    assert moments_of(name, facts(changes=changes)) == [name, *narrower]
    for moment in narrower:
        assert recorded_as(moment) == name
        assert has_changes(EventName(moment))
        assert has_conversation(EventName(moment)) is has_conversation(EventName(name))


def test_a_rule_sees_the_event_that_it_waits_for() -> None:
    seen = as_moment(facts(), "label_added")["event"]
    assert seen == {"name": "label_added", "at": "2026-11-23T12:00:00Z"}


async def test_rules_on_narrow_events_run_in_the_rules_order(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    on = {"first": "label_added", "second": "conversation_updated", "third": "priority_changed"}
    for name, event in on.items():
        await a_rule(
            tx, people, does("add_private_note", f"{name}: {{{{ event.name }}}}"), on=event,
            when=row("status", "equal_to", "all"), name=name,
        )  # fmt: skip
    await change(tx, talk, labels=["vip"], priority="high")
    await run(tx)
    assert await texts(tx, talk) == [
        "first: label_added", "second: conversation_updated", "third: priority_changed",
    ]  # fmt: skip
    assert [one.event_name for one in await verdicts(tx)][:3] == list(on.values())


async def test_a_label_is_told_by_its_change(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_rule(
        tx, people, does("add_private_note", "welcome"), on="label_added",
        when=changed("labels", [], ["vip"]),
    )  # fmt: skip
    for labels in (["bug"], ["bug", "vip"], ["vip"]):
        await change(tx, talk, labels=labels)
    await run(tx)
    assert await texts(tx, talk) == ["welcome"]


# --- contacts alone -------------------------------------------------------------------------------


async def names(tx: Transaction) -> list[str]:
    return list(await tx.scalars(select(Event.name).order_by(Event.id)))


async def test_a_contact_tells_what_changed_and_nothing_where_nothing_did(
    tx: Transaction, people: Cast
) -> None:
    maria = await a_contact(tx, people.account, custom_attributes={"plan": "gold"})
    await update_contact(tx, maria, ContactDraft(name="Maria Souza"), now=NOW)
    await update_contact(tx, maria, ContactDraft(email="m@new.example"), now=NOW)
    await remove_attributes(tx, maria, ["plan"], now=NOW)
    assert await names(tx) == ["contact_created", "contact_updated", "contact_updated"]
    told = list(await tx.scalars(select(Event.facts["changes"]).order_by(Event.id)))
    assert told == [
        {},
        {"email": ["maria@example.com", "m@new.example"]},
        {"custom_attributes": [{"plan": "gold"}, {}]},
    ]


async def test_a_new_contact_is_told_to_another_system(tx: Transaction, people: Cast) -> None:
    action = await an_action(tx, people, body='{"name": {{ contact.name | json }}}')
    rule = await a_rule(
        tx, people, does("send_custom_action", action.id), on="contact_created",
        when=row("email", "is_present"),
    )  # fmt: skip
    await a_contact(tx, people.account)
    await run(tx)
    [delivery] = await tx.scalars(select(Delivery))
    assert (delivery.state, delivery.event) == ("pending", "contact_created")
    assert delivery.request["body"] == '{"name": "Maria Souza"}'
    [effect] = (await verdicts(tx, rule))[0].effects
    assert effect["result"] == "done"


@pytest.fixture
async def plan(tx: Transaction, people: Cast) -> None:
    for model in AttributeModel:
        for kind in (AttributeKind.TEXT, AttributeKind.NUMBER):
            draft = AttributeDraft(kind.value, kind.value, kind, model)
            await create_attribute(tx, people.account.id, draft, now=NOW)


def sets(key: str, value: Any, of: str = "contact_attribute") -> dict[str, Any]:
    given = {"attribute_key": key, "custom_attribute_type": of, "value": value}
    return does("set_custom_attribute", given)


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("text", "gold", {"text": "gold"}),
        ("text", "{{ contact.first_name }}!", {"text": "Maria!"}),
        ("number", "12.5", {"number": 12.5}),
        ("number", "{{ contact.custom_attribute.old }}", {"number": 7}),
        ("number", "", {}),
    ],
)
async def test_a_rule_sets_an_attribute_of_the_contact_it_is_about(
    tx: Transaction, people: Cast, key: str, value: str, kept: dict[str, Any]
) -> None:
    rule = await a_rule(
        tx, people, sets(key, value), on="contact_created", when=row("email", "is_present")
    )
    maria = await a_contact(tx, people.account, custom_attributes={"old": 7})
    await run(tx)
    await tx.refresh(maria)
    assert maria.custom_attributes == {"old": 7, **kept}
    [effect] = (await verdicts(tx, rule))[0].effects
    assert effect["result"] == ("done" if kept else "unchanged")


@pytest.mark.usefixtures("plan")
async def test_a_rule_sets_attributes_of_the_conversation_and_says_what_does_not_fit(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    conversation = "conversation_attribute"
    rule = await a_rule(
        tx, people,
        sets("text", "{{ message.content }}", conversation),
        sets("number", "{{ message.content }}", conversation),
        sets("gone", "x", conversation),
        sets("text", "from {{ inbox.name }}"),
        on="label_added", when=row("labels", "equal_to", "vip"),
    )  # fmt: skip
    await change(tx, talk, labels=["vip"], custom_attributes={"number": 1})
    await run(tx)
    effects = (await verdicts(tx, rule))[0].effects
    assert [one["result"] for one in effects] == ["unchanged", "done", "failed", "done"]
    assert talk.custom_attributes == {}
    contact = await tx.get_one(Contact, talk.contact_id)
    assert contact.custom_attributes == {"text": "from Site"}


@pytest.mark.usefixtures("plan")
async def test_a_value_of_the_wrong_kind_is_told_and_not_kept(
    tx: Transaction, people: Cast
) -> None:
    rule = await a_rule(
        tx, people, sets("number", "{{ contact.name }}"), on="contact_created",
        when=row("email", "is_present"),
    )  # fmt: skip
    maria = await a_contact(tx, people.account)
    await run(tx)
    [effect] = (await verdicts(tx, rule))[0].effects
    assert (effect["result"], maria.custom_attributes) == ("failed", {})
    assert effect["sentence"]["values"]["value"] == "Maria Souza"


@pytest.mark.usefixtures("plan")
async def test_a_rule_that_answers_its_own_change_of_a_contact_is_stopped(
    tx: Transaction, people: Cast
) -> None:
    rule = await a_rule(
        tx, people, sets("text", "{{ event.at }}"), on="contact_updated",
        when=row("email", "is_present"),
    )  # fmt: skip
    maria = await a_contact(tx, people.account)
    await update_contact(tx, maria, ContactDraft(name="M"), now=NOW)
    await run(tx)
    assert [one.result for one in await verdicts(tx, rule)] == ["matched", "stopped"]


async def test_what_needs_a_conversation_fails_with_the_reason(
    tx: Transaction, people: Cast
) -> None:
    rule = await a_rule(
        tx, people, does("add_label", "vip"), on="contact_created",
        when=row("email", "is_present"),
    )  # fmt: skip
    await a_contact(tx, people.account)
    await run(tx)
    [effect] = (await verdicts(tx, rule))[0].effects
    assert effect["result"] == "failed"
    assert effect["sentence"]["text"].startswith("This event is about a contact alone")
