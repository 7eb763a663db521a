"""The filters of our templates: Liquid's, bounded, with a `json` and a `date` of our own.

Liquid limits loops and output, but not filters: two of them turn one message of 64 KB into
gigabytes. So each is weighed: what would go in or came out heavier than WEIGHT_LIMIT is refused.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final

from liquid import RenderContext
from liquid.builtin.filters.misc import date as liquid_date
from liquid.exceptions import FilterArgumentError, OutputStreamLimitError
from liquid.filter import liquid_filter, with_context

from recado.lib.values import Json, json_of, text_of, weight

Filter = Callable[..., Any]  # Liquid passes and takes values of any type
WEIGHT_LIMIT: Final = 1024 * 1024  # characters
_BREAKS = (ValueError, ArithmeticError, LookupError, AttributeError, OSError, RecursionError)


def our_filters(filters: Mapping[str, Filter]) -> dict[str, Filter]:
    """Liquid's filters made safe, and our own."""
    every = {**filters, "json": _json, "date": _date}
    return {name: _bounded(name, filter_) for name, filter_ in every.items()}


def _bounded(name: str, filter_: Filter) -> Filter:
    @wraps(filter_)  # keeps the marks by which Liquid passes the context
    def bounded(value: object, *arguments: object, **named: object) -> object:
        _refuse_heavier(_expected_weight(name, value, arguments))
        try:
            result = filter_(value, *arguments, **named)
        except _BREAKS as error:
            raise FilterArgumentError(str(error), token=None) from error
        _refuse_heavier(weight(result, limit=WEIGHT_LIMIT))
        return result

    return bounded


def _refuse_heavier(weighed: int) -> None:
    if weighed > WEIGHT_LIMIT:
        raise OutputStreamLimitError("value too large", token=None)


def _expected_weight(name: str, value: object, arguments: tuple[object, ...]) -> int:
    """Known before the work is done, where a filter multiplies its values."""
    own = weight(value, limit=WEIGHT_LIMIT)
    added = weight(arguments[-1], limit=WEIGHT_LIMIT) if arguments else 0
    if name == "join" and isinstance(value, list | tuple):
        return own + len(value) * added
    if name == "replace" and len(arguments) > 1:
        text, sought = text_of(value), text_of(arguments[0])
        return own + (text.count(sought) * added if sought in text else 0)
    return own


@liquid_filter
def _json(value: object) -> Json:
    return Json(json_of(value))


@with_context
@liquid_filter
def _date(value: object, form: object, *, context: RenderContext) -> object:
    """Liquid's `date`, the same on every machine: numbers are UTC, now is the event's moment."""
    if value in ("now", "today"):
        value = context.get(["event", "at"], token=None, default=value)
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = datetime.fromtimestamp(value, UTC)
    return liquid_date(value, form, environment=context.env)
