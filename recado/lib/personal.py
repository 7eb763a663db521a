"""Which variables tell of people, and of whom: what a record of data that leaves must name. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from recado.lib.facts import ALIASES


class Person(StrEnum):
    """Of whom a variable tells."""

    CONTACT = "contact"  # whoever writes to the account
    AGENT = "agent"  # whoever answers


_AGENTS: Final = ("agent", "assignee")
# Everything in these is about the contact, or was written by or to them.
_CONTACTS: Final = (
    "contact", "message.content", "message.attachments", "changes", "conversation.name",
    "conversation.contact_name", "conversation.recent_messages", "conversation.custom_attribute",
    "conversation.additional_attributes",
)  # fmt: skip


def person_of(name: str) -> Person | None:
    """Of whom a variable of the catalogue tells; None for what is about nobody."""
    if any(_is_in(name, group) for group in _AGENTS):
        return Person.AGENT
    return Person.CONTACT if any(_is_in(name, group) for group in _CONTACTS) else None


def names_of_people(read: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Of the `known` variables, in their order, those that tell of people and are among what is `read`:
    as they are, as part of a group (`contact`), or by something inside of them.
    """
    used = {ALIASES.get(one, one) for one in read}
    return tuple(
        name
        for name in known
        if person_of(name) and any(_is_in(name, one) or _is_in(one, name) for one in used)
    )


def _is_in(name: str, group: str) -> bool:
    return name == group or name.startswith(f"{group}.")
