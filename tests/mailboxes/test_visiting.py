"""What lies in a mailbox becomes messages: each once, whoever dies in the middle."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text, update

from recado.commands.doctor import mailbox_findings
from recado.db.database import Database
from recado.lib.imap import MailboxTrouble, Trouble
from recado.mailboxes import visiting
from recado.mailboxes.claiming import ClaimLost, claim_mailbox, wait_after
from recado.mailboxes.models import Mailbox
from recado.mailboxes.visiting import imap_day, visit
from tests.imap_server import MailServer
from tests.mailboxes.conftest import ADDRESS, Place, a_letter
from tests.people import VAULT


async def contents(place: Place) -> list[str]:
    return [one.content for one in await place.messages()]


async def test_a_letter_becomes_a_message_of_a_new_contact(place: Place, imap: MailServer) -> None:
    imap.folder.add(a_letter("Where is my order?", subject="Order 7", message_id="<a@example.com>"))
    await place.visit()
    [message] = await place.messages()
    assert (message.content, message.message_type, message.content_type) == (
        "Where is my order?", "incoming", "incoming_email",
    )  # fmt: skip
    assert message.source_id == "a@example.com"
    [conversation] = await place.conversations()
    assert conversation.contact.name == "Maria Souza"
    assert conversation.contact.email == "maria@example.com"
    assert conversation.contact_inbox.source_id == "maria@example.com"
    assert conversation.additional_attributes == {"source": "email", "mail_subject": "Order 7"}


async def test_what_lay_there_before_stays_there(place: Place, imap: MailServer) -> None:
    imap.folder.add(a_letter("old"))
    async with place.database.transaction() as tx:
        await tx.execute(update(Mailbox).values(validity=None, last_uid=0))
    await place.visit()
    imap.folder.add(a_letter("new"))
    await place.visit()
    assert await contents(place) == ["new"]


async def test_a_server_that_does_not_tell_the_next_number_is_read_too(
    place: Place, imap: MailServer
) -> None:
    imap.tells_next = False
    imap.folder.add(a_letter("old"))
    async with place.database.transaction() as tx:
        await tx.execute(update(Mailbox).values(validity=None, last_uid=0))
    await place.visit()
    imap.folder.add(a_letter("new"))
    await place.visit()
    assert await contents(place) == ["new"]


async def test_nothing_is_read_twice(place: Place, imap: MailServer) -> None:
    imap.folder.add(a_letter("one"))
    await place.visit()
    await place.visit()
    assert await contents(place) == ["one"]


async def test_the_same_letter_twice_in_the_mailbox_is_one_message(
    place: Place, imap: MailServer
) -> None:
    for _ in range(2):
        imap.folder.add(a_letter("one", message_id="<same@example.com>"))
    await place.visit()
    assert await contents(place) == ["one"]


async def test_letters_numbered_anew_are_not_read_twice_and_none_is_lost(
    place: Place, imap: MailServer
) -> None:
    imap.folder.letters = {40: a_letter("one"), 50: a_letter("two")}
    imap.folder.next_uid = 51
    await place.visit()
    imap.folder.add(a_letter("three"))
    imap.folder.renumber()
    await place.visit()
    imap.folder.add(a_letter("four"))
    await place.visit()
    assert await contents(place) == ["one", "two", "three", "four"]
    assert (await place.state()).validity == 2


async def test_nothing_in_the_mailbox_is_changed(place: Place, imap: MailServer) -> None:
    imap.folder.add(a_letter())
    await place.visit()
    assert {"EXAMINE", "UID FETCH"} <= set(imap.commands)
    assert not {"SELECT", "STORE", "UID STORE", "EXPUNGE", "UID MOVE"} & set(imap.commands)


async def test_a_connection_that_breaks_in_the_middle_loses_nothing(
    place: Place, imap: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        imap.folder.add(a_letter(f"letter {number}"))
    written = visiting._write

    async def last_one(*given: object) -> None:  # the line drops behind the first letter
        await written(*given)  # type: ignore[arg-type]
        imap.drops_at = "UID FETCH"

    monkeypatch.setattr(visiting, "_write", last_one)
    visited = await place.visit()
    assert visited.trouble is not None
    assert visited.trouble.trouble is MailboxTrouble.UNREACHABLE
    assert await contents(place) == ["letter 0"]
    monkeypatch.undo()
    imap.drops_at = ""
    await place.visit()
    assert await contents(place) == ["letter 0", "letter 1", "letter 2"]


async def test_who_lost_the_mailbox_writes_nothing_more(place: Place, imap: MailServer) -> None:
    imap.folder.add(a_letter("once"))
    async with place.database.transaction() as tx:
        await tx.execute(update(Mailbox).values(due_at=datetime.now(UTC)))
        late = await claim_mailbox(tx, VAULT, now=datetime.now(UTC))
    assert late is not None
    await place.visit()  # somebody else, after the lease
    with pytest.raises(ClaimLost):
        await visit(place.reader, late)
    assert await contents(place) == ["once"]


async def test_two_who_ask_at_once_do_not_get_the_same_mailbox(
    place: Place, database: Database
) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(Mailbox).values(due_at=datetime.now(UTC)))

    async def claim() -> bool:
        async with database.transaction() as tx:
            return await claim_mailbox(tx, VAULT, now=datetime.now(UTC)) is not None

    assert sorted(await asyncio.gather(*(claim() for _ in range(4)))) == [False, False, False, True]


async def test_a_mailbox_that_is_switched_off_is_left_alone(place: Place, imap: MailServer) -> None:
    async with place.database.transaction() as tx:
        await tx.execute(update(Mailbox).values(is_active=False, due_at=datetime.now(UTC)))
        assert await claim_mailbox(tx, VAULT, now=datetime.now(UTC)) is None


async def test_our_own_letters_are_no_messages(place: Place, imap: MailServer) -> None:
    imap.folder.add(a_letter("ours", sender=f"Acme <{ADDRESS.upper()}>"))
    imap.folder.add(a_letter("theirs"))
    await place.visit()
    assert await contents(place) == ["theirs"]


async def test_a_contact_is_known_by_address_whatever_its_case(
    place: Place, imap: MailServer
) -> None:
    imap.folder.add(a_letter("one"))
    imap.folder.add(a_letter("two", sender="MARIA@Example.COM"))
    await place.visit()
    assert len({one.contact_id for one in await place.conversations()}) == 1


async def test_a_letter_that_breaks_us_is_kept_as_a_file_and_holds_up_none(
    place: Place, imap: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap.folder.add(a_letter("poison", subject="Poison"))
    imap.folder.add(a_letter("fine"))
    taken = visiting.take_letter

    async def failing(tx: object, inbox: object, arriving: object, **more: object) -> bool:
        if "poison" in arriving.letter.text and not arriving.letter.is_cut:  # type: ignore[attr-defined]
            raise RuntimeError("a mistake of ours")
        return await taken(tx, inbox, arriving, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(visiting, "take_letter", failing)
    await place.visit()
    kept, fine = await place.messages()
    assert [one.name for one in kept.attachments] == ["Poison.eml"]
    assert "too broken" in kept.content
    assert fine.content == "fine"


async def test_of_a_letter_that_is_too_large_only_its_head_is_read(
    place: Place, imap: MailServer
) -> None:
    imap.tells_size = 2_000_000_000
    imap.folder.add(a_letter("huge", subject="Photos"))
    await place.visit()
    [message] = await place.messages()
    assert "too large" in message.content
    assert message.content_attributes["email"]["subject"] == "Photos"


async def test_files_are_stored_and_hang_on_the_message(place: Place, imap: MailServer) -> None:
    raw = (
        b"From: maria@example.com\r\nMessage-ID: <f@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nSee this\r\n"
        b"--b\r\nContent-Type: application/pdf; name=bill.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n"
    )
    imap.folder.add(raw)
    await place.visit()
    [message] = await place.messages()
    [file] = message.attachments
    assert (file.name, file.content_type, file.size) == ("bill.pdf", "application/pdf", 5)
    parts = await place.store.open(file.key, start=0, stop=5)
    assert parts is not None
    assert b"".join([one async for one in parts]) == b"%PDF-"


async def test_nobody_in_another_account_sees_the_contact(place: Place, imap: MailServer) -> None:
    imap.folder.add(a_letter())
    await place.visit()
    async with place.database.transaction() as tx:
        accounts = await tx.execute(text("select distinct account_id from contacts"))
        assert [row[0] for row in accounts] == [place.inbox.account_id]


TROUBLES = [
    ({"password": "another"}, MailboxTrouble.SIGN_IN),
    ({"folders": ("Archive",)}, MailboxTrouble.FOLDER),
    ({"greeting": b"220 smtp.example ESMTP"}, MailboxTrouble.PROTOCOL),
    ({"drops_at": "LOGIN"}, MailboxTrouble.UNREACHABLE),
    ({"hangs_at": "UID SEARCH"}, MailboxTrouble.TIMEOUT),
]


@pytest.mark.parametrize(("how", "trouble"), TROUBLES, ids=[one[1] for one in TROUBLES])
async def test_what_is_wrong_is_kept_in_words(
    place: Place,
    imap: MailServer,
    how: dict[str, object],
    trouble: MailboxTrouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(visiting, "STEP_SECONDS", 1.0)
    for name, value in how.items():
        setattr(imap, name, value)
    await place.visit()
    kept = await place.state()
    assert (kept.trouble, kept.failures) == (trouble, 1)
    assert 'p4ss "word' not in kept.said


async def test_a_mailbox_is_well_again(place: Place, imap: MailServer) -> None:
    imap.password = "another"
    await place.visit()
    imap.password = 'p4ss "word\\'
    imap.folder.add(a_letter("at last"))
    assert (await place.visit()).trouble is None
    kept = await place.state()
    assert (kept.trouble, kept.failures, kept.said) == (None, 0, "")
    assert await contents(place) == ["at last"]


async def test_a_password_does_not_open_on_another_server(place: Place, imap: MailServer) -> None:
    async with place.database.transaction() as tx:
        await tx.execute(update(Mailbox).values(imap_host="thief.example"))
    before = imap.connections
    assert (await place.visit()).trouble == Trouble(MailboxTrouble.SECRET)
    assert imap.connections == before


def test_waits_grow_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(one).total_seconds() / 60 for one in (1, 2, 3, 4, 5, 9, 500)]
    assert waits == [1, 2, 4, 8, 15, 15, 15]


def test_a_day_is_written_as_imap_has_it() -> None:
    assert imap_day(datetime(2026, 5, 3, tzinfo=UTC)) == "03-May-2026"


async def test_the_doctor_tells_of_a_mailbox_that_fails(place: Place, imap: MailServer) -> None:
    async with place.database.transaction() as tx:
        assert [one.is_well for one in await mailbox_findings(tx)] == [True]
    imap.password = "another"
    await place.visit()
    async with place.database.transaction() as tx:
        [finding] = await mailbox_findings(tx)
    assert not finding.is_well
    assert f"inbox {place.inbox.id} (localhost): sign_in" in finding.what
