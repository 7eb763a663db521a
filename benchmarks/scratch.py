"""A database of its own for a benchmark, in a folder that is thrown away."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from recado.db.embedded import EmbeddedPostgres


def run_on_scratch(measure: Callable[[str, int], Awaitable[None]], number: int) -> None:
    """Run `measure` with the address of an empty database, and how much is to be in it."""

    async def run(url: str) -> None:
        await measure(url, number)

    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "data")
        server.start()
        try:
            asyncio.run(run(server.url))
        finally:
            server.stop()
