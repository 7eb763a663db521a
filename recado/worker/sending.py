"""The deliveries' loop: claim what is due, send it, record what came of it."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from recado.actions.answering import answer, lock_for_answers
from recado.chatwoot.writing_back import note_answers
from recado.db.database import CLOCK, DATABASE_ERRORS, Database, Transaction, database_now
from recado.db.direct import ask_ahead
from recado.db.surviving import mistake_in
from recado.deliveries.claiming import Room, claim_due, release
from recado.deliveries.claiming_new import Coming
from recado.deliveries.claims import Claimed
from recado.deliveries.delivering import Outbound, Tried, deliver
from recado.deliveries.keeping_pace import keep_pace, paces_before
from recado.deliveries.keeping_secrets import sealed_secrets
from recado.deliveries.models import Secret
from recado.deliveries.recording import record, still_ours
from recado.deliveries.requests import secret_ids
from recado.deliveries.settling import Settled
from recado.deliveries.tallying import Tally
from recado.lib.outcomes import Failure, Response, Timing, Trouble
from recado.notifications.failing import notify_failing
from recado.webhooks.failing import show_failures
from recado.worker.looping import POLL_SECONDS

_LOG = logging.getLogger("recado.attempts")
_BUG: Final = Failure(Trouble.BUG, Timing(total=0.0))
FINISH_SECONDS: Final = 25.0  # what is in flight may take so long after SIGTERM


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one worker does at once, and for how long a claim is its own."""

    concurrency: int
    lane_concurrency: int
    lease: timedelta


@dataclass(frozen=True, slots=True)
class _Written:
    """What a turn has recorded, and the lanes whose breaker opened by it."""

    ends: Sequence[tuple[Tried, Settled]] = ()
    opened: Sequence[str] = ()


@dataclass(slots=True)
class DeliveryLoop:
    """Sends with as many attempts in flight as the limits allow, each lane with its own share."""

    database: Database
    outbound: Outbound
    limits: Limits
    wake: asyncio.Event
    finish_seconds: float = FINISH_SECONDS
    tally: Tally = field(default_factory=Tally)
    _in_flight: dict[asyncio.Task[Tried], Claimed] = field(default_factory=dict)
    _finished: list[Tried] = field(default_factory=list)
    _coming: Coming | None = None
    _is_more: bool = True  # something may be due that is not ours yet
    _next_look: float = 0.0  # of the loop's clock: retries fall due without anybody telling us
    _is_stopping: bool = False

    async def turn(self) -> bool:
        """Record what has finished and take what is due; whether there may be more at once.

        Both are one transaction: under load that is half of the commits. Nothing is looked for where
        all that was due is taken and nobody has told of more.
        """
        room = self._room()
        if room.limit <= 0 or not self._is_time_to_look():
            await self._record_finished()
            return False
        batch = list(self._finished)
        taken: list[Claimed] = []
        if mistake := await mistake_in(self._record_and_take(batch, room, taken)):
            if not batch:
                raise mistake
            _LOG.error("Recording %s attempts failed", len(batch), exc_info=mistake)
            await self._record_apart(batch)
        del self._finished[: len(batch)]  # only now: an error above leaves them to be recorded
        # One alone was all there is room for, and its landing wakes us.
        return bool(mistake) or (len(taken) > 1 and self._is_more)

    def look(self) -> None:
        """There is something to send."""
        self._is_more = True
        self.wake.set()

    @asynccontextmanager
    async def taking(self) -> AsyncIterator[Coming]:
        """What is claimed in this block, which holds a transaction, is sent at its end."""
        began = self._clock()
        self._coming = coming = Coming(self._room(), self.limits.lease)
        try:
            yield coming
        finally:
            self._coming = None
        if coming.claimed_at is None:
            return
        if self._is_stopping:
            await self._give_back(coming.claimed)
            return
        now = coming.claimed_at + timedelta(seconds=self._clock() - began)
        for one in coming.claimed:
            self._launch(one, coming.sealed, now)

    async def finish(self) -> None:
        """Wait for what is in flight, record it, and give the rest back: it costs no attempt.

        Without a database nothing is lost: what was claimed falls due again after the lease.
        """
        self._is_stopping = True
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=self.finish_seconds)
        unfinished = dict(self._in_flight)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        try:
            await self._record_finished()
            if unfinished:
                await self._give_back(list(unfinished.values()))
        except DATABASE_ERRORS as error:
            _LOG.warning("Stopped without a database; what was in flight goes again: %s", error)

    async def _give_back(self, claimed: Sequence[Claimed]) -> None:
        async with self.database.transaction() as tx:
            await release(tx, claimed)

    def _room(self) -> Room:
        held = [*self._in_flight.values(), *(self._coming.claimed if self._coming else ())]
        free = 0 if self._is_stopping else self.limits.concurrency - len(held)
        return Room(free, self.limits.lane_concurrency, Counter(one.lane for one in held))

    def _is_time_to_look(self) -> bool:
        return self._is_more or not self._finished or self._clock() >= self._next_look

    @staticmethod
    def _clock() -> float:
        return asyncio.get_running_loop().time()

    async def _record_and_take(self, batch: list[Tried], room: Room, taken: list[Claimed]) -> None:
        self._is_more, self._next_look = False, self._clock() + POLL_SECONDS
        try:
            async with self.database.transaction() as tx:
                now = await begin_recording(tx, batch)
                written = await self._write(tx, batch, now=now) if batch else _Written()
                found = await claim_due(tx, room, lease=self.limits.lease, now=now)
                sealed = await self._secrets(tx, found.claimed)
        except BaseException:
            self._is_more = True
            raise
        self._is_more |= found.may_be_more
        taken += found.claimed
        for one in found.claimed:
            self._launch(one, sealed, now)
        self._tell(batch, written)

    async def _secrets(self, tx: Transaction, claimed: list[Claimed]) -> dict[int, Secret]:
        needed: set[int] = set()
        for one in claimed:
            needed |= secret_ids(one.request)
        return await sealed_secrets(tx, needed)

    def _launch(self, claimed: Claimed, sealed: dict[int, Secret], now: datetime) -> None:
        task = asyncio.ensure_future(deliver(claimed, sealed, self.outbound, now=now))
        self._in_flight[task] = claimed
        task.add_done_callback(lambda done: self._landed(done, now))

    def _landed(self, task: asyncio.Task[Tried], now: datetime) -> None:
        claimed = self._in_flight.pop(task)
        if task.cancelled():
            return
        if error := task.exception():  # a mistake of ours; the delivery ends, and says so
            _LOG.error("Sending delivery %s failed", claimed.id, exc_info=error)
            tried = Tried(claimed, now, _BUG)
        else:
            tried = task.result()
        self._finished.append(tried)
        self.wake.set()

    async def _record_finished(self) -> None:
        if not self._finished:
            return
        batch = list(self._finished)
        if mistake := await mistake_in(self._record(batch)):
            _LOG.error("Recording %s attempts failed", len(batch), exc_info=mistake)
            await self._record_apart(batch)
        del self._finished[: len(batch)]  # only now: an error above leaves them to be recorded

    async def _record(self, batch: list[Tried]) -> None:
        async with self.database.transaction() as tx:
            written = await self._write(tx, batch, now=await begin_recording(tx, batch))
        self._tell(batch, written)

    async def _write(self, tx: Transaction, batch: list[Tried], *, now: datetime) -> _Written:
        ends = await record(tx, batch, now=now)
        recorded = [one for one, _ in ends]
        opened = await keep_pace(tx, recorded, most=self.limits.lane_concurrency, now=now)
        await answer(tx, ends, now=now)
        await show_failures(tx, ends, now=now)
        await note_answers(tx, ends)
        await notify_failing(tx, ends, now=now)
        return _Written(ends, opened)

    def _tell(self, batch: list[Tried], written: _Written) -> None:
        """What is on disk now is counted and logged."""
        self.tally.add([one for one, _ in written.ends])
        for tried, settled in written.ends:
            _log_attempt(tried, str(settled.state), settled.due_at)
        for lane in written.opened:
            _LOG.warning("Half of the calls to %s fail: nothing is sent there for a while", lane)
        if len(written.ends) < len(batch):
            late = {one.claimed.id for one in batch} - {one.claimed.id for one, _ in written.ends}
            _LOG.warning("Others took these deliveries over after their lease: %s", sorted(late))

    async def _record_apart(self, batch: list[Tried]) -> None:
        """What cannot be written must not keep the others from it: that one ends as our mistake."""
        for one in batch:
            if await mistake_in(self._record([one])):
                await self._record([replace(one, outcome=_BUG)])


async def begin_recording(tx: Transaction, batch: Sequence[Tried]) -> datetime:
    """When recording begins: once what these change is locked, in the order that all keep to."""
    await lock_for_answers(tx, batch)
    if batch:
        await ask_ahead(tx, CLOCK.asked(), still_ours(batch), paces_before(batch))
    return await database_now(tx)


def _log_attempt(tried: Tried, state: str, due_at: datetime | None) -> None:
    """The canonical line of an attempt: everything one asks a log about it."""
    claimed, outcome = tried.claimed, tried.outcome
    told = {
        "delivery": claimed.id,
        "account": claimed.account_id,
        "action": claimed.action_id,
        "conversation": claimed.conversation_id,
        "lane": claimed.lane,
        "number": claimed.attempts_count + 1,
        "status": outcome.status if isinstance(outcome, Response) else None,
        "trouble": tried.trouble,
        "ms": round(outcome.timing.total),
        "state": state,
        "next": due_at.isoformat(timespec="seconds") if due_at else None,
    }
    line = " ".join(f"{name}={'-' if one is None else one}" for name, one in told.items())
    _LOG.info("attempt %s", line, extra={"told": {"event": "attempt", **told}})
