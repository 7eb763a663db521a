"""A line to a mail server can be let go at any moment."""

import asyncio
import socket
import ssl

import pytest

from recado.lib.addresses import AddressGuard
from recado.lib.dialing import Dialer, Line


@pytest.mark.parametrize("steps", range(6))
async def test_whoever_waits_at_a_line_is_let_go_while_something_comes_in(steps: int) -> None:
    ours, theirs = socket.socketpair()
    line = Line(Dialer(AddressGuard(), ssl.create_default_context()), _twin=ours)
    with ours, theirs:
        waiting = asyncio.create_task(line.is_readable_within(60))
        await asyncio.sleep(0)
        theirs.send(b"* OK still here")
        for _ in range(steps):
            await asyncio.sleep(0)
        is_over = waiting.done()
        waiting.cancel()
        assert await asyncio.gather(waiting, return_exceptions=True) == [True] or not is_over
        assert waiting.cancelled() or is_over


async def test_a_line_tells_whether_something_came_in() -> None:
    ours, theirs = socket.socketpair()
    line = Line(Dialer(AddressGuard(), ssl.create_default_context()), _twin=ours)
    with ours, theirs:
        assert not await line.is_readable_within(0.01)
        theirs.send(b"x")
        assert await line.is_readable_within(60)
