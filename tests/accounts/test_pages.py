"""Teams, tokens and the own profile in a browser."""

import re

import pytest

from tests.browser import Browser
from tests.people import PASSWORD, Cast


@pytest.mark.parametrize("path", ["/app/agents", "/app/agents/new", "/app/teams", "/app/teams/new"])
async def test_only_administrators_settle_who_is_there(
    ana: Browser, beto: Browser, visitor: Browser, path: str
) -> None:
    assert (await ana.get(path)).status_code == 200
    assert (await beto.get(path)).status_code == 403
    assert (await visitor.get(path)).headers["location"] == f"/sign-in?next={path}"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/app/teams", {"name": "{}"}),
        ("/app/inboxes", {"name": "{}", "channel": "api"}),
        ("/app/inboxes/1", {"name": "{}"}),
        (
            "/app/attributes",
            {"name": "{}", "key": "k", "kind": "text", "model": "contact_attribute"},
        ),
        ("/app/macros", {"name": "{}", "visibility": "global"}),
        ("/app/automation", {"name": "{}", "event_name": "message_created"}),
    ],
)
async def test_a_name_has_an_end(ana: Browser, path: str, form: dict[str, str]) -> None:
    said = {}
    for name in ("é" * 255, "é" * 256):
        answer = await ana.post(path, {key: text.format(name) for key, text in form.items()})
        said[len(name)] = "Use at most 255 characters." in answer.text
    assert said == {255: False, 256: True}


async def test_a_team_is_made_changed_and_deleted(
    ana: Browser, beto: Browser, celia: Browser, cast: Cast
) -> None:
    form = {"name": "Vendas", "description": "quem vende", "members": str(cast.beto.user_id)}
    assert (await ana.post("/app/teams", form)).status_code == 303
    assert "1 person" in (await ana.get("/app/teams")).text
    taken = await ana.post("/app/teams", {**form, "name": "VENDAS"})
    assert taken.status_code == 422
    assert "This name is taken." in taken.text
    assert re.search(rf'value="{cast.beto.user_id}" checked', taken.text)
    for path in ("/app/teams/1", "/app/teams/1/delete"):
        assert (await celia.get(path)).status_code == 404
        assert (await celia.post(path, {"name": "vendas"})).status_code == 404
        assert (await beto.post(path, {"name": "vendas"})).status_code == 403
    assert (await ana.post("/app/teams/1", {"name": "Suporte"})).status_code == 303
    page = (await ana.get("/app/teams/1")).text
    assert 'value="suporte"' in page
    assert "checked" not in page
    assert (await ana.post("/app/teams/1/delete", {"name": "Suporte"})).status_code == 422
    assert (await ana.post("/app/teams/1/delete", {"name": "suporte"})).status_code == 303
    assert "No teams yet" in (await ana.get("/app/teams")).text


async def test_a_token_is_shown_once(beto: Browser, ana: Browser, visitor: Browser) -> None:
    made = await beto.post("/app/tokens", {"name": "Zap"})
    shown = re.search(r'id="new-token">([\w-]{43})<', made.text)
    assert shown
    again = (await beto.get("/app/tokens")).text
    assert shown[1] not in again
    assert f"…{shown[1][-4:]}" in again
    assert "Never used" in again
    profile = await visitor.api("GET", "/api/v1/profile", shown[1])
    assert profile.status_code == 200
    assert (await ana.post("/app/tokens/4/revoke")).status_code == 404
    assert (await beto.post("/app/tokens/4/revoke")).status_code == 303
    assert (await visitor.api("GET", "/api/v1/profile", shown[1])).status_code == 401


async def test_a_token_needs_a_name(ana: Browser, visitor: Browser) -> None:
    answer = await ana.post("/app/tokens", {"name": " "})
    assert answer.status_code == 422
    assert "Please enter a name." in answer.text
    assert (await visitor.get("/app/tokens")).status_code == 303


async def test_the_profile_is_ones_own(beto: Browser, visitor: Browser) -> None:
    page = (await beto.get("/app/profile")).text
    for text in ("Beto Reis", "beto@acme.example", "This browser", "Español"):
        assert text in page
    assert (await beto.post("/app/profile", {"name": "Beto R."})).status_code == 303
    saved = (await beto.get("/app/profile?saved=name")).text
    assert "Your name is saved." in saved
    assert "Beto R." in saved
    refused = await beto.post("/app/profile", {"name": " "})
    assert refused.status_code == 422
    assert "Please enter a name." in refused.text
    assert (await visitor.get("/app/profile")).status_code == 303


async def test_a_new_password_signs_other_browsers_out(
    ana: Browser, visitor: Browser, cast: Cast
) -> None:
    await visitor.signed_in_as(cast.ana)
    form = {"current_password": PASSWORD, "password": "another long one"}
    wrong = await ana.post("/app/profile/password", {**form, "current_password": "no"})
    assert wrong.status_code == 422
    assert "This is not your current password." in wrong.text
    assert (await visitor.get("/app/profile")).status_code == 200
    assert (await ana.post("/app/profile/password", form)).status_code == 303
    assert (await ana.get("/app/profile")).status_code == 200
    assert (await visitor.get("/app/profile")).status_code == 303
    await visitor.get("/sign-in")
    old = await visitor.post("/sign-in", {"email": "ana@acme.example", "password": PASSWORD})
    assert old.status_code == 422


async def test_one_signs_out_everywhere_else(ana: Browser, visitor: Browser, cast: Cast) -> None:
    await visitor.signed_in_as(cast.ana)
    assert (await ana.get("/app/profile")).text.count("Signed in") == 2
    assert (await ana.post("/app/profile/sign-out-elsewhere")).status_code == 303
    assert (await visitor.get("/app/profile")).status_code == 303
    assert (await ana.get("/app/profile")).text.count("Signed in") == 1
