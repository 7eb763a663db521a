"""Agents in a browser: invited by a link or an e-mail, joining, their roles, leaving."""

import re

import pytest
from sqlalchemy import select, update

from recado.accounts.models import Invitation
from recado.conversations.models import Conversation
from recado.db.database import Database
from recado.lib.mail_servers import mail_server, use_mail_server
from recado.mail.models import Email, Kind
from tests.browser import Browser
from tests.people import NOW, PASSWORD, Cast, a_contact, a_conversation

DAVI = {"email": "Davi@acme.example", "role": "agent"}
JOINS = {"name": "Davi", "password": "long enough to keep"}


async def _link(ana: Browser, **form: str) -> str:
    """The link that Ana is shown."""
    made = await ana.post("/app/agents", {**DAVI, **form})
    assert made.status_code == 200, made.text
    found = re.search(r'id="invitation-link">([^<]+)<', made.text)
    assert found, made.text
    return found[1].partition("//")[2].partition("/")[2]


def _token(link: str) -> str:
    return link.partition("token=")[2]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/app/agents/new"),
        ("POST", "/app/agents"),
        ("POST", "/app/invitations/1/renew"),
        ("POST", "/app/invitations/1/revoke"),
    ],
)
async def test_only_administrators_invite(
    ana: Browser, beto: Browser, method: str, path: str
) -> None:
    await _link(ana)
    answer = await (beto.get(path) if method == "GET" else beto.post(path, DAVI))
    assert answer.status_code == 403


async def test_the_link_is_shown_once_and_lets_somebody_new_in(
    ana: Browser, visitor: Browser
) -> None:
    link = await _link(ana)
    again = (await ana.get("/app/agents")).text
    assert "davi@acme.example" in again
    assert _token(link) not in again
    assert 'aria-label="New link for davi@acme.example"' in again  # begins as the button reads
    page = await visitor.get(f"/{link}")
    assert page.status_code == 200
    assert "Join Acme" in page.text
    joined = await visitor.post("/invitation", {**JOINS, "token": _token(link)})
    assert joined.headers["location"] == "/app/conversations"
    assert "davi@acme.example" in (await visitor.get("/app/profile")).text
    assert (await visitor.get("/app/agents")).status_code == 403  # an agent
    assert "Invited" not in (await ana.get("/app/agents")).text


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"name": " "}, "Please enter a name."),
        ({"password": "short"}, "Use at least 10 characters."),
    ],
)
async def test_a_refused_person_keeps_the_link(
    ana: Browser, visitor: Browser, changed: dict[str, str], problem: str
) -> None:
    token = _token(await _link(ana))
    await visitor.get("/sign-in")
    refused = await visitor.post("/invitation", {**JOINS, "token": token, **changed})
    assert refused.status_code == 422
    assert problem in refused.text
    assert JOINS["password"] not in refused.text
    joined = await visitor.post("/invitation", {**JOINS, "token": token})
    assert joined.status_code == 303


@pytest.mark.parametrize("token", ["", "made-up", "x" * 500])
async def test_a_link_of_nobody_says_what_to_do(visitor: Browser, token: str) -> None:
    shown = await visitor.get(f"/invitation?token={token}")
    assert shown.status_code == 404
    assert "works no more" in shown.text
    posted = await visitor.post("/invitation", {**JOINS, "token": token})
    assert posted.status_code in {403, 404}


async def test_a_link_lets_one_person_in(ana: Browser, visitor: Browser) -> None:
    token = _token(await _link(ana))
    await visitor.get("/sign-in")
    assert (await visitor.post("/invitation", {**JOINS, "token": token})).status_code == 303
    second = await visitor.post("/invitation", {**JOINS, "name": "Eva", "token": token})
    assert second.status_code == 404
    assert (await visitor.get(f"/invitation?token={token}")).status_code == 404


async def test_somebody_of_another_account_proves_it_by_password(
    ana: Browser, visitor: Browser, cast: Cast
) -> None:
    token = _token(await _link(ana, email="celia@elsewhere.example"))
    page = (await visitor.get(f"/invitation?token={token}")).text
    assert "You use Recado already" in page
    assert 'name="name"' not in page
    wrong = await visitor.post("/invitation", {"token": token, "password": "not this one"})
    assert wrong.status_code == 422
    assert "is wrong" in wrong.text
    joined = await visitor.post("/invitation", {"token": token, "password": PASSWORD})
    assert joined.status_code == 303
    profile = (await visitor.get("/app/profile")).text
    assert "Elsewhere" in profile
    assert "Open now" in profile
    other = {"account_id": str(cast.other_account.id)}
    assert (await visitor.post("/app/profile/account", other)).status_code == 303
    assert (await visitor.get("/app/agents")).status_code == 200  # there she administers


async def test_nobody_enters_an_account_of_others(beto: Browser, cast: Cast) -> None:
    for wanted in (str(cast.other_account.id), "999", "", "x"):
        answer = await beto.post("/app/profile/account", {"account_id": wanted})
        assert answer.status_code == 404


async def test_a_renewed_invitation_shows_a_new_link_and_ends_the_old(
    ana: Browser, visitor: Browser, celia: Browser
) -> None:
    old = _token(await _link(ana, role="administrator"))
    assert (await celia.post("/app/invitations/1/renew")).status_code == 404
    renewed = await ana.post("/app/invitations/1/renew")
    assert "invitation-link" in renewed.text
    assert old not in renewed.text
    assert (await visitor.get(f"/invitation?token={old}")).status_code == 404
    assert (await celia.post("/app/invitations/1/revoke")).status_code == 404
    assert (await ana.post("/app/invitations/1/revoke")).status_code == 303
    assert "davi@acme.example" not in (await ana.get("/app/agents")).text


async def test_an_invitation_that_is_over_says_so(ana: Browser, database: Database) -> None:
    await _link(ana)
    async with database.transaction() as tx:
        await tx.execute(update(Invitation).values(expires_at=NOW.replace(year=2020)))
    assert "Expired" in (await ana.get("/app/agents")).text


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"email": "davi"}, "This is not an e-mail address."),
        ({"email": "beto@acme.example"}, "Beto Reis is in this account already."),
    ],
)
async def test_a_refused_invitation_stays_typed(
    ana: Browser, changed: dict[str, str], problem: str
) -> None:
    answer = await ana.post("/app/agents", {**DAVI, "role": "administrator", **changed})
    assert answer.status_code == 422
    assert problem in answer.text
    assert changed["email"] in answer.text
    assert re.search(r'value="administrator" checked', answer.text)


async def test_with_a_mail_server_the_link_goes_by_email_and_is_not_shown(
    ana: Browser, database: Database
) -> None:
    use_mail_server(mail_server("smtp://127.0.0.1:9?tls=none", "desk@acme.example"))
    try:
        made = await ana.post("/app/agents", DAVI)
    finally:
        use_mail_server(None)
    assert "on its way to davi@acme.example" in made.text
    assert "token=" not in made.text
    async with database.transaction() as tx:
        email = (await tx.scalars(select(Email))).one()
    assert (email.kind, email.recipient) == (Kind.INVITATION, "davi@acme.example")
    assert email.subject == "Ana Lima invites you to Acme"
    assert re.search(r"^http://\S+/invitation\?token=[\w-]{43}$", email.body, re.MULTILINE)


async def test_roles_change_but_somebody_stays_administrator(
    ana: Browser, beto: Browser, celia: Browser, cast: Cast
) -> None:
    own, his = (f"/app/agents/{one.user_id}/role" for one in (cast.ana, cast.beto))
    refused = await ana.post(own, {"role": "agent"})
    assert refused.status_code == 422
    assert "The account needs at least one administrator." in refused.text
    assert (await beto.post(his, {"role": "administrator"})).status_code == 403
    assert (await celia.post(his, {"role": "administrator"})).status_code == 404
    assert (await ana.post(his, {"role": "king"})).status_code == 400
    assert (await ana.post(his, {"role": "administrator"})).status_code == 303
    assert (await beto.get("/app/agents")).status_code == 200


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ([], "They have no conversation that is not resolved."),
        (["resolved"], "They have no conversation that is not resolved."),
        (["open", "resolved"], "Their one conversation that is not resolved"),
        (["open", "snoozed"], "Their 2 conversations that are not resolved"),
    ],
)
async def test_what_becomes_of_conversations_is_said_before_somebody_is_removed(
    ana: Browser, cast: Cast, database: Database, statuses: list[str], said: str
) -> None:
    async with database.transaction() as tx:
        for status in statuses:
            conversation = await a_conversation(
                tx, cast.inbox, await a_contact(tx, cast.account, email=None, phone_number=None)
            )
            conversation.assignee_id, conversation.status = cast.beto.user_id, status
    for path in ("/app/agents", f"/app/agents/{cast.beto.user_id}/remove"):
        assert said in (await ana.get(path)).text
    gone = await ana.post(f"/app/agents/{cast.beto.user_id}/remove", {"name": "Beto Reis"})
    assert gone.status_code == 303
    async with database.transaction() as tx:
        assert set(await tx.scalars(select(Conversation.assignee_id))) <= {None}
