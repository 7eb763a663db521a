"""Files that nothing holds any more, since their contact, inbox or account was deleted, go too.

Nobody can read them from the next sweep on; a week later their bytes are gone. Should the database
know one again by then, as after it was restored, the file is back in its place.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from recado.conversations.uploading import unheld
from recado.db.database import Database
from recado.lib.storing import FileStore, StorageAway

EVERY: Final = timedelta(hours=1)
FRESH: Final = timedelta(hours=1)  # a file comes before the message that it belongs to
ASIDE: Final = timedelta(days=7)
_BATCH: Final = 500


@dataclass(slots=True)
class Sweeping:
    """Looks through the store every hour."""

    database: Database
    store: FileStore
    _next: float = 0.0  # of the loop's clock

    async def turn(self) -> bool:
        """Sweep when it is time; there is never more to do at once."""
        clock = asyncio.get_running_loop().time()
        if clock >= self._next:
            self._next = clock + EVERY.total_seconds()
            with suppress(StorageAway):  # the log says so; the next hour tries again
                await sweep(self.database, self.store)
        return False


async def sweep(
    database: Database,
    store: FileStore,
    *,
    fresh: timedelta = FRESH,
    aside: timedelta = ASIDE,
) -> None:
    """Put aside what nothing holds, put back what is held again, forget what was aside for long."""
    for keys in _batches(await store.keys_aside()):
        lost = await _unheld(database, keys)
        await store.put_back([one for one in keys if one not in lost])
    for keys in _batches(await store.keys_aside(older_than=aside)):
        await store.forget(keys)
    for keys in _batches(await store.keys(older_than=fresh)):
        await store.put_aside(sorted(await _unheld(database, keys)))


async def _unheld(database: Database, keys: list[str]) -> set[str]:
    async with database.transaction() as tx:
        return set(await unheld(tx, keys))


def _batches(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]
