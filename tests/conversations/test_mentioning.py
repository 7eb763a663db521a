"""Mentioning people and teams in private notes."""

import pytest
from sqlalchemy import select

from recado.accounts.models import User
from recado.accounts.teams import create_team
from recado.conversations.finding import PAGE, Filter, in_order
from recado.conversations.mentioning import Mentionable, as_read, linked, mentioned
from recado.conversations.models import Message
from recado.db.database import Database, Transaction
from tests.api.calling import programs
from tests.browser import Browser
from tests.contacts.test_finding_by_index import plan_of
from tests.people import Cast, a_contact, a_conversation, a_message

HERE = "/app/conversations/1"
FRAGMENT = {"hx-request": "true"}
KNOWN = [
    Mentionable("user", 1, "Ana Lima"),
    Mentionable("user", 2, "Ana"),
    Mentionable("user", 3, "Zé (SP)"),
    Mentionable("team", 4, "vendas"),
    Mentionable("user", 5, "Rui", is_namesake=True),
    Mentionable("user", 6, "Rui", is_namesake=True),
]


@pytest.mark.parametrize(
    ("content", "people", "teams"),
    [
        ("@Ana Lima, look", [1], []),
        ("@Ana, look", [2], []),
        ("@ana lima", [1], []),
        ("(@Zé (SP))", [3], []),
        ("ask @Vendas!", [], [4]),
        ("@Ana Lima and @vendas and @Ana", [1, 2], [4]),
        ("@Anabela", [], []),
        ("me@Ana.example", [], []),
        ("@@Ana", [], []),
        ("[@Ana Lima](mention://user/1/Ana%20Lima) @vendas", [1], [4]),
        ("@Rui", [5], []),
        (KNOWN[5].written, [6], []),
        ("nobody", [], []),
    ],
)
def test_a_name_after_an_at_is_a_mention(content: str, people: list[int], teams: list[int]) -> None:
    written = linked(content, KNOWN)
    assert (mentioned(written, "user"), mentioned(written, "team")) == (people, teams)
    assert as_read(written).casefold() == as_read(content).casefold()
    assert linked(written, KNOWN) == written  # nothing is linked twice


def test_nobody_can_be_mentioned_where_nobody_is() -> None:
    assert linked("@Ana", []) == "@Ana"


async def content_of(database: Database) -> str:
    async with database.transaction() as tx:
        return (await tx.scalars(select(Message).order_by(Message.id.desc()))).first().content  # type: ignore[union-attr]


@pytest.mark.usefixtures("number")
async def test_a_note_keeps_the_mention_and_shows_the_name(
    beto: Browser, ana: Browser, cast: Cast, database: Database
) -> None:
    await beto.post(f"{HERE}/messages", {"content": "@Ana Lima <b>", "kind": "note"})
    assert await content_of(database) == (
        f"[@Ana Lima](mention://user/{cast.ana.user_id}/Ana%20Lima) <b>"
    )
    for browser, mine in ((ana, " mine"), (beto, "")):
        shown = (await browser.get(HERE)).text
        assert f'<span class="mention{mine}">@Ana Lima</span> &lt;b&gt;' in shown
        assert "mention://" not in shown  # nor in the list beside it
    assert "mention://" not in (await ana.get("/app/search?q=lima")).text


@pytest.mark.usefixtures("number")
async def test_a_reply_says_what_was_typed(beto: Browser, database: Database) -> None:
    await beto.post(f"{HERE}/messages", {"content": "@Ana Lima", "kind": "reply"})
    assert await content_of(database) == "@Ana Lima"


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("", ["Ana Lima", "Beto Reis", "suporte"]),
        ("li", ["Ana Lima"]),
        ("BÉ", ["Beto Reis"]),
        ("célia", []),
    ],
)
@pytest.mark.usefixtures("number")
async def test_who_sees_the_conversation_is_offered(
    beto: Browser, database: Database, cast: Cast, typed: str, names: list[str]
) -> None:
    async with database.transaction() as tx:
        await create_team(tx, cast.account.id, "Suporte")
    shown = (await beto.get(f"{HERE}/mentions?q={typed}", headers=FRAGMENT)).text
    found = [
        one for one in ("Ana Lima", "Beto Reis", "Célia Paz", "suporte") if f"@{one} " in shown
    ]
    assert found == names


@pytest.mark.usefixtures("number")
async def test_namesakes_are_told_apart(beto: Browser, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        (await tx.get_one(User, cast.ana.user_id)).name = "Beto Reis"
    shown = (await beto.get(f"{HERE}/mentions?q=", headers=FRAGMENT)).text
    for one in (cast.ana, cast.beto):
        assert f"[@Beto Reis](mention://user/{one.user_id}/Beto%20Reis) " in shown


@pytest.mark.usefixtures("number")
async def test_conversations_that_mention_somebody_are_found(
    beto: Browser, visitor: Browser, cast: Cast
) -> None:
    ana, betos, _ = programs(visitor, cast)
    path = "conversations?conversation_type=mention"
    assert (await ana.get(path))["data"]["payload"] == []
    await beto.post(f"{HERE}/messages", {"content": "@Ana Lima look", "kind": "note"})
    assert [one["id"] for one in (await ana.get(path))["data"]["payload"]] == [1]
    assert (await betos.get(path))["data"]["payload"] == []


async def test_an_index_finds_the_notes_that_mention_somebody(tx: Transaction, here: Cast) -> None:
    """None is read of the others, of which there may be a million."""
    talk = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    for number in range(20):
        await a_message(tx, talk, f"{number}")
    plan = await plan_of(tx, in_order(here.ana, Filter(kind="mention"), 1).limit(PAGE))
    assert "ix_messages_mentioning" in plan, plan
