"""Programs that sign in with a password: what their headers open, and until when."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from recado.accounts.models import AccessToken
from recado.accounts.signing_in import MOST_BY_EMAIL, SignIn
from recado.accounts.signing_in_programs import LASTS, sign_program_in
from recado.accounts.tokens import create_token
from recado.db.database import Database
from tests.browser import Browser
from tests.people import NOW, PASSWORD, Cast
from tests.second_step import code_of, switched_on

SHOWN = ("access-token", "client", "uid")
INBOXES = "/api/v1/accounts/1/inboxes"


@dataclass
class App:
    """A program that keeps the headers it was given."""

    browser: Browser
    headers: dict[str, str]

    async def ask(self, method: str, path: str, **other: str) -> Any:
        """Whatever comes of it, with some headers changed."""
        headers = self.headers | {name.replace("_", "-"): one for name, one in other.items()}
        return await self.browser._client.request(method, path, headers=headers)


async def enter(browser: Browser, email: str = "ana@acme.example", password: str = PASSWORD) -> Any:
    return await browser.api("POST", "/auth/sign_in", None, {"email": email, "password": password})


@pytest.fixture
async def app_of_ana(visitor: Browser, cast: Cast) -> App:
    answer = await enter(visitor)
    assert answer.status_code == 200, answer.text
    return App(visitor, {name: answer.headers[name] for name in SHOWN})


async def test_the_headers_open_what_the_person_may(app_of_ana: App) -> None:
    assert (await app_of_ana.ask("GET", INBOXES)).status_code == 200
    profile = (await app_of_ana.ask("GET", "/api/v1/profile")).json()
    assert profile["email"] == "ana@acme.example"
    assert (await app_of_ana.ask("GET", "/api/v1/accounts/2/inboxes")).status_code == 404


async def test_its_token_alone_opens_the_same(app_of_ana: App) -> None:
    token = app_of_ana.headers["access-token"]
    assert (await app_of_ana.browser.api("GET", INBOXES, token)).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"client": "another"},
        {"client": ""},
        {"uid": "beto@acme.example"},
        {"uid": ""},
        {"access_token": "made-up"},
        {"access_token": ""},
    ],
)
async def test_headers_that_do_not_fit_open_nothing(app_of_ana: App, wrong: dict[str, str]) -> None:
    for path in (INBOXES, "/api/v1/profile", "/auth/validate_token"):
        answer = await app_of_ana.ask("GET", path, **wrong)
        assert answer.status_code == 401, path


async def test_the_case_of_the_e_mail_means_nothing(visitor: Browser, cast: Cast) -> None:
    answer = await enter(visitor, " Ana@Acme.example ")
    app = App(visitor, {name: answer.headers[name] for name in SHOWN})
    assert answer.headers["uid"] == "ana@acme.example"
    assert (await app.ask("GET", INBOXES, uid="ANA@acme.example")).status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [("ana@acme.example", "wrong"), ("nobody@acme.example", PASSWORD), ("", "")],
)
async def test_who_does_not_know_the_password_hears_the_same(
    visitor: Browser, cast: Cast, email: str, password: str
) -> None:
    answer = await enter(visitor, email, password)
    assert answer.status_code == 401
    assert answer.json() == {
        "success": False,
        "errors": ["Invalid login credentials. Please try again."],
    }
    assert "access-token" not in answer.headers


async def test_guessing_is_slowed_down_with_the_page(visitor: Browser, cast: Cast) -> None:
    for _ in range(MOST_BY_EMAIL):
        assert (await enter(visitor, password="a guess")).status_code == 401
    refused = await enter(visitor)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "900")
    await visitor.get("/sign-in")
    page = await visitor.post("/sign-in", {"email": "ana@acme.example", "password": PASSWORD})
    assert page.status_code == 422


async def test_signing_out_ends_this_sign_in_only(app_of_ana: App, visitor: Browser) -> None:
    answer = await enter(visitor)
    other = App(visitor, {name: answer.headers[name] for name in SHOWN})
    assert (await app_of_ana.ask("DELETE", "/auth/sign_out")).json() == {"success": True}
    assert (await app_of_ana.ask("GET", INBOXES)).status_code == 401
    assert (await other.ask("GET", INBOXES)).status_code == 200
    again = await app_of_ana.ask("DELETE", "/auth/sign_out")
    assert (again.status_code, again.json()["success"]) == (404, False)


async def test_a_token_made_by_hand_is_not_signed_out(visitor: Browser, cast: Cast) -> None:
    answer = await visitor.api("DELETE", "/auth/sign_out", cast.ana_token)
    assert answer.status_code == 404
    assert (await visitor.api("GET", INBOXES, cast.ana_token)).status_code == 200


async def test_a_sign_in_ends_by_itself(app_of_ana: App, database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            update(AccessToken)
            .where(AccessToken.expires_at.is_not(None))
            .values(expires_at=NOW - timedelta(days=1))
        )
    for path in (INBOXES, "/api/v1/profile", "/auth/validate_token"):
        assert (await app_of_ana.ask("GET", path)).status_code == 401


async def test_a_new_password_ends_the_sign_ins_of_programs(
    app_of_ana: App, ana: Browser, cast: Cast
) -> None:
    form = {"current_password": PASSWORD, "password": "another one, quite long"}
    assert (await ana.post("/app/profile/password", form)).status_code == 303
    assert (await app_of_ana.ask("GET", INBOXES)).status_code == 401
    assert (await ana.api("GET", INBOXES, cast.ana_token)).status_code == 200


async def test_sign_ins_are_among_the_tokens_and_revoked_there(
    app_of_ana: App, ana: Browser, database: Database
) -> None:
    page = (await ana.get("/app/tokens")).text
    assert "auth/sign_in" in page
    assert "Ends" in page
    async with database.transaction() as tx:
        made = await tx.scalar(select(AccessToken.id).where(AccessToken.expires_at.is_not(None)))
    await ana.post(f"/app/tokens/{made}/revoke")
    assert (await app_of_ana.ask("GET", INBOXES)).status_code == 401


async def test_the_oldest_of_many_sign_ins_ends(database: Database, cast: Cast) -> None:
    attempt = SignIn("ana@acme.example", PASSWORD, "192.0.2.1", "app")
    async with database.transaction() as tx:
        for _ in range(25):
            await create_token(tx, cast.ana.user_id, "app", now=NOW, expires_at=NOW + LASTS)
        await sign_program_in(tx, attempt, now=NOW)
        await sign_program_in(tx, attempt, now=NOW)
        kept = list(await tx.scalars(select(AccessToken).order_by(AccessToken.id)))
    by_hand = [one for one in kept if one.expires_at is None]
    signed_in = [one for one in kept if one.expires_at is not None]
    assert len(by_hand) == 3
    assert len(signed_in) == 25
    assert signed_in[0].expires_at == NOW + LASTS
    assert signed_in[-1].id - signed_in[0].id == 24


async def test_who_has_a_second_step_sends_a_code_as_well(
    ana: Browser, visitor: Browser, database: Database
) -> None:
    secret, codes = await switched_on(ana)
    wanted = await enter(visitor)
    assert wanted.status_code == 206
    assert "access-token" not in wanted.headers
    told = wanted.json()
    assert told["mfa_required"] is True
    assert (await visitor.api("GET", INBOXES, told["mfa_token"])).status_code == 401
    for form, status in (
        ({"otp_code": "000000"}, 401),
        ({}, 401),
        ({"otp_code": code_of(secret, steps=1)}, 200),
        ({"otp_code": code_of(secret, steps=1)}, 401),  # the token is used up as well
        ({"backup_code": codes[0]}, 401),
    ):
        answer = await visitor.api(
            "POST", "/auth/sign_in", None, {"mfa_token": told["mfa_token"], **form}
        )
        assert answer.status_code == status, answer.text
        if status == 200:
            token = answer.headers["access-token"]
            assert (await visitor.api("GET", INBOXES, token)).status_code == 200


async def test_a_recovery_code_lets_a_program_in(ana: Browser, visitor: Browser) -> None:
    _, codes = await switched_on(ana)
    told = (await enter(visitor)).json()
    form = {"mfa_token": told["mfa_token"], "backup_code": codes[0]}
    assert (await visitor.api("POST", "/auth/sign_in", None, form)).status_code == 200


async def test_a_made_up_token_asks_for_no_code(visitor: Browser) -> None:
    form = {"mfa_token": "made up", "otp_code": "123456"}
    assert (await visitor.api("POST", "/auth/sign_in", None, form)).status_code == 401
