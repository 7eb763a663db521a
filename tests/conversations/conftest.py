"""The cast inside a transaction that is rolled back."""

import pytest

from recado.db.database import Database, Transaction
from tests.people import Cast, a_contact, a_conversation, a_message, gather


@pytest.fixture
async def here(tx: Transaction) -> Cast:
    """The cast, for tests of verbs."""
    return await gather(tx)


@pytest.fixture
async def number(database: Database, cast: Cast) -> int:
    """A conversation with one message from its contact."""
    async with database.transaction() as tx:
        conversation = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, conversation, "Where is <my> order?")
    return conversation.display_id
