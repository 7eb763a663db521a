"""The record of an account: every way by which its data goes out, read from its settings."""

from collections.abc import Sequence

from recado.db.database import Transaction
from recado.disclosures.by_actions import told_by_actions
from recado.disclosures.by_addresses import told_by_addresses
from recado.disclosures.by_copies import told_by_copies
from recado.disclosures.recipients import Recipient, recipients_of
from recado.lib.facts import Variable

_WAYS = (told_by_actions, told_by_addresses, told_by_copies)


async def gather_recipients(
    tx: Transaction, account_id: int, variables: Sequence[Variable]
) -> list[Recipient]:
    """The systems that an account's settings send to, and what of people each is told, by the names of
    the account's variables.
    """
    return recipients_of([one for told in _WAYS for one in await told(tx, account_id, variables)])
