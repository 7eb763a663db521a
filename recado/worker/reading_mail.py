"""The loop of mailboxes: several are visited at a time, so one that hangs holds up none of the others.

Where a server tells of what comes in, a visit stays and rests; a visit that rests takes nobody's place.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from recado.db.database import DATABASE_ERRORS, Database, database_now
from recado.deliveries.delivering import Outbound
from recado.lib.storing import FileStore
from recado.mailboxes.claiming import Claimed, ClaimLost, claim_mailbox, let_go, record_visit
from recado.mailboxes.visiting import Reader, visit
from recado.notifications.failing_inboxes import notify_failing_inbox

_LOG = logging.getLogger("recado.mail")
MOST_AT_ONCE: Final = 6  # mailboxes; each may hold a large letter in memory
MOST_RESTING: Final = 200  # mailboxes: a connection each; further ones are looked at every minute
_THREADS: Final = 4 * MOST_AT_ONCE  # one that was hung up on may linger in DNS


@dataclass(slots=True)
class MailboxLoop:
    """Begins the next visit at a turn, while there is room."""

    database: Database
    outbound: Outbound
    store: FileStore
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_THREADS, thread_name_prefix="mailbox")
    )
    _visits: dict[asyncio.Task[None], Claimed] = field(default_factory=dict)
    _reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_AT_ONCE))
    _resting: int = 0

    async def turn(self) -> bool:
        """Whether a visit was begun, and another may be due."""
        if self._reading.locked():
            return False
        async with self.database.transaction() as tx:
            claimed = await claim_mailbox(tx, self.outbound.vault, now=await database_now(tx))
        if claimed is None:
            return False
        await self._reading.acquire()
        task = asyncio.create_task(self._visit(claimed))
        self._visits[task] = claimed
        task.add_done_callback(self._visited)
        return True

    async def finish(self) -> None:
        """Let the visits go; the next worker goes on behind the last whole letter.

        Without a database they are anybody's after the lease.
        """
        visits = dict(self._visits)
        for task in visits:
            task.cancel()
        await asyncio.gather(*visits, return_exceptions=True)
        try:
            async with self.database.transaction() as tx:
                await let_go(tx, visits.values(), now=await database_now(tx))
        except DATABASE_ERRORS as error:
            _LOG.warning("Stopped without a database; mailboxes wait for their lease: %s", error)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _visit(self, claimed: Claimed) -> None:
        reader = Reader(self.database, self.store, self.outbound.sender.dialer, self._threads)
        try:
            resting = self._rest if self._resting < MOST_RESTING else None
            visited = await visit(reader, claimed, resting)
            async with self.database.transaction() as tx:
                now = await database_now(tx)
                mailbox = await record_visit(
                    tx, claimed, visited.trouble, is_more=visited.is_more, now=now
                )
                await notify_failing_inbox(tx, mailbox, now=now)
        except ClaimLost:
            _LOG.info("mailbox inbox=%s was changed, or is read by another", claimed.inbox_id)

    @asynccontextmanager
    async def _rest(self) -> AsyncIterator[None]:
        self._reading.release()
        self._resting += 1
        self.wake.set()
        try:
            yield
        finally:
            self._resting -= 1
            await self._reading.acquire()

    def _visited(self, task: asyncio.Task[None]) -> None:
        self._reading.release()
        del self._visits[task]
        self.wake.set()
        if not task.cancelled() and (error := task.exception()):  # it is due after its lease
            _LOG.error("Visiting a mailbox failed", exc_info=error)
