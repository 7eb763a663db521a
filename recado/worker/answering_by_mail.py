"""The loop of answers by e-mail: several inboxes at a time, so one server that hangs holds up no other."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from recado.db.database import Database, database_now
from recado.deliveries.delivering import Outbound
from recado.lib.storing import FileStore
from recado.mailboxes.answering import Batch, claim_batch, record_batch, send_batch

_LOG = logging.getLogger("recado.mail")
MOST_AT_ONCE: Final = 6  # inboxes
_THREADS: Final = 4 * MOST_AT_ONCE  # one that was hung up on may linger in DNS


@dataclass(slots=True)
class AnswerLoop:
    """Begins the next batch at a turn, while there is room."""

    database: Database
    outbound: Outbound
    store: FileStore
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_THREADS, thread_name_prefix="answers")
    )
    _batches: dict[asyncio.Task[None], int] = field(default_factory=dict)

    async def turn(self) -> bool:
        """Whether a batch was begun, and another inbox may have one."""
        if len(self._batches) >= MOST_AT_ONCE:
            return False
        async with self.database.transaction() as tx:
            batch = await claim_batch(
                tx, self.outbound.vault, busy=self._batches.values(), now=await database_now(tx)
            )
        if batch is None:
            return False
        task = asyncio.create_task(self._send(batch))
        self._batches[task] = batch.inbox_id
        task.add_done_callback(self._sent)
        return True

    async def finish(self) -> None:
        """Wait a little for what is under way; the rest goes again after its lease."""
        if self._batches:
            await asyncio.wait(self._batches, timeout=15.0)
        for task in self._batches:
            task.cancel()
        await asyncio.gather(*self._batches, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _send(self, batch: Batch) -> None:
        answers = await send_batch(batch, self.store, self.outbound.sender.dialer, self._threads)
        await record_batch(self.database, batch, answers)
        for one, answer in zip(batch.claimed, answers, strict=True):
            if answer is not None:
                result = answer.trouble or "sent"
                _LOG.info("answer email=%s try=%s result=%s", one.email_id, one.tries, result)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._batches.pop(task)
        self.wake.set()
        if not task.cancelled() and (error := task.exception()):  # due again after the lease
            _LOG.error("Sending answers by e-mail failed", exc_info=error)
