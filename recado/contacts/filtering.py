"""Filters as the API has them, compiled to SQL conditions whose values are always parameters.

A filter is a list of rows `{"attribute_key", "filter_operator", "values", "query_operator"}`; a row
is joined with the next by its `query_operator`, and AND binds closer than OR, as in SQL.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Numeric, Text, and_, case, cast, false, func, not_, or_, true

MOST_ROWS: Final = 50
_MOST_VALUES: Final = 100
_LONGEST: Final = 1_500  # characters of a value
_LARGEST: Final = 2**63 - 1

Condition = ColumnElement[bool]


class FieldKind(StrEnum):
    """How the values of a field are compared."""

    TEXT = "text"  # ignoring case
    NUMBER = "number"
    DAY = "day"  # a text such as 2026-11-23
    MOMENT = "moment"
    FLAG = "flag"
    WORDS = "words"  # an array of texts


@dataclass(frozen=True, slots=True)
class Field:
    """Something that can be filtered by: what it is in SQL."""

    kind: FieldKind
    column: Any  # a column, or an SQL expression


@dataclass(frozen=True, slots=True)
class Row:
    """One row that makes sense: its test, and whether the next one is an alternative."""

    condition: Condition
    is_before_or: bool


def compiled(
    rows: Any, field_of: Callable[[Mapping[str, Any]], Field | None], *, now: datetime
) -> Condition | str:
    """The condition that a filter stands for, or what is wrong with it, in English.

    `rows` is any JSON; `field_of` finds the field that a row means. Days begin and end in the time zone
    of `now`.
    """
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        return "payload must be a list of conditions."
    if len(rows) > MOST_ROWS:
        return f"Use at most {MOST_ROWS} conditions."
    found: list[Row] = []
    for row in rows:
        made = _row(row, field_of(row), now)
        if isinstance(made, str):
            return made
        found.append(made)
    return _joined(found)


def custom_field(column: Any, key: str, kind: str) -> Field:
    """A custom attribute inside the JSON of `column`; `kind` is its definition's."""
    inner, text = column[key], column[key].astext
    match kind:
        case "number" | "currency" | "percent":
            is_number = func.jsonb_typeof(inner) == "number"
            return Field(FieldKind.NUMBER, case((is_number, cast(text, Numeric))))
        case "date":
            return Field(FieldKind.DAY, text)
        case "checkbox":
            return Field(FieldKind.FLAG, text)
        case _:
            return Field(FieldKind.TEXT, text)


def _joined(rows: Sequence[Row]) -> Condition:
    alternatives: list[list[Condition]] = [[]]
    for row in rows:
        alternatives[-1].append(row.condition)
        if row.is_before_or:
            alternatives.append([])
    return or_(*(and_(true(), *one) for one in alternatives if one)) if rows else true()


def _row(row: Mapping[str, Any], field: Field | None, now: datetime) -> Row | str:
    key, operator = str(row.get("attribute_key"))[:100], row.get("filter_operator")
    joined = row.get("query_operator")
    if field is None:
        return f"There is no attribute {key}."
    if joined is not None and str(joined).lower() not in {"and", "or", ""}:
        return "query_operator must be AND or OR."
    values = _values(row.get("values"))
    if isinstance(values, str):
        return f"{key}: {values}"
    test = _TESTS.get(str(operator))
    condition = test(field, values, now) if test else None
    if condition is None:
        return f"{key}: {str(operator)[:50]} cannot be used with these values."
    return Row(condition, str(joined).lower() == "or")


def _values(given: Any) -> list[Any] | str:
    values = given if isinstance(given, list) else [] if given is None else [given]
    plain = [one["id"] if isinstance(one, dict) and "id" in one else one for one in values]
    if len(plain) > _MOST_VALUES:
        return f"use at most {_MOST_VALUES} values."
    if not all(isinstance(one, str | int | float) for one in plain):
        return "values must be texts or numbers."
    if any(isinstance(one, str) and (len(one) > _LONGEST or "\0" in one) for one in plain):
        return f"a value has at most {_LONGEST} characters, and no U+0000."
    return plain


def _equal(field: Field, values: list[Any], now: datetime) -> Condition | None:
    if not values:
        return None
    texts = [str(one).lower() for one in values]
    condition: Condition
    match field.kind:
        case FieldKind.TEXT:
            condition = func.lower(field.column).in_(texts)
        case FieldKind.FLAG:
            condition = cast(field.column, Text).in_(texts)
        case FieldKind.WORDS:
            condition = field.column.overlap(texts)
        case FieldKind.DAY:
            condition = field.column.in_([one[:10] for one in texts])
        case FieldKind.NUMBER | FieldKind.MOMENT:
            return _equal_measure(field, values, now)
    return condition


def _equal_measure(field: Field, values: list[Any], now: datetime) -> Condition | None:
    tests: list[Condition] = []
    for value in values:
        measure = _number(value) if field.kind == FieldKind.NUMBER else _day(value)
        if measure is None:
            return None
        if isinstance(measure, date):
            begin, end = _stretch(measure, now)
            tests.append(and_(field.column >= begin, field.column < end))
        else:
            tests.append(field.column == measure)
    return or_(*tests)


def _stretch(day: date, now: datetime) -> tuple[datetime, datetime]:
    """From which moment to before which one a day is, where `now` is."""
    begin = datetime.combine(day, time(), now.tzinfo)
    return begin, begin + timedelta(days=1)  # on the clock there


def _contains(field: Field, values: list[Any], now: datetime) -> Condition | None:
    if field.kind == FieldKind.WORDS:
        return _equal(field, values, now)
    if not values or field.kind == FieldKind.MOMENT:
        return None
    text = cast(field.column, Text)
    return or_(*(text.icontains(str(one), autoescape=True) for one in values))


def _starts(field: Field, values: list[Any], _: datetime) -> Condition | None:
    if not values or field.kind != FieldKind.TEXT:
        return None
    return or_(*(field.column.istartswith(str(one), autoescape=True) for one in values))


def _is_there(field: Field, _: list[Any], __: datetime) -> Condition:
    if field.kind == FieldKind.WORDS:
        return func.cardinality(field.column) > 0
    if field.kind == FieldKind.TEXT:
        return func.coalesce(field.column, "") != ""
    is_there: Condition = field.column.is_not(None)
    return is_there


def _compare(
    field: Field, values: list[Any], now: datetime, *, is_greater: bool
) -> Condition | None:
    if len(values) != 1:
        return None
    value: Any
    match field.kind:
        case FieldKind.NUMBER:
            value = _number(values[0])
        case FieldKind.DAY:
            value = str(values[0])[:10]
        case FieldKind.MOMENT:
            return _compare_moment(field, _day(values[0]), now, is_greater=is_greater)
        case _:
            value = None
    if value is None:
        return None
    condition: Condition = field.column > value if is_greater else field.column < value
    return condition


def _compare_moment(
    field: Field, day: date | None, now: datetime, *, is_greater: bool
) -> Condition | None:
    """After the day or before it, the day itself being neither."""
    if day is None:
        return None
    begin, end = _stretch(day, now)
    condition: Condition = field.column >= end if is_greater else field.column < begin
    return condition


def _days_before(field: Field, values: list[Any], now: datetime) -> Condition | None:
    """Longer ago than so many days."""
    days = _number(values[0]) if len(values) == 1 else None
    if days is None or not 0 <= days <= 36_500:
        return None
    moment = now - timedelta(days=int(days))
    if field.kind not in {FieldKind.MOMENT, FieldKind.DAY}:
        return None
    limit = moment if field.kind == FieldKind.MOMENT else moment.date().isoformat()
    condition: Condition = field.column < limit
    return condition


def _negated(test: "_Test") -> "_Test":
    """The opposite; what is not there is also not equal to anything."""

    def negated(field: Field, values: list[Any], now: datetime) -> Condition | None:
        condition = test(field, values, now)
        return None if condition is None else not_(func.coalesce(condition, false()))

    return negated


_Test = Callable[[Field, list[Any], datetime], Condition | None]
_TESTS: Final[dict[str, _Test]] = {
    "equal_to": _equal,
    "not_equal_to": _negated(_equal),
    "contains": _contains,
    "does_not_contain": _negated(_contains),
    "starts_with": _starts,
    "is_present": _is_there,
    "is_not_present": _negated(_is_there),
    "is_greater_than": lambda field, values, now: _compare(field, values, now, is_greater=True),
    "is_less_than": lambda field, values, now: _compare(field, values, now, is_greater=False),
    "days_before": _days_before,
}


def _number(given: Any) -> Decimal | None:
    try:
        number = Decimal(str(given).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= _LARGEST else None


def _day(given: Any) -> date | None:
    try:
        return date.fromisoformat(str(given)[:10])
    except ValueError:
        return None
