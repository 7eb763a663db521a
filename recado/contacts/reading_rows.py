"""A row of a list as a contact: cells by the fields of their columns, read as people write them. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from recado.contacts.attributes import checked_values
from recado.contacts.mapping import CUSTOM, FIELDS
from recado.contacts.models import AttributeKind, CustomAttribute
from recado.contacts.saving import ContactDraft, tidy
from recado.lib.languages import Sentence, say

_YES: Final = frozenset(["true", "1", "yes", "y", "x", "sim", "s", "sí", "si", "verdadeiro"])
_NO: Final = frozenset(["false", "0", "no", "n", "não", "nao", "falso"])
_COMMA_NUMBER: Final = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+|-?\d{1,3}(?:\.\d{3})+")
_DAY: Final = re.compile(  # a time after it is dropped, as after 2026-12-31
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
)
_UNFIT: Final = re.compile(r"[^\w\-]+")
_NUMBERS: Final = (AttributeKind.NUMBER, AttributeKind.CURRENCY, AttributeKind.PERCENT)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused, and in which field, as FIELDS and custom attributes name it; "": as a whole."""

    field: str
    why: Sentence


@dataclass(slots=True)
class RowContact:
    """The contact that a row describes; with a problem it describes none."""

    draft: ContactDraft
    labels: list[str] = field(default_factory=list)
    id: str = ""  # the number that an export of ours gave it
    problem: Problem | None = None


def contact_in(
    cells: Sequence[str],
    fields: Sequence[str],
    attributes: Sequence[CustomAttribute],
    *,
    time_zone: str,
    country: str = "",
) -> RowContact:
    """Read a row; an empty cell says nothing, so it takes nothing away."""
    given = {name: cell for name, cell in zip(fields, cells, strict=False) if name and cell}
    own = {name.removeprefix(CUSTOM): cell for name, cell in given.items() if CUSTOM in name}
    kinds = {one.key: one for one in attributes}
    typed = {key: _as_typed(kinds[key], cell) for key, cell in own.items() if key in kinds}
    values, wrong = checked_values(list(attributes), typed, time_zone)
    draft = ContactDraft(
        name=_name(given), email=given.get("email"), phone_number=given.get("phone_number"),
        identifier=given.get("identifier"), custom_attributes=values,
        additional_attributes={
            name: given[name] for name in ("company_name", "city", "country") if name in given
        },
    )  # fmt: skip
    problems = tidy(draft, country) | {CUSTOM + key: why for key, why in wrong.items()}
    if not any((draft.name, draft.email, draft.phone_number, draft.identifier)):
        problems[""] = say("It has no name, e-mail, phone or identifier.")
    first = next(iter(problems.items()), None)
    labels = labels_in(given.get("labels", ""))
    return RowContact(draft, labels, given.get("id", ""), Problem(*first) if first else None)


def labels_in(cell: str) -> list[str]:
    """Labels parted by commas, semicolons or bars; what a label cannot have becomes a hyphen."""
    parts = (_UNFIT.sub("-", one.strip().lower()).strip("-") for one in re.split(r"[,;|]", cell))
    return list(dict.fromkeys(one[:100] for one in parts if one))


def field_name(name: str, attributes: Mapping[str, str]) -> Sentence | str:
    """A field as people call it; `attributes` are the names of custom attributes by key."""
    key = name.removeprefix(CUSTOM)
    return FIELDS.get(name, attributes.get(key, key))


def _name(given: Mapping[str, str]) -> str | None:
    parts = [given[one] for one in ("first_name", "last_name") if one in given]
    return given.get("name") or " ".join(parts) or None


def _as_typed(attribute: CustomAttribute, cell: str) -> str:
    """A cell as the kind wants it: numbers with a comma, 31/12/2026, sim and não, whatever the case."""
    kind = AttributeKind(attribute.kind)
    if kind in _NUMBERS and _COMMA_NUMBER.fullmatch(cell):
        return cell.replace(".", "").replace(",", ".")
    if kind == AttributeKind.DATE and (found := _DAY.fullmatch(cell)):
        day, month, year = found.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    if kind == AttributeKind.CHECKBOX:
        word = cell.lower()
        return "true" if word in _YES else "false" if word in _NO else cell
    if kind == AttributeKind.LIST:
        alike = {str(one).lower(): str(one) for one in attribute.choices}
        return alike.get(cell.lower(), cell)
    return cell
