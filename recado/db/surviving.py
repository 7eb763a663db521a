"""Going on after a mistake of ours, without hiding what the database will get over."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from recado.db.database import DATABASE_ERRORS, is_passing

Result = TypeVar("Result")


async def mistake_in(work: Coroutine[Any, Any, object]) -> BaseException | None:
    """What went wrong because of us; what the database will get over is raised."""
    result = await result_or_mistake(work)
    return result if isinstance(result, BaseException) else None


async def result_or_mistake(work: Coroutine[Any, Any, Result]) -> Result | BaseException:
    """What the work gives, or what went wrong in it because of us."""
    task = asyncio.ensure_future(work)
    await asyncio.wait([task])
    error = task.exception()
    if isinstance(error, DATABASE_ERRORS) and is_passing(error):
        raise error
    return error or task.result()
