"""What this machine does without Recado: bare calls, bare inserts. Ratios to it hold elsewhere."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp
import asyncpg

from recado.bench.stage import BODY_BYTES

_TASKS: Final = 32


async def bare_calls(url: str, *, seconds: float) -> float:
    """POSTs a second from an aiohttp loop to the same receiver."""
    body = b"{" + b" " * (BODY_BYTES - 2) + b"}"
    async with aiohttp.ClientSession() as client:

        async def call() -> None:
            async with client.post(url, data=body) as answer:
                await answer.read()

        return await _rate(call, seconds)


async def bare_inserts(url: str, *, seconds: float) -> float:
    """INSERT ... RETURNING a second, each committed to disk, from 32 connections at once."""
    pool = await asyncpg.create_pool(url, min_size=_TASKS, max_size=_TASKS)
    try:
        await pool.execute(
            "create table bench_rows (id bigint generated always as identity, text text)"
        )

        async def insert() -> None:
            await pool.fetchval("insert into bench_rows (text) values ($1) returning id", "x" * 100)

        return await _rate(insert, seconds)
    finally:
        await pool.close()


async def _rate(turn: Callable[[], Awaitable[None]], seconds: float) -> float:
    done, start = 0, time.monotonic()

    async def again() -> None:
        nonlocal done
        while time.monotonic() < start + seconds:
            await turn()
            done += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(_TASKS):
            group.create_task(again())
    return done / (time.monotonic() - start)
