"""The platform API: open to whoever runs the server, and to nobody else."""

from dataclasses import replace
from typing import Any

import pytest

from recado.app import Parts, create_app
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.storing import DiskStore
from recado.settings import Settings
from tests.browser import Browser
from tests.people import PASSWORD, PLATFORM_TOKEN, Cast, a_contact, a_conversation, a_message

ROOT = "/platform/api/v1"
ROUTES = [
    ("POST", "/accounts"),
    ("GET", "/accounts/1"),
    ("PATCH", "/accounts/1"),
    ("DELETE", "/accounts/1"),
    ("POST", "/users"),
    ("GET", "/users/1"),
    ("PATCH", "/users/1"),
    ("GET", "/accounts/1/account_users"),
    ("POST", "/accounts/1/account_users"),
    ("DELETE", "/accounts/1/account_users"),
]


async def ask(browser: Browser, method: str, path: str, json: Any = None) -> Any:
    return await browser.api(method, ROOT + path, PLATFORM_TOKEN, json)


def test_every_route_is_among_them(app: Any) -> None:
    served = {
        (method, one.path.removeprefix(ROOT).replace("{account_id:int}", "1").replace("{user_id:int}", "1"))
        for one in app.routes
        if one.path.startswith("/platform")
        for method in getattr(one, "methods", ())
        if method != "OPTIONS"
    }  # fmt: skip
    assert served == set(ROUTES)


@pytest.mark.parametrize("token", ["ana's", "", PLATFORM_TOKEN[:-1], PLATFORM_TOKEN + "x", "é"])
async def test_no_other_token_opens_any_of_it(visitor: Browser, cast: Cast, token: str) -> None:
    shown = cast.ana_token if token == "ana's" else token
    for method, path in ROUTES:
        headers = {b"api_access_token": shown.encode()}
        answer = await visitor._client.request(method, ROOT + path, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": "Invalid access_token"})


async def test_without_the_setting_it_is_closed(
    database: Database, outbound: Outbound, settings: Settings, cast: Cast
) -> None:
    closed = replace(settings, platform_token=None)
    parts = Parts(closed, database, outbound, DiskStore(closed.files_dir))
    async with Browser(create_app(parts)) as browser:
        for method, path in ROUTES:
            for token in (PLATFORM_TOKEN, None, cast.ana_token):
                answer = await browser.api(method, ROOT + path, token)
                assert answer.status_code == 401, (method, path)


async def test_the_platforms_token_is_nobodys_elsewhere(visitor: Browser, cast: Cast) -> None:
    for path in ("/api/v1/profile", "/api/v1/accounts/1/inboxes"):
        assert (await visitor.api("GET", path, PLATFORM_TOKEN)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "wrong"),
    [
        ("POST", "/accounts", {}, ["name"]),
        ("POST", "/accounts", {"name": " "}, ["name"]),
        ("POST", "/accounts", {"name": "N", "timezone": "Mars"}, ["timezone"]),
        ("PATCH", "/accounts/1", {"timezone": "Mars"}, ["timezone"]),
        ("POST", "/users", {"name": "D"}, ["email"]),
        ("POST", "/users", {"name": "D", "email": "no address"}, ["email"]),
        ("POST", "/users", {"email": "d@a.example", "password": "short"}, ["password"]),
        ("PATCH", "/users/1", {"email": "beto@acme.example"}, ["email"]),
        ("PATCH", "/users/1", {"email": "nothing", "password": "x"}, ["email", "password"]),
        ("POST", "/accounts/1/account_users", {"user_id": 2, "role": "owner"}, ["role"]),
    ],
)
async def test_what_is_wrong_is_told_by_field(
    visitor: Browser, cast: Cast, method: str, path: str, body: Any, wrong: list[str]
) -> None:
    answer = await ask(visitor, method, path, body)
    assert (answer.status_code, answer.json()["attributes"]) == (422, wrong)
    assert (await ask(visitor, "GET", "/users/1")).json()["email"] == "ana@acme.example"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/accounts/99", None),
        ("GET", "/accounts/9223372036854775808", None),
        ("PATCH", "/accounts/99", {"name": "x"}),
        ("DELETE", "/accounts/99", None),
        ("GET", "/users/99", None),
        ("GET", "/accounts/99/account_users", None),
        ("POST", "/accounts/99/account_users", {"user_id": 1}),
        ("POST", "/accounts/1/account_users", {"user_id": 99}),
        ("POST", "/accounts/1/account_users", {}),
        ("DELETE", "/accounts/1/account_users", {"user_id": 3}),  # Célia is in another
    ],
)
async def test_what_is_not_there_is_told(
    visitor: Browser, cast: Cast, method: str, path: str, body: Any
) -> None:
    assert (await ask(visitor, method, path, body)).status_code == 404


async def test_an_account_is_in_the_time_zone_that_is_named(visitor: Browser, cast: Cast) -> None:
    usual = (await ask(visitor, "POST", "/accounts", {"name": "Nova"})).json()
    assert usual["timezone"] == "America/Sao_Paulo"
    made = await ask(visitor, "POST", "/accounts", {"name": "Nova", "timezone": "Europe/Lisbon"})
    here = f"/accounts/{made.json()['id']}"
    assert made.json()["timezone"] == "Europe/Lisbon"
    assert (await ask(visitor, "PATCH", here, {"name": "N"})).json()["timezone"] == "Europe/Lisbon"
    await ask(visitor, "PATCH", here, {"timezone": "Asia/Tokyo"})
    assert (await ask(visitor, "GET", here)).json()["timezone"] == "Asia/Tokyo"


async def test_a_person_who_is_known_is_found_and_not_changed(visitor: Browser, cast: Cast) -> None:
    body = {"name": "Somebody", "email": "ANA@acme.example", "password": "another password"}
    found = (await ask(visitor, "POST", "/users", body)).json()
    assert (found["id"], found["name"]) == (cast.ana.user_id, "Ana Lima")
    assert (await visitor.api("GET", "/api/v1/profile", found["access_token"])).status_code == 200
    entered = {"email": "ana@acme.example", "password": PASSWORD}
    assert (await visitor.api("POST", "/auth/sign_in", None, entered)).status_code == 200


async def test_a_new_person_signs_in_and_their_role_changes(visitor: Browser, cast: Cast) -> None:
    body = {"email": "davi@acme.example", "password": "a long password"}
    davi = (await ask(visitor, "POST", "/users", body)).json()
    people = "/accounts/1/account_users"
    for role in ("agent", "administrator", "agent"):
        admitted = await ask(visitor, "POST", people, {"user_id": davi["id"], "role": role})
        assert admitted.json()["role"] == role
    assert davi["name"] == "davi"
    entered = (await visitor.api("POST", "/auth/sign_in", None, body)).json()["data"]
    assert [(one["id"], one["role"]) for one in entered["accounts"]] == [(1, "agent")]


async def test_a_new_password_signs_a_person_out_everywhere(
    ana: Browser, visitor: Browser, cast: Cast
) -> None:
    entered = {"email": "ana@acme.example", "password": PASSWORD}
    app = (await visitor.api("POST", "/auth/sign_in", None, entered)).json()["data"]
    assert (await ana.get("/app/profile")).status_code == 200
    changed = await ask(visitor, "PATCH", "/users/1", {"password": "another long password"})
    assert changed.status_code == 200
    assert (await ana.get("/app/profile")).status_code == 303
    assert (await visitor.api("GET", INBOXES, app["access_token"])).status_code == 401
    assert (await visitor.api("GET", INBOXES, cast.ana_token)).status_code == 200
    assert (await visitor.api("POST", "/auth/sign_in", None, entered)).status_code == 401


async def test_an_account_is_deleted_with_everything_in_it(
    visitor: Browser, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, talk)
    assert (await ask(visitor, "DELETE", "/accounts/1")).status_code == 200
    assert (await visitor.api("GET", INBOXES, cast.ana_token)).status_code == 404
    assert (await ask(visitor, "GET", f"/users/{cast.ana.user_id}")).json()["accounts"] == []
    assert (await ask(visitor, "GET", f"/accounts/{cast.other_account.id}")).status_code == 200


INBOXES = "/api/v1/accounts/1/inboxes"
