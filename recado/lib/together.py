"""Natural batching: what is asked while an answer is under way is answered by the next one together.

No timer and no waiting for more: a lone ask is answered at once, a hundred at the same moment share
the statements of one. Knows nothing of what is asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")

# Takes asks, and whether this is an ask alone; returns answers, or exceptions for askers, by position.
# One that is missing could not be answered among others and is asked again alone.
Answering = Callable[[Sequence[Ask], bool], Awaitable[Mapping[int, Answer | Exception]]]

_MOST: Final = 100  # asks in a batch
_MOST_ALONE: Final = 5  # at a time


@dataclass(frozen=True, slots=True)
class _Asked(Generic[Ask, Answer]):
    what: Ask
    answer: "asyncio.Future[Answer]"

    def tell(self, told: Answer | Exception) -> None:
        """Whoever asked may have gone."""
        if self.answer.done():
            return
        if isinstance(told, Exception):
            self.answer.set_exception(told)
        else:
            self.answer.set_result(told)


class Together(Generic[Ask, Answer]):
    """Answers asks in batches, one batch at a time; the loop of the first ask is the one it works in.

    When a batch fails, each of it is asked again alone: nobody fails because of a neighbour, and one
    that is slow alone does not hold up the next batch. Of asks with the same `key`, a batch holds
    only the earliest.
    """

    def __init__(
        self, answering: Answering[Ask, Answer], *, key: Callable[[Ask], Hashable] = id
    ) -> None:
        self._answering = answering
        self._key = key
        self._waiting: list[_Asked[Ask, Answer]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_busy = False
        self._room_alone = asyncio.Semaphore(_MOST_ALONE)

    async def ask(self, what: Ask) -> Answer:
        """The answer, or the exception that is meant for this ask."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(what, answer))
        if not self._is_busy:
            self._is_busy = True
            self._go(self._answer_all())
        return await answer

    async def _answer_all(self) -> None:
        try:
            while batch := self._next():
                await self._answer(batch)
        finally:
            self._is_busy = False

    def _next(self) -> list[_Asked[Ask, Answer]]:
        """The earliest of each key; the others, and those of nobody any more, are left out."""
        batch: dict[Hashable, _Asked[Ask, Answer]] = {}
        later: list[_Asked[Ask, Answer]] = []
        for asked in self._waiting:
            key = self._key(asked.what)
            if len(batch) < _MOST and key not in batch:
                batch[key] = asked
            else:
                later.append(asked)
        self._waiting = later
        return list(batch.values())

    async def _answer(self, batch: list[_Asked[Ask, Answer]]) -> None:
        try:
            answers = await self._answering([asked.what for asked in batch], False)
        except Exception as error:  # noqa: BLE001 - each is asked again alone, and hears its own
            answers = {0: error} if len(batch) == 1 else {}
        for position, asked in enumerate(batch):
            if position in answers:
                asked.tell(answers[position])
            else:
                self._go(self._answer_alone(asked))

    async def _answer_alone(self, asked: _Asked[Ask, Answer]) -> None:
        async with self._room_alone:
            try:
                answers = await self._answering([asked.what], True)
                asked.tell(answers[0])
            except Exception as error:  # noqa: BLE001 - whoever asked hears it
                asked.tell(error)

    def _go(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)  # the loop itself keeps no hold on its tasks
        task.add_done_callback(self._tasks.discard)
