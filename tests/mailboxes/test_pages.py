"""The pages of a mailbox: set up, tried in plain words, seen how it goes; and a thread of e-mails."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from recado.db.database import Database
from recado.deliveries.models import Secret
from recado.inboxes.models import Inbox
from recado.lib.addresses import AddressGuard
from recado.mailboxes.models import Mailbox
from recado.mailboxes.servers import prune_passwords
from tests import post_office
from tests.browser import Browser
from tests.imap_server import PASSWORD, USER, MailServer
from tests.mailboxes.conftest import ADDRESS, Place, a_letter
from tests.mailboxes.test_answering import answer, send
from tests.mailboxes.test_arriving import take
from tests.people import Cast
from tests.post_office import PostOffice


def typed(place: Place, **other: str) -> dict[str, str]:
    """The form as it stands, passwords empty."""
    box = place.mailbox
    return {
        "address": ADDRESS, "sender_name": "Acme", "imap_host": "localhost",
        "imap_port": str(box.imap_port), "imap_encryption": "tls", "imap_user": USER,
        "folder": "INBOX", "smtp_host": "localhost", "smtp_port": str(box.smtp_port),
        "smtp_encryption": "starttls", "smtp_user": post_office.USER, "is_active": "true", **other,
    }  # fmt: skip


def path(place: Place, more: str = "") -> str:
    return f"/app/inboxes/{place.inbox.id}/mailbox{more}"


async def test_an_inbox_is_opened_and_set_up(ana: Browser, database: Database) -> None:
    opened = await ana.post("/app/inboxes", {"name": "Support", "channel": "email"})
    assert opened.status_code == 303
    form = await ana.get(opened.headers["location"])
    assert "Receiving (IMAP)" in form.text
    saved = await ana.post(opened.headers["location"], {"address": "a@acme.example"})
    assert saved.status_code == 303  # switched off: a draft
    async with database.transaction() as tx:
        kept = (await tx.scalars(select(Mailbox))).one()
        inbox = await tx.get_one(Inbox, kept.inbox_id)
    assert (kept.is_active, kept.address) == (False, "a@acme.example")
    assert inbox.settings["email"] == "a@acme.example"


async def test_what_is_switched_on_must_be_complete(ana: Browser) -> None:
    opened = await ana.post("/app/inboxes", {"name": "Support", "channel": "email"})
    refused = await ana.post(opened.headers["location"], {"is_active": "true"})
    assert refused.status_code == 422
    for name in ("address", "imap_host", "imap_user", "imap_password", "smtp_host"):
        assert f'id="error-{name}"' in refused.text


BAD = [
    ({"address": "no address"}, "This is not an e-mail address."),
    ({"imap_host": "https://mail.example.com/"}, "Enter the name of the server only"),
    ({"imap_port": "99999"}, "Enter a number from 1 to 65535."),
    ({"imap_port": "x"}, "Enter a number from 1 to 65535."),
    ({"imap_encryption": "none"}, "Choose one of the list."),
    ({"smtp_encryption": "none"}, "A password is not sent without encryption."),
    ({"imap_user": "a\r\nA1 LOGOUT"}, "on one line"),
    ({"sender_name": "x" * 300}, "Use at most 255 characters"),
    ({"imap_host": "other.example.com"}, "Enter the password."),
]


@pytest.mark.parametrize(("wrong", "said"), BAD, ids=[str(one[0]) for one in BAD])
async def test_what_is_wrong_is_said_under_its_field(
    ana: Browser, place: Place, wrong: dict[str, str], said: str
) -> None:
    refused = await ana.post(path(place), typed(place, **wrong))
    assert refused.status_code == 422
    assert said in refused.text


async def test_a_password_is_stored_encrypted_and_never_shown(
    ana: Browser, place: Place, database: Database
) -> None:
    secret = "a very new password"
    saved = await ana.post(path(place), typed(place, imap_password=secret))
    assert saved.status_code == 303
    assert secret not in (await ana.get(path(place))).text
    async with database.transaction() as tx:
        kept = await tx.get_one(Mailbox, place.inbox.id)
        row = await tx.get_one(Secret, kept.imap_secret_id)
    assert secret.encode() not in row.encrypted
    assert secret not in (await ana.get("/app/audit")).text


async def test_passwords_of_no_mailbox_are_forgotten(place: Place, database: Database) -> None:
    async with database.transaction() as tx:
        await tx.delete(await tx.get_one(Inbox, place.inbox.id))
    async with database.transaction() as tx:
        later = datetime.now(UTC) + timedelta(minutes=1)
        assert await prune_passwords(tx, now=later) == 2


async def test_two_inboxes_do_not_share_an_address(ana: Browser, place: Place) -> None:
    opened = await ana.post("/app/inboxes", {"name": "Twin", "channel": "email"})
    refused = await ana.post(opened.headers["location"], {"address": ADDRESS.upper()})
    assert refused.status_code == 422
    assert "Another inbox has this address already." in refused.text


async def test_another_folder_is_read_from_now_on(ana: Browser, place: Place) -> None:
    await ana.post(path(place), typed(place, folder="Archive"))
    kept = await place.state()
    assert (kept.validity, kept.last_uid) == (None, 0)


async def test_both_work(ana: Browser, place: Place) -> None:
    tried = await ana.post(path(place, "/try"), typed(place))
    assert "Signed in, and the folder is there." in tried.text
    assert "Signed in; the server takes our e-mails." in tried.text


async def test_trying_saves_nothing(ana: Browser, place: Place) -> None:
    await ana.post(path(place, "/try"), typed(place, sender_name="Other"))
    assert (await place.state()).sender_name == "Acme Support"


async def test_a_wrong_password_is_said_at_both(ana: Browser, place: Place) -> None:
    wrong = {"imap_password": "wrong-one", "smtp_password": "wrong-two"}
    tried = await ana.post(path(place, "/try"), typed(place, **wrong))
    assert tried.text.count("The server refuses the user or the password.") == 2


async def test_a_folder_that_is_not_there_is_said(ana: Browser, place: Place) -> None:
    tried = await ana.post(path(place, "/try"), typed(place, folder="Büro & Co"))
    assert "There is no folder of this name in the mailbox." in tried.text


async def test_a_certificate_of_somebody_else_is_said(ana: Browser, place: Place) -> None:
    wrong = {"imap_host": "imap.example", "imap_password": PASSWORD, "smtp_host": "smtp.example",
             "smtp_password": post_office.PASSWORD}  # fmt: skip
    tried = await ana.post(path(place, "/try"), typed(place, **wrong))
    assert "certificate is not valid for this name" in tried.text
    assert "There is no safe connection to the server" in tried.text


async def test_an_inner_address_is_said(
    ana: Browser, place: Place, imap: MailServer, smtp: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (imap.connections, smtp.connections)
    monkeypatch.setattr(type(place.reader.dialer.guard), "refusal", AddressGuard().refusal)
    tried = await ana.post(path(place, "/try"), typed(place))
    assert tried.text.count("The server has an inner address") == 2
    assert (imap.connections, smtp.connections) == before


async def test_the_page_tells_how_it_goes(ana: Browser, place: Place, imap: MailServer) -> None:
    well = await ana.get(path(place, "/state"), headers={"hx-request": "true"})
    assert "Last fetched" in well.text
    imap.password = "another"
    await place.visit()
    failing = await ana.get(path(place, "/state"), headers={"hx-request": "true"})
    assert "The server refuses the user or the password." in failing.text
    assert "Next try" in failing.text


async def test_fetching_now_makes_it_due(ana: Browser, place: Place) -> None:
    async with place.database.transaction() as tx:
        far = datetime.now(UTC) + timedelta(minutes=15)
        await tx.execute(update(Mailbox).values(due_at=far))
    await ana.post(path(place, "/fetch"))
    assert (await place.state()).due_at <= datetime.now(UTC)


async def test_strangers_and_agents_find_nothing(
    celia: Browser, beto: Browser, place: Place
) -> None:
    for more in ("", "/state"):
        assert (await celia.get(path(place, more))).status_code == 404
        assert (await beto.get(path(place, more))).status_code == 403
    for more in ("", "/try", "/fetch"):
        assert (await celia.post(path(place, more), typed(place))).status_code == 404
        assert (await beto.post(path(place, more), typed(place))).status_code == 403


async def test_an_inbox_of_another_kind_has_no_mailbox(ana: Browser, cast: Cast) -> None:
    assert (await ana.get(f"/app/inboxes/{cast.inbox.id}/mailbox")).status_code == 404


async def test_the_thread_shows_subject_history_and_how_far_an_answer_came(
    beto: Browser, place: Place, cast: Cast, outbound: object, smtp: PostOffice
) -> None:
    text = "Thanks\r\n\r\nOn Monday, Ana wrote:\r\n> <b>old</b> words"
    await take(place, a_letter(text, subject="Order <7>", sender="refused@example.com",
                               authentication_results="mx; dmarc=fail"))  # fmt: skip
    ours = await answer(place, cast)
    shown = await beto.get("/app/conversations/1")
    assert "Order &lt;7&gt;" in shown.text
    assert "&gt; &lt;b&gt;old&lt;/b&gt; words" in shown.text
    assert "The sender may be forged" in shown.text
    assert "On its way" in shown.text
    await send(place, outbound)  # type: ignore[arg-type]
    failed = await beto.get("/app/conversations/1")
    assert "The mail server refuses this address." in failed.text
    again = f"/app/conversations/1/messages/{ours.id}/again"
    assert again in failed.text
    assert (await beto.post(again)).status_code == 303
    assert "On its way" in (await beto.get("/app/conversations/1")).text


async def test_a_stranger_sends_nothing_again(celia: Browser, place: Place, cast: Cast) -> None:
    await take(place, a_letter("Hi"))
    ours = await answer(place, cast)
    again = f"/app/conversations/1/messages/{ours.id}/again"
    assert (await celia.post(again)).status_code == 404


async def test_a_conversation_is_begun_by_e_mail(
    beto: Browser, place: Place, outbound: object, smtp: PostOffice
) -> None:
    form = {"inbox": str(place.inbox.id), "kind": "reply", "name": "Rui", "content": "Olá",
            "email": "rui@example.com", "subject": "Your\r\nBcc: all@example.com order"}  # fmt: skip
    begun = await beto.post("/app/conversations", form)
    assert begun.status_code == 303, begun.text
    await send(place, outbound)  # type: ignore[arg-type]
    [letter] = smtp.letters
    assert (letter["To"], letter["Subject"], letter["Bcc"], letter["In-Reply-To"]) == (
        "rui@example.com", "Your Bcc: all@example.com order", None, None,
    )  # fmt: skip
    await take(place, a_letter("Thanks", sender="rui@example.com",
                               in_reply_to=str(letter["Message-ID"])))  # fmt: skip
    assert len(await place.conversations()) == 1


async def test_nobody_writes_in_the_contacts_place_by_e_mail(ana: Browser, place: Place) -> None:
    form = {"inbox": str(place.inbox.id), "kind": "contact", "name": "Rui", "content": "Olá"}
    refused = await ana.post("/app/conversations", form)
    assert refused.status_code == 422
    assert "In an e-mail inbox only you can write here" in refused.text
    assert "The contact has no e-mail address." in refused.text
