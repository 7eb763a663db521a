"""Two transactions that deal out in several inboxes, each the other way round, never wait for each other.

Real connections: a third one holds both inboxes until the two wait, each for the inbox that it would take
first. Let go, each would have one and want the other's; PostgreSQL would end one of them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, text, update

from recado.automation.rule_book import RuleBook
from recado.automation.running import run_rules
from recado.conversations.changing_many import ChangeOfEach, change_each, change_many
from recado.conversations.finding import find_conversations_for_change
from recado.conversations.models import Conversation, MessageType, Status
from recado.conversations.posting import MessageDraft, Post, post_messages
from recado.conversations.waking import wake_snoozed
from recado.db.database import Database, Transaction
from recado.events.causes import BY_SYSTEM
from recado.events.models import Event
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import InboxDraft, let_deal_out, open_inbox, set_inbox_members
from tests.automation.stories import ANY_STATUS, a_rule, does
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation, a_message

Turn = Callable[[Transaction, Cast, list[int]], Awaitable[Any]]


@pytest.fixture
async def talks(database: Database, cast: Cast) -> list[list[int]]:
    """Resolved conversations in two inboxes that deal out: for one transaction in their order, for the
    other in the opposite one.
    """
    async with database.transaction() as tx:
        first = await tx.get_one(Inbox, cast.inbox.id)
        draft = InboxDraft("Zap", Channel.API)
        second = await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOW)
        made = []
        for inbox in (first, second, second, first):
            await set_inbox_members(tx, inbox, {cast.beto.user_id})
            await let_deal_out(tx, inbox, deals_out=True, most=None)
            contact = await a_contact(tx, cast.account, email=None, phone_number=None)
            made.append((await a_conversation(tx, inbox, contact)).id)
        await tx.execute(update(Conversation).values(status=Status.RESOLVED, assignee_id=None))
        await tx.execute(update(Event).values(processed_at=NOW))
    return [made[:2], made[2:]]


async def post(tx: Transaction, _: Cast, ids: list[int]) -> None:
    """Contacts write, which opens what was resolved."""
    found = await find_conversations_for_change(tx, ids)
    posts = [
        Post(
            found[one],
            MessageDraft("Oi", MessageType.INCOMING, sender=found[one].contact),
            BY_SYSTEM,
        )
        for one in ids
    ]
    await post_messages(tx, posts, now=NOW)


async def change_by_page(tx: Transaction, cast: Cast, ids: list[int]) -> None:
    """Somebody opens them on the desk's list."""
    await change_many(tx, cast.ana, ids, {"status": "open"}, now=NOW)


async def change_by_program(tx: Transaction, cast: Cast, ids: list[int]) -> None:
    """A program opens them."""

    async def because(_: Conversation) -> Any:
        return BY_SYSTEM

    wanted = ChangeOfEach({"status": Status.OPEN})
    await change_each(tx, cast.ana, ids, wanted, cause_of=because, now=NOW)


async def wake(tx: Transaction, _: Cast, ids: list[int]) -> None:
    """Their snoozes end: a worker takes those that no other has."""
    await tx.execute(
        update(Conversation)
        .where(Conversation.id.in_(ids))
        .values(status=Status.SNOOZED, snoozed_until=NOW)
    )
    await wake_snoozed(tx, now=NOW)


async def run_a_rule(tx: Transaction, _: Cast, ids: list[int]) -> None:
    """A rule opens them, in a worker that has their lane."""
    await run_rules(tx, RuleBook(), [ids[0] // 2], now=NOW)


async def _stage_rule(database: Database, cast: Cast, talks: list[list[int]]) -> None:
    """An event of each conversation waits, those of each pair in one lane and in the pair's order."""
    async with database.transaction() as tx:
        await a_rule(tx, cast, does("open_conversation"), when=ANY_STATUS)
        await tx.execute(update(Conversation).values(is_muted=True))  # its message does not open it
        for pair in talks:
            found = await find_conversations_for_change(tx, pair)
            for one in pair:
                await a_message(tx, found[one], "Oi")
                mine = update(Event).where(Event.conversation_id == one)
                await tx.execute(mine.values(lane=pair[0] // 2))


async def _wait_for_two(database: Database) -> None:
    """Until two others wait for a lock."""
    query = text("""
        select count(*) from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database() and pid <> pg_backend_pid()
    """)
    while True:
        async with database.transaction() as tx:
            if (await tx.scalar(query) or 0) >= 2:
                return
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("turn", [post, change_by_page, change_by_program, wake, run_a_rule])
async def test_two_that_take_turns_the_other_way_round_both_end(
    database: Database, cast: Cast, talks: list[list[int]], turn: Turn
) -> None:
    if turn is run_a_rule:
        await _stage_rule(database, cast, talks)

    async def take(ids: list[int]) -> None:
        async with database.transaction() as tx:
            await turn(tx, cast, ids)

    async with database.transaction() as holder:
        await holder.execute(select(Inbox.id).order_by(Inbox.id).with_for_update(key_share=True))
        both = asyncio.gather(*(take(ids) for ids in talks))
        async with asyncio.timeout(60):
            await _wait_for_two(database)
    await both
    async with database.transaction() as tx:
        states = set(await tx.scalars(select(Conversation.status)))
    assert states == {Status.OPEN}


async def test_who_changes_a_conversation_does_not_keep_others_from_naming_it(
    database: Database, cast: Cast, talks: list[list[int]]
) -> None:
    """A row that names it is written while it is held: no key of it changes."""
    number = talks[0][0]
    async with database.transaction() as holding, database.transaction() as naming:
        await find_conversations_for_change(holding, [number])
        await naming.execute(text("set local lock_timeout = '2s'"))
        written = await naming.scalar(
            text(
                "insert into conversation_participants (conversation_id, user_id) values (:c, :u)"
                " returning user_id"
            ),
            {"c": number, "u": cast.ana.user_id},
        )
        await naming.rollback()
    assert written == cast.ana.user_id
