"""Signing in on the page whose session has ended: the steps, for whom, and what is refused."""

from typing import Any

import pytest

from recado.accounts.doors import SESSION_COOKIE
from recado.accounts.models import Membership
from tests.browser import Browser
from tests.people import PASSWORD, Cast
from tests.second_step import code_of, switched_on

HERE = "/sign-in/again"


def _drawn_for(member: Membership, **form: str) -> dict[str, str]:
    return {"email": member.user.email, "as": f"{member.user_id}@{member.account_id}", **form}


async def _arrive(visitor: Browser) -> Any:
    return await visitor.get(f"{HERE}?email=ana@acme.example")


async def test_the_dialog_knows_for_whom_the_page_was_drawn(visitor: Browser) -> None:
    shown = await _arrive(visitor)
    assert 'value="ana@acme.example"' in shown.text
    assert "<html" not in shown.text


async def test_the_page_goes_on_for_the_same_person(visitor: Browser, cast: Cast) -> None:
    await _arrive(visitor)
    entered = await visitor.post(HERE, _drawn_for(cast.ana, password=PASSWORD), htmx=True)
    assert entered.status_code == 200
    assert "recado:signed-in" in entered.headers["hx-trigger"]
    assert "hx-redirect" not in entered.headers
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert "HttpOnly" in cookie
    assert (await visitor.get("/app/contacts")).status_code == 200


@pytest.mark.parametrize("whose", ["", "999@1", "x", "1@999999999999999999999"])
async def test_anybody_else_gets_a_page_of_their_own(
    visitor: Browser, cast: Cast, whose: str
) -> None:
    await _arrive(visitor)
    form = _drawn_for(cast.ana, password=PASSWORD) | {"as": whose}
    entered = await visitor.post(HERE, form, htmx=True)
    assert entered.headers["hx-redirect"] == "/app"
    assert "hx-trigger" not in entered.headers


@pytest.mark.parametrize("email", ["ana@acme.example", "nobody@acme.example", ""])
async def test_a_wrong_password_is_told_and_opens_nothing(
    visitor: Browser, cast: Cast, email: str
) -> None:
    await _arrive(visitor)
    refused = await visitor.post(HERE, {"email": email, "password": "not this"}, htmx=True)
    assert refused.status_code == 422
    assert "E-mail or password is wrong." in refused.text
    assert "not this" not in refused.text
    assert (await visitor.get("/app/contacts")).status_code == 303


async def test_the_second_step_is_taken_on_the_spot_too(
    ana: Browser, visitor: Browser, cast: Cast
) -> None:
    secret, _ = await switched_on(ana)
    await _arrive(visitor)
    first = await visitor.post(HERE, _drawn_for(cast.ana, password=PASSWORD), htmx=True)
    assert 'name="code"' in first.text
    assert (await visitor.get("/app/contacts")).status_code == 303  # one step is not enough
    assert 'name="code"' in (await _arrive(visitor)).text  # the page may be opened anew
    wrong = await visitor.post(f"{HERE}/code", _drawn_for(cast.ana, code="000000"), htmx=True)
    assert wrong.status_code == 422
    assert "This code is wrong" in wrong.text
    code = code_of(secret, steps=1)
    right = await visitor.post(f"{HERE}/code", _drawn_for(cast.ana, code=code), htmx=True)
    assert "recado:signed-in" in right.headers["hx-trigger"]
    assert (await visitor.get("/app/contacts")).status_code == 200


async def test_a_code_without_the_password_asks_for_the_password(
    visitor: Browser, cast: Cast
) -> None:
    await _arrive(visitor)
    answer = await visitor.post(f"{HERE}/code", _drawn_for(cast.ana, code="000000"), htmx=True)
    assert 'name="password"' in answer.text


@pytest.mark.parametrize(
    ("referer", "led_to"),
    [
        ("http://recado.test/app/webhooks/new", "/sign-in?next=/app/webhooks/new"),
        ("http://recado.test/app/webhooks/new?x=1", "/sign-in?next=/app/webhooks/new"),
        ("http://recado.test/", "/sign-in"),
        ("https://evil.example/elsewhere", "/sign-in"),
        ("//evil.example", "/sign-in"),
        ("", "/sign-in"),
    ],
)
async def test_a_form_sent_without_scripts_leads_back_to_its_page(
    visitor: Browser, referer: str, led_to: str
) -> None:
    await visitor.get("/sign-in")
    answer = await visitor.post("/app/webhooks", {"url": "x"}, referer=referer)
    assert answer.headers["location"] == led_to
