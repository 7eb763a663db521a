"""How a JSON value is written: as text for people and URLs, or as JSON.

Both promise text that encodes to UTF-8: a lone surrogate becomes U+FFFD. What cannot be written
(NaN, Infinity, an integer beyond Python's digit limit, nesting without end) is a ValueError.
"""

import json
import re
from typing import Any, Final

import orjson
from liquid.undefined import is_undefined

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Json(str):
    """Text that is JSON already, so that it is not quoted again. The `json` filter makes it."""

    __slots__ = ()


def text_of(value: object) -> str:
    """A value as text: true and false, "" for a missing one, "a, b" for a list, objects as JSON."""
    if isinstance(value, str):
        return clean(value)
    if value is None or is_undefined(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return json_of(value)
    if isinstance(value, list | tuple):
        return ", ".join(_item_text(item) for item in value)
    return json_of(value) if isinstance(value, dict) else clean(str(value))


def _item_text(item: object) -> str:
    return json_of(item) if isinstance(item, list | tuple | dict) else text_of(item)


def json_of(value: object) -> str:
    """A value as JSON, whatever its type; null for a missing one. All digits of integers stay."""
    if isinstance(value, Json):
        return value
    if isinstance(value, str):
        return orjson.dumps(clean(value)).decode()
    if value is None:
        return "null"
    try:
        return clean(_ENCODER.encode(value))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _plain(value: object) -> Any:  # what json.dumps can write
    """Liquid's own objects in JSON's types."""
    if value is None or is_undefined(value):
        return None
    if isinstance(value, range):
        return list(value)
    return str(value)


_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
)


def plain_value(value: object) -> Any:  # JSON
    """A value as JSON would give it back: missing is None, tuples and ranges are lists."""
    if isinstance(value, str) and not isinstance(value, Json):
        return clean(value)
    return json.loads(json_of(value))


def clean(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which no encoding can carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def weight(value: object, *, limit: int) -> int:
    """About how many characters a value takes, not counted further than a little over `limit`."""
    total, waiting = 0, [value]
    while waiting and total <= limit:
        one = waiting.pop()
        total += 1
        if isinstance(one, str):
            total += len(one)
        elif isinstance(one, int):
            total += one.bit_length() // 3
        elif isinstance(one, range):
            total += limit if one.stop - one.start > limit else len(one)
        elif isinstance(one, list | tuple):
            waiting.extend(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
    return total


def is_json(text: str) -> bool:
    """Whether it is an object or a list in JSON; a bare number or word says nothing of what was meant."""
    try:
        return isinstance(orjson.loads(text), dict | list)
    except ValueError:
        return False
