"""The worker: its loops side by side until it is told to stop."""

import asyncio
import logging
from typing import Final

from recado.actions.answering import answer_waiting
from recado.automation.running import FULL_BATCH, RuleBook, run_rules, take_lanes
from recado.chatwoot.hearing import CHANNEL as CHATWOOT_CHANNEL
from recado.contacts.importing import advance_imports
from recado.db.database import Database, database_now
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
from recado.worker.looping import loop
from recado.worker.mailing import MailLoop, Post
from recado.worker.mirroring import Mirroring
from recado.worker.pruning import Pruning
from recado.worker.reading_mail import MailboxLoop
from recado.worker.sending import DeliveryLoop, Limits
from recado.worker.sweeping import Sweeping
from recado.worker.timing import Clock

_LOG = logging.getLogger("recado.worker")


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
    events, due, prune, told = (asyncio.Event() for _ in range(4))
    deliveries = DeliveryLoop(database, outbound, limits, due)
    rules = _RuleLoop(database, deliveries)
    hearers = {
        EVENTS_CHANNEL: lambda _: events.set(),
        DELIVERIES_CHANNEL: lambda _: deliveries.look(),
        CHATWOOT_CHANNEL: lambda _: told.set(),
    }
    ends = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(database, hearers, stop))
        group.create_task(loop("rules", rules.turn, events, stop))
        group.create_task(_send(deliveries, due, stop))
        group.create_task(loop("answers", _AnswerLoop(database).turn, ends, stop))
        group.create_task(_count(database, deliveries, stop))
        group.create_task(loop("replays", _ReplayLoop(database).turn, asyncio.Event(), stop))
        group.create_task(loop("imports", _ImportLoop(database).turn, asyncio.Event(), stop))
        group.create_task(loop("reports", _ReportLoop(database).turn, asyncio.Event(), stop))
        group.create_task(loop("mail", MailLoop(database, post).turn, asyncio.Event(), stop))
        group.create_task(_mirror(Mirroring(database, outbound), told, stop))
        group.create_task(loop("clock", Clock(database).turn, asyncio.Event(), stop))
        group.create_task(loop("pruning", Pruning(database).turn, prune, stop))
        if store is not None:
            group.create_task(_visit(MailboxLoop(database, outbound, store), stop))
            group.create_task(_answer(AnswerLoop(database, outbound, store), stop))
            group.create_task(
                loop("sweeping", Sweeping(database, store).turn, asyncio.Event(), stop)
            )


async def _send(deliveries: DeliveryLoop, due: asyncio.Event, stop: asyncio.Event) -> None:
    await loop("deliveries", deliveries.turn, due, stop)
    await deliveries.finish()


async def _mirror(mirroring: Mirroring, told: asyncio.Event, stop: asyncio.Event) -> None:
    await loop("mirroring", mirroring.turn, told, stop)
    await mirroring.finish()


async def _visit(mailboxes: MailboxLoop, stop: asyncio.Event) -> None:
    await loop("mailboxes", mailboxes.turn, mailboxes.wake, stop)
    await mailboxes.finish()


async def _answer(answers: AnswerLoop, stop: asyncio.Event) -> None:
    await loop("answers by e-mail", answers.turn, answers.wake, stop)
    await answers.finish()


async def _count(database: Database, deliveries: DeliveryLoop, stop: asyncio.Event) -> None:
    async def turn() -> bool:
        async with database.transaction() as tx:
            await deliveries.tally.flush(tx)
        return False

    await loop("counting", turn, asyncio.Event(), stop)


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
            now = await database_now(tx)
            lanes = await take_lanes(tx)
            if not lanes:
                return 0
            return await run_rules(tx, self._book, lanes, now=now, apart=apart, coming=coming)
