"""The loop that never ends by itself."""

import asyncio

import pytest

from recado.worker.looping import loop, wait_for_any


async def run(turn: object, wake: asyncio.Event, stop: asyncio.Event) -> None:
    async with asyncio.timeout(10):
        await loop("test", turn, wake, stop)  # type: ignore[arg-type]


async def test_an_error_is_logged_and_the_loop_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    stop, turns = asyncio.Event(), 0

    async def turn() -> bool:
        nonlocal turns
        turns += 1
        if turns == 1:
            raise ZeroDivisionError
        stop.set()
        return False

    await run(turn, asyncio.Event(), stop)
    assert turns == 2
    assert "ZeroDivisionError" in caplog.text


async def test_a_busy_loop_takes_the_next_turn_at_once() -> None:
    stop, turns = asyncio.Event(), 0

    async def turn() -> bool:
        nonlocal turns
        turns += 1
        if turns == 50:
            stop.set()
        return True

    async with asyncio.timeout(0.9):  # less than one poll
        await run(turn, asyncio.Event(), stop)
    assert turns == 50


async def test_a_wake_during_a_turn_is_not_lost() -> None:
    wake, stop, turns = asyncio.Event(), asyncio.Event(), 0

    async def turn() -> bool:
        nonlocal turns
        turns += 1
        if turns == 1:
            wake.set()
        else:
            stop.set()
        return False

    async with asyncio.timeout(0.9):
        await run(turn, wake, stop)
    assert turns == 2


async def test_waiting_ends_with_the_first_event_or_the_time() -> None:
    one, other = asyncio.Event(), asyncio.Event()
    other.set()
    async with asyncio.timeout(1):
        await wait_for_any(one, other, seconds=60)
        await wait_for_any(one, seconds=0.01)
    assert not one.is_set()
