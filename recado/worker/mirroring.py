"""The loop of connected desks: mirrors what they told, and looks by itself at what they did not."""

import asyncio
import logging
from dataclasses import dataclass, field

from recado.chatwoot.catching_up import all_are_due, catch_up, due_server
from recado.chatwoot.listening import mirror_arrival, next_arrival, set_aside
from recado.db.database import Database, database_now
from recado.db.surviving import mistake_in
from recado.deliveries.delivering import Outbound

_LOG = logging.getLogger("recado.worker")


@dataclass(slots=True)
class Mirroring:
    """Takes one webhook at a turn; looks go on beside it, so a slow desk holds up nothing."""

    database: Database
    outbound: Outbound
    _looks: set[asyncio.Task[None]] = field(default_factory=set)
    _has_begun: bool = False

    async def turn(self) -> bool:
        """Mirror the next webhook, begin the next look; whether there may be more of either."""
        if not self._has_begun:
            async with self.database.transaction() as tx:
                await all_are_due(tx, now=await database_now(tx))
            self._has_begun = True
        has_mirrored = await self._mirror_next()
        return await self._begin_look() or has_mirrored

    async def _mirror_next(self) -> bool:
        async with self.database.transaction() as tx:
            arrival_id = await next_arrival(tx)
        if arrival_id is None:
            return False
        if mistake := await mistake_in(self._mirror(arrival_id)):
            _LOG.error("Mirroring webhook %s failed", arrival_id, exc_info=mistake)
            async with self.database.transaction() as tx:
                await set_aside(tx, arrival_id)
        return True

    async def _mirror(self, arrival_id: int) -> None:
        async with self.database.transaction() as tx:
            await mirror_arrival(tx, arrival_id, now=await database_now(tx))

    async def _begin_look(self) -> bool:
        async with self.database.transaction() as tx:
            server_id = await due_server(tx, now=await database_now(tx))
        if server_id is None:
            return False
        task = asyncio.create_task(catch_up(self.database, self.outbound, server_id))
        self._looks.add(task)
        task.add_done_callback(self._looked)
        return True

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._looks.discard(task)
        if not task.cancelled() and (error := task.exception()):  # it is due again after its lease
            _LOG.error("Looking at a connection failed", exc_info=error)

    async def finish(self) -> None:
        """Let the looks go; what they had not come to is found by the next one."""
        for task in self._looks:
            task.cancel()
        await asyncio.gather(*self._looks, return_exceptions=True)
