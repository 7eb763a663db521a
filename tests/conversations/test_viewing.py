"""What the desk shows: whose conversations, in which tab, and a thread as lines."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from recado.conversations.changing import change_conversation
from recado.conversations.counting_unread import unread_counts
from recado.conversations.finding import (
    MOST_COUNTED,
    PAGE,
    Filter,
    conversations_page,
    last_messages,
)
from recado.conversations.models import Conversation, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.conversations.seeing import mark_seen
from recado.conversations.stretching import Asked
from recado.conversations.threads import day_name, thread_of
from recado.conversations.viewing import Choice, find_visible, list_view
from recado.conversations.writing import Kind, Written, write
from recado.db.database import Transaction
from recado.events.causes import BY_SYSTEM, Actor, Cause
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from recado.lib.languages import speaking
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation, a_message

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def three(tx: Transaction, here: Cast) -> list[Conversation]:
    """Two in Beto's inbox, the first of them his, and one in an inbox that only Ana sees."""
    maria = await a_contact(tx, here.account)
    loja = await open_inbox(
        tx, here.account.id, InboxDraft("Loja", Channel.API), vault=VAULT, now=NOW
    )
    made = [await a_conversation(tx, inbox, maria) for inbox in (here.inbox, here.inbox, loja)]
    made[0].assignee_id = here.beto.user_id
    await tx.flush()
    return made


@pytest.mark.parametrize(
    ("choice", "anas", "betos"),
    [
        (Choice(), {1, 2, 3}, {1}),  # Ana has none of her own: she sees all
        (Choice("mine"), set(), {1}),
        (Choice("unassigned"), {2, 3}, {2}),
        (Choice("all"), {1, 2, 3}, {1, 2}),
        (Choice("all", "resolved"), set(), set()),
        (Choice("all", "all"), {1, 2, 3}, {1, 2}),
        (Choice("all", page=2), {1, 2, 3}, {1, 2}),  # it ran empty: the first is shown
    ],
)
async def test_who_finds_what_in_the_list(
    tx: Transaction, here: Cast, three: list[Conversation], choice: Choice,
    anas: set[int], betos: set[int],
) -> None:  # fmt: skip
    for member, numbers in ((here.ana, anas), (here.beto, betos)):
        view = await list_view(tx, member, choice)
        assert {one.display_id for one in view.conversations} == numbers
    assert (await list_view(tx, here.celia, choice)).conversations == []


async def test_the_tabs_are_counted(tx: Transaction, here: Cast, three: list[Conversation]) -> None:
    view = await list_view(tx, here.beto, Choice("all"))
    assert view.counts == {"mine": 1, "unassigned": 1, "all": 2}
    only_loja = Choice("all", inbox_id=three[2].inbox_id)
    assert (await list_view(tx, here.ana, only_loja)).counts["all"] == 1


async def test_agents_open_only_what_is_in_their_inboxes(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    assert await find_visible(tx, here.ana, 3) is not None
    assert await find_visible(tx, here.beto, 2) is not None
    assert await find_visible(tx, here.beto, 3) is None
    assert await find_visible(tx, here.celia, 1) is None


async def test_messages_are_searched_without_wildcards(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    await a_message(tx, three[0], "A discount of 100%")
    await a_message(tx, three[1], "Nothing")
    for q, numbers in (("DISCOUNT", [1]), ("100%", [1]), ("%", [1]), ("nobody said this", [])):
        found = await conversations_page(tx, here.ana, Filter(q=q))
        assert [one.display_id for one in found] == numbers


async def test_the_preview_is_no_activity(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    await a_message(tx, three[0], "Hello")
    await change_conversation(tx, three[0], {"status": "resolved"}, cause=BY_SYSTEM, now=LATER)
    last = await last_messages(tx, [three[0].id, three[1].id])
    assert {key: one.content for key, one in last.items()} == {three[0].id: "Hello"}


async def test_looking_makes_unread_messages_read(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    one = three[0]
    await a_message(tx, one)
    await a_message(tx, one)
    assert await unread_counts(tx, three) == {one.id: 2}
    assert await mark_seen(tx, one, now=LATER)
    assert await unread_counts(tx, three) == {}
    assert not await mark_seen(tx, one, now=LATER + timedelta(hours=1))
    assert one.agent_last_seen_at == LATER  # nothing was unread, nothing is written


async def test_a_long_thread_is_loaded_piece_by_piece(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    one = three[0]
    for number in range(45):
        await a_message(tx, one, f"M{number}")
    newest = await thread_of(tx, one, today=NOW)
    assert [line.text for line in newest.lines] == [f"M{n}" for n in range(25, 45)]
    more = await thread_of(tx, one, Asked(before=newest.earlier), today=NOW)
    assert [line.text for line in more.lines] == [f"M{n}" for n in range(5, 45)]
    whole = await thread_of(tx, one, Asked(before=more.earlier), today=NOW)
    assert (len(whole.lines), whole.earlier) == (45, None)
    await a_message(tx, one, "new")
    refreshed = await thread_of(tx, one, Asked(first=more.oldest), today=NOW)
    assert (refreshed.lines[0].text, refreshed.lines[-1].text) == ("M5", "new")


async def test_an_empty_thread_has_no_lines(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    thread = await thread_of(tx, three[0], today=NOW)
    assert (thread.lines, thread.earlier, thread.oldest) == ([], None, 0)


async def test_each_line_knows_what_it_is(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    one = three[0]
    await a_message(tx, one)
    await write(tx, one, here.ana, Written("as Maria", Kind.CONTACT), now=NOW)
    await write(tx, one, here.beto, Written("hi", Kind.REPLY), now=NOW)
    await write(tx, one, here.beto, Written("psst", Kind.NOTE), now=NOW)
    rule = {"automation_rule_id": 7}
    draft = MessageDraft("by rule", MessageType.OUTGOING, content_attributes=rule)
    await post_message(tx, one, draft, cause=Cause(Actor.RULE, 7, (7,)), now=NOW)
    await change_conversation(tx, one, {"status": "resolved"}, cause=BY_SYSTEM, now=NOW)
    lines = (await thread_of(tx, one, today=NOW)).lines
    assert [(line.kind, line.author) for line in lines] == [
        ("incoming", "Maria Souza"), ("incoming", "Maria Souza"), ("outgoing", "Beto Reis"),
        ("private", "Beto Reis"), ("outgoing", "Recado"), ("activity", "Recado"),
    ]  # fmt: skip
    assert [line.simulated_by for line in lines] == ["", "Ana Lima", "", "", "", ""]
    assert [line.is_by_rule for line in lines] == [False] * 4 + [True, False]


async def test_days_begin_at_midnight_of_the_account(
    tx: Transaction, here: Cast, three: list[Conversation]
) -> None:
    """São Paulo is three hours behind: 02:59 UTC is still the day before."""
    one = three[0]
    for hours in (0, 14.9, 15.1):
        message = await a_message(tx, one)
        message.created_at = NOW + timedelta(hours=hours)
    await tx.flush()
    lines = (await thread_of(tx, one, today=NOW + timedelta(days=1))).lines
    assert [line.day for line in lines] == ["Yesterday", "", "Today"]


def test_older_days_are_written_out_in_the_readers_language() -> None:
    day = NOW.date()
    with speaking("pt_BR"):
        assert day_name(day, day + timedelta(days=2)) == "23 de novembro de 2026"
        assert day_name(day, day) == "Hoje"
    with speaking("es"):
        assert day_name(day, day + timedelta(days=1)) == "Ayer"


@pytest.mark.parametrize(
    ("number", "page", "shown", "has_more", "told"),
    [
        (PAGE, 1, PAGE, False, str(PAGE)),
        (PAGE + 1, 1, PAGE, True, str(PAGE + 1)),
        (PAGE + 1, 2, 1, False, str(PAGE + 1)),
        (MOST_COUNTED, 1, PAGE, True, str(MOST_COUNTED)),
        (MOST_COUNTED + 1, 1, PAGE, True, f"{MOST_COUNTED}+"),
        (MOST_COUNTED + 30, MOST_COUNTED // PAGE + 1, PAGE, True, f"{MOST_COUNTED}+"),
        (MOST_COUNTED + 30, MOST_COUNTED // PAGE + 2, 5, False, f"{MOST_COUNTED}+"),
    ],
)
async def test_a_long_list_has_pages_and_is_counted_so_far(
    tx: Transaction, here: Cast, number: int, page: int, shown: int, has_more: bool, told: str
) -> None:
    first = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    await tx.execute(text(_MORE), {"id": first.id, "last": number})
    view = await list_view(tx, here.ana, Choice("all", page=page))
    assert (len(view.conversations), view.has_more) == (shown, has_more)
    assert [view.count_of(tab) for tab in ("all", "unassigned", "mine")] == [told, told, "0"]


_MORE = """
    insert into conversations (uuid, account_id, display_id, inbox_id, contact_id, contact_inbox_id,
        status, labels, custom_attributes, additional_attributes, is_muted, last_activity_at,
        created_at, updated_at)
    select gen_random_uuid(), account_id, n, inbox_id, contact_id, contact_inbox_id, status, labels,
        custom_attributes, additional_attributes, false, last_activity_at, created_at, updated_at
    from conversations, generate_series(2, cast(:last as int)) n where id = :id
"""
