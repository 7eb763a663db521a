"""Conversations dealt out by turns: to whom, how many, again on reopening, and never twice at once."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from recado.accounts.models import Availability, Membership, Role
from recado.accounts.people import PersonDraft, add_member, create_user
from recado.contacts.models import Contact
from recado.conversations.changing import change_conversation
from recado.conversations.finding import find_conversation
from recado.conversations.models import Conversation, Message, Status
from recado.db.database import Database, Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Inbox
from recado.inboxes.opening import let_deal_out, set_inbox_members
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message, gather


@pytest.fixture
async def here(tx: Transaction) -> Cast:
    return await gather(tx)


async def _online(tx: Transaction, *members: Membership) -> None:
    """These have a page open; all others have none."""
    for member in members:
        mine = (Membership.account_id == member.account_id, Membership.user_id == member.user_id)
        await tx.execute(update(Membership).where(*mine).values(seen_at=NOW))


async def _dealing(tx: Transaction, here: Cast, most: int | None = None) -> Membership:
    """The inbox deals out to Beto and Davi, who are online; Davi is returned."""
    person = PersonDraft("Davi", "davi@acme.example", "long enough to keep")
    davi = await create_user(tx, person, language="en", now=NOW)
    member = await add_member(tx, here.account.id, davi.id, Role.AGENT)
    inbox = await tx.get_one(Inbox, here.inbox.id)
    await set_inbox_members(tx, inbox, {here.beto.user_id, davi.id})
    await let_deal_out(tx, inbox, deals_out=True, most=most)
    await _online(tx, here.beto, member)
    return member


async def _new(tx: Transaction, here: Cast) -> Conversation:
    contact = await a_contact(tx, here.account, email=None, phone_number=None)
    return await a_conversation(tx, here.inbox, contact)


async def test_turns_go_round(tx: Transaction, here: Cast) -> None:
    davi = await _dealing(tx, here)
    got = [(await _new(tx, here)).assignee_id for _ in range(5)]
    beto = here.beto.user_id
    assert got == [beto, davi.user_id, beto, davi.user_id, beto]


async def test_without_the_switch_nobody_is_assigned(tx: Transaction, here: Cast) -> None:
    await _dealing(tx, here)
    await let_deal_out(tx, await tx.get_one(Inbox, here.inbox.id), deals_out=False, most=None)
    assert (await _new(tx, here)).assignee_id is None


@pytest.mark.parametrize(
    ("availability", "auto_offline", "has_page", "gets_it"),
    [
        (Availability.ONLINE, True, True, True),
        (Availability.ONLINE, True, False, False),
        (Availability.ONLINE, False, False, True),  # wants to count as online without a page
        (Availability.BUSY, True, True, False),
        (Availability.OFFLINE, False, True, False),
    ],
)
async def test_only_who_is_online_gets_one(
    tx: Transaction,
    here: Cast,
    availability: Availability,
    auto_offline: bool,
    has_page: bool,
    gets_it: bool,
) -> None:
    davi = await _dealing(tx, here)
    for member in (here.beto, davi):
        mine = (Membership.account_id == member.account_id, Membership.user_id == member.user_id)
        is_beto = member is here.beto
        values = {
            "availability": availability if is_beto else Availability.BUSY,
            "auto_offline": auto_offline,
            "seen_at": NOW if has_page else NOW - timedelta(hours=1),
        }
        await tx.execute(update(Membership).where(*mine).values(**values))
    assert (await _new(tx, here)).assignee_id == (here.beto.user_id if gets_it else None)


async def test_nobody_gets_more_than_the_limit(tx: Transaction, here: Cast) -> None:
    davi = await _dealing(tx, here, most=2)
    made = [await _new(tx, here) for _ in range(5)]
    assert Counter(one.assignee_id for one in made) == {
        here.beto.user_id: 2, davi.user_id: 2, None: 1,
    }  # fmt: skip
    by = Cause(Actor.PERSON, davi.user_id)
    resolved = made[1]
    assert resolved.assignee_id == davi.user_id
    await change_conversation(tx, resolved, {"status": Status.RESOLVED}, cause=by, now=NOW)
    assert (await _new(tx, here)).assignee_id == davi.user_id  # who has room again


async def test_who_comes_back_gets_one_turn_not_all(tx: Transaction, here: Cast) -> None:
    davi = await _dealing(tx, here)
    mine = (Membership.account_id == davi.account_id, Membership.user_id == davi.user_id)
    await _new(tx, here)
    await _new(tx, here)
    await tx.execute(update(Membership).where(*mine).values(seen_at=None))
    for _ in range(3):
        assert (await _new(tx, here)).assignee_id == here.beto.user_id
    await _online(tx, davi)
    assert (await _new(tx, here)).assignee_id == davi.user_id
    assert (await _new(tx, here)).assignee_id == here.beto.user_id


@pytest.mark.parametrize("is_there", [True, False])
async def test_what_opens_again_goes_to_somebody_else_while_its_agent_is_away(
    tx: Transaction, here: Cast, is_there: bool
) -> None:
    davi = await _dealing(tx, here)
    made = await _new(tx, here)
    assert made.assignee_id == here.beto.user_id
    by = Cause(Actor.PERSON, here.beto.user_id)
    await change_conversation(tx, made, {"status": Status.RESOLVED}, cause=by, now=NOW)
    if not is_there:
        mine = (Membership.account_id == 1, Membership.user_id == here.beto.user_id)
        await tx.execute(update(Membership).where(*mine).values(availability=Availability.BUSY))
    await a_message(tx, made, "Hello again")
    assert made.status == Status.OPEN
    assert made.assignee_id == (here.beto.user_id if is_there else davi.user_id)


async def test_a_chosen_agent_keeps_a_new_conversation(tx: Transaction, here: Cast) -> None:
    await _dealing(tx, here)
    made = await _new(tx, here)
    by = Cause(Actor.PERSON, here.ana.user_id)
    await change_conversation(tx, made, {"assignee_id": here.ana.user_id}, cause=by, now=NOW)
    assert made.assignee_id == here.ana.user_id


async def test_the_thread_says_who_was_assigned(tx: Transaction, here: Cast) -> None:
    await _dealing(tx, here)
    made = await _new(tx, here)
    lines = await tx.scalars(
        select(Message.content).where(Message.conversation_id == made.id).order_by(Message.id)
    )
    assert list(lines) == ["Recado assigned the conversation to Beto Reis."]


async def test_many_at_once_are_dealt_evenly_and_within_the_limit(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        davi = await _dealing(tx, cast, most=4)
        contacts = [
            (await a_contact(tx, cast.account, email=None, phone_number=None)).id for _ in range(10)
        ]

    async def start(contact_id: int) -> None:
        async with database.transaction() as tx:
            await a_conversation(tx, cast.inbox, await tx.get_one(Contact, contact_id))

    await asyncio.gather(*(start(one) for one in contacts))
    async with database.transaction() as tx:
        got = Counter(await tx.scalars(select(Conversation.assignee_id)))
    assert got == {cast.beto.user_id: 4, davi.user_id: 4, None: 2}


async def test_many_opened_again_at_once_are_dealt_evenly(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        made = [await _new(tx, cast) for _ in range(8)]
        for one in made:
            one.status = Status.RESOLVED
        davi = await _dealing(tx, cast, most=4)
    by = Cause(Actor.CONTACT, 1)

    async def reopen(number: int) -> None:
        async with database.transaction() as tx:
            found = await find_conversation(tx, cast.account.id, number, for_change=True)
            assert found is not None
            await change_conversation(tx, found, {"status": Status.OPEN}, cause=by, now=NOW)

    await asyncio.gather(*(reopen(one.display_id) for one in made))
    async with database.transaction() as tx:
        got = Counter(await tx.scalars(select(Conversation.assignee_id)))
    assert got == {cast.beto.user_id: 4, davi.user_id: 4}


@pytest.mark.parametrize("most", ["0", "-1", "x", "1.5", "10001", "9" * 30])
async def test_a_limit_that_is_none_is_refused(ana: Browser, cast: Cast, most: str) -> None:
    form = {"name": "Site", "deals_out": "true", "most_dealt": most}
    refused = await ana.post(f"/app/inboxes/{cast.inbox.id}", form)
    assert refused.status_code == 422
    assert "Enter a whole number from 1 to 10000, or nothing." in refused.text


async def test_page_and_api_switch_it(ana: Browser, cast: Cast) -> None:
    path = f"/api/v1/accounts/1/inboxes/{cast.inbox.id}"
    form = {"name": "Site", "deals_out": "true", "most_dealt": "7"}
    assert (await ana.post(f"/app/inboxes/{cast.inbox.id}", form)).status_code == 303
    shown = (await ana.api("GET", path, cast.ana_token)).json()
    assert shown["enable_auto_assignment"] is True
    assert shown["auto_assignment_config"] == {"max_assignment_limit": 7}
    named = (await ana.api("PATCH", path, cast.ana_token, {"name": "Loja"})).json()
    assert named["auto_assignment_config"] == {"max_assignment_limit": 7}  # what is not sent stays
    body = {"enable_auto_assignment": False, "auto_assignment_config": {}}
    changed = (await ana.api("PATCH", path, cast.ana_token, body)).json()
    assert (changed["enable_auto_assignment"], changed["auto_assignment_config"]) == (False, {})
    wrong = {"auto_assignment_config": {"max_assignment_limit": "many"}}
    assert (await ana.api("PATCH", path, cast.ana_token, wrong)).status_code == 422
