"""Several statements asked in one round trip, whose answers are ready for whoever asks for them then.

A round trip costs more than most statements, and most that a batch needs do not need one another. What is
asked ahead has its rows by place: within another statement, columns lose their names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from recado.db.driving import fetch
from recado.db.waiting import counted_on

_READY: Final = "ready"  # in a transaction's info: what was asked ahead, each with its rows


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement with its values in their order: one that reads, or an insertion that returns."""

    sql: str
    values: Sequence[Any]
    words: frozenset[str]  # the tables that it names, among others


async def rows_of_each(info: dict[Any, Any], asked: Sequence[Asked]) -> list[list[Any]]:
    """The rows of several statements, in one round trip.

    None sees what another inserts; of those that lock, each locks when its turn comes.
    """
    if len(asked) == 1:
        return [await fetch(info, asked[0].sql, asked[0].values)]
    sql = _beside(tuple(one.sql for one in asked))
    [answers] = await fetch(info, sql, [value for one in asked for value in one.values])
    return list(answers)


@lru_cache(maxsize=64)
def _beside(statements: tuple[str, ...]) -> str:
    insertions, answers = [], []
    for number, part in enumerate(counted_on(statements)):
        name = f"part_{number}"
        if is_insertion := part.lstrip().startswith("insert"):
            insertions.append(f"{name} as ({part})")
        source = name if is_insertion else f"({part}) as {name}"
        answers.append(f"array(select row({name}.*) from {source})")  # noqa: S608 - names of our own
    before = f"with {', '.join(insertions)} " if insertions else ""
    return f"{before}select {', '.join(answers)}"


def keep_ready(info: dict[Any, Any], asked: Sequence[Asked], answers: Sequence[list[Any]]) -> None:
    """Have these answers ready for whoever asks in this transaction."""
    info[_READY] = [*info.get(_READY, ()), *zip(asked, answers, strict=True)]


def ready_answer(info: dict[Any, Any], sql: str, values: Sequence[Any]) -> list[Any] | None:
    """The rows of what was asked ahead, once; None: it was not."""
    ready: list[tuple[Asked, list[Any]]] = info.get(_READY, [])
    for at, (one, rows) in enumerate(ready):
        if one.sql == sql and list(one.values) == list(values):
            del ready[at]
            return rows
    return None
