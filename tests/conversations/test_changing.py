"""Changing a conversation: what is recorded, which lines are written, what nobody notices."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from recado.accounts.models import Role
from recado.accounts.teams import create_team
from recado.contacts.labels import create_label
from recado.conversations.changing import Change, change_conversation
from recado.conversations.leaving import leave_account
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.reading import change_from, choice_from, choices_for
from recado.conversations.starting import ConversationDraft, introduce, start_conversation
from recado.conversations.threads import text_of
from recado.conversations.viewing import Choice
from recado.db.database import Transaction
from recado.events.causes import BY_SYSTEM, Actor, Cause
from recado.events.models import Event
from recado.inboxes.opening import inbox_member_ids
from recado.lib.languages import speaking
from tests.people import NOW, Cast, a_contact, a_conversation

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def conversation(tx: Transaction, here: Cast) -> Conversation:
    """Maria's, without messages."""
    return await a_conversation(tx, here.inbox, await a_contact(tx, here.account))


async def _change(
    tx: Transaction, here: Cast, conversation: Conversation, change: Change
) -> dict[str, list[Any]]:
    by = Cause(Actor.PERSON, here.beto.user_id)
    return await change_conversation(tx, conversation, change, cause=by, now=LATER)


async def _news(tx: Transaction) -> list[Event]:
    """The events after the conversation was created."""
    return list(await tx.scalars(select(Event).order_by(Event.id)))[2:]


async def _lines(tx: Transaction) -> list[str]:
    query = select(Message).where(Message.message_type == MessageType.ACTIVITY)
    return [one.content for one in await tx.scalars(query.order_by(Message.id))]


@pytest.mark.parametrize(
    ("change", "events", "lines"),
    [
        (
            {"status": "resolved"},
            ["conversation_resolved", "conversation_updated"],
            ["Beto Reis resolved the conversation."],
        ),
        (
            {"status": "pending"},
            ["conversation_updated"],
            ["Beto Reis marked the conversation as pending."],
        ),
        (
            {"status": "snoozed"},
            ["conversation_updated"],
            ["Beto Reis snoozed the conversation."],
        ),
        (
            {"priority": "high"},
            ["conversation_updated"],
            ["Beto Reis set the priority to high."],
        ),
        (
            {"labels": ["VIP ", "boleto", "vip", " "]},
            ["conversation_updated"],
            ["Beto Reis added the labels boleto, vip."],
        ),
        ({"custom_attributes": {"order": 7}}, ["conversation_updated"], []),
        ({"status": "open"}, [], []),  # it is open already
        ({"labels": [], "priority": None, "assignee_id": None}, [], []),
        ({}, [], []),
    ],
)
async def test_what_a_change_leaves_behind(
    tx: Transaction,
    here: Cast,
    conversation: Conversation,
    change: Change,
    events: list[str],
    lines: list[str],
) -> None:
    await _change(tx, here, conversation, change)
    assert [one.name for one in await _news(tx)] == events
    assert await _lines(tx) == lines


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"status": "pending"}, "The contact wrote again: the conversation is pending."),
        ({"status": "resolved"}, "The contact resolved the conversation."),
        ({"labels": ["vip"]}, "Maria Souza added the labels vip."),
    ],
)
async def test_a_line_about_the_contact_says_so(
    tx: Transaction, conversation: Conversation, change: Change, line: str
) -> None:
    by = Cause(Actor.CONTACT, conversation.contact_id)
    await change_conversation(tx, conversation, change, cause=by, now=LATER)
    assert await _lines(tx) == [line]


async def test_the_event_says_what_changed_from_what_to_what(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    change: Change = {"status": "snoozed", "priority": "low", "snoozed_until": LATER}
    changes = await _change(tx, here, conversation, change)
    [event] = await _news(tx)
    assert changes["status"] == ["open", "snoozed"]
    assert event.facts["changes"] == {
        "status": ["open", "snoozed"], "priority": [None, "low"],
        "snoozed_until": [None, LATER.isoformat()],
    }  # fmt: skip
    assert event.facts["conversation"]["status"] == "snoozed"  # the facts are those afterwards
    assert event.cause == {"actor": "person", "id": here.beto.user_id, "chain": []}


async def test_opening_is_an_event_of_its_own(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    await _change(tx, here, conversation, {"status": "resolved"})
    await _change(tx, here, conversation, {"status": "open"})
    names = [one.name for one in await _news(tx)]
    assert names[2:] == ["conversation_opened", "conversation_updated"]
    assert (await _lines(tx))[-1] == "Beto Reis opened the conversation."


async def test_who_is_no_longer_snoozed_is_not_woken_later(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    await _change(tx, here, conversation, {"status": "snoozed", "snoozed_until": LATER})
    await _change(tx, here, conversation, {"status": "resolved"})
    assert conversation.snoozed_until is None


async def test_assignee_and_team_stand_in_facts_and_lines(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    team = await create_team(tx, here.account.id, "Vendas")
    await _change(tx, here, conversation, {"assignee_id": here.ana.user_id, "team_id": team.id})
    facts = (await _news(tx))[-1].facts
    assert facts["assignee"]["email"] == "ana@acme.example"
    assert facts["team"] == {"id": team.id, "name": "vendas"}
    await _change(tx, here, conversation, {"assignee_id": None, "team_id": None})
    assert await _lines(tx) == [
        "Beto Reis assigned the conversation to Ana Lima.",
        "Beto Reis gave the conversation to the team vendas.",
        "Beto Reis unassigned the conversation.",
        "Beto Reis took the conversation from its team.",
    ]


async def test_lines_are_read_in_the_readers_language(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    await _change(tx, here, conversation, {"priority": "urgent"})
    query = select(Message).where(Message.message_type == MessageType.ACTIVITY)
    line = (await tx.scalars(query)).one()
    with speaking("pt_BR"):
        assert text_of(line) == "Beto Reis mudou a prioridade para Urgente."
    with speaking("en"):
        assert text_of(line) == "Beto Reis set the priority to Urgent."


@pytest.mark.parametrize(
    ("cause", "line"),
    [
        (BY_SYSTEM, "Recado resolved the conversation."),
        (Cause(Actor.RULE, 7, (7,)), "Recado resolved the conversation."),
        (Cause(Actor.CONTACT, 1), "The contact resolved the conversation."),
    ],
)
async def test_not_only_people_change_conversations(
    tx: Transaction, here: Cast, conversation: Conversation, cause: Cause, line: str
) -> None:
    await change_conversation(tx, conversation, {"status": "resolved"}, cause=cause, now=LATER)
    assert await _lines(tx) == [line]


@pytest.mark.parametrize(
    ("form", "change"),
    [
        ({"status": "resolved"}, {"status": "resolved"}),
        ({"status": "gone"}, None),
        ({"priority": ""}, {"priority": None}),
        ({"priority": "extreme"}, None),
        ({"assignee": ""}, {"assignee_id": None}),
        ({"assignee": "999999"}, None),
        ({"team": "999999"}, None),
        ({"add_label": "vip"}, {"labels": ["old", "vip"]}),
        ({"add_label": ""}, {}),
        ({"add_label": "unknown"}, None),
        ({"remove_label": "old"}, {"labels": []}),
        ({"remove_label": "vip"}, None),
        ({"anything": "else"}, {}),
    ],
)
async def test_a_form_is_read_into_a_change(
    tx: Transaction,
    here: Cast,
    conversation: Conversation,
    form: dict[str, str],
    change: Change | None,
) -> None:
    await create_label(tx, here.account.id, "vip")
    conversation.labels = ["old"]
    assert await change_from(tx, conversation, form) == change


async def test_only_who_answers_in_the_inbox_can_be_assigned(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    members, _, _ = await choices_for(tx, conversation)
    assert [one.name for one in members] == ["Ana Lima", "Beto Reis"]
    stranger = {"assignee": str(here.celia.user_id)}
    assert await change_from(tx, conversation, stranger) is None
    chosen = await change_from(tx, conversation, {"assignee": str(here.beto.user_id)})
    assert chosen == {"assignee_id": here.beto.user_id}


@pytest.mark.parametrize(
    ("query", "choice"),
    [
        ({}, Choice()),
        ({"tab": "mine", "status": "all", "inbox": "3", "page": "2"}, Choice("mine", "all", 3, 2)),
        ({"tab": "x", "status": "y", "inbox": "z", "page": "0"}, Choice()),
        ({"inbox": "-1", "page": "9" * 30}, Choice()),
    ],
)
def test_an_address_is_read_into_a_choice(query: dict[str, str], choice: Choice) -> None:
    assert choice_from(query) == choice
    written = dict(part.split("=") for part in choice.address().split("&") if part)
    assert choice_from(written) == choice


async def test_conversations_are_numbered_for_each_account(tx: Transaction, here: Cast) -> None:
    maria = await a_contact(tx, here.account)
    own = [(await a_conversation(tx, here.inbox, maria)).display_id for _ in range(2)]
    other = await a_conversation(tx, here.other_inbox, await a_contact(tx, here.other_account))
    assert (own, other.display_id) == ([1, 2], 1)


async def test_a_conversation_starts_as_drafted_with_an_event(tx: Transaction, here: Cast) -> None:
    maria = await a_contact(tx, here.account)
    contact_inbox = await introduce(tx, maria, here.inbox, source_id="wa-1", now=NOW)
    assert contact_inbox is not None
    draft = ConversationDraft(assignee_id=here.beto.user_id, custom_attributes={"order": 7})
    started = await start_conversation(tx, contact_inbox, draft, cause=BY_SYSTEM, now=NOW)
    [_, event] = list(await tx.scalars(select(Event).order_by(Event.id)))
    assert event.name == "conversation_created"
    assert event.facts["assignee"]["name"] == "Beto Reis"
    assert event.facts["conversation"]["custom_attribute"] == {"order": 7}
    assert event.facts["message"] is None
    assert started.contact.id == maria.id


async def test_an_inbox_knows_a_contact_by_one_source_id(tx: Transaction, here: Cast) -> None:
    maria = await a_contact(tx, here.account)
    joao = await a_contact(tx, here.account, name="João", email=None, phone_number=None)
    first = await introduce(tx, maria, here.inbox, source_id="wa-1", now=NOW)
    assert first is not None
    again = await introduce(tx, maria, here.inbox, source_id="wa-1", now=NOW)
    without = await introduce(tx, maria, here.inbox, source_id=None, now=NOW)
    assert again is not None
    assert without is not None
    assert again.id == without.id == first.id
    assert await introduce(tx, joao, here.inbox, source_id="wa-1", now=NOW) is None


async def test_who_leaves_gives_their_conversations_back(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    await _change(tx, here, conversation, {"assignee_id": here.beto.user_id})
    here.beto.role = Role.AGENT
    await leave_account(tx, here.beto)
    await tx.refresh(conversation)
    assert conversation.assignee_id is None
    assert await inbox_member_ids(tx, here.inbox.id) == set()
