"""Somebody who forgot the password asks for a link by e-mail."""

import re
import ssl
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from recado.accounts.models import PasswordLink, User
from recado.accounts.recovering import LASTS
from recado.db.database import Database, database_now
from recado.lib.mail_servers import MailServer
from recado.lib.mailing import Answer, MailTrouble
from recado.mail.models import Email, Kind, Progress
from recado.mail.sending import LEASE, claim_emails, record_emails
from recado.worker.mailing import MailLoop, Post
from tests.browser import Browser
from tests.people import Cast
from tests.post_office import PostOffice

pytestmark = pytest.mark.usefixtures("cast")
BETO = "beto@acme.example"
WANTED = "a battery that one remembers"


async def _ask(visitor: Browser, email: str) -> Any:
    await visitor.get("/forgotten-password")
    return await visitor.post("/forgotten-password", {"email": email})


async def _emails(database: Database) -> list[Email]:
    async with database.transaction() as tx:
        return list(await tx.scalars(select(Email).order_by(Email.id)))


async def test_a_link_comes_by_email_and_lets_choose_another_password(
    visitor: Browser, ana: Browser, database: Database, server: MailServer, office: PostOffice
) -> None:
    assert "/forgotten-password" in (await visitor.get("/sign-in")).text
    asked = await _ask(visitor, " Beto@acme.example ")
    assert asked.status_code == 200
    assert "a link is on its way" in asked.text
    await MailLoop(database, Post(server, ssl.create_default_context())).turn()
    [letter] = office.letters
    assert (letter["To"], letter["Subject"]) == (BETO, "Choose a new password")
    found = re.search(r"/new-password\?token=(\S+)", letter.get_content())
    assert found
    await visitor.get(f"/new-password?token={found[1]}")
    entered = await visitor.post("/new-password", {"token": found[1], "password": WANTED})
    assert entered.headers["location"] == "/app/conversations"


async def test_it_is_in_the_language_of_whoever_gets_it(
    visitor: Browser, database: Database, cast: Cast, server: MailServer
) -> None:
    async with database.transaction() as tx:
        (await tx.get_one(User, cast.beto.user_id)).language = "pt_BR"
    await _ask(visitor, BETO)
    [email] = await _emails(database)
    assert email.subject == "Escolha uma nova senha"


async def test_whoever_asks_is_not_told_who_is_known(
    visitor: Browser, database: Database, server: MailServer
) -> None:
    known = await _ask(visitor, BETO)
    unknown = await _ask(visitor, "beta@acme.example")
    assert known.status_code == unknown.status_code
    told, likewise = (
        one.text.partition("<h1")[2].partition("</main>")[0] for one in (known, unknown)
    )
    assert BETO in told
    assert told == likewise.replace("beta@", "beto@")
    assert [one.recipient for one in await _emails(database)] == [BETO]


async def test_asking_again_and_again_sends_one_in_five_minutes(
    visitor: Browser, database: Database, server: MailServer
) -> None:
    await _ask(visitor, BETO)
    await _ask(visitor, BETO)
    assert len(await _emails(database)) == 1
    async with database.transaction() as tx:
        made = await database_now(tx) - timedelta(minutes=6)
        await tx.execute(update(PasswordLink).values(expires_at=made + LASTS))
    await _ask(visitor, BETO)
    assert len(await _emails(database)) == 2


async def test_administrators_see_that_it_was_sent_and_not_the_link(
    visitor: Browser, ana: Browser, database: Database, server: MailServer, office: PostOffice
) -> None:
    await _ask(visitor, BETO)
    [waiting] = await _emails(database)
    assert waiting.kind == Kind.NEW_PASSWORD
    assert "token=" in waiting.body
    page = (await ana.get(f"/app/emails/{waiting.id}")).text
    assert "token=" not in page
    assert "Only whoever got it may read this text" in page
    await MailLoop(database, Post(server, ssl.create_default_context())).turn()
    [sent] = await _emails(database)
    assert (sent.state, sent.body) == (Progress.SENT, "")


async def test_who_sends_it_and_is_overtaken_takes_nothing_from_whoever_tries_next(
    visitor: Browser, database: Database, server: MailServer
) -> None:
    await _ask(visitor, BETO)
    async with database.transaction() as tx:
        now = await database_now(tx)
        [late] = await claim_emails(tx, now=now)
        [taken_over] = await claim_emails(tx, now=now + LEASE)
        await record_emails(tx, [(late, Answer(None))], now=now + LEASE)
        await record_emails(tx, [(taken_over, Answer(MailTrouble.LATER))], now=now + LEASE)
    [waiting] = await _emails(database)
    assert waiting.state == Progress.PENDING
    assert "token=" in waiting.body


async def test_a_link_that_could_not_be_sent_is_gone_and_not_sent_again(
    visitor: Browser, ana: Browser, database: Database, cast: Cast, server: MailServer
) -> None:
    async with database.transaction() as tx:
        (await tx.get_one(User, cast.beto.user_id)).email = "refused@acme.example"
    await _ask(visitor, "refused@acme.example")
    await MailLoop(database, Post(server, ssl.create_default_context())).turn()
    [failed] = await _emails(database)
    assert (failed.state, failed.body) == (Progress.FAILED, "")
    assert f"/app/emails/{failed.id}/again" not in (await ana.get(f"/app/emails/{failed.id}")).text
    await ana.post(f"/app/emails/{failed.id}/again")
    [still] = await _emails(database)
    assert still.state == Progress.FAILED


@pytest.mark.parametrize("email", ["", "beto", "a@b@c", "x" * 400 + "@acme.example"])
async def test_what_is_no_address_is_said_so(
    visitor: Browser, database: Database, server: MailServer, email: str
) -> None:
    refused = await _ask(visitor, email)
    assert refused.status_code == 422
    assert "This is not an e-mail address." in refused.text
    assert await _emails(database) == []


async def test_without_a_mail_server_the_page_says_who_helps(
    visitor: Browser, database: Database
) -> None:
    shown = await visitor.get("/sign-in")
    assert "Ask an administrator of your account" in shown.text
    assert "/forgotten-password" not in shown.text
    assert (await visitor.get("/forgotten-password")).headers["location"] == "/sign-in"
    asked = await visitor.post("/forgotten-password", {"email": BETO})
    assert asked.headers["location"] == "/sign-in"
    assert await _emails(database) == []
