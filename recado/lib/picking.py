"""Variables as the picker behind `{{` reads them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from recado.lib.facts import ALIASES, Facts, Variable, spelling, value_of
from recado.lib.values import json_of, text_of

_LONGEST: Final = 200  # characters of a value beside its variable


def variables_island(variables: Iterable[Variable]) -> list[dict[str, Any]]:
    """The list that `{{` opens. Other spellings of a name are known, not offered."""
    offered = [_offered(one) for one in variables]
    names = {one["name"] for one in offered}
    aliases = [
        {"name": alias, "label": "", "kind": "text", "sample": "", "alias": True}
        for alias, name in ALIASES.items()
        if name in names
    ]
    return offered + aliases


def with_values_of(variables: Iterable[Variable], facts: Facts) -> tuple[Variable, ...]:
    """The variables with what they stand for in these facts instead of a sample."""
    return tuple(replace(one, sample=value_of(facts, one.name)) for one in variables)


def _offered(variable: Variable) -> dict[str, Any]:
    is_plain = not isinstance(variable.sample, list | dict)
    sample = text_of(variable.sample) if is_plain else json_of(variable.sample)
    return {
        "name": spelling(variable.name),
        "label": str(variable.label),
        "kind": variable.kind.value,
        "sample": sample if len(sample) <= _LONGEST else f"{sample[:_LONGEST]}…",
    }
