"""What the pages that people open all day cost, counted in statements: it must not grow with what they show."""

import pytest

from recado.conversations.finding import PAGE, find_conversation
from recado.conversations.reading import change_from
from recado.db.database import Database
from tests.browser import Browser
from tests.counting import counted, counted_rows
from tests.people import Cast, a_contact, a_conversation, a_message
from tests.wide import widen

MANY = PAGE + 5


@pytest.fixture
async def busy(database: Database, cast: Cast) -> int:
    """An account with more than a page shows; the number of a conversation with a day's messages."""
    async with database.transaction() as tx:
        for at in range(MANY):
            contact = await a_contact(
                tx, cast.account, name=f"Maria {at}", email=None, phone_number=None
            )
            conversation = await a_conversation(tx, cast.inbox, contact)
            await a_message(tx, conversation)
        for _ in range(MANY):
            await a_message(tx, conversation)
    return conversation.display_id


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/app/profile", 4),
        ("/app/conversations?tab=all", 9),
        ("/app/conversations?tab=all&status=resolved", 8),
        ("/app/conversations/{number}", 19),  # with who looks at it, which was a request of its own
        ("/app/deliveries", 9),
        ("/app/contacts", 7),
        ("/app/search?q=Maria", 6),  # what was written lately, and what the index finds
    ],
)  # fmt: skip
async def test_a_page_asks_the_database_so_often_at_most(
    ana: Browser, database: Database, busy: int, path: str, most: int
) -> None:
    with counted(database) as statements:
        assert (await ana.get(path.format(number=busy))).status_code == 200
    assert len(statements) <= most, "\n".join(statements)


@pytest.mark.parametrize(
    ("part", "most"),
    [
        ("/{number}/messages?from=1", 6),  # with who is signed in
        ("/{number}/state", 7),
        ("/list?tab=all&open={number}", 9),
        ("/list?tab=all&open={number}&drawn=1", 5),  # what can be chosen is there
    ],
)
async def test_a_part_of_an_open_page_asks_for_what_it_shows(
    ana: Browser, database: Database, busy: int, part: str, most: int
) -> None:
    path = f"/app/conversations{part.format(number=busy)}"
    with counted(database) as statements:
        assert (await ana.get(path, headers={"hx-request": "true"})).status_code == 200
    assert len(statements) <= most, "\n".join(statements)


async def test_a_message_is_posted_and_drawn_with_few_statements(
    ana: Browser, database: Database, busy: int
) -> None:
    form = {"content": "On its way", "kind": "reply", "echo_id": "one"}
    with counted(database) as statements:
        await ana.post(f"/app/conversations/{busy}/messages", form, htmx=True)
    assert len(statements) <= 17, "\n".join(statements)


async def test_a_conversation_asks_nothing_twice(
    ana: Browser, database: Database, busy: int
) -> None:
    with counted(database) as statements:
        await ana.get(f"/app/conversations/{busy}")
    assert len(statements) == len(set(statements)), "\n".join(statements)


async def test_a_change_reads_what_it_names(cast: Cast, database: Database, busy: int) -> None:
    form = {"assignee": str(cast.beto.user_id)}
    async with database.transaction() as tx:
        await widen(tx, cast)
        conversation = await find_conversation(tx, cast.account.id, busy)
        assert conversation is not None
        with counted_rows() as rows:
            assert await change_from(tx, conversation, form) == {"assignee_id": cast.beto.user_id}
    assert rows.number <= 2  # the membership, and that it answers there
