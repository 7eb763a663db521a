"""Many conversations changed at once: only those one may see, each as if it were the only one."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from recado.accounts.models import Account
from recado.accounts.teams import create_team
from recado.conversations.changing_many import change_many
from recado.conversations.finding import Filter, conversations_page
from recado.conversations.models import Conversation
from recado.conversations.viewing import Choice, find_visible, list_view
from recado.db.database import Database, Transaction
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.browser import Browser
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation


@pytest.fixture
async def three(tx: Transaction, here: Cast) -> list[Conversation]:
    """Two in Beto's inbox, one in an inbox that only Ana sees."""
    maria = await a_contact(tx, here.account)
    loja = await open_inbox(
        tx, here.account.id, InboxDraft("Loja", Channel.API), vault=VAULT, now=NOW
    )
    return [await a_conversation(tx, inbox, maria) for inbox in (here.inbox, here.inbox, loja)]


async def test_each_is_changed(tx: Transaction, here: Cast, three: list[Conversation]) -> None:
    form = {"status": "pending", "assignee": str(here.ana.user_id)}
    assert await change_many(tx, here.ana, [3, 1, 1, 77], form, now=NOW) == 2
    assert [one.status for one in three] == ["pending", "open", "pending"]
    assert [one.assignee_id for one in three] == [here.ana.user_id, None, here.ana.user_id]


async def test_what_one_may_not_see_stays(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    assert await change_many(tx, here.beto, [1, 3], {"status": "resolved"}, now=NOW) == 1
    assert await change_many(tx, here.celia, [1, 2, 3], {"status": "pending"}, now=NOW) == 0
    assert [one.status for one in three] == ["resolved", "open", "open"]


async def test_an_agent_is_assigned_only_where_they_answer(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    form = {"assignee": str(here.beto.user_id)}
    assert await change_many(tx, here.ana, [1, 3], form, now=NOW) == 1
    assert [one.assignee_id for one in three] == [here.beto.user_id, None, None]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(sort="priority"), [2, 1, 3]),  # urgent, low, none
        (Filter(sort="oldest"), [3, 2, 1]),  # all at the same moment: the newest first
        (Filter(sort="waiting"), [3, 2, 1]),
        (Filter(sort="nonsense"), [3, 2, 1]),
        (Filter(priority="low"), [1]),
    ],
)
async def test_the_list_is_sorted_and_narrowed(
    tx: Transaction, here: Cast, three: list[Conversation], wanted: Filter, numbers: list[int]
) -> None:
    three[0].priority, three[1].priority = "low", "urgent"
    await tx.flush()
    found = await conversations_page(tx, here.ana, wanted)
    assert [one.display_id for one in found] == numbers


async def test_the_tabs_count_what_is_narrowed(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    three[0].labels = ["vip"]
    await tx.flush()
    view = await list_view(tx, here.ana, Choice("all", label="vip"))
    assert (view.counts["all"], [one.display_id for one in view.conversations]) == (1, [1])


async def test_the_address_says_what_was_chosen() -> None:
    choice = Choice("all", "pending", team_id=3, label="vip", priority="high", sort="waiting")
    assert choice.address() == (
        "tab=all&status=pending&team=3&label=vip&priority=high&sort=waiting"
    )
    assert Choice().address(label="a&b") == "label=a%26b"


async def test_the_bar_changes_the_chosen(ana: Browser, beto: Browser, number: int) -> None:
    page = (await ana.get("/app/conversations?tab=all&label=x%00y&sort=nothing")).text
    assert "Apply to the chosen" not in page  # nothing there with this label
    form = {"number": str(number), "status": "resolved", "assignee": "", "add_label": ""}
    done = await beto.post("/app/conversations/many?tab=all", form)
    assert done.headers["location"].startswith("/app/conversations?tab=all&did=")
    assert "Reopen" in (await ana.get(f"/app/conversations/{number}")).text
    assert (await beto.post("/app/conversations/many", {"number": "abc"})).status_code == 303


_SNOOZES = ["snoozed:60", "snoozed:tomorrow", "snoozed:next_week", "snoozed:"]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"priority": "urgent"}, ("open", "urgent", None)),
        ({"priority": "none"}, ("open", None, None)),
        ({"team": "1"}, ("open", "low", "vendas")),
        ({"team": "none", "status": "pending"}, ("pending", "low", None)),
        *(({"status": one}, ("snoozed", "low", None)) for one in _SNOOZES),
    ],
)
async def test_the_bar_applies_each_choice_and_takes_it_back(
    ana: Browser,
    cast: Cast,
    database: Database,
    number: int,
    chosen: dict[str, str],
    expected: tuple[str, str | None, str | None],
) -> None:
    async with database.transaction() as tx:
        await create_team(tx, cast.account.id, "vendas")
        (await _conversation(tx, cast, number)).priority = "low"
        cast_account = await tx.get_one(Account, cast.account.id)
        cast_account.time_zone = "America/Sao_Paulo"
    page = (await ana.get("/app/conversations?tab=all")).text.partition('id="many"')[2]
    for name, value in chosen.items():
        assert f'name="{name}"' in page
        assert f'<option value="{value}">' in page
    form = {"number": str(number), "status": "", "team": "", "priority": "", **chosen}
    done = await ana.post("/app/conversations/many?tab=all&status=all", form)
    assert await _state(database, cast, number) == expected
    async with database.transaction() as tx:
        until = (await _conversation(tx, cast, number)).snoozed_until
    is_timed = chosen.get("status") in _SNOOZES[:3]
    assert (until is not None) == is_timed
    await _take_back(ana, done.headers["location"])
    assert await _state(database, cast, number) == ("open", "low", None)


async def test_another_snooze_is_taken_back_to_the_one_before(
    ana: Browser, cast: Cast, database: Database, number: int
) -> None:
    untils = []
    for until in ("60", "next_week"):
        form = {"number": str(number), "status": f"snoozed:{until}"}
        done = await ana.post("/app/conversations/many", form)
        async with database.transaction() as tx:
            untils.append((await _conversation(tx, cast, number)).snoozed_until)
    assert untils[0] != untils[1]
    await _take_back(ana, done.headers["location"])
    async with database.transaction() as tx:
        assert (await _conversation(tx, cast, number)).snoozed_until == untils[0]


async def _take_back(ana: Browser, address: str) -> None:
    assert "/app/conversations/undo" in (await ana.get(address)).text  # it is offered
    values = dict(parse_qsl(urlsplit(address).query))
    await ana.post("/app/conversations/undo", {name: values[name] for name in ("did", "of")})


async def _conversation(tx: Transaction, cast: Cast, number: int) -> Conversation:
    found = await find_visible(tx, cast.ana, number, for_change=True)
    assert found
    return found


async def _state(database: Database, cast: Cast, number: int) -> tuple[str, str | None, str | None]:
    async with database.transaction() as tx:
        one = await _conversation(tx, cast, number)
        return one.status, one.priority, one.team.name if one.team else None
