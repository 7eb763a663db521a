"""Who is there, as the open streams of this process show it."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from recado.accounts.being_there import are_there
from recado.db.database import Database, database_now
from recado.web.live import Live

EVERY_SECONDS: Final = 20.0  # less than half of what counts as there


@dataclass(slots=True)
class Presence:
    """Writes down who has a page open: newcomers at once, everybody every 20 seconds."""

    database: Database
    live: Live
    _next: float = 0.0  # of the loop's clock
    _told: set[tuple[int, int]] = field(default_factory=set)

    async def turn(self) -> bool:
        """Remember who is there; never at once again."""
        here, clock = self.live.people(), asyncio.get_running_loop().time()
        whom = here
        if clock < self._next:
            whom = here - self._told
        else:
            self._next = clock + EVERY_SECONDS
        self._told = here
        if whom:
            async with self.database.transaction() as tx:
                await are_there(tx, sorted(whom), now=await database_now(tx))
        return False
