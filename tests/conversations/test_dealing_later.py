"""What opened while nobody was online is dealt out when somebody comes, once, also by two workers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from recado.accounts.models import Availability, Membership
from recado.conversations.changing import Change, change_conversation
from recado.conversations.dealing_later import deal_waiting
from recado.conversations.finding import find_conversation
from recado.conversations.leaving import leave_account, leave_inbox
from recado.conversations.models import Conversation, Message, MessageType, Status
from recado.db.database import Database, Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Inbox
from recado.inboxes.opening import let_deal_out, set_inbox_members
from recado.worker.timing import Clock
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, gather


@pytest.fixture
async def here(tx: Transaction) -> Cast:
    cast = await gather(tx)
    await _dealing(tx, cast)
    return cast


async def _dealing(tx: Transaction, cast: Cast, most: int | None = None) -> None:
    inbox = await tx.get_one(Inbox, cast.inbox.id)
    await set_inbox_members(tx, inbox, {cast.ana.user_id, cast.beto.user_id})
    await let_deal_out(tx, inbox, deals_out=True, most=most)


async def _is(tx: Transaction, member: Membership, **values: object) -> None:
    mine = (Membership.account_id == member.account_id, Membership.user_id == member.user_id)
    await tx.execute(update(Membership).where(*mine).values(**values))


async def _opened(tx: Transaction, cast: Cast, number: int = 1) -> list[Conversation]:
    made = []
    for _ in range(number):
        contact = await a_contact(tx, cast.account, email=None, phone_number=None)
        made.append(await a_conversation(tx, cast.inbox, contact))
    return made


async def _assignees(tx: Transaction, talks: Sequence[Conversation]) -> list[int | None]:
    ids = [one.id for one in talks]
    query = select(Conversation.assignee_id).where(Conversation.id.in_(ids))
    return list(await tx.scalars(query.order_by(Conversation.id)))


async def test_who_comes_gets_what_waits_oldest_first(tx: Transaction, here: Cast) -> None:
    talks = await _opened(tx, here, 3)
    assert await deal_waiting(tx, now=NOW) == 0
    await _is(tx, here.beto, seen_at=NOW)
    assert await deal_waiting(tx, now=NOW) == 3
    assert await _assignees(tx, talks) == [here.beto.user_id] * 3
    assert await deal_waiting(tx, now=NOW) == 0


@pytest.mark.parametrize(
    ("values", "gets_it"),
    [
        ({"seen_at": NOW}, True),
        ({"seen_at": NOW - timedelta(seconds=59)}, True),
        ({"seen_at": NOW - timedelta(seconds=61)}, False),
        ({"seen_at": NOW, "availability": Availability.BUSY}, False),
        ({"seen_at": NOW, "availability": Availability.OFFLINE}, False),
        ({"auto_offline": False}, True),
        ({"auto_offline": False, "availability": Availability.BUSY}, False),
    ],
)
async def test_only_for_somebody_who_is_online(
    tx: Transaction, here: Cast, values: dict[str, object], gets_it: bool
) -> None:
    talks = await _opened(tx, here)
    await _is(tx, here.beto, **values)
    assert await deal_waiting(tx, now=NOW) == int(gets_it)
    assert await _assignees(tx, talks) == [here.beto.user_id if gets_it else None]


async def test_turns_go_round_and_nobody_gets_more_than_the_limit(
    tx: Transaction, here: Cast
) -> None:
    await _dealing(tx, here, most=2)
    talks = await _opened(tx, here, 5)
    for member in (here.ana, here.beto):
        await _is(tx, member, seen_at=NOW)
    assert await deal_waiting(tx, now=NOW) == 4
    ana, beto = here.ana.user_id, here.beto.user_id
    assert await _assignees(tx, talks) == [ana, beto, ana, beto, None]
    by = Cause(Actor.PERSON, beto)
    await change_conversation(tx, talks[1], {"status": Status.RESOLVED}, cause=by, now=NOW)
    assert await deal_waiting(tx, now=NOW) == 1  # there is room again
    assert (await _assignees(tx, talks))[4] == beto


async def _leave_the_account(tx: Transaction, here: Cast) -> None:
    await leave_account(tx, here.beto)


async def _leave_the_inbox(tx: Transaction, here: Cast) -> None:
    await leave_inbox(tx, here.inbox, await set_inbox_members(tx, here.inbox, {here.ana.user_id}))


@pytest.mark.parametrize("leave", [_leave_the_account, _leave_the_inbox])
async def test_what_somebody_had_who_leaves_waits_for_another(
    tx: Transaction, here: Cast, leave: Callable[[Transaction, Cast], Awaitable[None]]
) -> None:
    await _is(tx, here.ana, availability=Availability.BUSY)
    await _is(tx, here.beto, auto_offline=False)
    [talk] = await _opened(tx, here)
    assert await _assignees(tx, [talk]) == [here.beto.user_id]
    await leave(tx, here)
    assert await _assignees(tx, [talk]) == [None]
    await _is(tx, here.ana, availability=Availability.ONLINE, auto_offline=False)
    assert await deal_waiting(tx, now=NOW) == 1
    assert await _assignees(tx, [talk]) == [here.ana.user_id]


async def test_an_administrator_who_leaves_the_inbox_keeps_what_they_see_still(
    tx: Transaction, here: Cast
) -> None:
    await _is(tx, here.beto, availability=Availability.BUSY)
    await _is(tx, here.ana, auto_offline=False)
    [talk] = await _opened(tx, here)
    assert await _assignees(tx, [talk]) == [here.ana.user_id]
    await leave_inbox(tx, here.inbox, await set_inbox_members(tx, here.inbox, set()))
    assert await _assignees(tx, [talk]) == [here.ana.user_id]


async def test_the_page_says_why_nobody_has_it_yet(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        [before] = await _opened(tx, cast)
        await _dealing(tx, cast)
        [talk] = await _opened(tx, cast)
    why = "It waits for its turn: none of the inbox's agents is online and has room."
    assert why in (await ana.get(f"/app/conversations/{talk.display_id}")).text
    assert why not in (await ana.get(f"/app/conversations/{before.display_id}")).text


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status.RESOLVED},
        {"status": Status.PENDING},
        {"assignee_id": 1},
        {"assignee_id": 1, "status": Status.RESOLVED},
    ],
)
async def test_what_somebody_decided_on_waits_no_more(
    tx: Transaction, here: Cast, change: Change
) -> None:
    [talk] = await _opened(tx, here)
    await change_conversation(tx, talk, change, cause=Cause(Actor.PERSON, 1), now=NOW)
    await _is(tx, here.beto, seen_at=NOW)
    assert await deal_waiting(tx, now=NOW) == 0
    assert await _assignees(tx, [talk]) == [change.get("assignee_id")]


async def test_what_was_taken_from_everybody_by_hand_stays_so(tx: Transaction, here: Cast) -> None:
    [talk] = await _opened(tx, here)
    by = Cause(Actor.PERSON, here.ana.user_id)
    await change_conversation(tx, talk, {"assignee_id": here.ana.user_id}, cause=by, now=NOW)
    await change_conversation(tx, talk, {"assignee_id": None}, cause=by, now=NOW)
    await _is(tx, here.beto, seen_at=NOW)
    assert await deal_waiting(tx, now=NOW) == 0


async def test_an_inbox_that_deals_out_no_more_leaves_them(tx: Transaction, here: Cast) -> None:
    talks = await _opened(tx, here)
    inbox = await tx.get_one(Inbox, here.inbox.id)
    await let_deal_out(tx, inbox, deals_out=False, most=None)
    await _is(tx, here.beto, seen_at=NOW)
    assert await deal_waiting(tx, now=NOW) == 0
    assert await _assignees(tx, talks) == [None]
    assert not talks[0].awaits_turn


async def test_strangers_get_nothing(tx: Transaction, here: Cast) -> None:
    talks = await _opened(tx, here)
    await _is(tx, here.celia, seen_at=NOW)
    assert await deal_waiting(tx, now=NOW) == 0
    assert await _assignees(tx, talks) == [None]


async def test_the_thread_says_that_recado_did_it(tx: Transaction, here: Cast) -> None:
    [talk] = await _opened(tx, here)
    await _is(tx, here.beto, seen_at=NOW)
    await deal_waiting(tx, now=NOW)
    lines = select(Message.content).where(
        Message.conversation_id == talk.id, Message.message_type == MessageType.ACTIVITY
    )
    assert "Recado assigned the conversation to Beto Reis." in list(await tx.scalars(lines))


async def test_two_workers_deal_each_of_them_once(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await _dealing(tx, cast)
        talks = await _opened(tx, cast, 12)
        for member in (cast.ana, cast.beto):
            await _is(tx, member, auto_offline=False)
    clocks = [Clock(database), Clock(database)]
    for _ in range(3):  # what one holds, the other passes over until the next turn
        await asyncio.gather(*(clock.turn() for clock in clocks))
    async with database.transaction() as tx:
        assignees = await _assignees(tx, talks)
        found = [await find_conversation(tx, cast.account.id, one.display_id) for one in talks]
        lines = select(Message.conversation_id).where(Message.content.contains(" assigned the "))
        told = sorted(await tx.scalars(lines))
    assert {assignees.count(one.user_id) for one in (cast.ana, cast.beto)} == {6}
    assert told == [one.id for one in talks]  # one line in each
    assert not any(one is None or one.awaits_turn for one in found)
