"""Going on after a mistake of ours, without hiding what the database will get over."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from recado.db.database import DATABASE_ERRORS, is_passing


async def mistake_in(work: Coroutine[Any, Any, None]) -> BaseException | None:
    """What went wrong because of us; what the database will get over is raised."""
    task = asyncio.ensure_future(work)
    await asyncio.wait([task])
    error = task.exception()
    if isinstance(error, DATABASE_ERRORS) and is_passing(error):
        raise error
    return error
