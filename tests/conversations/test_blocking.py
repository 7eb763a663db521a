"""A blocked contact's messages are kept, and ask nobody for an answer."""

import pytest

from recado.contacts.models import Contact
from recado.conversations.changing import change_conversation
from recado.conversations.models import Conversation, Status
from recado.db.database import Transaction
from recado.events.causes import BY_SYSTEM
from tests.people import NOW, Cast, a_contact, a_conversation, a_message


@pytest.fixture
async def maria(tx: Transaction, here: Cast) -> Contact:
    return await a_contact(tx, here.account)


async def _resolved(tx: Transaction, here: Cast, contact: Contact) -> Conversation:
    talk = await a_conversation(tx, here.inbox, contact)
    await change_conversation(tx, talk, {"status": Status.RESOLVED}, cause=BY_SYSTEM, now=NOW)
    return talk


@pytest.mark.parametrize(("is_blocked", "status"), [(True, "resolved"), (False, "open")])
async def test_a_message_opens_a_conversation_again(
    tx: Transaction, here: Cast, maria: Contact, is_blocked: bool, status: str
) -> None:
    talk = await _resolved(tx, here, maria)
    maria.blocked = is_blocked
    message = await a_message(tx, talk, "Buy now")
    assert (message.content, talk.status) == ("Buy now", status)


@pytest.mark.parametrize(("is_blocked", "status"), [(True, "resolved"), (False, "open")])
async def test_how_a_conversation_begins(
    tx: Transaction, here: Cast, maria: Contact, is_blocked: bool, status: str
) -> None:
    maria.blocked = is_blocked
    await tx.flush()
    assert (await a_conversation(tx, here.inbox, maria)).status == status
