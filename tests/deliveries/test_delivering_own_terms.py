"""The terms of an action on the path of a delivery: how long it waits, what it counts as arrived."""

from dataclasses import replace
from typing import Any

import pytest

from recado.db.database import Database
from recado.deliveries.delivering import Outbound, deliver
from recado.deliveries.policies import Policy
from recado.deliveries.recording import record
from recado.lib.outcomes import Failure, Trouble
from tests.deliveries.rows import a_delivery, claim, fresh
from tests.people import NOW, Cast
from tests.receiver import Receiver


@pytest.mark.parametrize(
    ("wanted", "usual", "longest", "expected"),
    [
        (None, 15.0, 59.0, 15.0),
        (5, 15.0, 59.0, 5.0),
        (50, 15.0, 59.0, 50.0),
        (50, 15.0, 29.0, 29.0),  # whoever runs the server chose a shorter lease
        (None, 15.0, 9.0, 9.0),
    ],
)
async def test_the_time_for_an_answer_ends_before_the_lease(
    database: Database, cast: Cast, outbound: Outbound,
    wanted: int | None, usual: float, longest: float, expected: float,
) -> None:  # fmt: skip
    async with database.transaction() as tx:
        await a_delivery(tx, cast.account.id, policy=Policy(answer_within=wanted))
        [claimed] = await claim(tx)
    own = replace(outbound, deadline_seconds=usual, longest_seconds=longest)
    assert own.deadline_for(claimed) == expected


async def test_an_answer_that_takes_longer_is_not_waited_for(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    receiver.answer(delay=20.0)
    async with database.transaction() as tx:
        kept = await a_delivery(
            tx, cast.account.id, f"{receiver.url}/slow", policy=Policy(answer_within=1)
        )
        [claimed] = await claim(tx)
    tried = await deliver(claimed, {}, replace(outbound, deadline_seconds=30.0), now=NOW)
    assert isinstance(tried.outcome, Failure)
    assert tried.outcome.trouble == Trouble.TIMEOUT
    async with database.transaction() as tx:
        await record(tx, [tried], now=NOW)
        assert (await fresh(tx, kept.id)).state == "pending"


@pytest.mark.parametrize(
    ("policy", "status", "state", "trouble"),
    [
        (Policy(), 409, "failed", "http_status"),
        (Policy(success_statuses=("200-299", "409")), 409, "delivered", None),
        (Policy(success_statuses=("201",)), 200, "failed", "http_status"),
        (Policy(again_statuses=("409",)), 409, "pending", "http_status"),
    ],
)
async def test_delivery_and_attempt_are_written_as_the_action_judges(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver,
    policy: Policy, status: int, state: str, trouble: Any,
) -> None:  # fmt: skip
    receiver.answer(status)
    async with database.transaction() as tx:
        kept = await a_delivery(tx, cast.account.id, f"{receiver.url}/crm", policy=policy)
        [claimed] = await claim(tx)
    tried = await deliver(claimed, {}, outbound, now=NOW)
    async with database.transaction() as tx:
        await record(tx, [tried], now=NOW)
        ended = await fresh(tx, kept.id)
    assert (ended.state, ended.last_status) == (state, status)
    assert [one.trouble for one in ended.attempts] == [trouble]
