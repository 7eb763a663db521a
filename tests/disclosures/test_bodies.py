"""What webhooks tell of people is read off their bodies."""

from recado.disclosures.bodies import CONTACT, CONVERSATION, names_in_bodies
from recado.lib.facts import STANDARD_VARIABLES, Kind, attribute_variable
from recado.lib.languages import say

CPF = attribute_variable("contact", "cpf", say("CPF"), Kind.TEXT)
VARIABLES = (*STANDARD_VARIABLES, CPF)


def told(*events: str) -> set[str]:
    return set(names_in_bodies(events, VARIABLES))


def test_a_message_tells_who_writes_what_and_who_answers() -> None:
    names = told("message_created")
    assert {"contact.name", "contact.email", "contact.phone_number", CPF.name} <= names
    assert {"message.content", "message.attachments", "agent.email", "assignee.name"} <= names
    assert "changes" not in names  # nothing changed
    assert "conversation.recent_messages" not in names  # only the last one is in the body


def test_a_contact_tells_nothing_of_messages_or_agents() -> None:
    names = told("contact_created")
    assert {"contact.email", CPF.name, "contact.additional_attributes"} <= names
    assert {one.partition(".")[0] for one in names} == {"contact"}


def test_a_change_tells_what_it_was_and_is() -> None:
    assert "changes" in told("contact_updated")
    assert "changes" in told("conversation_status_changed")


def test_an_inbox_tells_of_nobody() -> None:
    assert told("inbox_created") == set()


def test_several_events_tell_what_each_tells() -> None:
    assert told("inbox_created", "contact_created") == told("contact_created")
    assert told(CONVERSATION, CONTACT) == told(CONVERSATION)  # whose contact stands in it
