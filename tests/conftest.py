"""What every test may ask for: the embedded PostgreSQL, a transaction, the cast, a receiver."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from recado.accounts.models import Membership
from recado.accounts.signing_in import SignIn, open_session
from recado.app import Parts, create_app
from recado.db.database import Database, Transaction
from recado.db.driving import DRIVER
from recado.db.embedded import EmbeddedPostgres
from recado.db.migrating import migrate
from recado.deliveries.delivering import Outbound
from recado.deliveries.requests import USER_AGENT
from recado.lib.addresses import AddressGuard, parse_networks
from recado.lib.languages import speaking
from recado.lib.sending import Sender
from recado.lib.storing import DiskStore
from recado.settings import Settings, read_settings
from recado.tables import metadata
from tests.browser import Browser
from tests.people import KEY, PLATFORM_TOKEN, VAULT, Cast, gather
from tests.receiver import Receiver


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures that tests have told (`record_property`): what is measured, never asserted."""
    passed = terminalreporter.getreports("passed")
    told = [one for report in passed if report.when == "call" for one in report.user_properties]
    if told:
        terminalreporter.section("figures")
    for name, value in told:
        terminalreporter.write_line(f"{name} {value}")


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets to anywhere else are refused, so no test depends on or touches the world."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = str(address[0])
            if host != "localhost" and not ip_address(host).is_loopback:
                raise ConnectionRefusedError(f"tests do not talk to {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of our own for this run of the tests."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("recado"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
async def _migrated(database_url: str) -> str:
    await migrate(database_url)
    return database_url


@pytest.fixture(scope="session")
async def _open_database(_migrated: str) -> AsyncIterator[Database]:
    database = Database(_migrated, pool_size=10)
    yield database
    await database.close()


_RESTART = "select setval(quote_ident(sequencename), 1, false) from pg_sequences"
# In one round trip; what a crash might bring back of an emptied table harms nobody.
_EMPTY = ";".join([
    "set local synchronous_commit = off",
    "set local session_replication_role = replica",  # no foreign keys
    *(f"delete from {table}" for table in metadata.tables),  # noqa: S608 - our own names
    _RESTART,
])  # fmt: skip


@pytest.fixture
async def database(_open_database: Database) -> AsyncIterator[Database]:
    """The database, emptied after the test."""
    yield _open_database
    async with _open_database.one_statement() as tx:
        await tx.info[DRIVER].execute(f"begin;{_EMPTY};commit")


@pytest.fixture
async def tx(_open_database: Database) -> AsyncIterator[Transaction]:
    """A transaction that is rolled back after the test."""
    async with _open_database.unfinished() as tx:
        yield tx
    async with _open_database.one_statement() as again:  # a rollback does not give numbers back
        await again.info[DRIVER].execute(_RESTART)


@pytest.fixture
async def cast(database: Database) -> Cast:
    """Ana and Beto in one account, Célia in another; an inbox in each."""
    async with database.transaction() as tx:
        return await gather(tx)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A real HTTP server on this machine that answers as told and keeps what came."""
    async with Receiver() as server:
        yield server


@pytest.fixture(scope="session")
async def outbound() -> AsyncIterator[Outbound]:
    """A sender that may reach this machine only, and a vault."""
    guard = AddressGuard(parse_networks("127.0.0.0/8"))
    async with Sender(guard=guard, user_agent=USER_AGENT) as sender:
        yield Outbound(sender, VAULT, deadline_seconds=2.0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """What an operator would have without setting anything, in a folder of its own."""
    return _settings(tmp_path)


def _settings(folder: Path) -> Settings:
    return read_settings(
        {
            "RECADO_DATA_DIR": str(folder),
            "RECADO_SECRET_KEY": KEY,
            "RECADO_PLATFORM_TOKEN": PLATFORM_TOKEN,
        }
    )


@pytest.fixture(scope="session")
async def _open_app(
    _open_database: Database, outbound: Outbound, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Any]:
    settings = _settings(tmp_path_factory.mktemp("app"))
    async with living(
        create_app(Parts(settings, _open_database, outbound, DiskStore(settings.files_dir)))
    ) as application:
        yield application


@pytest.fixture
def app(_open_app: Any, database: Database) -> Any:
    """The whole application, called directly in the test's own event loop.

    One for all tests: making it costs half a second. It keeps nothing but who listens.
    """
    return _open_app


@asynccontextmanager
async def living(application: Any) -> AsyncIterator[Any]:
    """An application that has started, until the block ends."""
    ready, done = asyncio.Event(), asyncio.Event()

    async def live() -> None:  # in one task: a lifespan ends where it began
        async with application.lifespan():
            ready.set()
            await done.wait()

    living = asyncio.create_task(live())
    await ready.wait()
    yield application
    done.set()
    await living


async def _session(database: Database, member: Membership) -> str:
    visit = SignIn(member.user.email, "", "127.0.0.1")
    async with database.transaction() as tx:
        return await open_session(tx, member, visit, now=datetime.now(UTC))


@pytest.fixture
async def ana(app: Any, cast: Cast, database: Database) -> AsyncIterator[Browser]:
    """Administers the account."""
    async with Browser(app) as browser:
        yield await browser.with_session(await _session(database, cast.ana))


@pytest.fixture
async def beto(app: Any, cast: Cast, database: Database) -> AsyncIterator[Browser]:
    """Answers chats in the same account."""
    async with Browser(app) as browser:
        yield await browser.with_session(await _session(database, cast.beto))


@pytest.fixture
async def celia(app: Any, cast: Cast, database: Database) -> AsyncIterator[Browser]:
    """The stranger: administers another account."""
    async with Browser(app) as browser:
        yield await browser.with_session(await _session(database, cast.celia))


@pytest.fixture
async def visitor(app: Any, database: Database) -> AsyncIterator[Browser]:
    """Nobody we know."""
    async with Browser(app) as browser:
        yield browser
