"""The worker: its loops side by side until it is told to stop."""

import asyncio
from datetime import timedelta
from typing import Final

from recado.accounts.signing_in import prune_sessions
from recado.automation.running import RuleBook, lanes_with_events, run_rules
from recado.db.database import Database, database_now
from recado.deliveries.delivering import Outbound
from recado.deliveries.queueing import DELIVERIES_CHANNEL
from recado.events.recording import EVENTS_CHANNEL
from recado.worker.listening import listen
from recado.worker.looping import loop
from recado.worker.sending import DeliveryLoop, Limits

_PRUNE_EVERY: Final = timedelta(minutes=10)


async def work(database: Database, outbound: Outbound, limits: Limits, stop: asyncio.Event) -> None:
    """Run rules and send deliveries until `stop`; then finish what is in flight and return."""
    events, due, prune = asyncio.Event(), asyncio.Event(), asyncio.Event()
    deliveries = DeliveryLoop(database, outbound, limits, due)
    rules = _RuleLoop(database)
    hearers = {
        EVENTS_CHANNEL: lambda _: events.set(),
        DELIVERIES_CHANNEL: lambda _: due.set(),
    }
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(database, hearers, stop))
        group.create_task(loop("rules", rules.turn, events, stop))
        group.create_task(_send(deliveries, due, stop))
        group.create_task(loop("pruning", _Pruning(database).turn, prune, stop))


async def _send(deliveries: DeliveryLoop, due: asyncio.Event, stop: asyncio.Event) -> None:
    await loop("deliveries", deliveries.turn, due, stop)
    await deliveries.finish()


class _RuleLoop:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._book = RuleBook()

    async def turn(self) -> bool:
        """Run the rules on every lane that waits; whether any event was there."""
        async with self._database.transaction() as tx:
            lanes = await lanes_with_events(tx)
        done = 0
        for lane in lanes:
            async with self._database.transaction() as tx:
                now = await database_now(tx)
                done += await run_rules(tx, self._book, lane, now=now)
        return done > 0


class _Pruning:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._next = 0.0

    async def turn(self) -> bool:
        """Forget what nobody needs, every ten minutes."""
        now = asyncio.get_running_loop().time()
        if now >= self._next:
            self._next = now + _PRUNE_EVERY.total_seconds()
            async with self._database.transaction() as tx:
                await prune_sessions(tx, now=await database_now(tx))
        return False
