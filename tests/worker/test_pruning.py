"""What nobody needs any more is forgotten, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from recado.automation.models import RuleVerdict
from recado.automation.pruning import prune_verdicts
from recado.db.database import Database, Transaction
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.policies import Policy
from recado.deliveries.pruning import drop_bodies, prune_deliveries
from recado.deliveries.queueing import NotSent
from recado.deliveries.recording import record
from recado.deliveries.resending import resend_problem
from recado.deliveries.states import State, Why
from recado.events.models import Event
from recado.events.pruning import prune_events
from recado.worker.pruning import Pruning
from tests.deliveries.rows import a_delivery, answered, claim, fresh, tried
from tests.deliveries.test_sharing import multiplied
from tests.people import NOW, Cast, a_contact, a_conversation, gather

LATER = NOW + timedelta(days=30)


async def test_an_old_delivery_goes_with_its_attempts(tx: Transaction) -> None:
    cast = await gather(tx)
    await a_delivery(tx, cast.account.id)
    await record(tx, [tried(one, answered(200)) for one in await claim(tx)], now=NOW)
    assert await prune_deliveries(tx, now=LATER) == 0
    assert await prune_deliveries(tx, now=LATER + timedelta(seconds=1)) == 1
    assert await tx.scalar(select(func.count()).select_from(Attempt)) == 0


@pytest.mark.parametrize("off", [[], ["hashjoin", "mergejoin", "hashagg", "sort", "material"]])
async def test_old_deliveries_go_a_few_at_a_time(tx: Transaction, off: list[str]) -> None:
    """Whatever plan PostgreSQL chooses: one of them asks again for each row."""
    for one in off:
        await tx.execute(text(f"set local enable_{one} = off"))
    cast = await gather(tx)
    old = await a_delivery(tx, cast.account.id, not_sent=NotSent(State.SKIPPED))
    await multiplied(tx, old, 500)
    await tx.execute(update(Delivery).values(state="skipped", due_at=None, finished_at=NOW))
    later = LATER + timedelta(seconds=1)
    assert [await prune_deliveries(tx, now=later) for _ in range(3)] == [500, 1, 0]


@pytest.mark.parametrize("days", [1, 30, 365])
async def test_an_action_says_how_long_its_calls_are_kept(tx: Transaction, days: int) -> None:
    cast = await gather(tx)
    await a_delivery(tx, cast.account.id, policy=Policy(keep_days=days))
    await record(tx, [tried(one, answered(200)) for one in await claim(tx)], now=NOW)
    ended = NOW + timedelta(days=days)
    assert await prune_deliveries(tx, now=ended) == 0
    assert await prune_deliveries(tx, now=ended + timedelta(hours=1, seconds=1)) == 1


async def test_bodies_go_when_the_call_has_ended_and_its_answer_was_used(tx: Transaction) -> None:
    cast = await gather(tx)
    quiet = Policy(keeps_bodies=False)
    made = await a_delivery(tx, cast.account.id, policy=quiet, awaits_answer=True)
    assert await drop_bodies(tx, now=NOW) == 0  # it waits
    answers = [tried(one, answered(200, body=b"secret")) for one in await claim(tx)]
    await record(tx, answers, now=NOW)
    assert await drop_bodies(tx, now=NOW) == 0  # its answer is to be used
    await tx.execute(update(Delivery).values(awaits_answer=False))
    assert await drop_bodies(tx, now=NOW) == 1
    assert await drop_bodies(tx, now=NOW) == 0
    found = await fresh(tx, made.id)
    assert (found.request["body"], found.attempts[0].response_body) == (None, None)
    assert found.request["url"] == "https://crm.example/contacts"
    assert "not kept" in str(resend_problem(found))


async def test_other_bodies_stay_and_a_call_without_one_can_be_repeated(tx: Transaction) -> None:
    cast = await gather(tx)
    kept = await a_delivery(tx, cast.account.id)
    bare = await a_delivery(tx, cast.account.id, body=None, policy=Policy(keeps_bodies=False))
    await record(tx, [tried(one, answered(500, body=b"x")) for one in await claim(tx)], now=NOW)
    await tx.execute(update(Delivery).values(state=State.FAILED, finished_at=NOW, due_at=None))
    await tx.execute(update(Delivery).values(awaits_answer=False))
    assert await drop_bodies(tx, now=NOW) == 1
    assert (await fresh(tx, kept.id)).attempts[0].response_body == b"x"
    assert (await fresh(tx, bare.id)).attempts[0].response_body is None
    assert resend_problem(await fresh(tx, bare.id)) is None


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
    assert await prune_events(tx, now=later) == 2  # of the contact, of the conversation


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
