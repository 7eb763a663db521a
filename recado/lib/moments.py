"""Answers that are good for a moment: what is asked a hundred times a page is looked up once a second."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Final, TypeVar, TypeVarTuple

_A_MOMENT: Final = 1.0  # seconds: who changes a file sees it at the next look

Asked = TypeVarTuple("Asked")
Answer = TypeVar("Answer")


def kept_for_a_moment(ask: Callable[[*Asked], Answer]) -> Callable[[*Asked], Answer]:
    """The function, asked again only when its last answer to the same question is a second old.

    For few different questions: each is remembered for good.
    """
    known: dict[tuple[*Asked], tuple[float, Answer]] = {}

    @wraps(ask)
    def answer(*about: *Asked) -> Answer:
        now = time.monotonic()
        at, told = known.get(about, (0.0, None))
        if told is None or now - at > _A_MOMENT:
            told = ask(*about)
            known[about] = now, told
        return told

    return answer
