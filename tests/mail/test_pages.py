"""The page of e-mails: for administrators; each with its state and the reason."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from recado.db.database import Database
from recado.mail.models import Email, Kind, Progress
from recado.mail.writing import Asked, Sheet, write_emails
from tests.browser import Browser
from tests.people import Cast


async def an_email(database: Database, cast: Cast, recipient: str = "maria@example.com") -> int:
    sheet = Sheet(Kind.TRANSCRIPT, "Conversation <b>#1</b>", "Hello <script>")
    async with database.transaction() as tx:
        asked = Asked(cast.account.id, "Night shift", None, 1)
        [made] = await write_emails(tx, sheet, [recipient], asked, now=datetime.now(UTC))
        return made.id


async def test_without_a_mail_server_the_page_says_what_to_do(
    ana: Browser, cast: Cast, database: Database
) -> None:
    number = await an_email(database, cast)
    listed = (await ana.get("/app/emails")).text
    assert "RECADO_SMTP_URL" in listed
    assert "Send me a test" not in listed
    shown = (await ana.get(f"/app/emails/{number}")).text
    assert "Not sent" in shown
    assert "Send again" not in shown
    await ana.post(f"/app/emails/{number}/again")
    async with database.transaction() as tx:
        assert await tx.scalar(select(Email.state)) == Progress.SKIPPED


@pytest.mark.usefixtures("server")
async def test_an_email_is_shown_whole_and_escaped(
    ana: Browser, cast: Cast, database: Database
) -> None:
    number = await an_email(database, cast)
    listed = (await ana.get("/app/emails")).text
    assert "maria@example.com" in listed
    assert "Night shift" in listed
    shown = (await ana.get(f"/app/emails/{number}")).text
    assert "Hello &lt;script&gt;" in shown
    assert "<b>#1</b>" not in shown


@pytest.mark.usefixtures("server")
async def test_a_failed_email_says_why_and_is_sent_again(
    ana: Browser, cast: Cast, database: Database
) -> None:
    number = await an_email(database, cast)
    async with database.transaction() as tx:
        failed = {"state": Progress.FAILED, "trouble": "recipient", "said": "550 no such user"}
        await tx.execute(update(Email).values(**failed, due_at=None, finished_at=datetime.now(UTC)))
    shown = (await ana.get(f"/app/emails/{number}")).text
    assert "refuses this address" in shown
    assert "550 no such user" in shown
    answer = await ana.post(f"/app/emails/{number}/again")
    assert answer.headers["location"] == f"/app/emails/{number}"
    async with database.transaction() as tx:
        assert await tx.scalar(select(Email.state)) == Progress.PENDING


@pytest.mark.usefixtures("server")
async def test_emails_are_chosen_by_state(ana: Browser, cast: Cast, database: Database) -> None:
    await an_email(database, cast)
    assert "maria@example.com" in (await ana.get("/app/emails?state=pending")).text
    assert "maria@example.com" not in (await ana.get("/app/emails?state=sent")).text
    assert "maria@example.com" in (await ana.get("/app/emails?state=nonsense&before=x")).text


@pytest.mark.usefixtures("server")
async def test_the_test_goes_to_whoever_asks(ana: Browser, database: Database) -> None:
    await ana.post("/app/emails/test")
    async with database.transaction() as tx:
        [email] = await tx.scalars(select(Email))
    assert (email.recipient, email.kind) == ("ana@acme.example", Kind.TEST)


@pytest.mark.parametrize("path", ["/app/emails", "/app/emails/1"])
async def test_agents_do_not_read_emails(beto: Browser, path: str) -> None:
    assert (await beto.get(path)).status_code == 403
