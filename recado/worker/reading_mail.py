"""The loop of mailboxes: several are visited at a time, so one that hangs holds up none of the others."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from recado.db.database import Database, database_now
from recado.deliveries.delivering import Outbound
from recado.lib.storing import FileStore
from recado.mailboxes.claiming import Claimed, ClaimLost, claim_mailbox, record_visit
from recado.mailboxes.visiting import Reader, visit
from recado.notifications.failing_inboxes import notify_failing_inbox

_LOG = logging.getLogger("recado.mail")
MOST_AT_ONCE: Final = 6  # mailboxes; each may hold a large letter in memory
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
    _visits: set[asyncio.Task[None]] = field(default_factory=set)

    async def turn(self) -> bool:
        """Whether a visit was begun, and another may be due."""
        if len(self._visits) >= MOST_AT_ONCE:
            return False
        async with self.database.transaction() as tx:
            claimed = await claim_mailbox(tx, self.outbound.vault, now=await database_now(tx))
        if claimed is None:
            return False
        task = asyncio.create_task(self._visit(claimed))
        self._visits.add(task)
        task.add_done_callback(self._visited)
        return True

    async def finish(self) -> None:
        """Let the visits go; the next worker goes on behind the last whole letter."""
        for task in self._visits:
            task.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _visit(self, claimed: Claimed) -> None:
        reader = Reader(self.database, self.store, self.outbound.sender.dialer, self._threads)
        try:
            visited = await visit(reader, claimed)
            async with self.database.transaction() as tx:
                now = await database_now(tx)
                mailbox = await record_visit(
                    tx, claimed, visited.trouble, is_more=visited.is_more, now=now
                )
                await notify_failing_inbox(tx, mailbox, now=now)
        except ClaimLost:
            _LOG.info("mailbox inbox=%s was changed, or is read by another", claimed.inbox_id)

    def _visited(self, task: asyncio.Task[None]) -> None:
        self._visits.discard(task)
        self.wake.set()
        if not task.cancelled() and (error := task.exception()):  # it is due after its lease
            _LOG.error("Visiting a mailbox failed", exc_info=error)
