"""The behaviours of variables in messages that users of the API know, by their numbers (79 to 86)."""

import pytest

from recado.automation.effect_checking import effect_problems
from recado.conversations.models import Conversation, MessageType
from recado.db.database import Transaction
from recado.lib.templating import render_message
from tests.automation.rules import KNOWN, facts
from tests.automation.stories import a_rule, does, post, run, texts
from tests.people import Cast, a_message


async def test_79_incoming_messages_are_not_rendered(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_message(tx, talk, "I am {{ contact.name }}")
    await post(tx, talk, "You are {{ contact.name }}", MessageType.INCOMING)
    await a_rule(tx, people, does("send_message", "You wrote: {{ message.content }}"))
    await run(tx)
    assert await texts(tx, talk) == [
        "I am {{ contact.name }}",
        "You are {{ contact.name }}",
        "You wrote: I am {{ contact.name }}",
        "You wrote: You are {{ contact.name }}",
    ]


ABOUT = facts(
    contact={"name": "john doe", "custom_attribute": {"c_text": "gold"}},
    conversation={"custom_attribute": {"v_number": 7}},
)


@pytest.mark.parametrize(
    ("number", "source", "text"),
    [
        (80, "Hi {{ contact.name }}", "Hi john doe"),  # as written, not "John Doe": a decision
        (80, "Hi {{ contact.name | capitalize }}", "Hi John doe"),
        (81, "{{ contact.custom_attribute.c_text }}", "gold"),
        (81, "{{ conversation.custom_attribute.v_number }}", "7"),
        (82, "Hi {{ contact.email | default: 'you' }}", "Hi you"),
        (83, "<{{ contact.email }}{{ contact.custom_attribute.c_date }}>", "<>"),
        (85, "Type `{{ contact.name }}` for {{ contact.name }}", "Type `{{ contact.name }}` for john doe"),
        (85, "```\n{% if x %}\n```{{ contact.name }}", "```\n{% if x %}\n```john doe"),
        (85, "a ` alone, {{ contact.name }}", "a ` alone, john doe"),
    ],
)  # fmt: skip
def test_80_81_82_83_85_variables_in_messages(number: int, source: str, text: str) -> None:
    assert render_message(source, ABOUT) == text, number
    assert effect_problems([does("send_message", source)], KNOWN) == []


def test_84_a_broken_tag_is_refused_with_line_and_column() -> None:  # [V] elsewhere it is sent raw
    [found] = effect_problems([does("send_message", "Hi\n  {{ contact.name ")], KNOWN)
    assert found.field == "actions.0.action_params"
    assert found.api_text.startswith("Line 2, column 3")


def test_84_the_place_is_right_after_code_too() -> None:
    [found] = effect_problems([does("add_private_note", "`{{`{{` {{ contact.nam }}")], KNOWN)
    assert found.api_text.startswith("Line 1, column")
