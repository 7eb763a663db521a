"""A filter as rows of a form: what can be asked of a field, reading rows, showing them. Pure.

The form's names are `f-0-key`, `f-0-operator`, `f-0-value` (as often as there are values),
`f-0-was`, the field that was asked for these values, and `f-0-joiner`, which joins a row with the one
before; in the filter of the API a row is joined with the one after it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol

from recado.contacts.filtering import MOST_ROWS, FieldKind
from recado.lib.languages import Sentence, say, with_point

_NAME: Final = re.compile(r"f-(\d{1,3})-(?:key|operator|value|was|joiner)")
_LONGEST: Final = 1_500  # characters of a value
_THERE: Final = {
    "is_present": say("is there"),
    "is_not_present": say("is not there"),
}
_TEXT: Final = {
    "equal_to": say("is"),
    "not_equal_to": say("is not"),
    "contains": say("contains"),
    "does_not_contain": say("does not contain"),
    "starts_with": say("begins with"),
    **_THERE,
}
_CHOICE: Final = {"equal_to": say("is one of"), "not_equal_to": say("is none of"), **_THERE}
_FLAG: Final = {"equal_to": say("is")}
_NUMBER: Final = {
    "equal_to": say("is"),
    "not_equal_to": say("is not"),
    "is_greater_than": say("is greater than"),
    "is_less_than": say("is less than"),
    **_THERE,
}
_TIME: Final = {
    "is_greater_than": say("is after"),
    "is_less_than": say("is before"),
    "equal_to": say("is on"),
    "days_before": say("is longer ago than, in days"),
    **_THERE,
}


class Form(Protocol):
    """What was sent: names, and all values of a name."""

    def multi_items(self) -> Any:
        """Pairs of name and value, in their order."""


@dataclass(frozen=True, slots=True)
class Askable:
    """A field that people filter by; with `options` they choose among these."""

    key: str
    label: Sentence | str
    kind: FieldKind
    options: tuple[tuple[str, Sentence | str], ...] = ()

    @property
    def operators(self) -> Mapping[str, Sentence]:
        """How it can be compared, in words."""
        if self.kind == FieldKind.FLAG:
            return _FLAG
        if self.options or self.kind == FieldKind.WORDS:
            return _CHOICE
        if self.kind == FieldKind.NUMBER:
            return _NUMBER
        return _TIME if self.kind in {FieldKind.DAY, FieldKind.MOMENT} else _TEXT

    def control(self, operator: str) -> str:
        """What the value is entered with: nothing, many, days, number, date or text."""
        if operator in _THERE:
            return "nothing"
        if self.options or self.kind == FieldKind.WORDS:
            return "many"
        if operator == "days_before":
            return "days"
        if self.kind in {FieldKind.DAY, FieldKind.MOMENT}:
            return "date"
        return "number" if self.kind == FieldKind.NUMBER else "text"


@dataclass(frozen=True, slots=True)
class RowDraft:
    """One row as somebody entered it; `joiner` joins it with the row before."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()
    joiner: str = "and"


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row as the form draws it; `field` is None until somebody has chosen one."""

    draft: RowDraft
    field: Askable | None
    problem: Sentence | None = None

    @property
    def control(self) -> str:
        """What the value is entered with."""
        return self.field.control(self.draft.operator) if self.field else "nothing"

    @property
    def options(self) -> list[tuple[str, Sentence | str]]:
        """What there is to choose, and what was chosen and is there no more: it stays until it is unchosen."""
        offered = list(self.field.options) if self.field else []
        gone = [one for one in self.draft.values if one not in dict(offered)]
        return [*offered, *((one, _gone(one)) for one in gone)]


def _gone(value: str) -> Sentence:
    if value.isdecimal():  # an id
        return say("Something that no longer exists")
    return say("%(key)s (deleted)", key=value)


def drafts_in(form: Form, fields: Mapping[str, Askable]) -> list[RowDraft]:
    """The rows that were sent, what makes no sense for their field left out."""
    sent: dict[int, dict[str, list[str]]] = {}
    for name, value in form.multi_items():
        if (found := _NAME.fullmatch(name)) and isinstance(value, str):
            sent.setdefault(int(found[1]), {}).setdefault(name.rsplit("-", 1)[1], []).append(value)
    rows = [sent[number] for number in sorted(sent)][:MOST_ROWS]
    return [_draft(row, fields) for row in rows]


def redrawn(drafts: Sequence[RowDraft], command: str) -> list[RowDraft]:
    """The rows after somebody pressed "add" or "remove-2"."""
    verb, _, number = command.partition("-")
    if verb == "add":
        return [*drafts, RowDraft()][:MOST_ROWS]
    at = int(number) if number.isascii() and number.isdigit() else -1
    return [one for place, one in enumerate(drafts) if verb != "remove" or place != at]


def shown_rows(
    drafts: Sequence[RowDraft], fields: Mapping[str, Askable], *, is_checked: bool = False
) -> list[ShownRow]:
    """The rows to draw, with what is wrong if `is_checked`."""
    return [
        ShownRow(one, fields.get(one.key), row_problem(one, fields) if is_checked else None)
        for one in drafts
    ]


def row_problem(draft: RowDraft, fields: Mapping[str, Askable]) -> Sentence | None:
    """Why a row cannot be used, or None."""
    field = fields.get(draft.key)
    if field is None:
        return say("Choose what it is about.")
    control = field.control(draft.operator)
    first = draft.values[0] if draft.values else ""
    match control:
        case "nothing":
            return None
        case "many" | "text":
            return None if draft.values else say("Enter a value.")
        case "number":
            return None if _is_number(first) else say("Enter a number.")
        case "days":
            is_days = first.isascii() and first.isdigit() and len(first) < 6
            return None if is_days else say("Enter a number of days.")
        case _:
            return None if _is_day(first) else say("Choose a day.")


def filter_of(drafts: Sequence[RowDraft], fields: Mapping[str, Askable]) -> list[dict[str, Any]]:
    """The filter of the API that finished rows stand for; unfinished ones are left out."""
    whole = [one for one in drafts if row_problem(one, fields) is None]
    joiners = [*(one.joiner for one in whole[1:]), None][: len(whole)]
    return [
        {
            "attribute_key": one.key,
            "filter_operator": one.operator,
            "values": list(one.values),
            "query_operator": joiner,
        }
        for one, joiner in zip(whole, joiners, strict=True)
    ]


def drafts_of(rows: Any, fields: Mapping[str, Askable]) -> list[RowDraft]:
    """The rows that a kept filter, any JSON, is shown as."""
    drafts, joiner = [], "and"
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            drafts.append(_kept(row, joiner))
            joiner = "or" if str(row.get("query_operator")).lower() == "or" else "and"
    return [_fitting(one, fields, was=one.key) for one in drafts[:MOST_ROWS]]


def pairs_of(drafts: Sequence[RowDraft]) -> list[tuple[str, str]]:
    """The rows as names and values, for an address or hidden controls."""
    pairs: list[tuple[str, str]] = []
    for place, one in enumerate(drafts):
        named = {"key": one.key, "operator": one.operator, "joiner": one.joiner if place else ""}
        pairs += [(f"f-{place}-{name}", value) for name, value in named.items() if value]
        pairs += [(f"f-{place}-value", value) for value in one.values]
    return pairs


def _draft(row: Mapping[str, list[str]], fields: Mapping[str, Askable]) -> RowDraft:
    named = (row.get(name, [""])[0] for name in ("key", "operator", "joiner", "was"))
    key, operator, joiner, was = named
    lines = (line for value in row.get("value", []) for line in value.splitlines())
    values = tuple(one.strip()[:_LONGEST].replace("\0", "") for one in lines)
    draft = RowDraft(
        key[:100], operator, tuple(filter(None, values)), "or" if joiner == "or" else "and"
    )
    return _fitting(draft, fields, was=was)


def _fitting(draft: RowDraft, fields: Mapping[str, Askable], *, was: str) -> RowDraft:
    """With an operator that its field has, and values too unless it `was` asked for them before; a field
    may have been changed just now, and what it offered be gone.
    """
    field = fields.get(draft.key)
    if field is None:
        return draft
    operator = draft.operator if draft.operator in field.operators else next(iter(field.operators))
    control = field.control(operator)
    values = draft.values
    if control == "nothing":
        values = ()
    elif control == "many" and was != draft.key:
        offered = {key for key, _ in field.options}
        values = tuple(one for one in values if one in offered)
    elif control == "number":
        values = tuple(map(with_point, values))
    return replace(draft, operator=operator, values=values)


def _kept(row: Mapping[str, Any], joiner: str) -> RowDraft:
    given = row.get("values")
    values = given if isinstance(given, list) else [] if given is None else [given]
    plain = (one.get("id") if isinstance(one, dict) else one for one in values)
    texts = tuple(
        str(one).lower() if isinstance(one, bool) else str(one) for one in plain if one is not None
    )
    return RowDraft(
        str(row.get("attribute_key", "")), str(row.get("filter_operator", "")), texts, joiner
    )


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True
