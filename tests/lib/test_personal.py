"""Which variables tell of people: every one of the catalogue is decided here."""

import pytest

from recado.lib.facts import STANDARD_VARIABLES
from recado.lib.personal import Person, names_of_people, person_of

# A new variable stands here, or it counts as one that tells of people.
OF_NOBODY = {
    "conversation.id", "conversation.status", "conversation.priority", "conversation.labels",
    "conversation.created_at", "conversation.display_id", "conversation.db_id",
    "conversation.last_activity_at", "inbox.name", "inbox.id", "inbox.channel",
    "inbox.within_business_hours", "team.name", "team.id", "message.id", "message.message_type",
    "message.private", "message.content_type", "message.sender_type", "message.created_at",
    "account.name", "account.id", "event.name", "event.at",
}  # fmt: skip
KNOWN = [*(one.name for one in STANDARD_VARIABLES), "contact.custom_attribute.cpf"]


def test_every_variable_is_about_somebody_or_said_to_be_about_nobody() -> None:
    assert {one for one in KNOWN if person_of(one) is None} == OF_NOBODY


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("contact.email", Person.CONTACT),
        ("contact.custom_attribute.cpf", Person.CONTACT),
        ("message.content", Person.CONTACT),
        ("changes", Person.CONTACT),
        ("agent.name", Person.AGENT),
        ("assignee.id", Person.AGENT),
        ("agents", None),
        ("message.contents", None),
    ],
)
def test_of_whom_a_name_tells(name: str, person: Person | None) -> None:
    assert person_of(name) == person


@pytest.mark.parametrize(
    ("read", "told"),
    [
        (["contact.email", "conversation.id"], ["contact.email"]),
        (["contact.phone"], ["contact.phone_number"]),  # an alias
        (["conversation.recent_messages.0.content"], ["conversation.recent_messages"]),
        (["contact.custom_attribute"], ["contact.custom_attribute.cpf"]),
        (["contact.custom_attribute.gone"], []),  # nobody fills it any more
        (["agent"], [one for one in KNOWN if one.startswith("agent.")]),  # a whole group
        (["inbox.name", "event.name"], []),
        ([], []),
    ],
)
def test_what_is_told_of_people(read: list[str], told: list[str]) -> None:
    assert list(names_of_people(read, KNOWN)) == told
