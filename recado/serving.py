"""Running as a server: web, worker or both in one process, until told to stop."""

import asyncio
import gc
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import uvicorn
import uvloop

from recado.accounts.setting_up import new_setup_link
from recado.app import Parts, create_app
from recado.lib.mailing import mail_tls
from recado.opening import database_server, open_parts, open_port
from recado.settings import Settings
from recado.web.wires import Connection
from recado.worker.mailing import Post
from recado.worker.sending import Limits
from recado.worker.working import work

_LET_REQUESTS_END_SECONDS = 5
_LOOKS_EVERY = 20_000  # objects that came and did not go
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class NotServing(Exception):
    """The server cannot start; the text says where the reason is."""


@dataclass(frozen=True, slots=True)
class Roles:
    """What this process does."""

    web: bool = True
    worker: bool = True


def serve(settings: Settings, roles: Roles) -> None:
    """Serve until SIGTERM or Ctrl-C; then stop everything, the embedded database last.

    No new claims are made, what is in flight is finished and recorded, the rest is given back.
    """
    _raise_file_limit()
    port = open_port(settings) if roles.web else None
    with (
        database_server(settings, may_join=roles != Roles()) as url,
        remembered_signals() as come,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        try:
            runner.run(_serve(url, settings, roles, port, come))
        except BaseExceptionGroup as group:  # of which the first is the cause of the others
            raise group.exceptions[0] from group


@contextmanager
def remembered_signals() -> Iterator[list[int]]:
    """The signals that ask us to stop and come in the block: an exception is not what an event loop
    survives in the middle of its beginning.
    """
    come: list[int] = []
    before = {
        one: signal.signal(one, lambda number, _: come.append(number)) for one in _STOP_SIGNALS
    }
    try:
        yield come
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def _serve(
    url: str, settings: Settings, roles: Roles, port: socket.socket | None, come: list[int]
) -> None:
    stop = asyncio.Event()
    for number in _STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if come:
        stop.set()
    async with open_parts(url, settings) as parts, asyncio.TaskGroup() as group:
        if roles.worker:
            limits, post = _limits(settings), _post(settings)
            group.create_task(work(parts.database, parts.outbound, limits, stop, post, parts.store))
        if port is not None:
            group.create_task(_serve_web(parts, port, stop))
        else:
            _set_aside_what_stays()
            _tell("The Recado worker runs. Ctrl-C stops it.")


async def _serve_web(parts: Parts, port: socket.socket, stop: asyncio.Event) -> None:
    app = create_app(parts)
    server = _Server(serving_config(app, parts.settings))
    serving = asyncio.create_task(server.serve(sockets=[port]))
    while not (server.started or serving.done()):
        await asyncio.wait([serving], timeout=0.01)
    if server.started:
        _set_aside_what_stays()
        await _announce(parts)
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait([waiting, serving], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    stop.set()
    app.state.live.close()
    server.should_exit = True
    await serving
    if not server.started:
        raise NotServing("The web server did not start; the log above says why.")


def serving_config(app: Callable[..., Any], settings: Settings) -> uvicorn.Config:
    """How the web application is served: the journeys of a browser through it are too."""
    return uvicorn.Config(
        app,
        http=Connection,
        ws="websockets-sansio",
        log_config=None,
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=[str(one) for one in settings.trusted_proxies],
        timeout_graceful_shutdown=_LET_REQUESTS_END_SECONDS,
        server_header=False,
    )


def _set_aside_what_stays() -> None:
    """Modules, tables and routes live as long as the process: 190,000 objects, which the garbage
    collector would look through again and again, each time for a tenth of a second in which nothing
    is sent. What comes and goes it looks through seldom: nearly all of that ends by itself, and every
    700 objects it was 2 to 3 % of the processor time under load, to find next to nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_LOOKS_EVERY, 20, 20)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: one stop ends web, worker and database in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _announce(parts: Parts) -> None:
    public_url = parts.settings.public_url
    _tell(f"Recado is ready on {public_url}")
    async with parts.database.transaction() as tx:
        token = await new_setup_link(tx, now=datetime.now(UTC))
    if token:
        _tell(f"Set it up here, once: {public_url}/setup?token={token}")


def _post(settings: Settings) -> Post | None:
    server = settings.mail_server
    return Post(server, mail_tls(settings.ca_file)) if server else None


def _limits(settings: Settings) -> Limits:
    return Limits(
        settings.concurrency, settings.lane_concurrency, timedelta(seconds=settings.lease_seconds)
    )


def _raise_file_limit() -> None:
    """Every open page and every call in flight is a file; many systems begin with 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _tell(line: str) -> None:
    print(line, flush=True)
