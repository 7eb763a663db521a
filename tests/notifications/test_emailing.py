"""By e-mail, to whoever is away."""

import asyncio

import pytest
from sqlalchemy import select

from recado.accounts.being_there import are_there, say_availability
from recado.accounts.models import Availability
from recado.accounts.profiles import choose_language
from recado.conversations.mentioning import mention
from recado.conversations.models import Conversation
from recado.conversations.watching import look_at
from recado.db.database import Transaction
from recado.lib.mail_servers import MailServer, use_mail_server
from recado.lib.mailing import TAKEN, hand_in, mail_tls
from recado.lib.public_urls import public_url
from recado.mail.models import Email
from recado.mail.sending import claim_emails
from recado.notifications.models import Kind
from recado.notifications.settings import choose_ways
from tests.automation.stories import an_action
from tests.mail.conftest import office, server
from tests.notifications.conftest import Tell
from tests.notifications.test_failing import BAD, end, told
from tests.notifications.test_telling import assign, note
from tests.people import NOW, Cast, a_message
from tests.post_office import PostOffice

__all__ = ["office", "server"]  # fixtures
pytestmark = pytest.mark.usefixtures("server")


async def written(tx: Transaction) -> list[Email]:
    return list(await tx.scalars(select(Email).order_by(Email.id)))


async def test_whoever_is_away_gets_an_email(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await choose_language(tx, here.beto.user_id, "pt_BR")
    await assign(tx, talk, here.beto, here.ana)
    await tell()
    [email] = await written(tx)
    assert (email.recipient, email.kind) == ("beto@acme.example", "notification")
    assert email.subject == "Ana Lima atribuiu a você a conversa com Maria Souza"
    assert f"/app/conversations/{talk.display_id}\n" in email.body
    assert "/app/profile/notifications" in email.body


@pytest.mark.parametrize(
    ("says", "count"), [(Availability.ONLINE, 0), (Availability.BUSY, 1), (Availability.OFFLINE, 1)]
)
async def test_whoever_is_there_gets_none(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell, says: Availability, count: int
) -> None:
    await are_there(tx, [(here.account.id, here.beto.user_id)], now=NOW)
    await say_availability(tx, here.beto, says)
    await tx.refresh(here.beto, ["availability", "seen_at"])
    await assign(tx, talk, here.beto, here.ana)
    await tell()
    assert len(await written(tx)) == count


async def test_many_messages_are_one_email_and_every_mention_is_one(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await assign(tx, talk, here.beto, here.beto)
    for text in ("One", "Two"):
        await a_message(tx, talk, text)
        await tell()
    assert [one.subject for one in await written(tx)] == ["New message from Maria Souza"]
    for text in ("look", "again"):
        content = f"[@Beto](mention://user/{here.beto.user_id}/Beto) {text}"
        await note(tx, talk, here.ana, content)
        await tell()
    bodies = [one.body for one in await written(tx)][1:]
    assert ["@Beto look" in bodies[0], "@Beto again" in bodies[1]] == [True, True]


async def test_an_email_leads_to_the_message_itself(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await note(tx, talk, here.ana, f"{mention('user', here.beto.user_id, 'Beto')} look")
    [said] = [one.message_id for one in await tell()]
    [email] = await written(tx)
    path = f"/app/conversations/{talk.display_id}?message={said}#message-{said}"
    assert f"{path}\n" in email.body


async def test_whoever_does_not_want_them_gets_none(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await choose_ways(tx, here.beto, {f"page {Kind.ASSIGNMENT}"})
    await tx.refresh(here.beto, ["muted"])
    await assign(tx, talk, here.beto, here.ana)
    assert [one.ways for one in await tell()] == [["page"]]
    assert await written(tx) == []


async def test_a_message_that_is_seen_arriving_is_no_news(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await assign(tx, talk, here.beto, here.beto)
    await look_at(tx, talk, here.beto.user_id, now=NOW)
    await a_message(tx, talk, "One")
    assert await tell() == []


async def test_without_a_mail_server_nothing_is_written(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    use_mail_server(None)
    await assign(tx, talk, here.beto, here.ana)
    assert len(await tell()) == 1
    assert await written(tx) == []


async def test_what_arrives_in_portuguese(
    tx: Transaction,
    here: Cast,
    talk: Conversation,
    tell: Tell,
    office: PostOffice,
    server: MailServer,
) -> None:
    await choose_language(tx, here.beto.user_id, "pt_BR")
    await note(tx, talk, here.ana, f"{mention('user', here.beto.user_id, 'Beto')} olhe\n<b>não</b>")
    [said] = [one.message_id for one in await tell()]
    letters = [one.letter for one in await claim_emails(tx, now=NOW)]
    assert await asyncio.to_thread(hand_in, server, letters, mail_tls(None)) == [TAKEN]
    [letter] = office.letters
    assert (letter["From"], letter["To"]) == ("Acme <desk@acme.example>", "beto@acme.example")
    assert letter["Subject"] == "Ana Lima mencionou você na conversa com Maria Souza"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] == f"<{public_url('app', 'profile', 'notifications')}>"
    assert [one.get_content_type() for one in letter.walk()] == ["text/plain"]
    lines = letter.get_content().splitlines()
    assert lines[2:4] == ["@Beto olhe", "<b>não</b>"]
    link = f"/app/conversations/{talk.display_id}?message={said}#message-{said}"
    assert lines[5].endswith(link)
    assert lines[-2] == "Você recebe este e-mail porque estava ausente. Escolha o que avisamos:"
    assert lines[-1].endswith("/app/profile/notifications")


async def test_an_email_about_a_failing_action_leads_through_its_entry_in_the_bell(
    tx: Transaction, here: Cast
) -> None:
    action = await an_action(tx, here)
    await end(tx, here, action.id, [BAD] * 3)
    [one] = await told(tx)
    [email] = await written(tx)
    path = f"/app/notifications/{one.id}/open?action={action.id}"
    assert f"{path}\n" in email.body  # whoever follows it has read it
