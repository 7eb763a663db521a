"""What pages read past the ORM is whole: who wrote, which files, what is unread."""

from datetime import timedelta

from recado.conversations.loading import (
    talks,
    whole_conversation,
    whole_conversations,
    whole_messages,
)
from recado.conversations.models import Attachment
from recado.db.database import Transaction
from recado.inboxes.models import AgentBot
from tests.people import NOW, Cast, a_contact, a_conversation, a_message


async def test_messages_come_with_who_wrote_them_and_their_files(
    tx: Transaction, here: Cast
) -> None:
    contact = await a_contact(tx, here.account)
    talk = await a_conversation(tx, here.inbox, contact)
    bot = AgentBot(
        account_id=here.account.id, name="Robô", outgoing_url="", token_digest=b"d",
        token_encrypted=b"e", created_at=NOW,
    )  # fmt: skip
    tx.add(bot)
    await tx.flush()
    written = [await a_message(tx, talk, str(number)) for number in range(4)]
    senders = ("sender_user_id", here.ana.user_id), ("sender_bot_id", bot.id)
    for one, (name, sender) in zip(written, senders, strict=False):
        one.sender_contact_id = None
        setattr(one, name, sender)
    written[2].sender_contact_id, written[3].sender_contact_id = contact.id, None
    for name in ("a.png", "b.png"):
        tx.add(
            Attachment(
                account_id=talk.account_id, message_id=written[3].id, key=name, name=name,
                content_type="image/png", size=1, created_at=NOW,
            )
        )  # fmt: skip
    await tx.flush()
    ids, talk_id = [one.id for one in written], talk.id
    user, robot = here.ana.user, bot.name
    tx.expunge_all()
    read = await whole_messages(tx, talk_id, 10)
    assert [one.id for one in read] == ids
    [first, second, third, fourth] = read
    assert first.sender_user is not None
    assert first.sender_user.name == user.name
    assert second.sender_bot is not None
    assert second.sender_bot.name == robot
    assert third.sender_contact is not None
    assert third.sender_contact.id == contact.id
    assert (fourth.sender_user, fourth.sender_contact, fourth.sender_bot) == (None, None, None)
    assert [[file.name for file in one.attachments] for one in read] == [
        [], [], [], ["a.png", "b.png"],
    ]  # fmt: skip
    some = await whole_messages(tx, talk_id, 2, first=ids[1], is_from_start=True)
    assert [one.id for one in some] == ids[1:3]
    assert some[0] is second  # whom the session knows already


async def test_a_list_keeps_its_order_and_tells_what_is_new(tx: Transaction, here: Cast) -> None:
    one, other, silent = [
        await a_conversation(tx, here.inbox, await a_contact(tx, here.account, name=name, email=None, phone_number=None))
        for name in ("Maria", "José", "Inês")
    ]  # fmt: skip
    await a_message(tx, one, "before")
    last = await a_message(tx, one, "after")
    seen = await a_message(tx, other, "seen")
    other.agent_last_seen_at = seen.created_at + timedelta(seconds=1)
    await tx.flush()
    ids = [other.id, silent.id, one.id]
    tx.expunge_all()
    listed = await talks(tx, ids, here.ana.user_id)
    assert [talk.conversation.contact.name for talk in listed] == ["José", "Inês", "Maria"]
    assert [talk.last.id if talk.last else None for talk in listed] == [seen.id, None, last.id]
    assert [talk.is_unread for talk in listed] == [False, False, True]
    assert listed[0].last is not None
    assert listed[0].last.attachments == []


async def test_a_conversation_comes_with_all_it_refers_to(tx: Transaction, here: Cast) -> None:
    talk = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    talk.assignee_id = here.ana.user_id
    await tx.flush()
    number, inbox_id = talk.display_id, here.inbox.id
    tx.expunge_all()
    read = await whole_conversation(tx, here.account.id, number)
    assert read is not None
    assert read.assignee is not None
    assert read.team is None
    assert (read.account.id, read.assignee.id) == (here.account.id, here.ana.user_id)
    assert read.inbox.id == read.contact_inbox.inbox.id == inbox_id
    assert await whole_conversation(tx, here.celia.account_id, number) is None


async def test_conversations_are_loaded_whole_in_the_order_of_their_ids(
    tx: Transaction, here: Cast
) -> None:
    contact = await a_contact(tx, here.account)
    mine, nobodys = [await a_conversation(tx, here.inbox, contact) for _ in range(2)]
    mine.assignee_id = here.ana.user_id
    await tx.flush()
    ids = [nobodys.id, mine.id]
    tx.expunge_all()
    read = await whole_conversations(tx, [*ids, 2**40])
    assert [one.id for one in read] == ids
    for one in read:
        assert (one.account.name, one.contact.name) == ("Acme", "Maria Souza")
        assert one.inbox is one.contact_inbox.inbox
    assert [one.assignee.email if one.assignee else None for one in read] == [
        None, "ana@acme.example",
    ]  # fmt: skip
    assert await whole_conversations(tx, []) == []
