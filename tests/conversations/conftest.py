"""The cast inside a transaction that is rolled back."""

import pytest

from recado.db.database import Transaction
from tests.people import Cast, gather


@pytest.fixture
async def here(tx: Transaction) -> Cast:
    """The cast, for tests of verbs."""
    return await gather(tx)
