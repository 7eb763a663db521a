"""What the pages of custom actions cost, counted in statements."""

import re

import pytest

from recado.actions.saving import ActionDraft, create_action
from recado.conversations.finding import PAGE
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from tests.browser import Browser
from tests.counting import counted
from tests.deliveries.rows import a_delivery
from tests.people import NOW, Cast, a_contact, a_conversation

MANY = PAGE + 1  # so that the first conversation is not among the latest


@pytest.fixture
async def page(database: Database, cast: Cast, outbound: Outbound) -> str:
    """An action's test page, in an account where much goes on."""
    draft = ActionDraft("CRM", url="https://crm.example/", body='{"name": "{{ contact.name }}"}')
    async with database.transaction() as tx:
        action = await create_action(tx, cast.account.id, draft, vault=outbound.vault, now=NOW)
        await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account, name="Maria"))
        other = await a_contact(tx, cast.account, name="Rui", email=None, phone_number=None)
        for _ in range(MANY):
            await a_conversation(tx, cast.inbox, other)
    return f"/app/actions/{action.id}/test"


@pytest.mark.parametrize(
    ("query", "asked", "offered"),
    [
        ("", 0, set()),  # sample data: nothing to choose
        ("?source=conversation", 1, {"Rui"}),
        ("?conversation=1", 1, {"Maria", "Rui"}),  # the chosen one, beside the latest
        ("?conversation=99", 1, {"Rui"}),  # there is none
        ("?conversation=2&find=maria", 1, {"Maria", "Rui"}),  # beside what was looked for
        ("?source=conversation&find=nobody", 0, set()),
    ],
)
async def test_conversations_to_choose_from_are_asked_for_once(
    ana: Browser, database: Database, page: str, query: str, asked: int, offered: set[str]
) -> None:
    with counted(database) as statements:
        shown = (await ana.get(page + query)).text
    assert len(lists_in(statements)) == asked, "\n".join(statements)
    assert set(re.findall(r"#\d+ · (\w+)</option>", shown)) == offered


async def test_a_test_asks_for_them_once_too(ana: Browser, database: Database, page: str) -> None:
    with counted(database) as statements:
        shown = await ana.post(page, {"conversation": "99"})
    assert shown.status_code == 422
    assert len(lists_in(statements)) == 1, "\n".join(statements)


async def test_a_preview_offers_none(ana: Browser, database: Database, page: str) -> None:
    with counted(database) as statements:
        shown = await ana.post(page.replace("/test", "/preview"), {"conversation": "1"}, htmx=True)
    assert "Maria" in shown.text
    assert lists_in(statements) == []


@pytest.mark.parametrize("path", ["/app/actions", "/app/actions/results"])
async def test_a_list_of_many_asks_no_more_often_than_one_of_few(
    ana: Browser, database: Database, cast: Cast, page: str, outbound: Outbound, path: str
) -> None:
    asked = []
    for number in (1, 20):
        async with database.transaction() as tx:
            for one in range(number):
                await a_delivery(tx, cast.account.id, action_id=int(page.split("/")[3]))
                draft = ActionDraft(f"ERP {number}/{one}", url="https://erp.example/{{ nobody }}")
                await create_action(tx, cast.account.id, draft, vault=outbound.vault, now=NOW)
        with counted(database) as statements:
            shown = (await ana.get(path)).text
        assert shown.count('id="results-') == (2 if number == 1 else 22)
        asked.append(len(statements))
    assert asked[0] == asked[1]


def lists_in(statements: list[str]) -> list[str]:
    """The statements that read the conversations of a list."""
    return [one for one in statements if "ORDER BY conversations.last_activity_at DESC" in one]
