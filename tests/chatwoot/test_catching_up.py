"""Whichever side was away: what happened meanwhile is found, and what was to be said is said."""

import pytest
from sqlalchemy import update

from recado.chatwoot.connecting import connect, connections_of, disconnect
from recado.chatwoot.entering import enter
from recado.commands.connecting import told
from recado.conversations.models import Message
from recado.deliveries.models import Delivery
from recado.inboxes.models import Inbox
from recado.lib.languages import Sentence
from tests.chatwoot.conftest import Beside
from tests.chatwoot.test_mirroring import ALWAYS, does
from tests.people import NOW


async def test_what_was_lost_while_we_were_away_is_found(beside: Beside) -> None:
    known = beside.chatwoot.begin(beside.contact, beside.inbox)
    beside.chatwoot.contact_writes(known, "Before")
    await beside.settle()
    beside.chatwoot.loses_webhooks = True
    beside.chatwoot.contact_writes(known, "Are you there?")
    beside.chatwoot.change(known, labels=["vip"])
    new = beside.chatwoot.begin(beside.contact, beside.inbox)
    beside.chatwoot.contact_writes(new, "Hello?")
    beside.chatwoot.contact_writes(new, "Hello!")
    await beside.settle()
    assert await beside.said() == ["Before"]
    await beside.look()
    assert sorted(await beside.said()) == ["Are you there?", "Before", "Hello!", "Hello?"]
    events = await beside.events()
    assert (events.count("conversation_created"), events.count("message_created")) == (2, 4)
    await beside.look()
    assert await beside.events() == events  # once


async def test_many_pages_of_what_was_lost_are_read(beside: Beside) -> None:
    beside.chatwoot.loses_webhooks = True
    for number in range(60):
        conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
        beside.chatwoot.contact_writes(conversation, f"message {number}")
    await beside.look()
    assert len(await beside.said()) == 60


async def test_more_than_a_page_of_one_conversation_is_read(beside: Beside) -> None:
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    beside.chatwoot.contact_writes(conversation, "message 0")
    await beside.settle()
    beside.chatwoot.loses_webhooks = True
    for number in range(1, 131):
        beside.chatwoot.contact_writes(conversation, f"message {number}")
    await beside.look()
    assert await beside.said() == [f"message {number}" for number in range(131)]


async def test_what_is_said_while_they_are_away_arrives_in_order_when_they_are_back(
    beside: Beside,
) -> None:
    await beside.add_rule(
        "message_created", ALWAYS, does("send_message", "One"), does("add_private_note", "Two")
    )
    await beside.add_label("vip")
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.settle()
    beside.chatwoot.contact_writes(conversation, "help!")
    await beside.chatwoot.settled()
    await beside.chatwoot.close()
    await beside.settle()
    assert {state for _, state in await beside.written()} == {"pending"}
    await beside.chatwoot.open()
    for _ in range(6):
        async with beside.database.transaction() as tx:
            await tx.execute(
                update(Delivery).where(Delivery.due_at.is_not(None)).values(due_at=NOW)
            )
        await beside.settle()
    said = [one["content"] for one in beside.chatwoot.desk.messages]
    assert said[:3] == ["help!", "One", "Two"]
    assert await beside.said() == said


async def test_a_reply_of_which_nobody_knows_whether_it_arrived_is_not_said_twice(
    beside: Beside,
) -> None:
    await beside.add_rule("conversation_created", ALWAYS, does("send_message", "One"))
    beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.chatwoot.settled()
    await beside.mirror()
    await beside.run_rules()
    await beside.run_rules()
    beside.chatwoot.breaks_off_after = "/messages"
    await beside.settle()
    assert await beside.written() == [("messages", "unknown")]
    assert [one["content"] for one in beside.chatwoot.desk.messages] == ["One"]
    beside.chatwoot.breaks_off_after = None
    await beside.look()
    [message] = await beside.all(Message)
    assert (message.content, message.status) == ("One", "sent")  # it had arrived after all


@pytest.mark.parametrize("status", [429, 500])
async def test_a_refused_write_is_tried_again_before_the_next_one(
    beside: Beside, status: int
) -> None:
    await beside.add_label("a", "b")
    await beside.add_rule("conversation_created", ALWAYS, does("add_label", "a"))
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.chatwoot.settled()
    await beside.mirror()
    await beside.run_rules()
    await beside.run_rules()
    beside.chatwoot.answer_next(status)
    await beside.settle()
    assert await beside.written() == [("labels", "pending")]
    await beside.add_rule("message_created", ALWAYS, does("add_label", "b"))
    beside.chatwoot.contact_writes(conversation, "Hello")
    await beside.settle()
    assert [state for _, state in await beside.written()] == ["pending", "pending"]
    async with beside.database.transaction() as tx:
        await tx.execute(update(Delivery).where(Delivery.due_at.is_not(None)).values(due_at=NOW))
    await beside.settle()
    assert conversation["labels"] == ["a", "b"]


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (lambda chatwoot: chatwoot.answer_next(401), "It does not accept the token"),
        (lambda chatwoot: chatwoot.answer_next(503), "503"),
        (lambda chatwoot: chatwoot.be_slow(3), "did not answer in time"),
        (lambda chatwoot: chatwoot.go_down(), "connection broke"),
    ],
    ids=["token", "error", "slow", "down"],
)
async def test_a_desk_that_does_not_answer_is_told_in_a_sentence(
    beside: Beside, trouble: object, sentence: str
) -> None:
    trouble(beside.chatwoot)  # type: ignore[operator]
    await beside.look()
    kept = (await beside.server()).trouble
    assert sentence in str(Sentence(kept["text"], kept["values"]))
    beside.chatwoot.come_back()
    await beside.look()
    assert (await beside.server()).trouble == {}


async def test_a_connection_says_how_far_behind_it_is(beside: Beside) -> None:
    beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.chatwoot.settled()
    async with beside.database.transaction() as tx:
        [standing] = await connections_of(tx, beside.cast.account.id)
        assert await connections_of(tx, beside.cast.other_account.id) == []
    assert standing.arrivals == 1
    line = told(standing, now=standing.oldest or NOW)
    assert "1 to mirror, for 0 s" in line
    assert "0 to write back, 0 failed" in line


async def test_the_end_of_a_connection_is_one_on_both_sides(beside: Beside) -> None:
    beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.settle()
    assert len(beside.chatwoot.desk.webhooks) == 1
    kept = await disconnect(
        beside.database, beside.outbound, beside.cast.account.id, beside.server_id
    )
    assert kept is None
    assert beside.chatwoot.desk.webhooks == []
    server = await beside.server()
    assert (server.key, server.secret_id, server.due_at) == (None, None, None)
    assert "chatwoot" not in {one.channel for one in await beside.all(Inbox)}
    assert (await beside.conversation()).status == "open"  # it stays


async def test_one_that_cannot_be_ended_over_there_is_ended_here(beside: Beside) -> None:
    beside.chatwoot.go_down()
    kept = await disconnect(
        beside.database, beside.outbound, beside.cast.account.id, beside.server_id
    )
    assert kept is not None
    assert (await beside.server()).key is None


async def test_connecting_again_renews_and_doubles_nothing(beside: Beside) -> None:
    before = await beside.server()
    await beside.connect()
    after = await beside.server()
    assert len(beside.chatwoot.desk.webhooks) == 1
    assert (after.id, after.key, after.connected_at) == (
        before.id, before.key, before.connected_at,
    )  # fmt: skip
    beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.settle()
    assert await beside.events() == ["conversation_created"]


async def test_a_renewed_token_is_the_one_that_waiting_deliveries_have(beside: Beside) -> None:
    await beside.add_rule("conversation_created", ALWAYS, does("add_private_note", "One"))
    beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.chatwoot.settled()
    await beside.mirror()
    await beside.run_rules()
    await beside.run_rules()
    beside.chatwoot.token = "a new one"
    entered = await enter(beside.outbound.sender, beside.chatwoot.url, "a new one", None)
    account, url = beside.cast.account.id, beside.public_url
    await connect(beside.database, beside.outbound, account, entered, public_url=url)
    await beside.settle()
    assert await beside.written() == [("messages", "delivered")]


async def test_a_stranger_ends_no_connection(beside: Beside) -> None:
    await disconnect(
        beside.database, beside.outbound, beside.cast.other_account.id, beside.server_id
    )
    assert (await beside.server()).is_connected
