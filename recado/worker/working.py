"""The worker: its loops side by side until it is told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from recado.actions.answering import answer_waiting
from recado.automation.rule_book import RuleBook
from recado.automation.running import FULL_BATCH, lanes_asked, run_rules, take_lanes
from recado.chatwoot.hearing import CHANNEL as CHATWOOT_CHANNEL
from recado.contacts.importing import advance_imports
from recado.db.database import CLOCK, Database, database_now
from recado.db.direct import ask_ahead
from recado.db.surviving import result_or_mistake
from recado.deliveries.delivering import Outbound
from recado.deliveries.queueing import DELIVERIES_CHANNEL
from recado.events.recording import EVENTS_CHANNEL
from recado.lib.storing import FileStore
from recado.replays.running import advance_replays
from recado.reports.adding_up import count_conversations
from recado.reports.counting import count_calls
from recado.worker.answering_by_mail import AnswerLoop
from recado.worker.listening import listen
from recado.worker.looking import LOOPS, Looking
from recado.worker.looping import loop
from recado.worker.mailing import MailLoop, Post
from recado.worker.mirroring import Mirroring
from recado.worker.pruning import Pruning
from recado.worker.reading_mail import MailboxLoop
from recado.worker.sending import DeliveryLoop, Limits
from recado.worker.sweeping import Sweeping
from recado.worker.timing import Clock

_LOG = logging.getLogger("recado.worker")
SELDOM_SECONDS: Final = 10.0  # between two looks of a loop that is woken when something waits


async def work(
    database: Database,
    outbound: Outbound,
    limits: Limits,
    stop: asyncio.Event,
    post: Post | None = None,
    store: FileStore | None = None,
) -> None:
    """Run rules, send deliveries and, with `post`, e-mails until `stop`; sweep the `store`.

    Then finish what is in flight and return.
    """
    wakes = {name: asyncio.Event() for name in LOOPS}
    due = asyncio.Event()
    deliveries = DeliveryLoop(database, outbound, limits, due)
    hearers = {
        EVENTS_CHANNEL: lambda _: wakes["rules"].set(),
        DELIVERIES_CHANNEL: lambda _: deliveries.look(),
        CHATWOOT_CHANNEL: lambda _: wakes["mirroring"].set(),
    }
    mirroring = Mirroring(database, outbound)
    turns = {
        "rules": _RuleLoop(database, deliveries).turn,
        "answers": _AnswerLoop(database).turn,
        "replays": _ReplayLoop(database).turn,
        "imports": _ImportLoop(database).turn,
        "mail": MailLoop(database, post).turn,
        "clock": Clock(database).turn,
    }
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(database, hearers, stop))
        group.create_task(_alone("looking", Looking(database, wakes).turn, stop))
        for name, turn in turns.items():
            group.create_task(loop(name, turn, wakes[name], stop, every=SELDOM_SECONDS))
        group.create_task(_ending("mirroring", mirroring, wakes["mirroring"], stop))
        group.create_task(_send(deliveries, due, stop))
        group.create_task(_count(database, deliveries, stop))
        group.create_task(_alone("reports", _ReportLoop(database).turn, stop))
        group.create_task(_alone("pruning", Pruning(database).turn, stop))
        if store is not None:
            mailboxes = MailboxLoop(database, outbound, store, wakes["mailboxes"])
            group.create_task(_ending("mailboxes", mailboxes, mailboxes.wake, stop))
            answers = AnswerLoop(database, outbound, store, wakes["answers by e-mail"])
            group.create_task(_ending("answers by e-mail", answers, answers.wake, stop))
            group.create_task(_alone("sweeping", Sweeping(database, store).turn, stop))


class _Ending(Protocol):
    """A loop with work beside its turns."""

    async def turn(self) -> bool: ...

    async def finish(self) -> None: ...


async def _ending(name: str, one: _Ending, wake: asyncio.Event, stop: asyncio.Event) -> None:
    await loop(name, one.turn, wake, stop, every=SELDOM_SECONDS)
    await one.finish()


async def _send(deliveries: DeliveryLoop, due: asyncio.Event, stop: asyncio.Event) -> None:
    await loop("deliveries", deliveries.turn, due, stop)
    await deliveries.finish()


async def _alone(name: str, turn: Callable[[], Awaitable[bool]], stop: asyncio.Event) -> None:
    """A loop that knows its own times."""
    await loop(name, turn, asyncio.Event(), stop)


async def _count(database: Database, deliveries: DeliveryLoop, stop: asyncio.Event) -> None:
    async def turn() -> bool:
        async with database.transaction() as tx:
            await deliveries.tally.flush(tx)
        return False

    await _alone("counting", turn, stop)


class _AnswerLoop:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def turn(self) -> bool:
        """Use the ends that no answer made; whether there were any."""
        async with self._database.transaction() as tx:
            return await answer_waiting(tx, now=await database_now(tx)) > 0


class _ReplayLoop:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def turn(self) -> bool:
        """Take a step of a replay; whether there was one to take."""
        async with self._database.transaction() as tx:
            return await advance_replays(tx, now=await database_now(tx))


class _ReportLoop:
    EVERY: Final = 60.0  # seconds; an hour's calls are counted some minutes after its end

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next = 0.0  # of the loop's clock

    async def turn(self) -> bool:
        """Count calls and conversations when it is time; whether there are more to count."""
        clock = asyncio.get_running_loop().time()
        if clock < self._next:
            return False
        async with self._database.transaction() as tx:
            is_more = await count_calls(tx, now=await database_now(tx))
        async with self._database.transaction() as tx:
            is_more |= await count_conversations(tx, now=await database_now(tx))
        self._next = clock if is_more else clock + self.EVERY
        return is_more


class _ImportLoop:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def turn(self) -> bool:
        """Take a step of an import; whether there was one to take."""
        async with self._database.transaction() as tx:
            return await advance_imports(tx, now=await database_now(tx))


class _RuleLoop:
    def __init__(self, database: Database, deliveries: DeliveryLoop) -> None:
        self._database = database
        self._deliveries = deliveries
        self._book = RuleBook()

    async def turn(self) -> bool:
        """Run the rules on a batch of what waits; whether there may be more than it took.

        What happens meanwhile is told, so a batch that was not full needs no second look. A mistake
        of ours has all of it done again, each event apart.
        """
        number = await result_or_mistake(self._run())
        if isinstance(number, BaseException):
            _LOG.error("Rules failed on a batch of events", exc_info=number)
            number = await self._run(apart=True)
        return number >= FULL_BATCH

    async def _run(self, *, apart: bool = False) -> int:
        async with self._deliveries.taking() as coming, self._database.transaction() as tx:
            await ask_ahead(tx, CLOCK.asked(), lanes_asked())
            now = await database_now(tx)
            lanes = await take_lanes(tx)
            if not lanes:
                return 0
            return await run_rules(tx, self._book, lanes, now=now, apart=apart, coming=coming)
