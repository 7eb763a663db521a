"""What is said in an e-mail inbox goes out by its own server, and the message says how far it has come."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select, update

from recado.conversations.correcting import delete_message, find_message
from recado.conversations.finding import find_conversation_by_id
from recado.conversations.mailing import MOST_AUTOMATIC
from recado.conversations.mailing_again import mail_again
from recado.conversations.models import Message, MessageType
from recado.conversations.posting import MessageDraft, StoredFile, post_message
from recado.deliveries.delivering import Outbound
from recado.events.causes import BY_SYSTEM, Actor, Cause
from recado.lib.addresses import AddressGuard
from recado.lib.files import FileDraft
from recado.lib.mail_servers import Encryption, MailServer
from recado.lib.mailing import Heads, Letter, MailTrouble, message_of
from recado.mail.models import Email
from recado.mailboxes import answering
from recado.mailboxes.answering import html_of
from recado.mailboxes.models import Mailbox
from recado.worker.answering_by_mail import AnswerLoop
from tests.mailboxes.conftest import ADDRESS, Place, a_letter
from tests.mailboxes.test_arriving import answer, take
from tests.people import Cast
from tests.post_office import PostOffice


async def send(place: Place, outbound: Outbound) -> None:
    """What the worker's loop does until nothing is due."""
    answers = AnswerLoop(place.database, outbound, place.store)
    while await answers.turn():
        await asyncio.wait(answers._batches)
    await answers.finish()


async def message(place: Place, number: int) -> Message:
    return next(one for one in await place.messages() if one.id == number)


async def email_of(place: Place, number: int) -> Email:
    async with place.database.transaction() as tx:
        return (await tx.scalars(select(Email).where(Email.message_id == number))).one()


async def test_an_answer_goes_out_with_its_heads(
    place: Place, cast: Cast, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(
        place,
        a_letter(
            "Hi", subject="Order 7", message_id="<one@example.com>", references="<0@example.com>"
        ),
    )
    ours = await answer(place, cast, "It left <today>.\nBye")
    await send(place, outbound)
    [letter] = smtp.letters
    assert letter["From"] == f"Acme Support <{ADDRESS}>"
    assert letter["To"] == "maria@example.com"
    assert letter["Subject"] == "Re: Order 7"
    assert letter["In-Reply-To"] == "<one@example.com>"
    assert letter["References"] == "<0@example.com> <one@example.com>"
    assert letter["Message-ID"] == f"<{ours.source_id}>"
    assert letter["Auto-Submitted"] is None
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == ["It left <today>.", "Bye"]
    assert "It left &lt;today&gt;.<br>" in html.get_content()
    assert (await email_of(place, ours.id)).state == "sent"


async def test_a_private_note_is_never_sent(
    place: Place, cast: Cast, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi"))
    [talk] = await place.conversations()
    async with place.database.transaction() as tx:
        found = await find_conversation_by_id(tx, talk.account_id, talk.id, for_change=True)
        assert found is not None
        note = MessageDraft("careful", MessageType.OUTGOING, private=True, sender=cast.beto.user)
        await post_message(tx, found, note, cause=BY_SYSTEM, now=datetime.now(UTC))
    await send(place, outbound)
    assert smtp.letters == []


async def test_files_go_with_it(
    place: Place, cast: Cast, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi"))
    [talk] = await place.conversations()
    key = await place.store.keep(b"%PDF-")
    files = (StoredFile(key, FileDraft("conta nº 1.pdf", "application/pdf", 5)),)
    async with place.database.transaction() as tx:
        found = await find_conversation_by_id(tx, talk.account_id, talk.id, for_change=True)
        assert found is not None
        draft = MessageDraft("", MessageType.OUTGOING, sender=cast.beto.user, files=files)
        await post_message(tx, found, draft, cause=BY_SYSTEM, now=datetime.now(UTC))
    await send(place, outbound)
    [file] = smtp.letters[0].iter_attachments()
    assert isinstance(file, EmailMessage)
    assert (file.get_filename(), file.get_content()) == ("conta nº 1.pdf", b"%PDF-")


async def test_a_refused_address_ends_as_failed_with_the_reason(
    place: Place, cast: Cast, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi", sender="refused@example.com"))
    ours = await answer(place, cast)
    await send(place, outbound)
    failed = await message(place, ours.id)
    assert failed.status == "failed"
    assert "refuses this address" in failed.content_attributes["external_error"]
    assert "550 5.1.1" in failed.content_attributes["external_error"]


async def test_what_a_server_does_not_take_now_is_tried_again(
    place: Place, cast: Cast, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi", sender="later@example.com"))
    ours = await answer(place, cast)
    await send(place, outbound)
    email = await email_of(place, ours.id)
    assert (email.state, email.tries, email.trouble) == ("pending", 1, MailTrouble.LATER)
    assert (await message(place, ours.id)).status == "sent"


async def test_an_inbox_that_is_not_set_up_says_so_and_waits(
    place: Place, cast: Cast, outbound: Outbound
) -> None:
    async with place.database.transaction() as tx:
        await tx.execute(update(Mailbox).values(smtp_host=""))
    await take(place, a_letter("Hi"))
    ours = await answer(place, cast)
    await send(place, outbound)
    email = await email_of(place, ours.id)
    assert (email.state, email.trouble) == ("pending", MailTrouble.NO_MAILBOX)


async def test_a_failed_message_is_sent_again_where_the_contact_is_now(
    place: Place, cast: Cast, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi", sender="refused@example.com"))
    ours = await answer(place, cast)
    await send(place, outbound)
    async with place.database.transaction() as tx:
        await tx.execute(update(Email).values(recipient="maria@example.com"))
        talk = await find_conversation_by_id(
            tx, cast.account.id, ours.conversation_id, for_change=True
        )
        assert talk is not None
        await mail_again(tx, talk, ours.id, cause=BY_SYSTEM, now=datetime.now(UTC))
    await send(place, outbound)
    assert smtp.recipients == ["maria@example.com"]
    assert (await message(place, ours.id)).status == "sent"


async def test_what_no_person_wrote_is_not_sent_to_a_machine(
    place: Place, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("I am away", auto_submitted="auto-replied"))
    ours = await automatic(place)
    await send(place, outbound)
    assert smtp.letters == []
    assert (await message(place, ours.id)).status == "failed"
    assert (await email_of(place, ours.id)).trouble == MailTrouble.AUTOMATIC


async def test_a_person_may_answer_a_machine(
    place: Place, cast: Cast, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("I am away", auto_submitted="auto-replied"))
    await answer(place, cast)
    await send(place, outbound)
    assert len(smtp.letters) == 1


async def test_machines_that_do_not_say_so_get_a_few_answers_and_no_more(
    place: Place, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("beep"))
    for _ in range(MOST_AUTOMATIC + 2):
        ours = await automatic(place)
    await send(place, outbound)
    assert len(smtp.letters) == MOST_AUTOMATIC
    assert all(one["Auto-Submitted"] == "auto-replied" for one in smtp.letters)
    assert (await email_of(place, ours.id)).trouble == MailTrouble.LOOP


async def automatic(place: Place) -> Message:
    """A rule writes in the newest conversation."""
    talk = (await place.conversations())[-1]
    async with place.database.transaction() as tx:
        found = await find_conversation_by_id(tx, talk.account_id, talk.id, for_change=True)
        assert found is not None
        draft = MessageDraft("Automatic", MessageType.OUTGOING)
        by = Cause(Actor.RULE, 1)
        return await post_message(tx, found, draft, cause=by, now=datetime.now(UTC))


REPLY_TO = [
    ({"reply_to": "Maria <sales@example.com>"}, "sales@example.com"),
    ({"reply_to": "not an address"}, "maria@example.com"),
    ({"reply_to": "thief@evil.example", "authentication_results": "mx; dmarc=fail"},
     "maria@example.com"),
    ({}, "maria@example.com"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "recipient"), REPLY_TO, ids=["wished", "nonsense", "forged", "none"]
)
async def test_an_answer_goes_where_the_contact_wants_it(
    place: Place, cast: Cast, headers: dict[str, str], recipient: str
) -> None:
    await take(place, a_letter("Hi", **headers))
    ours = await answer(place, cast)
    assert (await email_of(place, ours.id)).recipient == recipient


async def test_somebody_else_in_the_conversation_does_not_turn_the_answers_round(
    place: Place, cast: Cast
) -> None:
    await take(place, a_letter("Hi", message_id="<one@example.com>"))
    await take(
        place,
        a_letter("and me", sender="eve@evil.example", reply_to="eve@evil.example",
                 in_reply_to="<one@example.com>"),
    )  # fmt: skip
    ours = await answer(place, cast)
    assert (await email_of(place, ours.id)).recipient == "maria@example.com"


async def test_a_server_that_hangs_holds_up_neither_others_nor_itself_for_ever(
    place: Place, cast: Cast, outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    monkeypatch.setattr(answering, "HAND_IN_SECONDS", 0.5)
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with place.database.transaction() as tx:
        await tx.execute(update(Mailbox).values(smtp_port=port, smtp_secret_id=None, smtp_user=""))
    await take(place, a_letter("Hi"))
    ours = await answer(place, cast)
    await send(place, outbound)
    server.close()
    email = await email_of(place, ours.id)
    assert (email.state, email.trouble) == ("pending", MailTrouble.UNREACHABLE)


async def test_an_inner_address_is_refused(
    place: Place, cast: Cast, outbound: Outbound, smtp: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = outbound.sender.dialer
    closed = type(before)(AddressGuard(), before.tls, before.lookup)
    monkeypatch.setattr(outbound.sender, "dialer", closed)
    await take(place, a_letter("Hi"))
    ours = await answer(place, cast)
    await send(place, outbound)
    assert smtp.connections == 0
    assert (await email_of(place, ours.id)).trouble == MailTrouble.ADDRESS_REFUSED


async def test_a_dead_workers_answer_goes_again_with_the_same_message_id(
    place: Place, cast: Cast, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi"))
    ours = await answer(place, cast)
    async with place.database.transaction() as tx:  # claimed, and never recorded
        now = datetime.now(UTC)
        await answering.claim_batch(tx, outbound.vault, busy=(), now=now)
    await send(place, outbound)
    assert smtp.letters == []  # until the lease ends
    async with place.database.transaction() as tx:
        past = datetime.now(UTC) - timedelta(seconds=1)
        await tx.execute(update(Email).values(due_at=past))
    await send(place, outbound)
    assert [one["Message-ID"] for one in smtp.letters] == [f"<{ours.source_id}>"]


SERVER = MailServer("x", 1, Encryption.TLS, "", "", ADDRESS)
NASTY = "a@b>\r\nBcc: everybody@example.com\r\nX: <c"


def test_no_words_of_a_stranger_become_a_header() -> None:
    letter = Letter(
        "1", "maria@example.com", "Acme\r\nBcc: a@b.c", "Re: Hi\r\nBcc: everybody@example.com",
        "text", datetime.now(UTC), Heads("ok@x", NASTY, (NASTY, "fine@x")),
    )  # fmt: skip
    raw = message_of(letter, SERVER).as_bytes()
    heads = raw.split(b"\r\n\r\n")[0]
    assert b"\r\nBcc" not in heads
    assert b"In-Reply-To" not in heads
    assert b"References: <fine@x>" in heads


def test_a_long_message_id_stays_whole() -> None:
    long = f"{'a' * 300}@example.com"
    letter = Letter(
        "1",
        "a@b.example",
        "",
        "Hi",
        "text",
        datetime.now(UTC),
        Heads(f"{'b' * 200}@x", long, (long,)),
    )
    raw = message_of(letter, SERVER).as_bytes(policy=answering_policy())
    assert f"In-Reply-To: <{long}>\r\n".encode() in raw
    assert f"Message-ID: <{'b' * 200}@x>\r\n".encode() in raw


def answering_policy() -> object:
    from recado.lib.mailing import _ON_THE_WAY

    return _ON_THE_WAY


def test_html_is_text_and_nothing_else() -> None:
    assert "<script>" not in html_of("<script>alert(1)</script>\nhi")
    assert "<br>" in html_of("a\nb")


async def test_what_is_taken_back_in_time_is_not_sent(
    place: Place, cast: Cast, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi"))
    ours = await answer(place, cast, "Oh no")
    async with place.database.transaction() as tx:
        talk = await find_conversation_by_id(
            tx, cast.account.id, ours.conversation_id, for_change=True
        )
        assert talk is not None
        found = await find_message(tx, talk, ours.id)
        assert found is not None
        await delete_message(tx, talk, found, cause=BY_SYSTEM, now=datetime.now(UTC))
    await send(place, outbound)
    assert smtp.letters == []
    email = await email_of(place, ours.id)
    assert (email.state, email.trouble, email.body) == ("skipped", MailTrouble.WITHDRAWN, "")
