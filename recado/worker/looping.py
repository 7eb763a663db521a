"""A loop that never ends by itself: the one place where an unexpected error is caught."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

_LOG = logging.getLogger("recado.worker")
POLL_SECONDS: Final = 1.0  # retries fall due without anybody telling us
_AFTER_ERROR_SECONDS: Final = 2.0


async def loop(
    name: str,
    turn: Callable[[], Awaitable[bool]],
    wake: asyncio.Event,
    stop: asyncio.Event,
    *,
    every: float = POLL_SECONDS,
) -> None:
    """Take turns until `stop`. A turn answers whether there may be more to do at once.

    Otherwise the next one comes when `wake` is set, or after `every` seconds. An error is logged with
    its traceback, and the loop goes on: what it was about is still in the database.
    """
    while not stop.is_set():
        wake.clear()
        try:
            is_busy = await turn()
        except Exception:
            _LOG.exception("The %s loop met an error and goes on", name)
            await wait_for_any(stop, seconds=_AFTER_ERROR_SECONDS)
            continue
        if not is_busy:
            await wait_for_any(wake, stop, seconds=every)


async def wait_for_any(*events: asyncio.Event, seconds: float) -> None:
    """Return when one of the events is set, or after `seconds`."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    _, pending = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
