"""One condition, made ready: which value it reads from the facts and the test that the value must pass.

`predicate_of` either returns a Predicate or says why there is none, so whatever a rule's form
accepts can also be tested. Negative operators are their positive twins, negated: an absent value
is therefore not equal to anything and contains nothing.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import re2

from recado.automation.catalogue import (
    ALL,
    NONE,
    Attribute,
    Kind,
    Operator,
    find_attribute,
)
from recado.automation.known import Definitions
from recado.automation.trees import Leaf
from recado.automation.values import (
    NOTHING,
    READERS,
    as_date,
    as_id,
    as_written,
    changed,
    read_at,
)
from recado.lib.facts import Facts
from recado.lib.languages import Sentence, say

LONGEST_TEXT: Final = 2_000  # characters of one value in a condition
LONGEST_PATTERN: Final = 500  # characters
MOST_VALUES: Final = 500  # of one condition
MOST_DAYS: Final = 36_500

_NEGATIVE: Final = {
    Operator.NOT_EQUAL_TO: Operator.EQUAL_TO,
    Operator.DOES_NOT_CONTAIN: Operator.CONTAINS,
    Operator.IS_NOT_PRESENT: Operator.IS_PRESENT,
}
_SINGLE: Final = frozenset({Operator.IS_GREATER_THAN, Operator.IS_LESS_THAN, Operator.DAYS_BEFORE})

Test = Callable[[Any], bool]  # Any: the column's own type of value


@dataclass(frozen=True, slots=True)
class Column:
    """A value of the facts that conditions look at; `key` tells columns apart (a text: quick to hash).

    `raw` is what stands in the facts, for people to see; `value` reads that for comparing.
    """

    key: str
    raw: Callable[[Facts], object]
    value: Callable[[Any, Facts], object]


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition made ready: it holds when `test(column's value)` differs from `is_negated`.

    Predicates with equal keys have equal tests, whichever rule they come from. `wanted` are the values
    for which the test is true, where it only asks for equality.
    """

    column: Column
    key: Hashable
    test: Test
    is_negated: bool
    wanted: frozenset[object] | None = None

    def holds(self, value: object) -> bool:
        """Whether the condition holds for this value of its column."""
        return self.test(value) is not self.is_negated


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a condition cannot be tested; `field` is the part of it that is wrong."""

    field: str
    sentence: Sentence


def predicate_of(leaf: Leaf, definitions: Definitions) -> Predicate | Misfit:
    """Make a condition ready, or say what is wrong with it."""
    attribute = find_attribute(leaf.attribute_key, leaf.model, definitions)
    if attribute is None:
        return _unknown_attribute(leaf)
    operator = operator_of(leaf, attribute)
    if isinstance(operator, Misfit):
        return operator
    if operator is Operator.ATTRIBUTE_CHANGED:
        return _change(attribute, leaf.values)
    positive = _NEGATIVE.get(operator, operator)
    found = _comparison(attribute, positive, leaf.values)
    if isinstance(found, Misfit):
        return found
    column, expected, test = found
    key = (column.key, positive, expected)
    is_equality = positive is Operator.EQUAL_TO and attribute.kind is not Kind.LABELS
    wanted = expected if is_equality and isinstance(expected, frozenset) else None
    return Predicate(column, key, test, is_negated=positive is not operator, wanted=wanted)


def operator_of(leaf: Leaf, attribute: Attribute) -> Operator | Misfit:
    """The operator that a condition names, if its attribute has it."""
    allowed = (*attribute.operators, Operator.ATTRIBUTE_CHANGED)
    found = next((one for one in allowed if one.value == leaf.operator), None)
    if found:
        return found
    return Misfit(
        "filter_operator",
        say(
            "“%(operator)s” cannot be used with %(attribute)s.",
            operator=leaf.operator,
            attribute=attribute.label,
        ),
    )


def _unknown_attribute(leaf: Leaf) -> Misfit:
    if not leaf.attribute_key:
        return Misfit("attribute_key", say("Choose what this condition is about."))
    return Misfit(
        "attribute_key",
        say(
            "There is no attribute “%(key)s”. It may have been deleted.",
            key=leaf.attribute_key,
        ),
    )


_Ready = tuple[Column, Hashable, Test]


def _comparison(attribute: Attribute, operator: Operator, values: object) -> _Ready | Misfit:
    if operator is Operator.IS_PRESENT:
        return _column(attribute), None, _is_present
    given = _given(operator, values)
    if isinstance(given, Misfit):
        return given
    if operator is Operator.MATCHES:
        return _pattern(attribute, given)
    if operator is Operator.DAYS_BEFORE:
        return _days_before(attribute, given[0])
    if operator is Operator.EQUAL_TO and attribute.key == "status" and _says_all(attribute, given):
        return _column(attribute), None, _is_present
    expected = _expected(attribute, operator, given)
    if isinstance(expected, Misfit):
        return expected
    return _column(attribute), frozenset(expected), _test(attribute.kind, operator, expected)


def _given(operator: Operator, values: object) -> list[object] | Misfit:
    if not isinstance(values, list | tuple):
        return _misfit(say("Values must be a list."))
    if not values:
        return _misfit(say("Enter or choose a value."))
    if operator in _SINGLE and len(values) > 1:
        return _misfit(say("Enter one value only."))
    if len(values) > MOST_VALUES:
        return _misfit(say("Use at most %(number)s values.", number=MOST_VALUES))
    if any(isinstance(one, str) and len(one) > LONGEST_TEXT for one in values):
        return _misfit(say("Use at most %(number)s characters.", number=LONGEST_TEXT))
    return list(values)


def _says_all(attribute: Attribute, given: list[object]) -> bool:
    return attribute.model is None and ALL in given


def _expected(
    attribute: Attribute, operator: Operator, given: list[object]
) -> list[object] | Misfit:
    found: list[object] = []
    for one in given:
        value = expected_value(attribute, one, may_be_none=operator is Operator.EQUAL_TO)
        if isinstance(value, Misfit):
            return value
        found.append(value)
    return found


def expected_value(attribute: Attribute, given: object, *, may_be_none: bool) -> object | Misfit:
    """A value from a condition, read as the facts' value will be read."""
    read: Callable[[object], object] = READERS[attribute.kind]
    if may_be_none and attribute.has_none and given in (NONE, None):
        return read(None)
    if attribute.kind is Kind.LABELS:
        return READERS[Kind.CHOICE](given) or _wrong(attribute)
    if not _is_sensible(attribute.kind, given):
        return _wrong(attribute)
    value = read(given)
    if value in NOTHING:
        return _wrong(attribute)
    if attribute.choices and value not in map(read, attribute.choices):
        return _misfit(
            say(
                "“%(value)s” is not a value of %(attribute)s.",
                value=str(given),
                attribute=attribute.label,
            )
        )
    return value


def _is_sensible(kind: Kind, given: object) -> bool:
    if isinstance(given, bool):
        return kind is Kind.CHECKBOX
    return isinstance(given, str | int | float)


def _wrong(attribute: Attribute) -> Misfit:
    match attribute.kind:
        case Kind.NUMBER:
            return _misfit(say("Enter a number, such as 12 or 12.50."))
        case Kind.DATE:
            return _misfit(say("Enter a date as 2026-12-31."))
        case Kind.CHECKBOX:
            return _misfit(say("Enter true or false."))
        case Kind.PHONE:
            return _misfit(say("Enter at least one digit of the phone number."))
        case Kind.ID | Kind.CHOICE | Kind.LABELS | Kind.LANGUAGE:
            return _misfit(say("Choose a value from the list."))
        case Kind.TEXT | Kind.CODE:
            return _misfit(say("Enter a text."))


def _misfit(sentence: Sentence) -> Misfit:
    return Misfit("values", sentence)


def _test(kind: Kind, operator: Operator, expected: list[Any]) -> Test:  # Any: the kind's own type
    if operator is Operator.CONTAINS:
        return _contains(expected)
    if operator is Operator.STARTS_WITH:
        prefixes = tuple(expected)
        return lambda value: value.startswith(prefixes)
    if operator is Operator.IS_GREATER_THAN:
        limit = expected[0]
        return lambda value: value is not None and value > limit
    if operator is Operator.IS_LESS_THAN:
        limit = expected[0]
        return lambda value: value is not None and value < limit
    wanted = frozenset(expected)
    if kind is Kind.LABELS:
        return lambda value: not wanted.isdisjoint(value)
    return wanted.__contains__


def _contains(needles: list[str]) -> Test:
    if len(needles) == 1:
        needle = needles[0]
        return lambda value: needle in value
    return lambda value: any(needle in value for needle in needles)


def _is_present(value: object) -> bool:
    return value not in NOTHING


def _column(attribute: Attribute) -> Column:
    path, read = attribute.path, READERS[attribute.kind]
    return Column(
        _key(path, attribute.kind.value),
        lambda facts: read_at(facts, path),
        lambda raw, _facts: read(raw),
    )


def _key(path: tuple[str, ...], reading: str) -> str:
    return "\0".join((*path, reading))


def _pattern(attribute: Attribute, given: list[object]) -> _Ready | Misfit:
    patterns: list[Any] = []  # Any: re2 has no types
    for one in given:
        pattern = _compiled(one)
        if isinstance(pattern, Misfit):
            return pattern
        patterns.append(pattern)
    path = attribute.path
    column = Column(
        _key(path, "as written"),
        lambda facts: read_at(facts, path),
        lambda raw, _facts: as_written(raw),
    )
    test: Test = lambda value: bool(value) and any(one.search(value) for one in patterns)  # noqa: E731
    return column, frozenset(map(str, given)), test


def _compiled(pattern: object) -> Any:  # a Misfit, or a pattern of re2, which has no types
    if not isinstance(pattern, str) or not pattern.strip():
        return _misfit(say("Enter a regular expression."))
    if len(pattern) > LONGEST_PATTERN:
        return _misfit(say("Use at most %(number)s characters.", number=LONGEST_PATTERN))
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError):
        return _misfit(say("This is not a valid regular expression."))


def _days_before(attribute: Attribute, given: object) -> _Ready | Misfit:
    days = 0 if given in (0, "0") and given is not False else as_id(given)
    if days is None or days > MOST_DAYS:
        return _misfit(say("Enter a whole number of days."))
    path = attribute.path
    column = Column(_key(path, "age"), lambda facts: read_at(facts, path), _age)
    return column, days, lambda age: age is not None and age > days


def _age(raw: object, facts: Facts) -> int | None:
    """Whole days from a date to the day of the event, which is counted in UTC."""
    today, then = as_date(read_at(facts, ("event", "at"))), as_date(raw)
    return (today - then).days if isinstance(today, date) and then else None


def _change(attribute: Attribute, values: object) -> Predicate | Misfit:
    sides = _sides(attribute, values)
    if isinstance(sides, Misfit):
        return sides
    before, after = sides
    read, key, path = READERS[attribute.kind], attribute.key, attribute.path

    def pair(raw: list[object] | None, _facts: Facts) -> tuple[object, object] | None:
        return None if raw is None else (read(raw[0]), read(raw[1]))

    column = Column(_key(path, "change"), lambda facts: changed(facts, key, path), pair)
    test = _labels_changed if attribute.kind is Kind.LABELS else _value_changed
    return Predicate(
        column,
        (column.key, before, after),
        lambda found: found is not None and test(found, before, after),
        is_negated=False,
    )


def _sides(
    attribute: Attribute, values: object
) -> tuple[frozenset[object], frozenset[object]] | Misfit:
    if not isinstance(values, dict) or not set(values) <= {"from", "to"}:
        return _misfit(say("A change has a list “from” and a list “to”."))
    sides: list[frozenset[object]] = []
    for name in ("from", "to"):
        given = values.get(name) or []
        if not isinstance(given, list) or len(given) > MOST_VALUES:
            return _misfit(say("A change has a list “from” and a list “to”."))
        side = [_side_value(attribute, one) for one in given]
        misfit = next((one for one in side if isinstance(one, Misfit)), None)
        if misfit:
            return misfit
        sides.append(frozenset(side))
    return sides[0], sides[1]


def _side_value(attribute: Attribute, given: object) -> object | Misfit:
    if given in (None, "", NONE):
        return "" if attribute.kind is Kind.LABELS else READERS[attribute.kind](None)
    return expected_value(attribute, given, may_be_none=True)


def _value_changed(
    found: tuple[object, object], before: frozenset[object], after: frozenset[object]
) -> bool:
    old, new = found
    return old != new and (not before or old in before) and (not after or new in after)


def _labels_changed(
    found: tuple[frozenset[object], frozenset[object]],
    before: frozenset[object],
    after: frozenset[object],
) -> bool:
    """The first side are labels taken away, the second labels put on; "" means without any."""
    old, new = found
    gone = old - new if old else frozenset({""})
    come = new - old if new else frozenset({""})
    fits = not (before and before.isdisjoint(gone)) and not (after and after.isdisjoint(come))
    return old != new and fits
