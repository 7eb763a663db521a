"""The newest conversations of any status: as sorted as those of one, and found by the same index."""

import pytest
from sqlalchemy import text

from recado.accounts.models import Role
from recado.conversations.finding import (
    PAGE,
    Filter,
    conversations_listed,
    conversations_page,
    in_order,
)
from recado.conversations.models import Status
from recado.db.database import Transaction
from tests.contacts.test_finding_by_index import plan_of
from tests.people import Cast, a_contact, a_conversation, a_member

MANY = 2 * PAGE + 10
# Each status has stretches of time of its own: page after page comes from another one.
_SCATTER = text("""
    update conversations set
        status = (array['open', 'resolved', 'pending', 'snoozed'])[1 + id % 17 % 4],
        last_activity_at = timestamptz '2026-01-01' + (id * 7919 % 1009) * interval '1 minute'
""")


async def _fill(tx: Transaction, cast: Cast) -> None:
    contact = await a_contact(tx, cast.account)
    for _ in range(MANY):
        await a_conversation(tx, cast.inbox, contact)
    await tx.execute(_SCATTER)
    await tx.execute(text("analyze conversations"))


async def _in_order(tx: Transaction) -> list[int]:
    return list(
        await tx.scalars(
            text("select id from conversations order by last_activity_at desc, id desc")
        )
    )


async def test_pages_hold_each_conversation_once_in_order(tx: Transaction, here: Cast) -> None:
    await _fill(tx, here)
    listed: list[int] = []
    for page in (1, 2, 3):
        found = await conversations_page(tx, here.ana, Filter(status=None), page=page)
        talks, is_more = await conversations_listed(tx, here.ana, Filter(status=None), page=page)
        assert [one.id for one in found] == [one.conversation.id for one in talks]
        assert is_more is (page < 3)
        listed += [one.id for one in found]
    assert listed == await _in_order(tx)


@pytest.mark.parametrize("wanted", [{"assigned": "unassigned"}, {"labels": ["vip"]}])
async def test_what_narrows_them_narrows_each_status(
    tx: Transaction, here: Cast, wanted: dict[str, object]
) -> None:
    await _fill(tx, here)
    await tx.execute(text("update conversations set labels = '{vip}' where id % 3 = 0"))
    found = await conversations_page(tx, here.ana, Filter(status=None, **wanted))  # type: ignore[arg-type]
    everywhere = [
        one
        for status in Status
        for one in await conversations_page(tx, here.ana, Filter(status=status, **wanted))  # type: ignore[arg-type]
    ]
    newest = sorted(everywhere, key=lambda one: (one.last_activity_at, one.id), reverse=True)
    assert [one.id for one in found] == [one.id for one in newest[:PAGE]]


async def test_an_agent_sees_none_of_other_inboxes(tx: Transaction, here: Cast) -> None:
    await _fill(tx, here)
    agent = await a_member(tx, here.account, "Davi", "davi@example.com", Role.AGENT)
    assert await conversations_page(tx, agent, Filter(status=None)) == []


async def test_the_index_finds_those_of_each_status(tx: Transaction, here: Cast) -> None:
    await _fill(tx, here)
    plan = await plan_of(tx, in_order(here.ana, Filter(status=None), 1).limit(PAGE))
    assert plan.count("ix_conversations_list") == len(Status), plan
