"""The questions before the chat, with what the frame draws them by."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from recado.contacts.models import AttributeKind, CustomAttribute
from recado.inboxes.pre_chat import STANDARD, Belonging, Key, PreChat, Question

_INPUTS: Final = {
    AttributeKind.NUMBER: "number",
    AttributeKind.CURRENCY: "number",
    AttributeKind.PERCENT: "number",
    AttributeKind.LINK: "url",
    AttributeKind.DATE: "date",
    AttributeKind.LIST: "list",
    AttributeKind.CHECKBOX: "checkbox",
}
Field = dict[str, Any]  # name, belongs, label, type, required, choices


def drawn_fields(pre_chat: PreChat, attributes: Iterable[CustomAttribute]) -> list[Field]:
    """What the frame asks: attributes by their definition; those that are gone are not asked."""
    known = {(one.model, one.key): one for one in attributes}
    found = [_field(one, known.get((str(one.belongs), one.name))) for one in pre_chat.questions]
    return [one for one in found if one is not None]


def choices_of(
    pre_chat: PreChat, attributes: Sequence[CustomAttribute], order: Sequence[Key] = ()
) -> list[tuple[Question, str, str]]:
    """Everything that could be asked, its label, and whether it is: "", "asked" or "required".

    First what `order` names, as it does.
    """
    chosen = {one.key: one for one in pre_chat.questions}
    could = [(Question(name), str(label)) for name, (label, _) in STANDARD.items()]
    could += [(Question(one.key, Belonging(one.model)), one.name) for one in attributes]
    places = {key: place for place, key in enumerate(order)}
    could.sort(key=lambda one: places.get(one[0].key, len(places)))
    return [(one, label, _asked(chosen.get(one.key))) for one, label in could]


def _asked(question: Question | None) -> str:
    if question is None:
        return ""
    return "required" if question.is_required else "asked"


def _field(question: Question, attribute: CustomAttribute | None) -> Field | None:
    shared = {"name": question.name, "belongs": question.belongs, "required": question.is_required}
    if question.belongs == Belonging.STANDARD:
        label, kind = STANDARD[question.name]
        return {**shared, "label": str(label), "type": kind, "choices": []}
    if attribute is None:
        return None
    kind = _INPUTS.get(AttributeKind(attribute.kind), "text")
    return {**shared, "label": attribute.name, "type": kind, "choices": attribute.choices}
