"""What `{{` offers while somebody answers: what is known of the contact and the conversation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recado.contacts.attributes import attributes_of
from recado.contacts.models import AttributeModel
from recado.conversations.describing import facts_about
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.lib.excerpts import unaccented
from recado.lib.facts import STANDARD_VARIABLES, Kind, spelling, value_of
from recado.lib.values import text_of

_OFFERED: Final = 8
_OF_PEOPLE: Final = ("contact", "conversation", "inbox", "assignee", "team", "account")
_NOT_TOLD: Final = frozenset(
    {"conversation.db_id", "conversation.name", "conversation.contact_name"}
)


@dataclass(frozen=True, slots=True)
class ValueOffer:
    """A variable by its name and label, with what it stands for here."""

    name: str
    label: str
    value: str


async def value_offers(
    tx: Transaction, conversation: Conversation, typed: str, *, now: datetime
) -> list[ValueOffer]:
    """The variables that have a value here and whose name or label contains what was typed."""
    facts = facts_about(conversation, now=now)
    named = [
        (one.name, str(one.label))
        for one in STANDARD_VARIABLES
        if one.name.split(".")[0] in _OF_PEOPLE
        and one.kind not in {Kind.MANY, Kind.OBJECT}
        and one.name not in _NOT_TOLD
    ]
    named += [
        (f"{AttributeModel(one.model).of}.custom_attribute.{one.key}", one.name)
        for one in await attributes_of(tx, conversation.account_id)
    ]
    wanted = unaccented(typed.strip().casefold())
    found = [
        ValueOffer(spelling(name), label, text_of(value_of(facts, name)))
        for name, label in named
        if wanted in unaccented(f"{spelling(name)} {label}".casefold())
    ]
    return [one for one in found if one.value][:_OFFERED]
