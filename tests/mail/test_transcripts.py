"""Transcripts by people: from the conversation's page and by REST."""

import pytest
from sqlalchemy import select

from recado.conversations.models import Conversation
from recado.db.database import Database
from recado.mail.models import Email
from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.people import Cast, a_contact, a_conversation, a_message

HERE = "/app/conversations/1/transcript"


@pytest.fixture(autouse=True)
async def talk(database: Database, cast: Cast) -> Conversation:
    async with database.transaction() as tx:
        made = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, made, "Where is it?")
        return made


@pytest.fixture
def api(visitor: Browser, cast: Cast) -> Program:
    return programs(visitor, cast)[0]


async def written(database: Database) -> list[Email]:
    async with database.transaction() as tx:
        return list(await tx.scalars(select(Email).order_by(Email.id)))


@pytest.mark.usefixtures("server")
async def test_an_agent_sends_it_from_the_conversation(beto: Browser, database: Database) -> None:
    assert HERE in (await beto.get("/app/conversations/1")).text
    assert "maria@example.com" in (await beto.get(HERE)).text
    answer = await beto.post(HERE, {"email": "boss@example.com"})
    assert answer.headers["location"] == "/app/conversations/1"
    [email] = await written(database)
    assert (email.recipient, email.asked_by) == ("boss@example.com", "Beto Reis")
    assert "Where is it?" in email.body


@pytest.mark.usefixtures("server")
async def test_a_wrong_address_stays_in_the_form(beto: Browser, database: Database) -> None:
    answer = await beto.post(HERE, {"email": "nobody"})
    assert answer.status_code == 422
    assert "This is not an e-mail address." in answer.text
    assert 'value="nobody"' in answer.text
    assert await written(database) == []


async def test_without_a_mail_server_the_page_says_so(beto: Browser) -> None:
    shown = (await beto.get(HERE)).text
    assert "RECADO_SMTP_URL" in shown
    assert "<form" not in shown.partition("page narrow")[2].partition("</main>")[0]


@pytest.mark.usefixtures("server")
async def test_a_program_sends_it_to_several(api: Program, database: Database) -> None:
    answer = await api.call(
        "POST", "conversations/1/transcript", {"email": "a@example.com, b@example.com"}
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert [one.recipient for one in await written(database)] == ["a@example.com", "b@example.com"]
    listed = await api.get("emails?state=pending")
    assert [one["recipient"] for one in listed["payload"]] == ["b@example.com", "a@example.com"]
    assert listed["meta"] == {"next_cursor": None}


@pytest.mark.parametrize("email", ["", "nobody", ",".join(["a@example.com"] * 21), None])
@pytest.mark.usefixtures("server")
async def test_a_program_is_told_what_is_wrong(
    api: Program, database: Database, email: str | None
) -> None:
    answer = await api.call("POST", "conversations/1/transcript", {"email": email})
    assert answer.status_code == 422
    assert answer.json()["attributes"] == ["email"]
    assert await written(database) == []


async def test_a_program_is_told_that_there_is_no_mail_server(api: Program) -> None:
    answer = await api.call("POST", "conversations/1/transcript", {"email": "a@example.com"})
    assert answer.status_code == 422
    assert "RECADO_SMTP_URL" in answer.json()["error"]


async def test_emails_are_listed_for_administrators(visitor: Browser, cast: Cast) -> None:
    _, betos, *_ = programs(visitor, cast)
    assert (await betos.call("GET", "emails")).status_code == 401


async def test_an_unknown_state_is_refused(api: Program) -> None:
    assert (await api.call("GET", "emails?state=lost")).status_code == 422


RULE = {
    "name": "Tell",
    "event_name": "message_created",
    "conditions": [{"attribute_key": "content", "filter_operator": "is_present", "values": []}],
    "actions": [{"action_name": "send_email_transcript", "action_params": ["a@example.com"]}],
}


async def test_a_rule_that_would_send_nothing_warns_when_it_is_saved(api: Program) -> None:
    made = await api.post("automation_rules", RULE)
    assert [one["code"] for one in made["warnings"]] == ["no_mail_server"]


@pytest.mark.usefixtures("server")
async def test_with_a_mail_server_it_does_not(api: Program) -> None:
    made = await api.post("automation_rules", RULE)
    assert made["warnings"] == []
