"""Whatever a receiver does wrong: the right word for it, one deadline, one call, little memory."""

import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from recado.lib.addresses import AddressGuard, parse_networks
from recado.lib.answers import LONGEST_KEPT, LONGEST_READ
from recado.lib.connections import LONGEST_HEAD
from recado.lib.outcomes import Failure, Outcome, Request, Response
from recado.lib.sending import Sender
from tests.hostile import HOSTILE, Hostile, Met, hostile_receivers
from tests.receiver import BEHAVIOURS, Receiver

MOST_MEMORY = 8 * LONGEST_READ  # bytes at once, what the receiver itself holds included
HOME = AddressGuard(parse_networks("127.0.0.0/8"))


@pytest.fixture
async def met(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Met]:
    async with hostile_receivers(tmp_path, receiver) as everybody:
        yield everybody


async def call(met: Met, one: Hostile, method: str) -> Outcome:
    """One try; only what would last for ever is given little time."""
    async with Sender(
        guard=HOME, user_agent="t", ca_file=met.ca_file, lookup=lambda *_: ["127.0.0.1"]
    ) as sender:
        request = Request(method, met.url(one), (), "{}" if method == "POST" else None)
        seconds = 0.5 if one.lasts else 30.0
        return await sender.send(request, secrets={}, deadline_seconds=seconds)


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("one", HOSTILE, ids=lambda one: one.name)
async def test_misbehaviour_has_a_name_and_an_end(
    met: Met, receiver: Receiver, one: Hostile, method: str
) -> None:
    outcome = await call(met, one, method)
    if isinstance(one.comes_to, tuple):
        assert isinstance(outcome, Response)
        assert (outcome.status, outcome.body) == one.comes_to
        assert outcome.is_cut is (len(outcome.body) == LONGEST_KEPT)
    else:
        assert isinstance(outcome, Failure)
        assert outcome.trouble is one.comes_to, outcome.detail
        assert one.detail in outcome.detail
        assert "127.0.0.1" not in outcome.detail
        assert outcome.was_sent is not bool(one.server)  # nothing goes to who is not who it says
    assert receiver.visited == ([] if one.server else [one.path])  # once, whatever the method


@pytest.mark.parametrize("one", HOSTILE, ids=lambda one: one.name)
async def test_no_misbehaviour_takes_much_memory(met: Met, one: Hostile) -> None:
    await call(met, one, "POST")  # what is made once
    tracemalloc.start()
    try:
        outcome = await call(met, one, "POST")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < MOST_MEMORY
    if isinstance(outcome, Response):
        assert len(outcome.body) <= LONGEST_KEPT
        assert sum(len(name) + len(value) for name, value in outcome.headers) <= LONGEST_HEAD


def test_every_behaviour_of_the_receiver_is_in_the_list() -> None:
    tested_elsewhere = {"/gzip-twice", "/cookie"}
    assert set(BEHAVIOURS) - tested_elsewhere <= {one.path for one in HOSTILE}


def test_every_name_is_there_once() -> None:
    assert len({one.name for one in HOSTILE}) == len(HOSTILE)
