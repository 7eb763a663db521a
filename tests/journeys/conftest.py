"""The whole of Recado on a port of this machine, in the tests' own event loop, and browsers."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from litestar import Litestar
from playwright.async_api import Browser, Page, async_playwright

from recado.accounts.doors import SESSION_COOKIE
from recado.accounts.models import Membership
from recado.accounts.profiles import choose_language
from recado.accounts.signing_in import SignIn, open_session
from recado.app import Parts, create_app
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.public_urls import set_public_url
from recado.lib.storing import DiskStore
from recado.serving import serving_config
from recado.settings import Settings, read_settings
from recado.worker.sending import Limits
from recado.worker.working import work
from tests.conftest import KEY
from tests.journeys.browsing import Complaints, Look, open_chromium, open_context
from tests.journeys.stage import Stage, ended_deliveries, say, set_stage
from tests.mailboxes.conftest import authority as authority  # a mailbox, for those who ask for one
from tests.mailboxes.conftest import client_tls as client_tls
from tests.mailboxes.conftest import dialer as dialer
from tests.mailboxes.conftest import imap as imap
from tests.mailboxes.conftest import place as place
from tests.mailboxes.conftest import server_tls as server_tls
from tests.mailboxes.conftest import smtp as smtp
from tests.people import Cast
from tests.receiver import Receiver

_LIMITS = Limits(concurrency=10, lane_concurrency=5, lease=timedelta(seconds=30))

OpenPage = Callable[..., Awaitable[Page]]


@dataclass(frozen=True, slots=True)
class Site:
    """Recado as it is served, with its worker beside it."""

    url: str
    database: Database
    outbound: Outbound
    cast: Cast


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # Ctrl-C belongs to pytest


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all journeys; each visitor has cookies of their own."""
    async with async_playwright() as playwright:
        browser = await open_chromium(playwright)
        yield browser
        await browser.close()


@dataclass(frozen=True, slots=True)
class _Ready:
    """The application, which is made once for all journeys, and the port that it is served on."""

    app: Litestar
    port: socket.socket
    url: str
    settings: Settings


@pytest.fixture(scope="session")
def _ready(
    _open_database: Database, outbound: Outbound, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[_Ready]:
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{port.getsockname()[1]}"
        environment = {
            "RECADO_DATA_DIR": str(tmp_path_factory.mktemp("site")),
            "RECADO_SECRET_KEY": KEY,
            "RECADO_PUBLIC_URL": url,
        }
        settings = read_settings(environment)
        parts = Parts(settings, _open_database, outbound, DiskStore(settings.files_dir))
        yield _Ready(create_app(parts), port, url, settings)


@pytest.fixture
async def site(
    _ready: _Ready, database: Database, outbound: Outbound, cast: Cast
) -> AsyncIterator[Site]:
    """Web and worker, started for this test and until it is over."""
    set_public_url(_ready.url)  # another application may have been made meanwhile
    server, stop = _Server(serving_config(_ready.app, _ready.settings)), asyncio.Event()
    serving = asyncio.create_task(server.serve(sockets=[_ready.port.dup()]))
    working = asyncio.create_task(work(database, outbound, _LIMITS, stop))
    while not (server.started or serving.done()):
        await asyncio.wait([serving], timeout=0.01)
    yield Site(_ready.url, database, outbound, cast)
    _ready.app.state.live.close()
    server.should_exit = True
    stop.set()
    await asyncio.gather(serving, working)


@pytest.fixture
async def stage(site: Site, receiver: Receiver) -> Stage:
    """An account in use: one delivery arrived, one was refused."""
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    await say(site.database, stage.conversation, "Oi")
    await ended_deliveries(site.database, site.cast.account.id, 2)
    return stage


@pytest.fixture
def complaints(site: Site) -> Iterator[Complaints]:
    """Fails the test when a page complained: console, content policy, requests failed or elsewhere."""
    complaints = Complaints(site.url)
    yield complaints
    assert complaints.heard == []


@pytest.fixture
async def open_page(
    site: Site, chromium: Browser, complaints: Complaints
) -> AsyncIterator[OpenPage]:
    """`await open_page(member, Look(...))`: a browser in which `member`, or nobody, is signed in."""
    contexts = []

    async def open_one(member: Membership | None = None, look: Look | None = None) -> Page:
        look = look or Look()
        context = await open_context(chromium, site.url, look, complaints)
        contexts.append(context)
        if member is not None:
            session = await _session(site.database, member, look.language)
            await context.add_cookies([{"name": SESSION_COOKIE, "value": session, "url": site.url}])
        return await context.new_page()

    yield open_one
    for context in contexts:
        await context.close()


async def _session(database: Database, member: Membership, language: str) -> str:
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        await choose_language(tx, member.user_id, language)
        return await open_session(
            tx, member, SignIn(member.user.email, "", "127.0.0.1", ""), now=now
        )
