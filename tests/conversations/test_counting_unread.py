"""What is unread, and that a conversation of years is not read from its beginning to know it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from recado.conversations.counting_unread import last_written, unread_at, unread_counts
from recado.conversations.finding import last_messages
from recado.conversations.loading import talks
from recado.conversations.models import Conversation
from recado.conversations.seeing import mark_seen, mark_unread
from recado.db.database import Transaction
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

LONG = 6_000  # messages, one a minute, every other one from the contact
FEW = 50  # rows of messages
FAR = 1_000  # messages from the newest back

_MESSAGES = """
    insert into messages (account_id, conversation_id, inbox_id, message_type, content, content_type,
        content_attributes, private, status, created_at)
    select account_id, id, inbox_id, case n % 2 when 0 then 'incoming' else 'outgoing' end, 'Hi', 'text',
        '{}', false, 'sent', cast(:now as timestamptz) - (:long - n) * interval '1 minute'
    from conversations, generate_series(1, :long) n where id = :id
"""
_READ = """
    select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables
    where relname = 'messages'
"""


@pytest.fixture
async def talk(tx: Transaction, here: Cast) -> Conversation:
    """A long one, seen up to its end."""
    talk = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    await tx.execute(text(_MESSAGES), {"id": talk.id, "long": LONG, "now": NOW})
    await tx.execute(text("analyze messages"))
    talk.agent_last_seen_at = NOW
    await tx.flush()
    return talk


async def test_unread_is_what_came_after_it_was_seen(tx: Transaction, talk: Conversation) -> None:
    assert await unread_counts(tx, [talk]) == {}
    await a_message(tx, talk, "One", at=NOW + timedelta(seconds=1))
    await a_message(tx, talk, "Two", at=NOW + timedelta(seconds=2))
    assert await unread_counts(tx, [talk]) == {talk.id: 2}
    then = {"seen": NOW, "until": NOW + timedelta(seconds=1)}
    assert await unread_at(tx, talk.id, **then) == 1
    assert await unread_at(tx, 2**62, **then) == 0  # deleted since


async def test_of_what_nobody_ever_saw_the_latest_are_counted(
    tx: Transaction, talk: Conversation
) -> None:
    talk.agent_last_seen_at = None
    talk.created_at = NOW - timedelta(minutes=LONG)
    await tx.flush()
    assert await unread_counts(tx, [talk]) == {talk.id: FAR / 2}


async def test_made_unread_only_the_last_one_counts(tx: Transaction, talk: Conversation) -> None:
    assert await last_written(tx, talk) == NOW
    await mark_unread(tx, talk)
    assert await unread_counts(tx, [talk]) == {talk.id: 1}
    assert await mark_seen(tx, talk, now=NOW + timedelta(minutes=1))
    assert await unread_counts(tx, [talk]) == {}


@pytest.mark.parametrize(
    "look",
    [
        lambda tx, talk, who: unread_counts(tx, [talk]),
        lambda tx, talk, who: unread_at(tx, talk.id, seen=NOW, until=NOW),
        lambda tx, talk, who: mark_unread(tx, talk),
        lambda tx, talk, who: talks(tx, [talk.id], who),
        lambda tx, talk, who: last_messages(tx, [talk.id]),
    ],
    ids=["unread", "unread then", "made unread", "in the list", "last message"],
)
async def test_a_long_conversation_is_not_read_from_its_beginning(
    tx: Transaction,
    here: Cast,
    talk: Conversation,
    look: Callable[[Transaction, Conversation, int], Awaitable[Any]],
) -> None:
    before = await _rows_read(tx)
    await look(tx, talk, here.ana.user_id)
    assert await _rows_read(tx) - before <= FEW


async def _rows_read(tx: Transaction) -> int:
    return int(await tx.scalar(text(_READ)) or 0)
