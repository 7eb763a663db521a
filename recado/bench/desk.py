"""A Recado of its own for a benchmark: real processes, the embedded database, a token to call it."""

import asyncio
import itertools
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import aiohttp
import orjson

from recado.bench.machine import family_seconds, processor_seconds
from recado.db.embedded import EmbeddedPostgres

_EMAIL: Final = "a@b.example"
_PASSWORD: Final = "correct horse"  # noqa: S105 - of a desk that is thrown away
_SERVE: Final = ("web", "up")
_START_SECONDS: Final = 120.0
_ROOM: Final = {"RECADO_CONCURRENCY": "400", "RECADO_LANE_CONCURRENCY": "100"}


class BenchFailed(Exception):
    """The benchmark could not run; the text says why."""


class Desk:
    """Made by `open_desk`. Paths of `create` and `call` are below the account."""

    def __init__(self, folder: Path, processes: Sequence[str]) -> None:
        self.server = EmbeddedPostgres(folder / "data")
        self.processes: list[subprocess.Popen[bytes]] = []
        self._folder = folder
        self._roles = processes
        self._ports: list[int] = []
        self._turns = itertools.cycle(self._ports)
        self._token = ""
        self._client: aiohttp.ClientSession | None = None
        self._pages: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Start the database, make an account, start the processes and wait for the web."""
        await asyncio.to_thread(self.server.start)
        self._token = await asyncio.to_thread(self._set_up)
        self._ports += [_free_port() for role in self._roles if role in _SERVE]
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)  # the server waits 5 s
        self._client = aiohttp.ClientSession(connector=connector)
        await self.start_processes()

    async def start_processes(self) -> None:
        """Start Recado's processes, and wait for those that serve."""
        ports = iter(self._ports)
        for role in self._roles:
            self.processes.append(self._started(role, next(ports) if role in _SERVE else 0))
        for _ in self._ports:
            await self._until_ready()

    async def stop_processes(self) -> None:
        """Stop them, in order; the database goes on."""
        for one in self.processes:
            one.terminate()
        for one in self.processes:
            await asyncio.to_thread(one.wait, 40)
        self.processes.clear()

    async def stop(self) -> None:
        """Stop everything."""
        for client in (self._client, self._pages):
            if client is not None:
                await client.close()
        await self.stop_processes()
        await asyncio.to_thread(self.server.stop)

    async def create(self, path: str, body: Any) -> Any:
        """POST what must succeed; its JSON."""
        status, told = await self.call(path, body)
        if status != 200:
            raise BenchFailed(f"{path} answered {status}: {told[:200]!r}")
        return orjson.loads(told)

    async def call(self, path: str, body: Any) -> tuple[int, bytes]:
        """POST to the web servers in turn; status and body of the answer."""
        url = f"{self.url}/api/v1/accounts/1/{path}"
        headers = {"Api-Access-Token": self._token, "Content-Type": "application/json"}
        if self._client is None:
            raise BenchFailed("It was not started.")
        async with self._client.post(url, data=orjson.dumps(body), headers=headers) as answer:
            return answer.status, await answer.read()

    @property
    def url(self) -> str:
        """Where a web server is."""
        return f"http://127.0.0.1:{next(self._turns)}"

    async def sign_in(self) -> str:
        """Sign in as the administrator, as a browser does; the cookies it would send."""
        pages = self._pages = self._pages or aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True)  # cookies of an address, not of a name
        )
        await self.page("/sign-in")
        token = {one.key: one.value for one in pages.cookie_jar}["recado_csrf"]
        form = {"email": _EMAIL, "password": _PASSWORD, "_csrf_token": token}
        async with pages.post(f"{self.url}/sign-in", data=form, allow_redirects=False) as answer:
            if answer.status != 303:
                raise BenchFailed(f"Signing in was answered {answer.status}.")
        return "; ".join(f"{one.key}={one.value}" for one in pages.cookie_jar)

    async def page(self, path: str) -> bytes:
        """A page's HTML, for whoever has signed in."""
        if self._pages is None:
            raise BenchFailed("Nobody has signed in.")
        async with self._pages.get(f"{self.url}{path}", allow_redirects=False) as answer:
            if answer.status != 200:
                raise BenchFailed(f"{path} was answered {answer.status}.")
            return await answer.read()

    def recado_seconds(self) -> float:
        """Processor time of Recado's processes so far."""
        return sum(processor_seconds(one.pid) for one in self.processes)

    def postgres_seconds(self) -> float:
        """Processor time of the database so far."""
        pid = self.server.pid
        return family_seconds(pid) if pid else 0.0

    def _set_up(self) -> str:
        command = ["setup", "--email", _EMAIL, "--password", _PASSWORD, "--account", "A"]
        done = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-m", "recado", *command],
            env=self._environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise BenchFailed(done.stderr)
        return str(orjson.loads(done.stdout.splitlines()[-1])["token"])

    def _started(self, role: str, port: int) -> subprocess.Popen[bytes]:
        environment = self._environment() | ({"RECADO_PORT": str(port)} if port else {})
        with (self._folder / f"{role}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", "recado", role],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        others = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RECADO_", "DATABASE_URL", "PYTHONDONTWRITE"))
        }
        own = {
            "DATABASE_URL": self.server.url,
            "RECADO_DATA_DIR": str(self._folder / "data"),
            "RECADO_ALLOWED_NETWORKS": "127.0.0.0/8",
            "RECADO_DEADLINE_SECONDS": "10",
            "RECADO_LOG_LEVEL": "warning",
            "RECADO_API_REQUESTS_PER_MINUTE": "0",  # one token writes all that is measured
            "PYTHONPYCACHEPREFIX": str(self._folder / "compiled"),  # as where one installs
        }
        return others | own | _ROOM

    async def _until_ready(self) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                while not await self._answers():  # noqa: ASYNC110 - another process sets no event
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise BenchFailed(
                f"No answer within {_START_SECONDS:g} seconds of the start."
            ) from None

    async def _answers(self) -> bool:
        with suppress(aiohttp.ClientError, OSError):
            status, _ = await self.call("labels", {"title": "ready"})
            return status < 500
        return False


@asynccontextmanager
async def open_desk(roles: Sequence[str] = ("web", "worker")) -> AsyncIterator[Desk]:
    """A desk in a folder that is thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="recado-bench-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - the database runs as another user
        desk = Desk(Path(folder), roles)
        try:
            await desk.start()
            yield desk
        finally:
            await desk.stop()


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])
