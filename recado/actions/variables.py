"""The variables an account's templates may use: the standard ones and its custom attributes."""

from recado.contacts.attributes import attributes_of
from recado.contacts.models import AttributeModel, CustomAttribute
from recado.db.database import Transaction
from recado.lib.facts import STANDARD_VARIABLES, Kind, Variable, attribute_variable
from recado.lib.languages import Sentence


async def variables_of(tx: Transaction, account_id: int) -> tuple[Variable, ...]:
    """Everything `{{` offers in this account: the picker, the checks and the samples share it."""
    attributes = await attributes_of(tx, account_id)
    return (*STANDARD_VARIABLES, *(_variable(one) for one in attributes))


def _variable(attribute: CustomAttribute) -> Variable:
    of = AttributeModel(attribute.model).of
    sample = attribute.choices[0] if attribute.choices else None
    return attribute_variable(
        of, attribute.key, Sentence(attribute.name), Kind(attribute.kind), sample
    )
