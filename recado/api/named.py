"""Enums in requests: by name, or by the position in the list of names."""

from enum import StrEnum
from typing import TypeVar

from recado.api.door import invalid

_Name = TypeVar("_Name", bound=StrEnum)


def named(names: type[_Name], given: object, field: str) -> _Name:
    """The name that is meant, or 422 about `field`."""
    text = str(given).strip()
    all_names = list(names)
    if text.isdecimal() and len(text) < 3 and int(text) < len(all_names):
        return all_names[int(text)]
    if text in all_names:
        return names(text)
    raise invalid({field: f"Choose one of: {', '.join(all_names)}."})
