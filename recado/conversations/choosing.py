"""What a message offers to choose or asks to fill in, and what the contact answered. Pure.

A program wrote both, so what is not as it should be is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_OFFERING: Final = frozenset({"input_select", "cards", "article"})


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to choose, or a card with its buttons below."""

    title: str
    description: str = ""
    buttons: tuple[str, ...] = ()
    is_chosen: bool = False


def offers_in(content_type: str, attributes: Mapping[str, Any]) -> list[Offer]:
    """Choices, cards and articles, in their order."""
    if content_type not in _OFFERING:
        return []
    chosen = [one.get("value") for one in _listed(attributes.get("submitted_values"))]
    return [_offer(one, chosen) for one in _listed(attributes.get("items"))]


def answers_in(content_type: str, attributes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields of a form with what was filled in, "" so far; and a choice that was not offered."""
    given = _listed(attributes.get("submitted_values"))
    items = _listed(attributes.get("items"))
    if content_type == "form":
        filled = {_words(one.get("name")): _words(one.get("value")) for one in given}
        names = [(_words(one.get("label")), _words(one.get("name"))) for one in items]
        return [(label or name, filled.get(name, "")) for label, name in names if name]
    offered = [_value(one) for one in items]
    if content_type != "input_select":
        return []
    others = [one for one in given if one.get("value") not in offered]
    return [("", _words(one.get("title")) or _words(one.get("value"))) for one in others]


def _offer(item: Mapping[str, Any], chosen: list[Any]) -> Offer:
    value = _value(item)
    buttons = [_words(one.get("text")) for one in _listed(item.get("actions"))]
    return Offer(
        _words(item.get("title")) or _words(value),
        _words(item.get("description")),
        tuple(one for one in buttons if one),
        value in chosen,
    )


def _value(item: Mapping[str, Any]) -> Any:
    value = item.get("value")
    return _words(item.get("title")) if value is None else value


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _words(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""
