"""A letter becomes a message: of whom, in which conversation, and what is kept of it.

What a letter says of itself is never believed beyond its inbox: it joins a conversation only by the
Message-ID of a letter that went through the same inbox, and everybody in it stands there by their own
address. Whoever forges a sender is taken for them, as everywhere in e-mail; `doubtful` says so.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import select

from recado.accounts.models import Account
from recado.contacts.models import Contact
from recado.contacts.saving import ContactDraft, create_contact, tidy
from recado.conversations.correcting import Arrival, MessageStatus, change_status, find_message
from recado.conversations.finding import find_conversation_by_id
from recado.conversations.identifying import matching_contact
from recado.conversations.models import Conversation, MailId, MessageType
from recado.conversations.posting import MessageDraft, StoredFile, post_message
from recado.conversations.starting import ConversationDraft, introduce, start_conversation
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Inbox
from recado.lib.languages import say, speaking
from recado.mailboxes.reading import Letter, Person

_MOST_KEPT: Final = 20  # Message-IDs of a letter's history
_CUT: Final = say(
    "This e-mail is too large or too broken to be shown here. Look at it in the mailbox."
)
_EMPTY: Final = say("This e-mail is empty.")
_RETURNED: Final = say("This e-mail came back: %(why)s")


@dataclass(frozen=True, slots=True)
class Arriving:
    """A letter, and its files, which are in the store already."""

    letter: Letter
    files: tuple[StoredFile, ...] = ()


async def is_known(tx: Transaction, inbox_id: int, letter: Letter) -> bool:
    """Whether this very letter went through this inbox before."""
    return await tx.get(MailId, (inbox_id, letter.id)) is not None


async def take_letter(tx: Transaction, inbox: Inbox, arriving: Arriving, *, now: datetime) -> bool:
    """Write a letter's message down; whether it was new. Whoever calls holds the mailbox."""
    letter = arriving.letter
    if await is_known(tx, inbox.id, letter):
        return False
    account = await tx.get_one(Account, inbox.account_id)
    contact = await _sender(tx, account, letter.sender, now=now)
    by = Cause(Actor.CONTACT, contact.id)
    conversation = await _answered(tx, inbox, letter)
    if conversation is None:
        conversation = await _begun(tx, inbox, contact, letter, now=now)
    with speaking(account.language):
        content = _content(arriving)
    draft = MessageDraft(
        content, MessageType.INCOMING, sender=contact, content_type="incoming_email",
        content_attributes={"email": about(letter)}, source_id=letter.id, files=arriving.files,
    )  # fmt: skip
    message = await post_message(tx, conversation, draft, cause=by, now=now)
    tx.add(
        MailId(
            inbox_id=inbox.id, mail_id=letter.id, conversation_id=conversation.id,
            message_id=message.id,
        )
    )  # fmt: skip
    await tx.flush()
    await _note_return(tx, inbox, conversation, letter, by, now=now)
    return True


def about(letter: Letter) -> dict[str, Any]:
    """What a message tells of its e-mail, named as the API has it."""
    quoted = letter.reply.quoted
    full = f"{letter.text}\n\n{quoted}" if quoted else letter.text
    return {
        "subject": letter.subject,
        "from": [letter.sender.address],
        "to": [one.address for one in letter.to],
        "cc": [one.address for one in letter.cc],
        "reply_to": [letter.reply_to.address] if letter.reply_to else [],
        "date": letter.date.isoformat() if letter.date else None,
        "message_id": letter.id,
        "in_reply_to": letter.in_reply_to,
        "references": list(letter.references[-_MOST_KEPT:]),
        "number_of_attachments": len(letter.files),
        "attachments_left_out": letter.left_out,
        "text_content": {"full": full, "reply": letter.text, "quoted": quoted},
        "auto_reply": letter.is_automatic,
        "doubtful": letter.is_doubtful,
    }


def _content(arriving: Arriving) -> str:
    letter = arriving.letter
    if letter.is_cut:
        return str(_CUT)
    return letter.text or ("" if arriving.files else letter.subject or str(_EMPTY))


async def _sender(tx: Transaction, account: Account, person: Person, *, now: datetime) -> Contact:
    """The account's contact with this address, made when there is none."""
    draft = ContactDraft(name=person.name or None, email=person.address or None)
    problems = tidy(draft)
    if "name" in problems:
        draft.name = None
    if "email" in problems:  # no address at all: whoever it was, it was somebody
        draft.name, draft.email = person.address or draft.name, None
    found = await matching_contact(tx, account.id, draft)
    return found or await create_contact(tx, account.id, draft, now=now)


async def _answered(tx: Transaction, inbox: Inbox, letter: Letter) -> Conversation | None:
    """The conversation of the letter that this one answers, or that came back with it."""
    wanted = [letter.returned.id] if letter.returned else []
    wanted += letter.earlier_ids
    query = select(MailId.mail_id, MailId.conversation_id).where(
        MailId.inbox_id == inbox.id, MailId.mail_id.in_(wanted)
    )
    known = {row[0]: row[1] for row in await tx.execute(query)}
    first = next((known[one] for one in wanted if one in known), None)
    if first is None:
        return None
    return await find_conversation_by_id(tx, inbox.account_id, first, for_change=True)


async def _begun(
    tx: Transaction, inbox: Inbox, contact: Contact, letter: Letter, *, now: datetime
) -> Conversation:
    known = await introduce(tx, contact, inbox, source_id=contact.email, now=now)
    if known is None:  # the inbox knows somebody else by this address, who has another one by now
        known = await introduce(tx, contact, inbox, source_id=str(uuid4()), now=now)
    if known is None:
        raise RuntimeError("A new source id is nobody's.")
    told: dict[str, Any] = {"source": "email", "mail_subject": letter.subject}
    if letter.is_automatic:
        told["auto_reply"] = True
    draft = ConversationDraft(additional_attributes=told)
    by = Cause(Actor.CONTACT, contact.id)
    return await start_conversation(tx, known, draft, cause=by, now=now)


async def _note_return(
    tx: Transaction, inbox: Inbox, conversation: Conversation, letter: Letter, by: Cause, *,
    now: datetime,
) -> None:  # fmt: skip
    """The message of ours that came back says so."""
    if letter.returned is None:
        return
    sent = await tx.get(MailId, (inbox.id, letter.returned.id))
    if sent is None or sent.conversation_id != conversation.id:
        return
    message = await find_message(tx, conversation, sent.message_id)
    if message is not None and message.message_type != MessageType.INCOMING:
        with speaking(conversation.account.language):
            why = say(_RETURNED.text, why=letter.returned.why)
            arrival = Arrival(MessageStatus.FAILED, str(why))
        await change_status(tx, conversation, message, arrival, cause=by, now=now)
