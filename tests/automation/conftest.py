"""A conversation that no rule has seen, for every test of automation."""

import pytest

from recado.conversations.models import Conversation
from recado.db.database import Transaction
from tests.automation.stories import run
from tests.people import Cast, a_contact, a_conversation, gather


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


@pytest.fixture
async def talk(tx: Transaction, people: Cast) -> Conversation:
    """A conversation whose beginning no rule has seen."""
    contact = await a_contact(tx, people.account)
    made = await a_conversation(tx, people.inbox, contact)
    await run(tx)
    return made
