"""The pages around everything else: entering, setting up, language, refusals, headers, the stream."""

import asyncio
import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from recado.accounts.models import Account
from recado.accounts.setting_up import new_setup_link
from recado.app import Parts, create_app
from recado.db.database import Database
from recado.db.notifying import notify_pages
from recado.deliveries.delivering import Outbound
from recado.lib.storing import DiskStore
from recado.settings import Settings
from recado.web.assets import styles_address
from recado.web.live import Live
from tests.browser import Browser
from tests.conftest import living
from tests.people import PASSWORD, Cast, a_contact, a_conversation, a_message
from tests.web.wiring import Ends, listening

ANA = {"email": "ana@acme.example", "password": PASSWORD}


async def _enter(visitor: Browser, **form: str) -> Any:
    await visitor.get("/sign-in")
    return await visitor.post("/sign-in", {**ANA, **form})


async def test_signing_in_leads_to_what_was_asked_for(visitor: Browser, cast: Cast) -> None:
    asked = await visitor.get("/app/deliveries?action=1&state=failed")  # as an e-mail leads there
    page = await visitor.get(asked.headers["location"])
    assert 'name="next" value="/app/deliveries?action=1&amp;state=failed"' in page.text
    form = {"email": "ana@acme.example", "password": PASSWORD}
    form["next"] = "/app/deliveries?action=1&state=failed"
    assert (await visitor.post("/sign-in", form)).headers["location"] == form["next"]


async def test_signing_in_and_out(visitor: Browser, cast: Cast) -> None:
    entered = await _enter(visitor)
    assert entered.status_code == 303
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await visitor.get("/sign-in")).headers["location"] == "/app/conversations"
    assert (await visitor.get("/app")).headers["location"] == "/app/conversations"
    left = await visitor.post("/app/sign-out")
    assert left.headers["location"] == "/sign-in"
    assert (await visitor.get("/app/conversations")).status_code == 303


async def test_a_wrong_password_keeps_the_email_and_tells_nothing(
    visitor: Browser, cast: Cast
) -> None:
    wrong = await _enter(visitor, password="not this")
    unknown = await _enter(visitor, email="nobody@acme.example")
    for answer in (wrong, unknown):
        assert answer.status_code == 422
        assert "E-mail or password is wrong." in answer.text
        assert "not this" not in answer.text
    assert 'value="ana@acme.example"' in wrong.text


async def test_guessing_is_slowed_down(visitor: Browser, cast: Cast) -> None:
    for _ in range(10):
        await _enter(visitor, password="not this")
    answer = await _enter(visitor)
    assert "Too many wrong passwords." in answer.text


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/app/contacts", "/app/contacts"),
        ("/app/conversations/12?tab=all", "/app/conversations/12?tab=all"),
        ("", "/app/conversations"),
        ("https://evil.example/app", "/app/conversations"),
        ("//evil.example", "/app/conversations"),
        ("/\\evil.example", "/app/conversations"),
        ("/app\\..\\..\\evil.example", "/app/conversations"),
        ("/app/\r\nset-cookie: a=b", "/app/conversations"),
        ("/app\t/x", "/app/conversations"),
        ("javascript:alert(1)", "/app/conversations"),
        ("\x00/app", "/app/conversations"),
        (" /app", "/app/conversations"),
    ],
)
async def test_after_entering_one_stays_with_us(
    visitor: Browser, cast: Cast, wanted: str, reached: str
) -> None:
    assert (await _enter(visitor, next=wanted)).headers["location"] == reached


@pytest.mark.parametrize("wanted", ["//evil.example", "/app.evil.example", "/app@evil.example"])
async def test_the_language_form_stays_with_us(ana: Browser, wanted: str) -> None:
    answer = await ana.post("/app/language", {"language": "es", "next": wanted})
    assert answer.headers["location"].startswith("/app")


async def test_next_is_shown_as_text(visitor: Browser) -> None:
    page = await visitor.get('/sign-in?next="><script>alert(1)</script>')
    assert "<script>alert" not in page.text


async def test_a_language_is_chosen_and_kept(ana: Browser) -> None:
    answer = await ana.post("/app/language", {"language": "pt-BR", "next": "/app/profile"})
    assert answer.headers["location"] == "/app/profile"
    assert "Meu perfil" in (await ana.get("/app/profile")).text
    await ana.post("/app/language", {"language": "es"})
    assert "Mi perfil" in (await ana.get("/app/profile")).text
    await ana.post("/app/language", {"language": "klingon"})
    assert "Meu perfil" in (await ana.get("/app/profile")).text


@pytest.mark.parametrize(
    ("accepted", "title"),
    [
        ("pt-BR,pt;q=0.9", "Entrar"),
        ("en-US", "Sign in"),
        ("es-MX;q=0.8", "Iniciar sesión"),
        ("de", "Entrar"),
        ("", "Entrar"),
    ],
)
async def test_a_visitor_is_spoken_to_in_the_browsers_language(
    visitor: Browser, cast: Cast, accepted: str, title: str
) -> None:
    page = await visitor.get("/sign-in", headers={"accept-language": accepted})
    assert f"<h1>{title}</h1>" in page.text


async def test_the_address_may_name_the_language(visitor: Browser) -> None:
    assert 'lang="es"' in (await visitor.get("/sign-in?language=es")).text


# --- setting up ---

SETUP = {
    "account_name": "Acme", "name": "Ana", "email": "ana@acme.example",
    "password": "long enough to keep",
}  # fmt: skip


@pytest.fixture
async def link(database: Database) -> str:
    """The token of a fresh server's one-time link."""
    async with database.transaction() as tx:
        token = await new_setup_link(tx, now=datetime.now(UTC))
    assert token is not None
    return token


async def test_the_first_person_becomes_administrator(visitor: Browser, link: str) -> None:
    assert "Set up Recado" in (await visitor.get(f"/setup?token={link}")).text
    answer = await visitor.post("/setup", {**SETUP, "token": link})
    assert answer.headers["location"] == "/app/start"
    assert (await visitor.get("/app/agents")).status_code == 200
    assert (await visitor.get(f"/setup?token={link}")).status_code == 404
    assert (await visitor.post("/setup", {**SETUP, "token": link})).status_code == 404


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"account_name": ""}, "Please enter a name."),
        ({"email": "ana"}, "This is not an e-mail address."),
        ({"password": "short"}, "Use at least 10 characters."),
    ],
)
async def test_a_refused_setup_stays_typed(
    visitor: Browser, link: str, changed: dict[str, str], problem: str
) -> None:
    await visitor.get(f"/setup?token={link}")
    answer = await visitor.post("/setup", {**SETUP, "token": link, **changed})
    assert answer.status_code == 422
    assert problem in answer.text
    assert link in answer.text
    assert SETUP["password"] not in answer.text


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [("Europe/Lisbon", "Europe/Lisbon"), ("Mars/Olympus", "America/Sao_Paulo"), ("", "America/Sao_Paulo")],
)  # fmt: skip
async def test_an_account_begins_in_the_time_zone_that_was_sent(
    visitor: Browser, link: str, database: Database, wanted: str, kept: str
) -> None:
    assert "<own-zone>" in (await visitor.get(f"/setup?token={link}")).text
    form = {**SETUP, "token": link, "time_zone": wanted}
    refused = (await visitor.post("/setup", form | {"email": ""})).text
    assert f'<option value="{kept}" selected>' in refused
    assert "<own-zone>" not in refused  # what was chosen stays
    await visitor.post("/setup", form)
    async with database.transaction() as tx:
        account = await tx.scalar(select(Account))
    assert account is not None
    assert account.time_zone == kept


async def test_a_server_without_anybody_says_how_to_begin(visitor: Browser, link: str) -> None:
    for path, status in (("/sign-in", 200), ("/setup?token=of-an-earlier-start", 404)):
        answer = await visitor.get(path)
        assert answer.status_code == status
        assert "Recado is not set up yet" in answer.text
    await visitor.get(f"/setup?token={link}")
    await visitor.post("/setup", {**SETUP, "token": link})
    await visitor.post("/app/sign-out")
    assert "not set up yet" not in (await visitor.get("/sign-in")).text


async def test_a_made_up_link_sets_nothing_up(visitor: Browser, link: str) -> None:
    assert (await visitor.get("/setup")).status_code == 404
    assert (await visitor.get("/setup?token=made-up")).status_code == 404
    assert (await visitor.post("/setup", {**SETUP, "token": "made-up"})).status_code == 404


# --- what every answer carries ---


@pytest.mark.parametrize("path", ["/sign-in", "/app/profile", "/app/nothing-here", "/setup"])
async def test_every_page_is_closed_against_strange_scripts(ana: Browser, path: str) -> None:
    answer = await ana.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"


async def test_scripts_carry_the_nonce_of_their_own_answer(ana: Browser) -> None:
    first, second = [await ana.get("/app/profile") for _ in range(2)]
    nonces = [
        re.search(r"'nonce-([\w-]+)'", one.headers["content-security-policy"])
        for one in (first, second)
    ]
    assert nonces[0]
    assert nonces[1]
    assert nonces[0][1] != nonces[1][1]
    used = set(re.findall(r'nonce="([\w-]+)"', first.text))
    assert used == {nonces[0][1]}


async def test_a_page_names_nobody_elses_address(ana: Browser) -> None:
    page = (await ana.get("/app/conversations")).text
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', page) == []


async def test_a_form_without_its_token_is_refused(ana: Browser, app: Any, cast: Cast) -> None:
    answer = await ana._client.post("/app/profile", data={"name": "Somebody"})
    assert answer.status_code == 403
    assert "Ana Lima" in (await ana.get("/app/profile")).text


async def test_static_files_are_kept_for_ever(ana: Browser) -> None:
    page = (await ana.get("/sign-in", follow_redirects=True)).text
    styles = re.findall(r'href="(/static/styles.css[^"]+)"', page)
    assert len(styles) == 1
    for address in (styles[0], "/static/js/pick-one.js"):
        answer = await ana.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await ana.get("/static/../app.py")).status_code == 404
    assert (await ana.get("/static/%2e%2e/app.py")).status_code == 404


async def test_the_address_of_the_styles_changes_with_what_they_say(ana: Browser) -> None:
    address = styles_address()
    shown = await ana.get(address)
    assert shown.headers["content-type"] == "text/css; charset=utf-8"
    assert address.endswith(sha256(shown.content).hexdigest()[:12])
    assert shown.text.index("@layer reset") < shown.text.index("@layer utilities")


# --- refusals ---


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/app/nothing-here", 404),
        ("GET", "/app/conversations/x", 404),
        ("POST", "/app/live", 405),
        ("GET", "/app/sign-out", 405),
    ],
)
async def test_a_refusal_is_a_page_with_a_way_back(
    ana: Browser, method: str, path: str, status: int
) -> None:
    answer = await (ana.get(path) if method == "GET" else ana.post(path))
    assert answer.status_code == status
    assert 'href="/app"' in answer.text


async def test_for_htmx_a_refusal_stands_beside_the_page(ana: Browser) -> None:
    answer = await ana.get("/app/conversations/999", headers={"hx-request": "true"})
    assert answer.status_code == 404
    assert answer.headers["hx-reswap"] == "none"
    assert answer.headers["hx-trigger"].startswith('{"toast": {"text": "There is nothing here.')


async def test_who_is_signed_out_in_the_middle_keeps_the_page(visitor: Browser) -> None:
    fragment = await visitor.get("/app/conversations/list", headers={"hx-request": "true"})
    assert fragment.status_code == 401
    assert (fragment.text, fragment.headers["hx-reswap"]) == ("", "none")
    assert fragment.headers["recado-signed-out"] == "1"  # js/sign-in-again.js opens the dialog
    assert (await visitor.get("/app/live")).status_code == 401


async def test_only_administrators_see_the_gallery(ana: Browser, beto: Browser) -> None:
    assert (await beto.get("/app/gallery")).status_code == 403


# --- the stream ---


async def test_the_stream_tells_an_account_its_own_news(
    database: Database, outbound: Outbound, settings: Settings, cast: Cast
) -> None:
    app = create_app(Parts(settings, database, outbound, DiskStore(settings.files_dir)))
    live: Live = app.state["live"]
    async with (
        listening(live, cast.account.id) as own,
        listening(live, cast.other_account.id) as other,
        living(app),  # behind the pages: they hear when the database is listened to
    ):
        for page in (own, other):
            assert b"everything" in await _told(page)
        async with database.transaction() as tx:
            await notify_pages(tx, cast.account.id, "conversation", id=12)
        news = await _told(own)
        assert news == b"event: changed\ndata: conversations conversation:12\n\n"
        async with database.transaction() as tx:
            await notify_pages(tx, cast.other_account.id, "action")
        assert await _told(other) == b"event: changed\ndata: actions\n\n"  # and nothing before


async def _told(page: Ends) -> bytes:
    """What is told next, but that we are still here."""
    async with asyncio.timeout(20):
        while (chunk := await page.chunk()).startswith(b":"):
            pass
    return chunk


async def test_the_search_finds_what_one_may_see(
    ana: Browser, celia: Browser, visitor: Browser, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        conversation = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, conversation, "Pedido <5531>")
    shown = (await ana.get("/app/search?q=pedido")).text
    assert "<mark>Pedido</mark> &lt;5531&gt;" in shown
    assert "/app/conversations/1?message=" in shown
    assert 'href="/app/conversations" aria-current="page"' in shown  # not under the settings
    assert (
        "<!doctype" not in (await ana.get("/app/search?q=x", headers={"hx-request": "true"})).text
    )
    assert "5531" not in (await celia.get("/app/search?q=pedido")).text
    assert (await visitor.get("/app/search?q=pedido")).status_code == 303
