"""Hearing PostgreSQL's notifications on a connection of its own, for as long as the process lives."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import asyncpg

from recado.db.database import DRIVER_ERRORS, Database
from recado.worker.looping import wait_for_any

_LOG = logging.getLogger("recado.worker")
_RECONNECT_SECONDS = 1.0
_CHECK_SECONDS = 30.0  # a connection that a firewall forgot breaks only when it is used


async def listen(
    database: Database, hearers: Mapping[str, Callable[[str], None]], stop: asyncio.Event
) -> None:
    """Call the hearer of a channel with each payload until `stop`.

    A broken connection is made anew. Notifications in between are lost, which costs nothing but
    time: loops also look by themselves.
    """
    while not stop.is_set():
        broken = asyncio.Event()
        try:
            connection = await database.connect_to_listen()
            await _hear(connection, hearers, broken, stop)
        except (OSError, *DRIVER_ERRORS) as error:
            _LOG.warning("Cannot listen to the database: %s", error or type(error).__name__)
        await wait_for_any(stop, seconds=_RECONNECT_SECONDS)


async def _hear(
    connection: "asyncpg.Connection[Any]",
    hearers: Mapping[str, Callable[[str], None]],
    broken: asyncio.Event,
    stop: asyncio.Event,
) -> None:
    connection.add_termination_listener(lambda _: broken.set())
    try:
        for channel, hearer in hearers.items():
            await connection.add_listener(channel, _hearing(hearer))
            hearer("")  # look once: something may have happened before we listened
        while not (broken.is_set() or stop.is_set()):
            await wait_for_any(broken, stop, seconds=_CHECK_SECONDS)
            if not (broken.is_set() or stop.is_set()):
                await connection.execute("select 1", timeout=_CHECK_SECONDS)
    finally:
        with suppress(OSError, *DRIVER_ERRORS):
            await connection.close(timeout=2)


def _hearing(hearer: Callable[[str], None]) -> Callable[..., None]:
    def heard(_connection: object, _pid: int, _channel: str, payload: str) -> None:
        hearer(payload)

    return heard
