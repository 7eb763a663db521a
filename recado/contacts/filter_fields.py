"""What people filter contacts by, with the words and choices of their account."""

from typing import Final

from recado.contacts.attributes import attributes_of
from recado.contacts.filter_rows import Askable
from recado.contacts.filtering import FieldKind
from recado.contacts.labels import label_choices
from recado.contacts.models import AttributeKind, AttributeModel, CustomAttribute
from recado.db.database import Transaction
from recado.lib.languages import Sentence, say

YES_NO: Final[tuple[tuple[str, Sentence], ...]] = (("true", say("Yes")), ("false", say("No")))
_KINDS: Final = {
    AttributeKind.NUMBER: FieldKind.NUMBER,
    AttributeKind.CURRENCY: FieldKind.NUMBER,
    AttributeKind.PERCENT: FieldKind.NUMBER,
    AttributeKind.DATE: FieldKind.DAY,
    AttributeKind.CHECKBOX: FieldKind.FLAG,
}


async def contact_fields(tx: Transaction, account_id: int) -> dict[str, Askable]:
    """By key, in the order of the form."""
    labels = await label_choices(tx, account_id)
    titles = tuple((one.title, one.title) for one in labels)
    attributes = await attributes_of(tx, account_id, AttributeModel.CONTACT)
    return by_key(
        Askable("name", say("Name"), FieldKind.TEXT),
        Askable("email", say("E-mail"), FieldKind.TEXT),
        Askable("phone_number", say("Phone"), FieldKind.TEXT),
        Askable("identifier", say("Identifier"), FieldKind.TEXT),
        Askable("labels", say("Labels"), FieldKind.WORDS, titles),
        Askable("created_at", say("Creation date"), FieldKind.MOMENT),
        Askable("last_activity_at", say("Last activity"), FieldKind.MOMENT),
        Askable("blocked", say("Blocked"), FieldKind.FLAG, YES_NO),
        Askable("city", say("City"), FieldKind.TEXT),
        Askable("country", say("Country"), FieldKind.TEXT),
        Askable("company_name", say("Company"), FieldKind.TEXT),
        *(attribute_field(one) for one in attributes),
    )


def attribute_field(attribute: CustomAttribute) -> Askable:
    """A custom attribute as something to filter by."""
    kind = _KINDS.get(AttributeKind(attribute.kind), FieldKind.TEXT)
    options: tuple[tuple[str, Sentence | str], ...] = ()
    if kind == FieldKind.FLAG:
        options = YES_NO
    elif attribute.kind == AttributeKind.LIST:
        options = tuple((str(one), str(one)) for one in attribute.choices)
    return Askable(attribute.key, attribute.name, kind, options)


def by_key(*fields: Askable) -> dict[str, Askable]:
    """The fields by their keys; of two with one key the last, as the filter itself has it."""
    return {one.key: one for one in fields}
