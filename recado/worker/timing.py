"""The clock's loop: wakes snoozed conversations, deals out what waits for somebody to come, and tests
the rules whose time has come.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from recado.automation.timing import arm_idle, fire_due
from recado.automation.turning import arm_turns
from recado.conversations.dealing_later import deal_waiting
from recado.conversations.waking import wake_snoozed
from recado.db.database import Database, database_now

IDLE_SECONDS: Final = 10.0  # between two looks for conversations in which nobody replied


@dataclass(slots=True)
class Clock:
    """Takes a batch of each kind at a turn. Rules wait for minutes, so some seconds do not matter."""

    database: Database
    _next: float = 0.0  # of the loop's clock

    async def turn(self) -> bool:
        """Do what is due; whether there may be more."""
        await self._look_for_idle()
        async with self.database.transaction() as tx:
            woken = await wake_snoozed(tx, now=await database_now(tx))
        async with self.database.transaction() as tx:
            dealt = await deal_waiting(tx, now=await database_now(tx))
        async with self.database.transaction() as tx:
            turned = await arm_turns(tx, now=await database_now(tx))
        async with self.database.transaction() as tx:
            fired = await fire_due(tx, now=await database_now(tx))
        return bool(woken or dealt or turned or fired)

    async def _look_for_idle(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._next:
            self._next = now + IDLE_SECONDS
            async with self.database.transaction() as tx:
                await arm_idle(tx, now=await database_now(tx))
