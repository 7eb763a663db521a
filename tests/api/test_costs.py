"""What a message over REST costs, counted in statements: a busy machine changes nothing."""

import pytest

from recado.db.database import Database
from tests.api.calling import Program
from tests.counting import counted
from tests.people import Cast, a_contact, a_conversation


@pytest.mark.parametrize("kind", ["incoming", "outgoing"])
async def test_a_message_costs_nine_statements(
    api: Program, cast: Cast, database: Database, kind: str
) -> None:
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
    path = f"conversations/{talk.display_id}/messages"
    await api.post(path, {"content": "first", "message_type": kind})  # the token is used: noted
    with counted(database) as statements:
        await api.post(path, {"content": "second", "message_type": kind})
    assert len(statements) <= 9, "\n".join(statements)
