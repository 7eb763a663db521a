"""Asks that come together are answered together, and none suffers from another."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from recado.lib.together import Together


class Doubling:
    """Doubles numbers; notes its batches. 13 spoils a batch, 7 is refused, 5 only works alone."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def __call__(self, asks: Sequence[int], is_alone: bool) -> Mapping[int, int | Exception]:
        self.batches.append(list(asks))
        await self.may_go_on.wait()
        if 13 in asks:
            raise ZeroDivisionError
        return {at: self._one(ask) for at, ask in enumerate(asks) if is_alone or ask != 5}

    def _one(self, ask: int) -> int | Exception:
        return ValueError("no sevens") if ask == 7 else 2 * ask


async def ask_all(together: Together[int, int], *asks: int) -> list[int | BaseException]:
    return await asyncio.gather(*(together.ask(one) for one in asks), return_exceptions=True)


async def test_a_lone_ask_is_answered_at_once() -> None:
    doubling = Doubling()
    assert await Together(doubling).ask(21) == 42
    assert doubling.batches == [[21]]


async def test_what_comes_meanwhile_is_answered_together() -> None:
    doubling = Doubling()
    doubling.may_go_on.clear()
    together = Together(doubling)
    first = asyncio.create_task(together.ask(1))
    await asyncio.sleep(0)
    others = asyncio.create_task(ask_all(together, 2, 3, 4))
    await asyncio.sleep(0)
    doubling.may_go_on.set()
    assert [await first, *await others] == [2, 4, 6, 8]
    assert doubling.batches == [[1], [2, 3, 4]]


async def test_a_batch_is_not_endless() -> None:
    doubling = Doubling()
    answers = await ask_all(Together(doubling, key=lambda one: one), *range(1000, 1250))
    assert answers == [2 * one for one in range(1000, 1250)]
    assert [len(one) for one in doubling.batches] == [100, 100, 50]


async def test_one_that_spoils_a_batch_fails_alone() -> None:
    answers = await ask_all(Together(Doubling()), 1, 13, 2)
    assert [answers[0], answers[2]] == [2, 4]
    assert isinstance(answers[1], ZeroDivisionError)


async def test_a_refusal_is_for_the_one_who_asked() -> None:
    doubling = Doubling()
    answers = await ask_all(Together(doubling), 7, 8)
    assert isinstance(answers[0], ValueError)
    assert answers[1] == 16
    assert len(doubling.batches) == 1


async def test_one_that_must_be_alone_is_asked_again_alone() -> None:
    doubling = Doubling()
    assert await ask_all(Together(doubling), 5, 6) == [10, 12]
    assert doubling.batches == [[5, 6], [5]]


async def test_of_the_same_key_the_later_waits_for_the_next_batch() -> None:
    doubling = Doubling()
    together = Together(doubling, key=lambda one: one % 10)
    assert await ask_all(together, 11, 21, 32) == [22, 42, 64]
    assert doubling.batches == [[11, 32], [21]]


async def test_whoever_goes_away_leaves_the_others_their_answers() -> None:
    doubling = Doubling()
    doubling.may_go_on.clear()
    together = Together(doubling)
    gone, stays = asyncio.create_task(together.ask(1)), asyncio.create_task(together.ask(2))
    await asyncio.sleep(0)
    gone.cancel()
    doubling.may_go_on.set()
    assert await stays == 4
    with pytest.raises(asyncio.CancelledError):
        await gone
