"""A transaction's own connection, past SQLAlchemy."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from sqlalchemy.exc import DataError, IntegrityError

from recado.db.lending import Lent

# In a transaction's info:
LENT: Final = "lent"  # its connection
DRIVER: Final = "driver"  # the driver's, once it has begun


async def fetch(info: dict[Any, Any], sql: str, values: Sequence[Any]) -> list[Any]:
    """The rows of a statement in the transaction that has this `info`; it begins with the first.

    What its values break is an `IntegrityError` or `DataError`, as everywhere.
    """
    driver = info.get(DRIVER) or await _driver(info)
    try:
        found: list[Any] = await driver.fetch(sql, *values)
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(sql, None, error) from error
    except asyncpg.DataError as error:
        raise DataError(sql, None, error) from error
    return found


async def _driver(info: dict[Any, Any]) -> "asyncpg.Connection[Any]":
    lent: Lent = info[LENT]
    await lent.begin()
    info[DRIVER] = lent.driver
    return lent.driver
