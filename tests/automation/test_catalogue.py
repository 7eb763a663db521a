"""What conditions may say, and what the form offers for each event."""

from typing import Any

import pytest

from recado.automation.captions import (
    CHOICE_LABELS,
    EFFECT_LABELS,
    EVENT_LABELS,
    OPERATOR_LABELS,
)
from recado.automation.catalogue import (
    OPERATORS,
    STANDARD,
    Kind,
    Operator,
    find_attribute,
    has_conversation,
)
from recado.automation.checking import problems_in
from recado.automation.choices import (
    AttributeChoice,
    Field,
    attributes_for,
    effects_offered,
    first_attribute,
)
from recado.automation.effect_names import SHAPES, EffectName
from recado.automation.known import Known
from recado.events.names import EventName
from recado.lib.languages import speaking
from tests.automation.rules import CONTACT, CONVERSATION, KNOWN, row

T1 = {"equal_to", "not_equal_to"}
T2 = T1 | {"contains", "does_not_contain"}
T3 = T1 | {"is_present", "is_not_present"}
T4 = T3 | {"is_greater_than", "is_less_than"}
T6 = T2 | {"starts_with"}

# attribute -> the operators that users of the API know; Recado may have more, never fewer
KNOWN_TO_THE_API = {
    **dict.fromkeys(["status", "priority", "browser_language", "conversation_language"], T1),
    **dict.fromkeys(["country_code", "message_type", "private_note"], T1),
    **dict.fromkeys(["assignee_id", "team_id", "inbox_id", "labels"], T3),
    **dict.fromkeys(["referer", "mail_subject", "email", "city", "company", "content"], T2),
    "phone_number": T6,
    "company_name": T2,
}
KNOWN_OF_TYPES = {
    **dict.fromkeys(["c_list", "c_number", "c_link", "c_checkbox"], T1),
    **dict.fromkeys(["c_currency", "c_percent"], T1),
    "c_text": T3,
    "c_date": T4,
}


@pytest.mark.parametrize(("key", "operators"), [*KNOWN_TO_THE_API.items(), *KNOWN_OF_TYPES.items()])
def test_every_operator_of_the_api_is_there(key: str, operators: set[str]) -> None:
    attribute = find_attribute(key, "", KNOWN.custom_attributes)
    assert attribute is not None
    assert operators <= {one.value for one in attribute.operators}


def test_every_kind_has_operators_and_every_operator_a_kind() -> None:
    assert set(OPERATORS) == set(Kind)
    used = {operator for operators in OPERATORS.values() for operator in operators}
    assert used | {Operator.ATTRIBUTE_CHANGED} == set(Operator)


@pytest.mark.parametrize(
    ("key", "model", "found"),
    [
        ("status", "", "standard"),
        ("status", CONTACT, "standard"),  # a model on a standard key is ignored
        ("company_name", "", "standard"),
        ("same", "", CONVERSATION),  # 78: the default model
        ("same", CONTACT, CONTACT),
        ("customer_type", "", CONTACT),
        ("customer_type", CONVERSATION, None),  # 39
        ("gone", "", None),
        ("gone", "nonsense", None),
        ("", "", None),
    ],
)
def test_an_attribute_is_found_by_key_and_model(key: str, model: str, found: str | None) -> None:
    attribute = find_attribute(key, model, KNOWN.custom_attributes)
    kind = attribute and (attribute.model or "standard")
    assert kind == found


def offered(event: EventName) -> dict[tuple[str, str], AttributeChoice]:
    return {(one.model, one.key): one for one in attributes_for(event, KNOWN)}


# what the forms of others offer, by event; all of it must be in ours
EVERYWHERE = {"email", "phone_number", "inbox_id", "conversation_language", "priority", "labels"}
OF_CONVERSATIONS = EVERYWHERE | {"status", "browser_language", "mail_subject", "country_code"}
OF_CONVERSATIONS |= {"referer", "assignee_id", "team_id", "city", "company", "name", "identifier"}
OF_MESSAGES = {"message_type", "private_note", "content", "sender_type", "has_attachment"}


@pytest.mark.parametrize(
    ("event", "keys"),
    [
        (EventName.CONVERSATION_CREATED, OF_CONVERSATIONS),
        (EventName.CONVERSATION_UPDATED, OF_CONVERSATIONS),
        (EventName.CONVERSATION_OPENED, OF_CONVERSATIONS),
        (EventName.CONVERSATION_RESOLVED, OF_CONVERSATIONS),
        (EventName.MESSAGE_CREATED, OF_CONVERSATIONS | OF_MESSAGES),
        (EventName.CONTACT_CREATED, {"email", "phone_number", "name", "city", "country_code"}),
        (EventName.CONTACT_UPDATED, {"email", "phone_number", "name", "city", "country_code"}),
    ],
)
def test_an_event_offers_what_it_knows(event: EventName, keys: set[str]) -> None:
    found = {key for model, key in offered(event) if not model}
    assert keys <= found
    assert event is EventName.MESSAGE_CREATED or not (OF_MESSAGES & found)


@pytest.mark.parametrize("event", list(EventName))
def test_every_custom_attribute_that_makes_sense_is_offered(event: EventName) -> None:
    models = {CONTACT, CONVERSATION} if has_conversation(event) else {CONTACT}
    own = {(model, key) for model, key in KNOWN.custom_attributes if model in models}
    assert {one for one in offered(event) if one[0]} == own


@pytest.mark.parametrize("event", list(EventName))
def test_only_events_with_changes_offer_the_operator(event: EventName) -> None:
    carries = not event.endswith(("_created", "_idle", "_ended", "_started"))
    for choice in attributes_for(event, KNOWN):
        can_change = choice.key not in {"within_business_hours", "created_at", "last_activity_at"}
        assert (Operator.ATTRIBUTE_CHANGED in choice.operators) is (carries and can_change)


@pytest.mark.parametrize("event", list(EventName))
def test_whatever_the_form_offers_can_be_saved(event: EventName) -> None:
    samples = {Field.TEXT: "119", Field.NUMBER: "12.5", Field.DATE: "2026-11-23"}
    for choice in attributes_for(event, KNOWN):
        for operator in choice.operators:
            values = [one.value for one in choice.options] or [samples[choice.field]]
            condition = row(choice.key, operator, values[0], of=choice.model)
            if operator is Operator.DAYS_BEFORE:
                condition["values"] = ["3"]
            if operator is Operator.ATTRIBUTE_CHANGED:
                condition["values"] = {"from": values[:1], "to": []}
            assert problems_in(event, [condition], KNOWN) == [], (choice.key, operator)


@pytest.mark.parametrize(
    ("key", "field", "values"),
    [
        ("status", Field.SELECT, ["open", "resolved", "pending", "snoozed", "all"]),
        ("priority", Field.SELECT, ["nil", "low", "medium", "high", "urgent"]),
        ("assignee_id", Field.SELECT, ["nil", "5", "6"]),
        ("team_id", Field.SELECT, ["nil", "3", "4"]),
        ("inbox_id", Field.SELECT, ["1", "2"]),
        ("labels", Field.SELECT, ["bug", "feature", "urgent", "vip"]),
        ("message_type", Field.SELECT, ["incoming", "outgoing", "activity", "template"]),
        ("private_note", Field.CHECKBOX, ["true", "false"]),
        ("content", Field.TEXT, []),
        ("c_number", Field.NUMBER, []),
        ("c_date", Field.DATE, []),
        ("c_list", Field.SELECT, ["Free", "platinum", "Ouro"]),
        ("c_link", Field.TEXT, []),
    ],
)
def test_a_field_is_drawn_for_each_kind(key: str, field: Field, values: list[str]) -> None:
    found = next(one for one in attributes_for(EventName.MESSAGE_CREATED, KNOWN) if one.key == key)
    assert found.field is field
    assert [one.value for one in found.options] == values


def test_places_and_languages_are_named_in_the_readers_language() -> None:
    named = {}
    for spoken in ("pt_BR", "en", "es"):
        with speaking(spoken):
            country = offered(EventName.MESSAGE_CREATED)["", "country_code"]
            tongue = offered(EventName.MESSAGE_CREATED)["", "browser_language"]
            named[spoken] = [
                next(str(one.label) for one in choice.options if one.value == value)
                for choice, value in ((country, "BR"), (tongue, "de"))
            ]
    assert named == {
        "pt_BR": ["Brasil", "Alemão"],
        "en": ["Brazil", "German"],
        "es": ["Brasil", "Alemán"],
    }


def test_a_list_without_values_is_typed() -> None:
    plain = Known(custom_attributes={(CONTACT, "l"): KNOWN.custom_attributes[CONTACT, "c_text"]})
    [found] = [one for one in attributes_for(EventName.MESSAGE_CREATED, plain) if one.model]
    assert found.field is Field.TEXT


def test_every_effect_is_offered_and_only_active_actions_can_be_chosen() -> None:
    found = {one.name: [option.value for option in one.options] for one in effects_offered(KNOWN)}
    assert set(found) == set(EffectName) == set(SHAPES)
    assert next(iter(found)) is EffectName.SEND_CUSTOM_ACTION
    assert found[EffectName.SEND_CUSTOM_ACTION] == ["10"]
    assert found[EffectName.ASSIGN_AGENT] == ["nil", "last_responding_agent", "5", "6"]
    assert found[EffectName.ASSIGN_TEAM] == ["nil", "3", "4"]
    assert found[EffectName.ADD_LABEL] == list(KNOWN.labels)
    assert found[EffectName.CHANGE_STATUS] == ["open", "resolved", "pending", "snoozed"]
    assert found[EffectName.CHANGE_PRIORITY] == ["nil", "low", "medium", "high", "urgent"]
    assert found[EffectName.SEND_MESSAGE] == []


def test_a_new_condition_begins_with_something_the_event_offers() -> None:
    for event in EventName:
        assert ("", first_attribute(event)) in offered(event)


def test_everything_has_a_caption() -> None:
    assert set(EVENT_LABELS) == set(EventName)
    assert set(OPERATOR_LABELS) == set(Operator)
    assert set(EFFECT_LABELS) == set(EffectName)
    for attribute in STANDARD.values():
        assert set(attribute.choices) <= set(CHOICE_LABELS.get(attribute.key, {}))


def captions() -> list[Any]:
    words = [*EVENT_LABELS.values(), *OPERATOR_LABELS.values(), *EFFECT_LABELS.values()]
    words += [label for labels in CHOICE_LABELS.values() for label in labels.values()]
    return words + [one.label for one in STANDARD.values()]


@pytest.mark.parametrize("spoken", ["pt_BR", "es"])
def test_captions_are_translated(spoken: str) -> None:
    with speaking(spoken):
        assert [one.text for one in captions() if str(one) == one.text] == []


def test_the_operators_of_labels_have_their_words() -> None:
    with speaking("pt_BR"):
        found = offered(EventName.MESSAGE_CREATED)["", "labels"]
        assert [(one.value, str(OPERATOR_LABELS[one])) for one in found.operators] == [
            ("equal_to", "Igual a"),
            ("not_equal_to", "Diferente de"),
            ("is_present", "Está presente"),
            ("is_not_present", "Não está presente"),
        ]
