"""The worker in this process, against a real receiver."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.models import Delivery
from recado.deliveries.states import State
from recado.lib.outcomes import Outcome, RequestHeader, Response, Timing
from recado.lib.sending import Sender
from recado.worker.sending import DeliveryLoop, Limits
from recado.worker.working import work
from tests.deliveries.rows import a_delivery, broken_rules, fresh
from tests.people import Cast
from tests.receiver import Receiver

LIMITS = Limits(concurrency=20, lane_concurrency=5, lease=timedelta(seconds=30))


@asynccontextmanager
async def working(
    database: Database, outbound: Outbound, limits: Limits = LIMITS
) -> AsyncIterator[None]:
    """A worker for the time of the block; then it finishes what is in flight."""
    stop = asyncio.Event()
    task = asyncio.create_task(work(database, outbound, limits, stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await task


async def queued(database: Database, cast: Cast, url: str, **values: Any) -> int:
    async with database.transaction() as tx:
        return (await a_delivery(tx, cast.account.id, url, **values)).id


async def row_of(database: Database, delivery_id: int) -> Delivery:
    async with database.transaction() as tx:
        return await fresh(tx, delivery_id)


async def until(database: Database, delivery_id: int, **wanted: Any) -> Delivery:
    """The delivery, as soon as its columns have these values."""
    async with asyncio.timeout(10):
        while True:
            row = await row_of(database, delivery_id)
            if all(getattr(row, name) == value for name, value in wanted.items()):
                return row
            await asyncio.sleep(0.02)


async def due_now(database: Database) -> None:
    """Time passes: what waits for its next try is due, and the worker is told."""
    async with database.transaction() as tx:
        await tx.execute(
            text("""update deliveries set due_at = now() where state = 'pending'
                and id not in (select delivery_id from leases)""")
        )
        await tx.execute(text("select pg_notify('recado_deliveries', '')"))


@pytest.fixture(autouse=True)
async def _rules_hold(database: Database) -> AsyncIterator[None]:
    yield
    async with database.transaction() as tx:
        assert await broken_rules(tx) == {}


async def test_a_503_is_tried_again_later_with_the_same_id(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    receiver.answer_once(503, b"busy")
    async with working(database, outbound):
        made = await queued(database, cast, receiver.url + "/crm")
        waiting = await until(database, made, attempts_count=1)
        assert waiting.state == State.PENDING
        assert waiting.due_at is not None
        assert len(receiver.received) == 1
        await due_now(database)
        ended = await until(database, made, state=State.DELIVERED)
    assert [(one.number, one.status) for one in ended.attempts] == [(1, 503), (2, 200)]
    ids = {one.headers["webhook-id"] for one in receiver.received}
    assert ids == {ended.webhook_id}
    assert {one.headers["idempotency-key"] for one in receiver.received} == ids
    assert receiver.received[0].headers["user-agent"].startswith("Recado/")


async def test_three_500_then_a_200_are_four_attempts(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    for _ in range(3):
        receiver.answer_once(500)
    async with working(database, outbound):
        made = await queued(database, cast, receiver.url)
        for number in (1, 2, 3):
            await until(database, made, attempts_count=number, state=State.PENDING)
            await due_now(database)
        ended = await until(database, made, state=State.DELIVERED)
    assert [one.status for one in ended.attempts] == [500, 500, 500, 200]
    assert len(receiver.received) == 4


async def test_retry_after_is_obeyed(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    receiver.answer_once(429, headers={"Retry-After": "3600"})
    async with working(database, outbound):
        made = await queued(database, cast, receiver.url)
        row = await until(database, made, attempts_count=1)
    assert row.due_at is not None
    assert timedelta(minutes=59) < row.due_at - row.attempts[0].started_at < timedelta(minutes=61)


async def test_a_dead_destination_does_not_delay_a_healthy_one(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    async with Receiver() as dead:
        hanging = [await queued(database, cast, dead.url + "/silence") for _ in range(30)]
        async with working(database, outbound):
            await dead.wait_for(LIMITS.lane_concurrency)
            healthy = [await queued(database, cast, receiver.url) for _ in range(10)]
            for one in healthy:
                await until(database, one, state=State.DELIVERED)
            rows = [await row_of(database, one) for one in hanging]
            assert {row.state for row in rows} == {State.PENDING}
            assert dead.connections <= 2 * LIMITS.lane_concurrency
            async with database.transaction() as tx:  # enough of it
                await tx.execute(text("update deliveries set due_at = due_at + interval '1 day'"))


class _Broken(Sender):
    """A sender with a mistake in it, for one destination."""

    async def send(self, request: Any, **settings: Any) -> Outcome:
        if "mistake" in request.url:
            raise ZeroDivisionError("ours")
        return await super().send(request, **settings)


async def test_a_mistake_of_ours_ends_one_delivery_and_the_loop_goes_on(
    database: Database,
    cast: Cast,
    outbound: Outbound,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = Outbound(_Broken(guard=outbound.sender._guard, user_agent="x"), outbound.vault, 2.0)
    async with broken.sender, working(database, broken):
        wrong = await queued(database, cast, receiver.url + "/mistake")
        row = await until(database, wrong, state=State.FAILED)
        right = await queued(database, cast, receiver.url + "/right")
        await until(database, right, state=State.DELIVERED)
    assert [(one.number, one.trouble) for one in row.attempts] == [(1, "bug")]
    assert "ZeroDivisionError" in caplog.text


async def test_a_request_that_cannot_be_sent_at_all_ends_as_our_mistake(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    headers = (RequestHeader("X-A", "two\nlines"),)  # rendering refuses it; a row might hold it
    async with working(database, outbound):
        made = await queued(database, cast, receiver.url, headers=headers)
        row = await until(database, made, state=State.FAILED)
    assert row.reason["trouble"] == "bug"
    assert receiver.connections == 0


class _Unstorable(Sender):
    """Answers what no database takes, for one destination."""

    async def send(self, request: Any, **settings: Any) -> Outcome:
        if "poison" in request.url:
            return Response(10**30, (), b"", 0, is_cut=False, timing=Timing(total=1.0))
        return await super().send(request, **settings)


async def test_an_attempt_that_cannot_be_stored_does_not_hold_up_the_others(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    async with _Unstorable(guard=outbound.sender._guard, user_agent="x") as sender:
        poison = await queued(database, cast, receiver.url + "/poison")
        healthy = [await queued(database, cast, receiver.url) for _ in range(3)]
        async with working(database, Outbound(sender, outbound.vault, 2.0)):
            row = await until(database, poison, state=State.FAILED)
            for one in healthy:
                await until(database, one, state=State.DELIVERED)
    assert [one.trouble for one in row.attempts] == ["bug"]
    assert len(receiver.received) == 3


async def test_work_goes_on_when_every_connection_to_the_database_is_cut(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    async with working(database, outbound):
        first = await queued(database, cast, receiver.url)
        await until(database, first, state=State.DELIVERED)
        await _cut_connections(database)
        second = await queued(database, cast, receiver.url)
        await until(database, second, state=State.DELIVERED)
        listeners = "select count(*) from pg_stat_activity where query like 'LISTEN%'"
        async with asyncio.timeout(10):
            while True:
                async with database.transaction() as tx:
                    if await tx.scalar(text(listeners)):
                        break
                await asyncio.sleep(0.05)
    assert len(receiver.received) == 2


async def _cut_connections(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            text("""
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()
            """)
        )


async def test_a_stop_waits_for_what_is_in_flight(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    receiver.answer(200, delay=0.5)
    made = [await queued(database, cast, receiver.url) for _ in range(3)]
    async with working(database, outbound):
        await receiver.wait_for(3)
    rows = [await row_of(database, one) for one in made]
    assert [row.state for row in rows] == [State.DELIVERED] * 3


async def test_a_stop_gives_back_what_does_not_end_in_time_without_cost(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    made = await queued(database, cast, receiver.url + "/silence")
    sending = DeliveryLoop(database, outbound, LIMITS, asyncio.Event(), finish_seconds=0.1)
    await sending.turn()
    await receiver.wait_for(1)
    await sending.finish()
    row = await row_of(database, made)
    assert (row.state, row.lease, row.attempts_count) == (State.PENDING, None, 0)
    assert (row.tries_count, row.interruptions_count, row.attempts) == (0, 0, [])
    async with database.transaction() as tx:
        assert await tx.scalar(text("select due_at <= clock_timestamp() from deliveries"))


async def test_what_ends_just_as_it_is_stopped_is_recorded(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    ended = await queued(database, cast, receiver.url)
    cut = await queued(database, cast, receiver.url + "/silence")
    sending = DeliveryLoop(database, outbound, LIMITS, asyncio.Event(), finish_seconds=0.3)
    await sending.turn()
    await receiver.wait_for(2)
    await sending.finish()
    assert (await row_of(database, ended)).state == State.DELIVERED
    assert (await row_of(database, cut)).state == State.PENDING


async def test_nothing_is_taken_beyond_the_limit(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    for number in range(12):
        url = receiver.url.replace("127.0.0.1", f"127.0.0.{number % 3 + 1}")
        await queued(database, cast, url + "/silence")
    limits = Limits(concurrency=4, lane_concurrency=2, lease=timedelta(seconds=30))
    sending = DeliveryLoop(database, outbound, limits, asyncio.Event(), finish_seconds=0.0)
    while await sending.turn():
        pass
    async with database.transaction() as tx:
        claimed = await tx.scalar(text("select count(*) from leases"))
        most = await tx.scalar(
            text("""select max(n) from (select count(*) n from leases
                join deliveries on id = delivery_id group by lane) x""")
        )
    await sending.finish()
    assert (claimed, most) == (4, 2)


async def test_every_attempt_has_its_line_in_the_log(
    database: Database,
    cast: Cast,
    outbound: Outbound,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "recado.attempts")
    receiver.answer_once(500)
    async with working(database, outbound):
        made = await queued(database, cast, receiver.url)
        await until(database, made, attempts_count=1)
    line = next(one for one in caplog.messages if f"delivery={made} " in one)
    for part in ("action=1", "number=1", "status=500", "trouble=http_status", "state=pending"):
        assert part in line
