"""Conversations in a browser: who sees what, what a form does, what happens when it is wrong."""

import pytest

from recado.db.database import Database
from tests.browser import Browser
from tests.people import Cast, a_contact, a_conversation, a_message


@pytest.fixture
async def number(database: Database, cast: Cast) -> int:
    """A conversation with one message from its contact."""
    async with database.transaction() as tx:
        conversation = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, conversation, "Where is my order?")
    return conversation.display_id


PATHS = ["", "/messages", "/state", "/attributes", "/attributes/edit"]


@pytest.mark.parametrize("path", PATHS)
async def test_everybody_of_the_account_sees_it(
    ana: Browser, beto: Browser, number: int, path: str
) -> None:
    for browser in (ana, beto):
        answer = await browser.get(
            f"/app/conversations/{number}{path}", headers={"hx-request": "true"}
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("path", PATHS)
async def test_a_stranger_finds_nothing(celia: Browser, number: int, path: str) -> None:
    assert (await celia.get(f"/app/conversations/{number}{path}")).status_code == 404
