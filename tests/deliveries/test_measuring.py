"""What an operator's monitoring reads."""

from datetime import timedelta

import pytest

from recado.db.database import Transaction
from recado.deliveries.measuring import metrics_text
from recado.deliveries.models import Lane
from recado.deliveries.queueing import NotSent
from recado.deliveries.states import State, Why
from recado.deliveries.tallying import Tally, result_of
from recado.events.models import Event
from recado.lib.outcomes import Outcome, Trouble
from tests.deliveries.rows import a_delivery, answered, claim, failed, tried
from tests.people import NOW, Cast, gather


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


async def figures(tx: Transaction) -> dict[str, float]:
    text = await metrics_text(tx, now=NOW + timedelta(minutes=1))
    assert text.endswith("\n")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


async def test_an_empty_server_has_its_figures(tx: Transaction) -> None:
    told = await figures(tx)
    assert told['recado_deliveries{state="pending"}'] == 0
    assert told["recado_queue_age_seconds"] == 0
    assert told["recado_attempt_seconds_count"] == 0


async def test_what_waits_and_what_ended_badly_is_counted(tx: Transaction, people: Cast) -> None:
    await a_delivery(tx, people.account.id)
    await a_delivery(tx, people.other_account.id, "https://slow.example/")
    skipped = NotSent(State.SKIPPED, {"why": Why.ACTION_OFF})
    await a_delivery(tx, people.account.id, not_sent=skipped)
    tx.add(Lane(lane="https://slow.example:443", concurrency=1, open_until=NOW))
    tx.add(Lane(lane="https://other.example:443", concurrency=5))
    tx.add(
        Event(
            account_id=people.account.id, name="message_created", conversation_id=None, lane=0,
            facts={}, cause={}, created_at=NOW,
        )
    )  # fmt: skip
    await tx.flush()
    told = await figures(tx)
    assert told['recado_deliveries{state="pending"}'] == 2
    assert told['recado_deliveries{state="skipped"}'] == 1
    assert told['recado_lanes{state="open"}'] == 1
    assert told['recado_lanes{state="slowed"}'] == 1
    assert told["recado_queue_age_seconds"] == 60
    assert (told["recado_events_waiting"], told["recado_events_age_seconds"]) == (1, 60)


async def test_attempts_are_counted_over_all_workers(tx: Transaction, people: Cast) -> None:
    outcomes: list[Outcome] = [answered(200), answered(503), failed(Trouble.DNS)]
    for share in (1, 2):
        tally = Tally(share=share)
        for outcome in outcomes:
            await a_delivery(tx, people.account.id)
            [mine] = await claim(tx)
            tally.add([tried(mine, outcome)])
            await tally.flush(tx)
        assert not await tally.flush(tx)  # nothing is counted twice
    told = await figures(tx)
    assert told['recado_attempts_total{result="2xx"}'] == 2
    assert told['recado_attempts_total{result="5xx"}'] == 2
    assert told['recado_attempts_total{result="dns"}'] == 2
    assert told['recado_attempt_seconds_bucket{le="0.01"}'] == 0
    assert told['recado_attempt_seconds_bucket{le="0.025"}'] == 6  # 12.5 ms each
    assert told['recado_attempt_seconds_bucket{le="+Inf"}'] == 6
    assert told["recado_attempt_seconds_count"] == 6


def test_a_result_is_a_word() -> None:
    assert result_of(answered(404)) == "4xx"
    assert result_of(failed(Trouble.TIMEOUT)) == "timeout"
