"""Reading values: what stands in the facts or in a condition, as something that can be compared.

Every reader takes any JSON and never raises. What is missing, blank or not of the kind reads as
that kind's empty value: "" for texts, an empty set for labels, None for everything else; so a
number attribute that holds "abc" counts as missing.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from recado.automation.catalogue import Kind

_OTHER_NAMES: Final = {"labels": ("label_list",)}  # of columns in an event's changes
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_DIGITS: Final = re.compile(r"[^0-9]")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_WHOLE: Final = re.compile(r"[0-9]{1,18}")
_FLAGS: Final[Mapping[object, bool]] = {"true": True, "1": True, "false": False, "0": False}


def as_written(value: object) -> str:
    """The text itself, for regular expressions; without lone surrogates, which UTF-8 lacks."""
    text = _plain(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def as_text(value: object) -> str:
    """People's words: case, accents and compatibility forms do not count ("AÇÃO" is "acao")."""
    text = _plain(value)
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())


def as_code(value: object) -> str:
    """E-mail addresses, identifiers, links, choices: case does not count, accents do."""
    return _plain(value).casefold()


def as_phone(value: object) -> str:
    """Only the digits, so "+55 (11) 9" is "55119"."""
    return _DIGITS.sub("", _plain(value))


def as_language(value: object) -> str:
    """A language tag in lower case with hyphens."""
    return as_code(value).replace("_", "-")


def as_id(value: object) -> int | None:
    """A positive whole number, also when written as text."""
    if isinstance(value, str):
        value = int(value) if _WHOLE.fullmatch(value.strip()) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and value > 0 else None


def as_labels(value: object) -> frozenset[str]:
    """The titles in a list, as CODE."""
    if not isinstance(value, list | tuple):
        return frozenset()
    return frozenset(as_code(one) for one in value) - {""}


def as_number(value: object) -> Decimal | None:
    """A finite decimal number; texts as "12" or "-12.50", nothing else."""
    if isinstance(value, str):
        text = value.strip()
        return Decimal(text) if _DECIMAL.fullmatch(text) else None
    if type(value) is int:
        return Decimal(value)
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(repr(value))
    return None


def as_date(value: object) -> date | None:
    """The day in an ISO 8601 date or date and time, as written there: zones do not move it."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        if len(text) > len("2026-12-31"):
            datetime.fromisoformat(text)  # the rest must make sense too
        return date.fromisoformat(text[:10]) if text[4:5] == "-" else None
    except ValueError:
        return None


def as_flag(value: object) -> bool | None:
    """True or false, also when written as text or as 1 and 0; a list is true unless empty."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return bool(value)
    return _FLAGS.get(_plain(value).strip().lower())


READERS: Final[Mapping[Kind, Callable[[object], Any]]] = {  # Any: each kind its own type
    Kind.TEXT: as_text,
    Kind.CODE: as_code,
    Kind.PHONE: as_phone,
    Kind.LANGUAGE: as_language,
    Kind.CHOICE: as_code,
    Kind.ID: as_id,
    Kind.LABELS: as_labels,
    Kind.NUMBER: as_number,
    Kind.DATE: as_date,
    Kind.CHECKBOX: as_flag,
}

NOTHING: Final[tuple[object, ...]] = ("", frozenset(), None)  # how "missing" reads


def read_at(facts: object, path: tuple[str, ...]) -> object:
    """What stands in the facts at `path`; None where the path ends early."""
    for key in path:
        if not isinstance(facts, Mapping):
            return None
        facts = facts.get(key)
    return facts


def changed(facts: object, key: str, path: tuple[str, ...]) -> list[object] | None:
    """[before, after] of an attribute in the event's changes, raw; None when they lack it.

    Looked for under the attribute's own key, then under the column it lives in: custom and
    additional attributes change as whole objects, labels also as "label_list".
    """
    changes = read_at(facts, ("changes",))
    for name in (key, path[-1], *_OTHER_NAMES.get(key, ())):
        pair = read_at(changes, (name,))
        if isinstance(pair, list | tuple) and len(pair) == 2:
            return list(pair)
    return _changed_inside(changes, path) if len(path) == 3 else None


def _changed_inside(changes: object, path: tuple[str, ...]) -> list[object] | None:
    column, key = path[1], path[2]
    for name in (column, f"{column}s", f"{path[0]}.{column}"):
        pair = read_at(changes, (name,))
        if isinstance(pair, list | tuple) and len(pair) == 2:
            return [read_at(pair[0], (key,)), read_at(pair[1], (key,))]
    return None


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else ""
