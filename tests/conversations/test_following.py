"""Following a conversation by its page: who may, who sees it, and that it ends."""

import pytest

from recado.db.database import Database
from tests.browser import Browser
from tests.people import Cast, a_contact, a_conversation

HTMX = {"hx-request": "true"}


@pytest.fixture
async def number(database: Database, cast: Cast) -> int:
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        return talk.display_id


async def test_one_follows_and_stops_and_the_others_see_it(
    ana: Browser, beto: Browser, number: int
) -> None:
    path = f"/app/conversations/{number}"
    assert (
        "Nobody follows this conversation." in (await ana.get(f"{path}/state", headers=HTMX)).text
    )
    followed = await beto.post(f"{path}/follow", {"follow": "1"}, htmx=True)
    assert followed.text.lstrip().startswith("<section")
    assert "Stop following" in followed.text
    seen = (await ana.get(f"{path}/state", headers=HTMX)).text
    assert "data-theirs>Beto Reis</li>" in seen
    assert "Stop following" not in seen  # Beto does, not she
    for _ in range(2):  # a second press changes nothing
        stopped = await beto.post(f"{path}/follow", {"follow": "0"}, htmx=True)
        assert "Nobody follows this conversation." in stopped.text


async def test_without_scripts_one_is_sent_back_to_the_conversation(
    ana: Browser, number: int
) -> None:
    answer = await ana.post(f"/app/conversations/{number}/follow", {"follow": "1"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/app/conversations/{number}"


async def test_a_stranger_follows_nothing(
    celia: Browser, number: int, database: Database, cast: Cast
) -> None:
    answer = await celia.post(f"/app/conversations/{number}/follow", {"follow": "1"})
    assert answer.status_code == 404
