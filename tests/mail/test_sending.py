"""E-mails are rows first: claimed, handed in, and settled by what the mail server said."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from recado.db.database import Database, Transaction, database_now
from recado.lib.mail_servers import MailServer, use_mail_server
from recado.lib.mailing import Answer, MailTrouble, mail_tls
from recado.mail.explaining import why, why_not
from recado.mail.models import Email, Kind, Progress
from recado.mail.sending import (
    LEASE,
    RETENTION,
    WAITS,
    Settled,
    claim_emails,
    prune_emails,
    record_emails,
    settle,
)
from recado.mail.writing import MOST_A_DAY, Asked, Sheet, write_again, write_emails
from recado.worker.mailing import MailLoop, Post
from tests.people import NOW, Cast, gather
from tests.post_office import PostOffice

SHEET = Sheet(Kind.TRANSCRIPT, "Conversation #1", "Hello")


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


async def written(
    tx: Transaction, cast: Cast, *recipients: str, now: datetime = NOW
) -> list[Email]:
    asked = Asked(cast.account.id, "Rule", 7, 1)
    return await write_emails(tx, SHEET, recipients or ["maria@example.com"], asked, now=now)


async def state_of(tx: Transaction, email: Email) -> tuple[str, str | None, int]:
    await tx.refresh(email)
    return email.state, email.trouble, email.tries


@pytest.mark.usefixtures("server")
async def test_an_email_is_a_row_for_each_address(tx: Transaction, people: Cast) -> None:
    emails = await written(tx, people, "a@example.com", "b@example.com", "a@example.com")
    assert [(one.recipient, one.state, one.due_at) for one in emails] == [
        ("a@example.com", Progress.PENDING, NOW),
        ("b@example.com", Progress.PENDING, NOW),
    ]
    assert {(one.asked_by, one.rule_id, one.conversation_id) for one in emails} == {("Rule", 7, 1)}


async def test_without_a_mail_server_it_is_kept_as_skipped_with_the_reason(
    tx: Transaction, people: Cast
) -> None:
    [email] = await written(tx, people)
    assert (email.state, email.due_at) == (Progress.SKIPPED, None)
    assert "RECADO_SMTP_URL" in str(why(email))
    assert await claim_emails(tx, now=NOW) == []


@pytest.mark.usefixtures("server")
async def test_an_account_cannot_send_without_end(tx: Transaction, people: Cast) -> None:
    many = [f"a{number}@example.com" for number in range(MOST_A_DAY + 1)]
    emails = await written(tx, people, *many)
    assert [one.state for one in emails[-2:]] == [Progress.PENDING, Progress.SKIPPED]
    assert "24 hours" in str(why(emails[-1]))
    [later] = await written(tx, people, now=NOW + timedelta(hours=25))
    assert later.state == Progress.PENDING


@pytest.mark.usefixtures("server")
async def test_a_claim_is_ours_until_the_lease_ends(tx: Transaction, people: Cast) -> None:
    await written(tx, people)
    [claimed] = await claim_emails(tx, now=NOW)
    assert (claimed.letter.recipient, claimed.letter.sender_name) == ("maria@example.com", "Acme")
    assert await claim_emails(tx, now=NOW + LEASE - timedelta(seconds=1)) == []
    [again] = await claim_emails(tx, now=NOW + LEASE)  # whoever had it has died
    assert again.letter.id == claimed.letter.id  # so that a repetition can be told


@pytest.mark.usefixtures("server")
async def test_who_comes_late_overwrites_nothing(tx: Transaction, people: Cast) -> None:
    [email] = await written(tx, people)
    [late] = await claim_emails(tx, now=NOW)
    [taken_over] = await claim_emails(tx, now=NOW + LEASE)
    await record_emails(tx, [(taken_over, Answer(None))], now=NOW + LEASE)
    await record_emails(tx, [(late, Answer(MailTrouble.LATER))], now=NOW + LEASE)
    assert await state_of(tx, email) == (Progress.SENT, None, 2)


@pytest.mark.usefixtures("server")
async def test_what_was_not_begun_costs_no_try(tx: Transaction, people: Cast) -> None:
    [email] = await written(tx, people)
    claimed = await claim_emails(tx, now=NOW)
    await record_emails(tx, [(one, None) for one in claimed], now=NOW)
    assert await state_of(tx, email) == (Progress.PENDING, None, 0)
    assert len(await claim_emails(tx, now=NOW)) == 1


@pytest.mark.parametrize(
    ("trouble", "tries", "state", "wait"),
    [
        (None, 1, Progress.SENT, None),
        (MailTrouble.RECIPIENT, 1, Progress.FAILED, None),
        (MailTrouble.CONTENT, 1, Progress.FAILED, None),
        (MailTrouble.LATER, 1, Progress.PENDING, WAITS[0]),
        (MailTrouble.UNREACHABLE, 2, Progress.PENDING, WAITS[1]),
        (MailTrouble.SIGN_IN, 3, Progress.PENDING, WAITS[2]),  # the operator can mend it
        (MailTrouble.SENDER, 1, Progress.PENDING, WAITS[0]),
        (MailTrouble.ENCRYPTION, len(WAITS), Progress.PENDING, WAITS[-1]),
        (MailTrouble.UNREACHABLE, len(WAITS) + 1, Progress.FAILED, None),
    ],
)
def test_a_try_is_settled(
    trouble: MailTrouble | None, tries: int, state: Progress, wait: timedelta | None
) -> None:
    due_at = NOW + wait if wait else None
    assert settle(Answer(trouble), tries=tries, now=NOW) == Settled(state, due_at)


@pytest.mark.parametrize("trouble", MailTrouble)
def test_every_trouble_has_its_sentence(trouble: MailTrouble) -> None:
    assert str(why_not(trouble)).endswith(".")


async def test_a_skipped_email_is_sent_after_all(
    tx: Transaction, people: Cast, server: MailServer
) -> None:
    use_mail_server(None)
    [email] = await written(tx, people)
    use_mail_server(server)
    await write_again(tx, email, now=NOW)
    assert len(await claim_emails(tx, now=NOW)) == 1


@pytest.mark.usefixtures("server")
async def test_what_was_sent_is_not_sent_again(tx: Transaction, people: Cast) -> None:
    [email] = await written(tx, people)
    claimed = await claim_emails(tx, now=NOW)
    await record_emails(tx, [(one, Answer(None)) for one in claimed], now=NOW)
    await tx.refresh(email)
    await write_again(tx, email, now=NOW)
    assert email.state == Progress.SENT


async def test_old_ends_are_forgotten_and_nothing_else(tx: Transaction, people: Cast) -> None:
    await written(tx, people)
    [young] = await written(tx, people, now=NOW + timedelta(days=1))
    assert await prune_emails(tx, now=NOW + RETENTION + timedelta(seconds=1)) == 1
    assert list(await tx.scalars(select(Email.id))) == [young.id]


async def test_the_worker_sends_what_is_due(
    database: Database, cast: Cast, office: PostOffice, server: MailServer
) -> None:
    async with database.transaction() as tx:
        await written(
            tx, cast, "maria@example.com", "refused@example.com", now=await database_now(tx)
        )
    turns = MailLoop(database, Post(server, mail_tls(None)))
    assert await turns.turn()
    assert not await turns.turn()
    assert office.recipients == ["maria@example.com"]
    async with database.transaction() as tx:
        emails = await tx.scalars(select(Email).order_by(Email.id))
        told = [(one.state, one.said) for one in emails]
    assert told[0] == (Progress.SENT, "")
    assert told[1][0] == Progress.FAILED
    assert told[1][1].startswith("550 5.1.1")
