"""Variables as the picker behind `{{` reads them."""

from collections.abc import Iterable
from typing import Any

from recado.lib.facts import ALIASES, Variable, spelling
from recado.lib.values import json_of, text_of


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


def _offered(variable: Variable) -> dict[str, Any]:
    is_plain = not isinstance(variable.sample, list | dict)
    return {
        "name": spelling(variable.name),
        "label": str(variable.label),
        "kind": variable.kind.value,
        "sample": text_of(variable.sample) if is_plain else json_of(variable.sample),
    }
