"""Rules as sentences."""

from typing import Any

import pytest

from recado.automation.trees import parse
from recado.automation.wording import (
    condition_sentence,
    conditions_sentence,
    effect_sentence,
    effects_sentence,
    rule_sentence,
)
from recado.lib.languages import speaking
from tests.automation.rules import CONTACT, KNOWN, changed, row


def conditions_in_english(conditions: Any) -> str:
    with speaking("en"):
        return str(conditions_sentence(parse(conditions), KNOWN))


CONDITIONS = [
    (row("status", "equal_to", "open", "pending"), "Conversation status is “Open” or “Pending”"),
    (row("status", "not_equal_to", "all"), "Conversation status is not “Any status”"),
    (row("priority", "equal_to", None), "Priority is “No priority”"),
    (row("assignee_id", "equal_to", "5", "nil"), "Assigned agent is “Ana” or “Nobody”"),
    (row("team_id", "not_equal_to", 99), "Assigned team is not a team that no longer exists"),
    (row("inbox_id", "equal_to", 2), "Inbox is “WhatsApp”"),
    (row("inbox_id", "equal_to", 9), "Inbox is an inbox that no longer exists"),
    (row("assignee_id", "equal_to", 99), "Assigned agent is somebody who left the account"),
    (row("assignee_id", "equal_to", "x"), "Assigned agent is “x”"),
    (row("content", "contains", "100%", "a"), "Message content contains “100%” or “a”"),
    (row("content", "does_not_contain", "a"), "Message content does not contain “a”"),
    (row("content", "matches", "a.*"), "Message content matches “a.*”"),
    (row("phone_number", "starts_with", "+55"), "Contact phone number starts with “+55”"),
    (row("email", "is_present"), "Contact email is present"),
    (row("email", "is_not_present"), "Contact email is not present"),
    (row("private_note", "equal_to", "true"), "Private note is “Yes”"),
    (row("message_type", "equal_to", "template"), "Message type is “Message template”"),
    (row("labels", "equal_to", "vip"), "the conversation has the label “vip”"),
    (row("labels", "not_equal_to", "vip"), "the conversation does not have the label “vip”"),
    (row("labels", "is_present"), "the conversation has labels"),
    (row("c_list", "equal_to", "Free", of=CONTACT), "Plan is “Free”"),
    (row("c_checkbox", "equal_to", False), "c_checkbox is “No”"),
    (row("c_number", "is_greater_than", 3), "c_number is greater than “3”"),
    (row("c_date", "is_greater_than", "2026-01-02"), "c_date is after “2026-01-02”"),
    (row("c_date", "is_less_than", "2026-01-02"), "c_date is before “2026-01-02”"),
    (row("c_date", "days_before", 3), "c_date is more than 3 days ago"),
    (changed("status", ["open"], ["resolved"]), "Conversation status changed from “Open” to “Resolved”"),
    (changed("status", ["open"], []), "Conversation status changed from “Open”"),
    (changed("status", [], ["open"]), "Conversation status changed to “Open”"),
    (changed("status", [], []), "Conversation status changed"),
    (changed("labels", [], ["vip"]), "the label “vip” was added"),
    (changed("labels", ["vip"], []), "the label “vip” was removed"),
    # half written, or no longer sound
    (row("gone", "equal_to", "x"), "“gone” (deleted) …"),
    (row("", "", ""), "…"),
    (row("status", "", "open"), "Conversation status …"),
    (row("status", "equal_to"), "Conversation status is …"),
    (row("c_date", "days_before"), "c_date is more than … days ago"),
    ({"any": 3}, "…"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "sentence"), CONDITIONS)
def test_a_condition_in_words(condition: Any, sentence: str) -> None:
    assert conditions_in_english([condition]) == sentence


def test_groups_are_shown_as_they_are_read() -> None:
    a, b, c = (row(key, "is_present") for key in ("email", "city", "name"))
    flat = [a | {"query_operator": "or"}, b | {"query_operator": "and"}, c]
    assert conditions_in_english(flat) == (
        "Contact email is present or (City is present and Contact name is present)"
    )
    assert conditions_in_english([{"all": [a, {"any": [b, c]}]}]) == (
        "Contact email is present and (City is present or Contact name is present)"
    )
    assert conditions_in_english([]) == "…"


EFFECTS = [
    ({"action_name": "send_custom_action", "action_params": [10]}, "send the custom action “CRM”"),
    (
        {"action_name": "send_custom_action", "action_params": [99]},
        "send the custom action that no longer exists",
    ),
    ({"action_name": "assign_agent", "action_params": ["nil"]}, "assign to “Nobody”"),
    ({"action_name": "assign_agent", "action_params": [5]}, "assign to “Ana”"),
    (
        {"action_name": "assign_agent", "action_params": ["last_responding_agent"]},
        "assign to “Whoever replied last”",
    ),
    ({"action_name": "assign_team", "action_params": ["3"]}, "assign to the team “vendas”"),
    ({"action_name": "add_label", "action_params": ["a", "b"]}, "add the label “a”, “b”"),
    ({"action_name": "change_status", "action_params": ["open"]}, "change the status to “Open”"),
    (
        {"action_name": "change_priority", "action_params": ["nil"]},
        "change the priority to “No priority”",
    ),
    ({"action_name": "mute_conversation"}, "mute the conversation"),
    (
        {"action_name": "send_message", "action_params": ["Olá\n" + "x " * 99]},
        "send the message “Olá " + "x " * 27 + "x…”",
    ),
    ({"action_name": "add_label", "action_params": []}, "…"),
    ({"action_name": "nonsense"}, "…"),
    (None, "…"),
]


@pytest.mark.parametrize(("stored", "sentence"), EFFECTS)
def test_an_effect_in_words(stored: Any, sentence: str) -> None:
    with speaking("en"):
        assert str(effect_sentence(stored, KNOWN)) == sentence


RULE = (
    "message_created",
    [
        row("content", "contains", "pedido", then="and"),
        row("status", "equal_to", "open"),
    ],
    [
        {"action_name": "send_custom_action", "action_params": [10]},
        {"action_name": "add_label", "action_params": ["vip"]},
    ],
)


@pytest.mark.parametrize(
    ("spoken", "sentence"),
    [
        (
            "pt_BR",
            "Quando uma mensagem é criada, se Conteúdo da mensagem contém “pedido” e Status da "
            "conversa é “Aberta”: enviar a ação personalizada “CRM”, adicionar a etiqueta “vip”.",
        ),
        (
            "en",
            "When a message is created, if Message content contains “pedido” and Conversation "
            "status is “Open”: send the custom action “CRM”, add the label “vip”.",
        ),
        (
            "es",
            "Cuando se crea un mensaje, si Contenido del mensaje contiene “pedido” y Estado de la "
            "conversación es “Abierta”: enviar la acción personalizada “CRM”, agregar la etiqueta "
            "“vip”.",
        ),
    ],
)
def test_a_rule_is_one_sentence_in_the_readers_language(spoken: str, sentence: str) -> None:
    with speaking(spoken):
        assert str(rule_sentence(*RULE, KNOWN)) == sentence


def test_a_rule_that_is_not_written_yet_has_a_sentence() -> None:
    with speaking("en"):
        assert str(rule_sentence("", None, None, KNOWN)) == "…, if …: …."
        assert str(effects_sentence([], KNOWN)) == "…"


def test_one_condition_can_be_said_alone() -> None:
    [leaf] = [parse([row("email", "is_present")])]
    with speaking("es"):
        assert "está presente" in str(condition_sentence(leaf, KNOWN))  # type: ignore[arg-type]
