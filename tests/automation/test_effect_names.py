"""What a rule may do: which parameters are accepted, and what is told when they are not."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recado.automation.effect_checking import effect_problems
from recado.automation.effect_names import (
    LAST_RESPONDING_AGENT,
    SHAPES,
    Effect,
    EffectName,
    Files,
    Setting,
    TeamMail,
)
from recado.automation.effect_reading import read_effect
from tests.automation.rules import CONTACT, CONVERSATION, KNOWN


def effect(name: str, *params: object) -> dict[str, Any]:
    return {"action_name": name, "action_params": list(params)}


def sets(key: str, value: object, of: str = CONTACT) -> dict[str, object]:
    return {"attribute_key": key, "custom_attribute_type": of, "value": value}


ACCEPTED = [
    (effect("assign_agent", 5), 5),
    (effect("assign_agent", "6"), 6),
    (effect("assign_agent", "nil"), None),
    (effect("assign_agent", "last_responding_agent"), LAST_RESPONDING_AGENT),
    (effect("assign_team", 3), 3),
    (effect("assign_team", "nil"), None),
    (effect("assign_team", 0), None),
    (effect("assign_team"), None),  # blank unassigns
    (effect("remove_assigned_agent"), None),
    ({"action_name": "remove_assigned_team"}, None),
    ({"action_name": "mute_conversation", "action_params": None}, None),
    (effect("resolve_conversation", ""), None),
    (effect("add_label", "vip", "bug", "vip"), ("vip", "bug")),
    (effect("remove_label", "BUG"), ("BUG",)),
    (effect("send_message", "Olá {{ contact.name | default: 'você' }}"), None),
    (effect("send_message", "{{ contact.phone }} {{ contact.custom_attribute.c_text }}"), None),
    (effect("add_private_note", "{{ conversation.custom_attribute.v_date }}"), None),
    (effect("change_status", "snoozed"), "snoozed"),
    (effect("change_priority", "urgent"), "urgent"),
    (effect("change_priority", "nil"), None),
    (effect("open_conversation"), None),
    (effect("pending_conversation"), None),
    (effect("snooze_conversation"), None),
    (effect("snooze_conversation", "nil"), None),
    (effect("snooze_conversation", 90), "90"),
    (effect("snooze_conversation", "tomorrow"), "tomorrow"),
    (effect("set_custom_attribute", sets("c_text", " gold ")), Setting(CONTACT, "c_text", "gold")),
    (effect("set_custom_attribute", sets("c_number", 7)), Setting(CONTACT, "c_number", "7")),
    (effect("set_custom_attribute", sets("c_list", "ouro")), Setting(CONTACT, "c_list", "ouro")),
    (effect("set_custom_attribute", sets("c_date", None)), Setting(CONTACT, "c_date", "")),
    (
        effect("set_custom_attribute", sets("c_checkbox", True)),
        Setting(CONTACT, "c_checkbox", "true"),
    ),
    (
        effect("set_custom_attribute", sets("c_number", "{{ contact.id }}")),
        Setting(CONTACT, "c_number", "{{ contact.id }}"),
    ),
    (effect("send_webhook_event", "https://crm.example/in"), "https://crm.example/in"),
    (effect("send_attachment", 20, "21", 20), Files((20, 21))),
    (effect("send_email_transcript", "a@x.com,b@y.com "), "a@x.com, b@y.com"),
    (effect("send_email_transcript", "a@x.com", "b@y.com"), "a@x.com, b@y.com"),
    (effect("send_email_transcript", "{{ contact.email }}"), "{{ contact.email }}"),
    (
        effect("send_email_to_team", {"team_ids": [3, "4", 3], "message": "{{ contact.name }}"}),
        TeamMail((3, 4), "{{ contact.name }}"),
    ),
    (effect("send_custom_action", 10), 10),
    (effect("send_custom_action", "10"), 10),
]


@pytest.mark.parametrize(("stored", "value"), ACCEPTED)
def test_a_sound_effect_is_accepted_and_read(stored: Any, value: Any) -> None:
    assert effect_problems([stored], KNOWN) == []
    name = EffectName(stored["action_name"])
    expected = stored["action_params"][0] if SHAPES[name].value == "text" else value
    assert read_effect(stored) == Effect(name, expected)


REFUSED = [
    (effect("assign_agent"), "action_params", "Choose an agent."),
    (effect("assign_agent", 99), "action_params", "There is no such agent. They may have left the account."),
    (effect("assign_agent", "self"), "action_params", "Choose an agent."),  # only in macros
    (effect("assign_agent", 5, 6), "action_params", "Choose one value only."),
    (effect("assign_team", 99), "action_params", "There is no such team. It may have been deleted."),  # 51 [V]
    (effect("assign_team", False), "action_params", "Choose a team."),
    (effect("add_label"), "action_params", "Choose at least one label."),
    (effect("add_label", "vip", 3), "action_params", "Choose at least one label."),
    (effect("add_label", "gone"), "action_params", "There is no label “gone”."),
    (effect("send_message", "  "), "action_params", "Enter a text."),
    (effect("send_message", 3), "action_params", "Enter a text."),
    (effect("send_message", "x" * 150_001), "action_params", "Use at most 150000 characters."),
    (effect("change_status", "closed"), "action_params", "Choose a status."),
    (effect("change_status", "all"), "action_params", "Choose a status."),
    (effect("change_priority", "highest"), "action_params", "Choose a priority."),
    (effect("change_priority", []), "action_params", "Choose a priority."),
    (effect("mute_conversation", 1), "action_params", "This action takes no parameters."),
    (effect("snooze_conversation", "soon"), "action_params", "Choose how long, or enter minutes."),
    (effect("snooze_conversation", -5), "action_params", "Choose how long, or enter minutes."),
    (effect("send_webhook_event"), "action_params", "Enter the address that is called."),
    (effect("send_attachment"), "action_params", "Invalid attachment"),
    (effect("send_attachment", "key"), "action_params", "Invalid attachment"),
    (
        effect("send_attachment", 22), "action_params",
        "Invalid attachment",
    ),
    (effect("send_email_transcript"), "action_params", "Enter an e-mail address."),
    (effect("send_email_transcript", 7), "action_params", "Enter an e-mail address."),
    (effect("send_email_transcript", "a@x.com, b"), "action_params", "“b” is no e-mail address."),
    (effect("send_email_transcript", ", ".join(["a@x.com"] * 21)), "action_params", "Use at most 20 addresses."),
    (effect("send_email_transcript", "{{ contact.mail }}"), "action_params", "Line 1, column 4: There is no variable “contact.mail”. Did you mean “contact.email”?"),
    (effect("send_email_to_team"), "action_params", "Choose a team."),
    (
        effect("send_email_to_team", {"team_ids": [], "message": "x"}),
        "action_params", "Choose a team.",
    ),
    (
        effect("send_email_to_team", {"team_ids": [9], "message": "x"}),
        "action_params", "There is no such team. It may have been deleted.",
    ),
    (
        effect("send_email_to_team", {"team_ids": [3], "message": " "}),
        "action_params", "Enter a text.",
    ),
    (
        effect("send_email_to_team", {"team_ids": [3], "message": "{{ x }}"}),
        "action_params", "Line 1, column 4: There is no variable “x”.",
    ),
    (effect("set_custom_attribute"), "action_params", "Choose a custom attribute."),
    (effect("set_custom_attribute", "c_text"), "action_params", "Choose a custom attribute."),
    (effect("set_custom_attribute", sets("gone", 1)), "action_params", "There is no attribute “gone”. It may have been deleted."),
    (effect("set_custom_attribute", sets("c_number", "x")), "action_params", "Enter a number, such as 12 or 12.50."),
    (effect("set_custom_attribute", sets("c_list", "Bronze")), "action_params", "“Bronze” is not a value of Plan."),
    (effect("set_custom_attribute", sets("c_text", "x" * 1_501)), "action_params", "Use at most 1500 characters."),
    (effect("set_custom_attribute", sets("c_text", "{{ nobody }}")), "action_params", "Line 1, column 4: There is no variable “nobody”."),
    (effect("send_custom_action"), "action_params", "Choose a custom action."),
    (effect("send_custom_action", 99), "action_params", "There is no such custom action. It may have been deleted."),
    (effect("send_custom_action", 11), "action_params", "The custom action “Old” is not active."),
    (effect("send_custom_action", True), "action_params", "Choose a custom action."),
    ({"action_name": "add_label", "action_params": "vip"}, "action_params", "Parameters must be a list."),
    (effect("delete_account"), "action_name", "Automation actions delete_account not supported."),
    (effect(""), "action_name", "Choose what the rule does."),
    ({"action_name": ["x"]}, "action_name", "Choose what the rule does."),
]  # fmt: skip


@pytest.mark.parametrize(("stored", "field", "api_text"), REFUSED)
def test_a_wrong_effect_is_refused_at_its_field(stored: Any, field: str, api_text: str) -> None:
    [found] = effect_problems([effect("open_conversation"), stored], KNOWN)
    assert found.field == f"actions.1.{field}"
    assert found.api_text == api_text


@pytest.mark.parametrize(
    ("effects", "field"), [(None, "actions"), ([], "actions"), ([3], "actions.0"), ({}, "actions")]
)
def test_effects_must_be_a_list_of_some(effects: Any, field: str) -> None:
    assert [one.field for one in effect_problems(effects, KNOWN)] == [field]


@pytest.mark.parametrize(
    ("stored", "is_fine"),
    [
        (effect("send_custom_action", 10), True),
        (effect("set_custom_attribute", sets("c_text", "x")), True),
        (effect("set_custom_attribute", sets("v_text", "x", CONVERSATION)), False),
        (effect("add_label", "vip"), False),
        (effect("send_message", "Hi"), False),
    ],
)
def test_an_event_about_a_contact_alone_has_no_conversation_to_change(
    stored: Any, is_fine: bool
) -> None:
    found = effect_problems([stored], KNOWN, has_conversation=False)
    assert [one.field for one in found] == ([] if is_fine else ["actions.0.action_name"])


def test_too_many_effects_are_refused() -> None:
    assert len(effect_problems([effect("open_conversation")] * 51, KNOWN)) == 1


def test_84_a_broken_template_is_refused_with_its_place() -> None:  # [V]
    [found] = effect_problems([effect("send_message", "Olá\n {{ contact.name ")], KNOWN)
    assert found.field == "actions.0.action_params"
    assert found.api_text.startswith("Line 2, column ")


def test_an_unknown_variable_is_refused_with_the_nearest_name() -> None:
    [found] = effect_problems([effect("send_message", "Olá {{ contact.nam }}")], KNOWN)
    assert "contact.nam" in found.api_text
    assert "Did you mean “contact.name”?" in found.api_text


def test_a_rule_keeps_the_custom_action_it_waits_for() -> None:
    assert effect_problems([effect("send_custom_action", 11)], KNOWN, already_used={11}) == []
    assert effect_problems([effect("send_custom_action", 99)], KNOWN, already_used={99}) != []


@pytest.mark.parametrize("stored", [None, 3, {}, effect("nonsense"), effect("send_custom_action")])
def test_an_effect_that_makes_no_sense_is_not_read(stored: Any) -> None:
    assert read_effect(stored) is None


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(EffectName)) | JSON, JSON)
def test_whatever_comes_is_refused_or_read(name: Any, params: Any) -> None:
    stored = {"action_name": name, "action_params": params}
    assert effect_problems([stored], KNOWN) or read_effect(stored)
