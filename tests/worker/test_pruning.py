"""What nobody needs any more is forgotten, and nothing else."""

from datetime import timedelta

from sqlalchemy import func, select, update

from recado.automation.models import RuleVerdict
from recado.automation.pruning import prune_verdicts
from recado.db.database import Database, Transaction
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.pruning import RETENTION, prune_deliveries
from recado.deliveries.queueing import NotSent
from recado.deliveries.recording import record
from recado.deliveries.states import State, Why
from recado.events.models import Event
from recado.events.pruning import prune_events
from recado.worker.pruning import Pruning
from tests.deliveries.rows import a_delivery, answered, claim, tried
from tests.people import NOW, Cast, a_contact, a_conversation, gather

LATER = NOW + RETENTION


async def test_an_old_delivery_goes_with_its_attempts(tx: Transaction) -> None:
    cast = await gather(tx)
    await a_delivery(tx, cast.account.id)
    await record(tx, [tried(one, answered(200)) for one in await claim(tx)], now=NOW)
    assert await prune_deliveries(tx, now=LATER) == 0
    assert await prune_deliveries(tx, now=LATER + timedelta(seconds=1)) == 1
    assert await tx.scalar(select(func.count()).select_from(Attempt)) == 0


async def test_what_waits_is_never_pruned(tx: Transaction) -> None:
    cast = await gather(tx)
    await a_delivery(tx, cast.account.id)
    await a_delivery(tx, cast.account.id, not_sent=NotSent(State.HELD, {"why": Why.ACTION_OFF}))
    assert await prune_deliveries(tx, now=LATER + timedelta(days=365)) == 0


async def test_an_event_is_kept_until_its_rules_were_tested(tx: Transaction) -> None:
    cast = await gather(tx)
    await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
    later = LATER + timedelta(days=1)
    assert await prune_events(tx, now=later) == 0
    await tx.execute(update(Event).values(processed_at=NOW))
    assert await prune_events(tx, now=later) == 1


async def test_old_verdicts_go(tx: Transaction) -> None:
    cast = await gather(tx)
    verdict = RuleVerdict(
        account_id=cast.account.id,
        rule_id=1,
        rule_name="Tell the CRM",
        event_id=1,
        event_name="message_created",
        conversation_id=1,
        result="matched",
        conditions=[],
        created_at=NOW,
    )
    tx.add(verdict)
    await tx.flush()
    assert await prune_verdicts(tx, now=LATER) == 0
    assert await prune_verdicts(tx, now=LATER + timedelta(seconds=1)) == 1


async def test_the_loop_goes_on_until_nothing_is_left(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await a_delivery(tx, cast.account.id)
        await record(tx, [tried(one, answered(200)) for one in await claim(tx)], now=NOW)
        await tx.execute(update(Delivery).values(finished_at=NOW - timedelta(days=4_000)))
    pruning = Pruning(database)
    assert await pruning.turn() is True
    assert await pruning.turn() is False
