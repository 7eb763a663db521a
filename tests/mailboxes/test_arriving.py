"""Whose letter it is and where it belongs, whatever it says of itself."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from recado.automation.running import is_automatic_reply
from recado.conversations.changing import change_conversation
from recado.conversations.finding import find_conversation_by_id
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.events.causes import Actor, Cause
from recado.events.models import Event
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from recado.mailboxes.arriving import Arriving, take_letter
from recado.mailboxes.reading import letter_from
from tests.imap_server import MailServer
from tests.mailboxes.conftest import Place, a_letter
from tests.people import VAULT, Cast


async def take(place: Place, raw: bytes) -> Message:
    """A letter that lies in the mailbox, taken in; the newest message."""
    async with place.database.transaction() as tx:
        await take_letter(tx, place.inbox, Arriving(letter_from(raw)), now=datetime.now(UTC))
    return (await place.messages())[-1]


async def answer(place: Place, cast: Cast, text: str = "Sent today.") -> Message:
    """Beto answers in the newest conversation."""
    talk = (await place.conversations())[-1]
    async with place.database.transaction() as tx:
        found = await find_conversation_by_id(tx, talk.account_id, talk.id, for_change=True)
        assert found is not None
        draft = MessageDraft(text, MessageType.OUTGOING, sender=cast.beto.user)
        by = Cause(Actor.PERSON, cast.beto.user_id)
        return await post_message(tx, found, draft, cause=by, now=datetime.now(UTC))


async def test_an_answer_to_our_letter_joins_its_conversation(place: Place, cast: Cast) -> None:
    first = await take(place, a_letter("one"))
    ours = await answer(place, cast)
    joined = await take(place, a_letter("two", in_reply_to=f"<{ours.source_id}>"))
    assert joined.conversation_id == first.conversation_id


@pytest.mark.parametrize(
    "headers",
    [
        {"in_reply_to": "<one@example.com>"},
        {"references": "<zero@example.com> <one@example.com> <lost@example.com>"},
        {"in_reply_to": "<lost@example.com>", "references": "<one@example.com>"},
        {"references": "<lost@example.com>\r\n\t<one@example.com>"},  # folded
        {"in_reply_to": 'Your message "Hi" of Monday <one@example.com>'},  # as old programs have it
    ],
    ids=["in-reply-to", "references", "either", "folded", "wordy"],
)
async def test_a_letter_joins_what_it_refers_to(place: Place, headers: dict[str, str]) -> None:
    first = await take(place, a_letter("one", message_id="<one@example.com>"))
    joined = await take(place, a_letter("two", **headers))
    assert joined.conversation_id == first.conversation_id


async def test_a_letter_that_refers_to_nothing_known_begins_a_conversation(place: Place) -> None:
    first = await take(place, a_letter("one", message_id="<one@example.com>"))
    other = await take(place, a_letter("two", in_reply_to="<never@example.com>"))
    assert other.conversation_id != first.conversation_id


async def test_a_reference_leads_into_no_other_inbox_and_no_other_account(
    place: Place, cast: Cast
) -> None:
    for account in (cast.account, cast.other_account):
        async with place.database.transaction() as tx:
            inbox = await open_inbox(
                tx, account.id, InboxDraft("Other", Channel.EMAIL), vault=VAULT,
                now=datetime.now(UTC),
            )  # fmt: skip
            there = Arriving(letter_from(a_letter("secret", message_id="<known@example.com>")))
            await take_letter(tx, inbox, there, now=datetime.now(UTC))
    forged = await take(place, a_letter("let me in", in_reply_to="<known@example.com>"))
    async with place.database.transaction() as tx:
        query = select(Conversation.inbox_id).where(Conversation.id == forged.conversation_id)
        assert await tx.scalar(query) == place.inbox.id


async def test_who_answers_in_anothers_conversation_stands_there_as_themselves(
    place: Place, cast: Cast
) -> None:
    await take(place, a_letter("one", message_id="<one@example.com>"))
    other = await take(
        place, a_letter("me too", sender="eve@evil.example", in_reply_to="<one@example.com>")
    )
    assert other.sender_contact is not None
    assert other.sender_contact.email == "eve@evil.example"
    [talk] = await place.conversations()
    assert talk.contact.email == "maria@example.com"


async def test_a_letter_opens_a_resolved_conversation_again(place: Place) -> None:
    await take(place, a_letter("one", message_id="<one@example.com>"))
    [talk] = await place.conversations()
    async with place.database.transaction() as tx:
        found = await find_conversation_by_id(tx, talk.account_id, talk.id, for_change=True)
        assert found is not None
        by = Cause(Actor.SYSTEM)
        await change_conversation(
            tx, found, {"status": "resolved"}, cause=by, now=datetime.now(UTC)
        )
    await take(place, a_letter("two", in_reply_to="<one@example.com>"))
    assert [one.status for one in await place.conversations()] == ["open"]


async def test_an_automatic_letter_is_marked_and_no_rule_answers_it(place: Place) -> None:
    message = await take(place, a_letter("I am away", auto_submitted="auto-replied"))
    assert message.content_attributes["email"]["auto_reply"] is True
    async with place.database.transaction() as tx:
        events = list(await tx.scalars(select(Event).where(Event.name != "contact_created")))
    assert len(events) == 2
    assert all(is_automatic_reply(one) for one in events)


async def test_a_letter_that_came_back_marks_the_message(place: Place, cast: Cast) -> None:
    await take(place, a_letter("one"))
    ours = await answer(place, cast)
    report = (
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMessage-ID: <b@mx>\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; maria@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{ours.source_id}>\r\n\r\nSent\r\n--b--\r\n"
    )
    told = await take(place, report.encode())
    assert told.conversation_id == ours.conversation_id
    sent = next(one for one in await place.messages() if one.id == ours.id)
    assert sent.status == "failed"
    assert "550 no such user" in sent.content_attributes["external_error"]


async def test_a_report_of_somebody_elses_letter_marks_nothing(place: Place, cast: Cast) -> None:
    await take(place, a_letter("one"))
    ours = await answer(place, cast)
    report = (
        "From: mailer-daemon@mx.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nA: b\r\n\r\nAction: failed\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <guess@example.com>\r\n--b--\r\n"
    )
    await take(place, report.encode())
    assert [one.status for one in await place.messages() if one.id == ours.id] == ["sent"]


async def test_a_doubtful_sender_is_marked(place: Place) -> None:
    message = await take(
        place, a_letter("pay me", authentication_results="mx.example; dmarc=fail; spf=pass")
    )
    assert message.content_attributes["email"]["doubtful"] is True


async def test_a_letter_without_a_sender_is_kept(place: Place) -> None:
    message = await take(place, a_letter("who am I", sender=""))
    assert message.content == "who am I"
    assert message.sender_contact is not None


async def test_the_events_tell_the_subject(place: Place) -> None:
    await take(place, a_letter("one", subject="Pedido 7"))
    async with place.database.transaction() as tx:
        facts = await tx.scalar(select(Event.facts).where(Event.name == "message_created"))
    assert facts is not None
    assert facts["conversation"]["additional_attributes"]["mail_subject"] == "Pedido 7"
    assert facts["inbox"]["channel"] == "email"


async def test_the_history_is_cut_off_and_kept(place: Place, imap: MailServer) -> None:
    text = "Thanks!\r\n\r\nEm seg., 2 de nov. de 2026, Ana escreveu:\r\n> Here it is"
    message = await take(place, a_letter(text))
    assert message.content == "Thanks!"
    kept = message.content_attributes["email"]["text_content"]
    assert kept["quoted"].endswith("> Here it is")
    assert kept["full"].startswith("Thanks!")
