"""Two people in one short form: each field is what the one who changed it says. Pure.

Such a form carries what its fields showed when it was drawn (`opened`). What one did not touch is left
as others have saved it since; where both changed one field, the later one is told before theirs is lost
(a Collision), and sends the form again to have it so. Programs carry nothing: their word counts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson

from recado.accounts.colliding import OPENED, Collision
from recado.lib.differences import Difference, line_difference
from recado.lib.languages import say

# By field: a text, a yes or no, or ids and words of which some are ticked.
Values = Mapping[str, Any]
Labels = Mapping[str, object]  # by field: a Sentence, or the name that somebody gave it
Words = Mapping[
    str, Mapping[str, object]
]  # by field: what its values are called, where they are codes


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a form draws of this: the mark that it carries, and what both have changed."""

    opened: str
    collision: Collision | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """A form beside what is saved now. `meant`: what its fields shall be, typed or saved by others.

    Where something is wrong, or `overlapping`, the form is drawn again with `meant` and `again()`.
    """

    meant: dict[str, Any]
    opened: Values
    current: Values
    overlapping: tuple[str, ...]  # what both have changed, each to something else

    @property
    def is_beside(self) -> bool:
        """Whether others have saved something since, whatever it was."""
        return any(not _same(was, self.current[name]) for name, was in self.opened.items())

    def again(
        self, labels: Labels, problems: Collection[object], saved_at: datetime | None = None,
        *, words: Words = MappingProxyType({}),
    ) -> Meeting:  # fmt: skip
        """For the form drawn again: what both have changed, once it has no `problems` of its own."""
        if problems:
            return first_meeting(self.opened)
        return Meeting(_as_opened(self.current), _collision(self, labels, words, saved_at))


def first_meeting(values: Values) -> Meeting:
    """For a form that shows what is saved, its `values`."""
    return Meeting(_as_opened(values))


def meet(form: Mapping[str, Any], typed: Values, current: Values) -> Met:
    """What is meant by the `typed` fields of a form, where `current` is saved by now."""
    opened = _opened(form, current)
    meant: dict[str, Any] = {}
    overlapping: list[str] = []
    for name, mine in typed.items():
        was, now = opened.get(name, current.get(name, "")), current.get(name, "")
        if isinstance(_plain(mine), list):
            meant[name] = _ticked(mine, was, now)
            continue
        meant[name] = now if _same(mine, was) else mine
        if not (_same(mine, was) or _same(now, was) or _same(mine, now)):
            overlapping.append(name)
    return Met(meant, opened, current, tuple(overlapping))


def _as_opened(values: Values) -> str:
    return orjson.dumps({name: _plain(one) for name, one in values.items()}).decode()


def _collision(
    met: Met, labels: Labels, words: Words, saved_at: datetime | None
) -> Collision | None:
    if not met.overlapping:
        return None
    theirs, mine = (
        [
            _difference(labels[name], met.opened[name], values[name], words.get(name, {}))
            for name in met.overlapping
        ]
        for values in (met.current, met.meant)
    )
    return Collision(None, saved_at, theirs, mine)


def _opened(form: Mapping[str, Any], current: Values) -> dict[str, Any]:
    """What the form says that it showed; nothing where it says nothing that can be read."""
    try:
        found = orjson.loads(str(form.get(OPENED) or "{}"))
    except orjson.JSONDecodeError:
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {
        name: one
        for name, one in pairs
        if name in current and isinstance(one, list) == isinstance(_plain(current[name]), list)
    }


def _ticked(mine: Any, was: Any, now: Any) -> set[Any]:
    """What is ticked now, with what one has ticked and without what one has unticked."""
    before = {one for one in was if isinstance(one, str | int)}
    return (set(now) | (set(mine) - before)) - (before - set(mine))


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, set | frozenset | list | tuple):
        return sorted(value, key=str)
    return "" if value is None else str(value)


def _difference(label: object, before: Any, after: Any, words: Mapping[str, object]) -> Difference:
    if isinstance(before, bool):
        before, after = say("Yes") if before else say("No"), say("Yes") if after else say("No")
    elif words:
        before, after = words.get(str(before), before), words.get(str(after), after)
    elif "\n" in str(before) + str(after):
        return line_difference(say("%(field)s changed", field=label), str(before), str(after))
    return Difference(
        say("%(field)s: “%(before)s” → “%(after)s”", field=label, before=before, after=after)
    )


def _same(one: Any, other: Any) -> bool:
    """Whether a field says the same; browsers end lines in their own way."""
    first, second = _plain(one), _plain(other)
    if isinstance(first, str) and isinstance(second, str):
        return first.replace("\r\n", "\n").strip() == second.replace("\r\n", "\n").strip()
    return bool(first == second)
