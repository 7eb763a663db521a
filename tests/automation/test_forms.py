"""What a rule's form sends becomes a draft, and a draft becomes rows again."""

import json
from typing import Any

import pytest

from recado.automation.forms import (
    UNCHOSEN,
    Control,
    draft_from,
    fields_of,
    flattened,
    new_draft,
    stepped,
)
from recado.automation.known import CustomActionInfo, Known, problem
from recado.automation.rows import ConditionRow, GroupRow, RuleRows, rows_of
from recado.automation.saving import RuleDraft, rule_problems
from recado.lib.languages import say
from tests.automation.rules import CONTACT, KNOWN, changed, row
from tests.automation.stories import does


def sent(draft: RuleDraft, **changes: Any) -> dict[str, list[str]]:
    """What a browser sends for a draft as the form shows it, with some fields changed."""
    rows = rows_of(draft, KNOWN)
    form: dict[str, list[str]] = {
        "name": [draft.name],
        "description": [draft.description],
        "event_name": [draft.event_name],
        "event_was": [draft.event_name],
    }
    if rows.grouped:
        form["conditions"] = [rows.grouped]
    for group in (one for one in rows.conditions if isinstance(one, GroupRow)):
        form[f"conditions-{group.place}-kind"] = [group.kind]
        form[f"conditions-{group.place}-joiner"] = [group.joiner]
    for one in plain_rows(rows):
        base = f"conditions-{one.place}"
        form |= {
            f"{base}-attribute": [one.attribute],
            f"{base}-was": [one.attribute],
            f"{base}-operator": [one.operator],
            f"{base}-joiner": [one.joiner],
        }
        for side in one.sides:
            is_lines = one.control is Control.LINES
            form[f"{base}-{side.name}"] = (
                ["\r\n".join(side.values)] if is_lines else list(side.values)
            )
    for one_effect in rows.effects:
        base = f"actions-{one_effect.number}"
        form |= {
            f"{base}-name": [one_effect.name],
            f"{base}-was": [one_effect.name],
            f"{base}-params": one_effect.values or [""],
            f"{base}-value": [one_effect.value],
        }
    return form | {name.replace("__", "-"): value for name, value in changes.items()}


def plain_rows(rows: RuleRows) -> list[ConditionRow]:
    """Every condition, those in groups too."""
    return [
        inner
        for one in rows.conditions
        for inner in (one.conditions if isinstance(one, GroupRow) else [one])
    ]


def rule(conditions: list[Any], *effects: dict[str, Any], on: str = "message_created") -> RuleDraft:
    return RuleDraft("Rule", on, conditions, list(effects) or [does("open_conversation")])


@pytest.mark.parametrize(
    "conditions",
    [
        [row("content", "contains", "a, b", "c")],  # several texts, a comma inside one
        [row("content", "is_present")],
        [row("status", "equal_to", "open", "pending", then="or"), row("inbox_id", "equal_to", 2)],
        [row("labels", "not_equal_to", "bug", then="and"), row("team_id", "equal_to", "nil")],
        [row("c_number", "is_greater_than", "12.50", of=CONTACT)],
        [row("c_date", "days_before", "3", of=CONTACT)],
        [row("c_checkbox", "equal_to", "true", of=CONTACT)],
        [row("content", "equal_to", "sale", then="and"), row("email", "starts_with", "a@")],
    ],
)
def test_a_rule_comes_back_from_the_form_as_it_was(conditions: list[Any]) -> None:
    draft = rule(conditions, does("send_custom_action", 10), does("add_label", "bug", "vip"))
    back = draft_from(sent(draft), KNOWN)
    assert (back.conditions, back.effects) == (conditions, draft.effects)
    assert rule_problems(back, KNOWN) == []


def test_a_change_has_two_sides() -> None:
    draft = rule([changed("status", ["open"], ["resolved"])], on="conversation_updated")
    assert draft_from(sent(draft), KNOWN).conditions == draft.conditions


@pytest.mark.parametrize(
    "effect",
    [
        does("assign_agent", 5),
        does("assign_agent", "nil"),
        does("assign_agent", "last_responding_agent"),
        does("assign_team", 3),
        does("change_status", "open"),
        does("change_priority", "nil"),
        does("send_message", "Hi {{ contact.name }}\n\nBye"),
        does("mute_conversation"),
        does("snooze_conversation"),
        does("snooze_conversation", 60),
        does("send_webhook_event", "https://crm.example/in"),
        does("send_email_transcript", "a@x.com, {{ contact.email }}"),
        does("send_email_to_team", {"team_ids": [3, 4], "message": "Look\nhere"}),
        does("snooze_conversation", "tomorrow"),
        does("send_attachment", 20, 21),
        does(
            "set_custom_attribute",
            {
                "attribute_key": "c_text",
                "custom_attribute_type": "contact_attribute",
                "value": "{{ contact.name }}",
            },
        ),
    ],
)
def test_an_effect_comes_back_from_the_form_as_it_was(effect: dict[str, Any]) -> None:
    back = draft_from(sent(rule([row("content", "is_present")], effect)), KNOWN)
    assert back.effects == [effect]
    assert rule_problems(back, KNOWN) == []


@pytest.mark.parametrize(
    "name",
    ["send_custom_action", "assign_agent", "assign_team", "change_status", "change_priority"],
)
def test_a_choice_not_made_is_a_problem_and_never_nobody(name: str) -> None:
    form = sent(rule([row("content", "is_present")], does(name, UNCHOSEN)))
    problems = fields_of(rule_problems(draft_from(form, KNOWN), KNOWN))
    assert list(problems) == ["actions-0-params"]


def test_a_value_does_not_stray_to_another_attribute() -> None:
    form = sent(rule([row("status", "equal_to", "open")]), conditions__0__attribute=["content"])
    assert draft_from(form, KNOWN).conditions == [row("content", "equal_to")]


def test_an_operator_that_the_new_attribute_lacks_becomes_its_first() -> None:
    form = sent(rule([row("content", "contains", "x")]), conditions__0__attribute=["status"])
    assert draft_from(form, KNOWN).conditions == [row("status", "equal_to")]


def test_a_text_stays_between_a_message_and_a_note() -> None:
    form = sent(
        rule([row("content", "is_present")], does("send_message", "Hi")),
        actions__0__name=["add_private_note"],
    )
    assert draft_from(form, KNOWN).effects == [does("add_private_note", "Hi")]


def test_a_decimal_comma_is_understood() -> None:
    draft = rule([row("c_number", "equal_to", "1", of=CONTACT)])
    form = sent(draft, conditions__0__values=["12,50"])
    assert draft_from(form, KNOWN).conditions[0]["values"] == ["12.50"]


def test_another_event_brings_the_untouched_row_along() -> None:
    form = sent(new_draft(), event_name=["conversation_created"])
    assert draft_from(form, KNOWN).conditions == [row("status", "equal_to")]


def test_another_event_leaves_what_was_filled_in() -> None:
    draft = rule([row("message_type", "equal_to", "incoming")])
    form = sent(draft, event_name=["conversation_created"])
    back = draft_from(form, KNOWN)
    assert back.conditions == draft.conditions
    assert rows_of(back, KNOWN).conditions[0].note is not None  # the page says what it means


GROUP = {"any": [row("content", "is_present"), row("email", "contains", "x", "y")]}


@pytest.mark.parametrize(
    "conditions",
    [
        [row("status", "equal_to", "open", then="and"), GROUP | {"query_operator": None}],
        [GROUP | {"query_operator": "or"}, row("status", "equal_to", "open")],
        [GROUP | {"query_operator": "and"}, {"all": GROUP["any"], "query_operator": None}],
    ],
)
def test_a_group_comes_back_from_the_form_as_it_was(conditions: list[Any]) -> None:
    back = draft_from(sent(rule(conditions)), KNOWN)
    assert back.conditions == conditions
    assert rule_problems(back, KNOWN) == []


def test_groups_grow_and_shrink() -> None:
    draft, focus = stepped(rule([row("status", "equal_to", "open")]), "add-group")
    assert (focus, len(draft.conditions[1]["any"])) == ("conditions-1-kind", 2)
    assert draft.conditions[0]["query_operator"] == "and"
    draft, focus = stepped(draft, "add-conditions-1")
    assert (focus, len(draft.conditions[1]["any"])) == ("conditions-1_2-attribute", 3)
    for _ in range(2):
        draft, focus = stepped(draft, "remove-conditions-1_1")
    assert (focus, len(draft.conditions[1]["any"])) == ("conditions-1_0-attribute", 1)
    draft, focus = stepped(draft, "remove-conditions-1_0")  # with its last condition it goes
    assert (focus, len(draft.conditions)) == ("conditions-0-attribute", 1)


@pytest.mark.parametrize("step", ["add-conditions-0", "add-conditions-7", "remove-conditions-0_9"])
def test_a_step_in_no_group_changes_nothing(step: str) -> None:
    draft = rule([row("status", "equal_to", "open")])
    assert stepped(draft, step) == (draft, "")


def test_groups_travel_through_the_form() -> None:
    group = {"any": [row("content", "is_present"), {"all": [row("email", "is_present")] * 2}]}
    draft = rule([row("status", "equal_to", "open", then="and"), group])
    assert flattened(draft) == draft
    form = sent(draft)
    assert json.loads(form["conditions"][0]) == draft.conditions
    assert draft_from(form, KNOWN).conditions == draft.conditions
    simple, focus = stepped(draft, "simple-conditions")
    assert (len(simple.conditions), focus) == (1, "conditions-0-attribute")


def test_groups_that_rows_can_say_become_rows() -> None:
    draft = rule([{"any": [row("content", "is_present"), row("email", "is_present")]}])
    assert flattened(draft).conditions == [
        row("content", "is_present", then="or"),
        row("email", "is_present"),
    ]


@pytest.mark.parametrize(
    ("step", "effects", "focus"),
    [
        ("up-actions-1", "ba c", "down-actions-0"),
        ("down-actions-0", "ba c", "down-actions-1"),
        ("down-actions-1", "ac b", "up-actions-2"),
        ("remove-actions-1", "ac", "actions-0-name"),
        ("up-actions-0", "ab c", ""),
        ("down-actions-2", "ab c", ""),
        ("remove-actions-9", "ab c", ""),
        ("nonsense", "ab c", ""),
    ],
)
def test_effects_move_and_the_focus_moves_along(step: str, effects: str, focus: str) -> None:
    draft = rule([row("content", "is_present")], *(does("send_message", one) for one in "abc"))
    moved, focused = stepped(draft, step)
    told = "".join(one["action_params"][0] for one in moved.effects)
    assert (told, focused) == (effects.replace(" ", ""), focus)


def test_rows_are_added_and_stay_joined() -> None:
    draft, focus = stepped(rule([row("content", "is_present")]), "add-conditions")
    assert [one["query_operator"] for one in draft.conditions] == ["and", None]
    assert focus == "conditions-1-attribute"
    draft, focus = stepped(draft, "remove-conditions-0")
    assert [one["query_operator"] for one in draft.conditions] == [None]
    draft, focus = stepped(draft, "add-actions")
    assert (draft.effects[-1]["action_name"], focus) == ("", "actions-1-name")
    draft, focus = stepped(draft, "remove-conditions-0")
    assert (draft.conditions, focus) == ([], "add-conditions")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("name", "name"),
        ("event_name", "event_name"),
        ("conditions", "conditions"),
        ("conditions.0.attribute_key", "conditions-0-attribute"),
        ("conditions.3.filter_operator", "conditions-3-operator"),
        ("conditions.1.values", "conditions-1-values"),
        ("conditions.0.query_operator", "conditions-1-joiner"),
        ("conditions.0.any.1.values", "conditions-0_1-values"),
        ("conditions.0.any.1.all.0.values", "conditions"),  # a group inside: told for the whole
        ("actions.1.action_name", "actions-1-name"),
        ("actions.1.action_params", "actions-1-params"),
    ],
)
def test_problems_stand_at_their_fields(path: str, field: str) -> None:
    assert list(fields_of([problem(path, say("Wrong."))])) == [field]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"conditions": ["{"]},
        {"conditions": ['[1, "x"]']},
        {"conditions": ["[" * 100_000]},
        {"conditions-99999-attribute": ["x"]},
        {"conditions-0-attribute": [":::"], "conditions-0-operator": ["?"]},
        {"actions-0-name": ["vanish"], "actions-0-params": ["x"]},
        {"event_name": ["nothing"], "event_was": ["nothing"], "conditions-0-attribute": [""]},
    ],
)
def test_nonsense_is_a_draft_with_problems(form: dict[str, list[str]]) -> None:
    draft = draft_from(form, KNOWN)
    assert rule_problems(draft, KNOWN)
    assert rows_of(draft, KNOWN) is not None


def test_an_action_that_is_off_can_only_stay() -> None:
    known = Known(
        custom_actions={1: CustomActionInfo("On", True), 2: CustomActionInfo("Off", False)}
    )
    fresh = rows_of(RuleDraft("", "message_created", [], [does("send_custom_action", 1)]), known)
    assert [one.value for one in fresh.effects[0].options] == ["1"]
    assert [one.value for one in fresh.effects[0].off] == ["2"]
    used = rows_of(RuleDraft("", "message_created", [], [does("send_custom_action", 2)]), known)
    assert [one.value for one in used.effects[0].options] == ["1", "2"]
    assert used.effects[0].off == []
    assert "waits for it" in str(used.effects[0].note)
