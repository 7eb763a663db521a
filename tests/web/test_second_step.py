"""The second step in a browser: set up, signing in with it, switching it off, one's sessions."""

import re

import pytest
from sqlalchemy import update

from recado.accounts.models import Authenticator
from recado.db.database import Database
from tests.browser import Browser
from tests.people import PASSWORD, Cast
from tests.second_step import HERE, begun, code_of, switched_on


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"code": "000000", "password": PASSWORD}, "This code is wrong"),
        ({"code": "", "password": PASSWORD}, "This code is wrong"),
        ({"password": "not this one"}, "This is not your password."),
    ],
)
async def test_switching_on_wants_a_code_and_the_password(
    ana: Browser, form: dict[str, str], problem: str
) -> None:
    secret = await begun(ana)
    refused = await ana.post(f"{HERE}/confirm", {"code": code_of(secret), **form})
    assert refused.status_code == 422
    assert problem in refused.text
    assert secret in refused.text  # the same app can be tried again
    assert "It is off" in (await ana.get("/app/profile")).text


async def test_signing_in_takes_two_steps(ana: Browser, visitor: Browser) -> None:
    secret, _ = await switched_on(ana)
    await visitor.get("/sign-in")
    credentials = {"email": "ana@acme.example", "password": PASSWORD}
    await visitor.post("/sign-in", credentials)
    closed = await visitor.get("/app/contacts")
    assert closed.headers["location"] == "/sign-in?next=/app/contacts"
    code_page = (await visitor.get(closed.headers["location"])).headers["location"]
    assert code_page == "/sign-in/code?next=%2Fapp%2Fcontacts"
    assert "authenticator app" in (await visitor.get(code_page)).text
    wrong = await visitor.post("/sign-in/code", {"code": "000000", "next": "/app/contacts"})
    assert wrong.status_code == 422
    assert "/app/contacts" in wrong.text
    right = {"code": code_of(secret, steps=1), "next": "/app/contacts"}
    entered = await visitor.post("/sign-in/code", right)
    assert entered.headers["location"] == "/app/contacts"
    assert (await visitor.get("/app/contacts")).status_code == 200


async def test_a_recovery_code_signs_in_once(ana: Browser, visitor: Browser) -> None:
    _, codes = await switched_on(ana)
    for expected in (303, 422):
        await visitor.get("/sign-in")
        await visitor.post("/sign-in", {"email": "ana@acme.example", "password": PASSWORD})
        entered = await visitor.post("/sign-in/code", {"code": codes[0]})
        assert entered.status_code == expected
        await visitor.post("/app/sign-out")
    assert "9 recovery codes left." in (await ana.get(HERE)).text


async def test_nobody_gives_a_code_without_the_password(visitor: Browser) -> None:
    assert (await visitor.get("/sign-in/code")).headers["location"] == "/sign-in"
    await visitor.get("/sign-in")
    answer = await visitor.post("/sign-in/code", {"code": "000000", "next": "//elsewhere"})
    assert answer.headers["location"] == "/sign-in?next=%2F%2Felsewhere"


async def test_one_may_sign_in_as_somebody_else_instead(ana: Browser, visitor: Browser) -> None:
    await switched_on(ana)
    await visitor.get("/sign-in")
    await visitor.post("/sign-in", {"email": "ana@acme.example", "password": PASSWORD})
    assert (await visitor.get("/sign-in?again=1")).status_code == 200
    other = {"email": "beto@acme.example", "password": PASSWORD}
    assert (await visitor.post("/sign-in", other)).status_code == 303
    assert "Beto Reis" in (await visitor.get("/app/profile")).text


async def test_switching_on_signs_other_browsers_out(
    ana: Browser, visitor: Browser, cast: Cast
) -> None:
    await visitor.signed_in_as(cast.ana)
    await switched_on(ana)
    assert (await visitor.get("/app/profile")).status_code == 303
    assert (await ana.get("/app/profile")).status_code == 200


@pytest.mark.parametrize("path", [f"{HERE}/off", f"{HERE}/codes"])
async def test_what_weakens_it_wants_password_and_code(
    ana: Browser, database: Database, path: str
) -> None:
    secret, codes = await switched_on(ana)
    for form in (
        {},
        {"password": PASSWORD},
        {"code": code_of(secret, steps=1)},
        {"code": codes[0]},
    ):
        refused = await ana.post(path, form)
        assert refused.status_code == 422
        assert codes[1] not in refused.text
    answer = await ana.post(path, {"password": PASSWORD, "code": code_of(secret, steps=1)})
    assert answer.status_code == (303 if path.endswith("off") else 200)
    is_off = "It is off" in (await ana.get("/app/profile")).text
    assert is_off == path.endswith("off")


async def test_the_secret_is_not_shown_once_it_counts(ana: Browser) -> None:
    secret, codes = await switched_on(ana)
    shown = (await ana.get(HERE)).text
    assert secret not in shown
    assert not any(one in shown for one in codes)


async def test_a_second_window_does_not_confirm_again(ana: Browser) -> None:
    secret, _ = await switched_on(ana)
    again = await ana.post(
        f"{HERE}/confirm", {"code": code_of(secret, steps=1), "password": PASSWORD}
    )
    assert again.headers["location"] == HERE


async def test_one_browser_is_signed_out_and_only_ones_own(
    ana: Browser, beto: Browser, visitor: Browser, cast: Cast
) -> None:
    await visitor.signed_in_as(cast.ana)
    [named] = re.findall(r'name="session" value="(\w{64})"', (await ana.get("/app/profile")).text)
    end = "/app/profile/sessions/end"
    for answer in (
        await beto.post(end, {"session": named}),
        await ana.post(end, {"session": "zz"}),
        await ana.post(end),
    ):
        assert answer.status_code == 404
    assert (await visitor.get("/app/profile")).status_code == 200
    assert (await ana.post(end, {"session": named})).status_code == 303
    assert (await visitor.get("/app/profile")).status_code == 303


async def test_without_the_servers_key_recovery_codes_still_sign_in(
    ana: Browser, visitor: Browser, database: Database
) -> None:
    _, codes = await switched_on(ana)
    async with database.transaction() as tx:
        await tx.execute(update(Authenticator).values(secret_encrypted=b"of another key"))
    await visitor.get("/sign-in")
    await visitor.post("/sign-in", {"email": "ana@acme.example", "password": PASSWORD})
    assert (await visitor.post("/sign-in/code", {"code": codes[0]})).status_code == 303
