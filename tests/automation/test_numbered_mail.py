"""The behaviours of e-mails by rules that users of the API know, by their numbers (43, 45)."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from recado.accounts.teams import create_team, set_team_members
from recado.conversations.models import Conversation, MessageType
from recado.db.database import Transaction
from recado.lib.mail_servers import mail_server, use_mail_server
from recado.mail.models import Email
from tests.automation.stories import after, does, post, run
from tests.people import NOW, Cast, a_message


@pytest.fixture(autouse=True)
def _mail() -> Iterator[None]:
    use_mail_server(mail_server("smtps://mail.example.com", "desk@acme.example"))
    yield
    use_mail_server(None)


async def written(tx: Transaction) -> list[Email]:
    return list(await tx.scalars(select(Email).order_by(Email.id)))


async def test_43_an_email_to_teams_reaches_each_of_their_people_once(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    sales = await create_team(tx, people.account.id, "sales")
    support = await create_team(tx, people.account.id, "support")
    await set_team_members(tx, sales, {people.beto.user_id, people.ana.user_id})
    await set_team_members(tx, support, {people.beto.user_id})
    told = {"team_ids": [sales.id, support.id], "message": "{{ contact.name }} needs you"}
    assert await after(tx, people, talk, does("send_email_to_team", told)) == ["done"]
    emails = await written(tx)
    assert [one.recipient for one in emails] == ["ana@acme.example", "beto@acme.example"]
    assert {one.subject for one in emails} == {"Conversation #1 with Maria Souza"}
    assert emails[0].body.startswith("Maria Souza needs you\n\nhttp")  # variables work here too
    assert emails[0].body.rstrip().endswith("/app/conversations/1")
    assert (emails[0].asked_by, emails[0].conversation_id) == ("Rule", 1)


async def test_43_a_strange_team_is_no_team(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    theirs = await create_team(tx, people.other_account.id, "theirs")
    await set_team_members(tx, theirs, {people.celia.user_id})
    told = {"team_ids": [theirs.id], "message": "x"}
    assert await after(tx, people, talk, does("send_email_to_team", told)) == ["failed"]
    assert await written(tx) == []


@pytest.mark.parametrize(
    ("param", "recipients"),
    [
        (
            "a@example.com, b@example.com,c@example.com",
            ["a@example.com", "b@example.com", "c@example.com"],
        ),
        ("{{contact.email}}", ["maria@example.com"]),
    ],
)
async def test_45_a_transcript_goes_to_each_address(
    tx: Transaction, people: Cast, talk: Conversation, param: str, recipients: list[str]
) -> None:
    assert await after(tx, people, talk, does("send_email_transcript", param)) == ["done"]
    assert [one.recipient for one in await written(tx)] == recipients


async def test_45_a_transcript_holds_what_was_said_and_no_notes(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_message(tx, talk, "Where is my order?")
    await post(tx, talk, "On its way", MessageType.OUTGOING, sender=people.beto.user)
    await post(tx, talk, "she is angry", MessageType.OUTGOING, private=True)
    await post(tx, talk, "resolved", MessageType.ACTIVITY)
    await run(tx)
    await after(tx, people, talk, does("send_email_transcript", "a@example.com"))
    [email] = await written(tx)
    lines = email.body.splitlines()
    assert lines[0] == email.subject == "Conversation #1 with Maria Souza"
    assert lines[2].startswith("Maria Souza, 11/23/26")
    assert lines[3] == "Where is my order?"
    assert lines[5].startswith("Beto Reis, ")
    assert lines[6] == "On its way"
    assert "angry" not in email.body
    assert "resolved" not in email.body


async def test_45_what_is_said_later_is_not_in_it(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await after(tx, people, talk, does("send_email_transcript", "a@example.com"))
    [before] = [one.body for one in await written(tx)]
    await post(tx, talk, "one more thing", MessageType.INCOMING)
    [first, *_] = await written(tx)
    assert first.body == before
    assert first.due_at == NOW
