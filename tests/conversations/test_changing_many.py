"""Many conversations changed at once: only those one may see, each as if it were the only one."""

import pytest

from recado.conversations.changing_many import change_many
from recado.conversations.finding import Filter, conversations_page
from recado.conversations.models import Conversation
from recado.conversations.viewing import Choice, list_view
from recado.db.database import Transaction
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
