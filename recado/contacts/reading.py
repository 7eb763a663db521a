"""Reading what somebody typed about contacts and custom attributes into a form."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from recado.contacts.attributes import AttributeDraft, key_from
from recado.contacts.filter_rows import RowDraft
from recado.contacts.listing import SORTS, ListChoice
from recado.contacts.models import AttributeKind, AttributeModel, Contact, CustomAttribute
from recado.contacts.saving import ContactDraft
from recado.lib.languages import Sentence, say
from recado.lib.numbers import number_in

_FIELDS = ("name", "email", "phone_number", "identifier")


def list_choice(query: Mapping[str, str], drafts: Sequence[RowDraft]) -> ListChoice:
    """Which contacts an address asks for; nonsense counts as not said."""
    sort = query.get("sort", "")
    return ListChoice(
        q=query.get("q", "")[:200].replace("\0", ""),
        sort=sort if sort in SORTS else "name",
        drafts=tuple(drafts),
        view_id=number_in(query.get("view")),
        after=number_in(query.get("after")),
        before=number_in(query.get("before")),
    )


def contact_draft(form: Mapping[str, Any], definitions: list[CustomAttribute]) -> ContactDraft:
    """The contact that a form describes; a field that is not in the form is not given."""
    draft = ContactDraft(custom_attributes=typed_values(form, definitions))
    for name in _FIELDS:
        if name in form:
            setattr(draft, name, str(form[name]).strip())
    return draft


def typed_values(form: Mapping[str, Any], definitions: list[CustomAttribute]) -> dict[str, str]:
    """The custom attributes in a form, by key, as they were typed; "" takes a value away."""
    names = {one.key: f"custom_attributes.{one.key}" for one in definitions}
    return {key: str(form[name]).strip() for key, name in names.items() if name in form}


def shown_values(contact: Contact, definitions: list[CustomAttribute]) -> dict[str, Any]:
    """What the fields of a form about this contact show, by their names."""
    values = values_of(contact)
    return {
        **{name: values[name] for name in _FIELDS},
        **attributes_shown(contact.custom_attributes, definitions),
        "labels": values["labels"],
    }


def attributes_shown(
    stored: Mapping[str, Any], definitions: list[CustomAttribute]
) -> dict[str, str]:
    """What the inputs of custom attributes show, by their names."""
    return {f"custom_attributes.{one.key}": _as_shown(stored.get(one.key)) for one in definitions}


def _as_shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def typed_fields(form: Mapping[str, Any], definitions: list[CustomAttribute]) -> dict[str, Any]:
    """What stands in the fields of a form about a contact, by their names; those it has."""
    fields = {name: str(form[name]).strip() for name in _FIELDS if name in form}
    return {**fields, **attributes_typed(form, definitions)}


def attributes_typed(form: Mapping[str, Any], definitions: list[CustomAttribute]) -> dict[str, str]:
    """What stands in the inputs of custom attributes, by their names."""
    typed = typed_values(form, definitions)
    return {f"custom_attributes.{key}": value for key, value in typed.items()}


def field_labels(definitions: list[CustomAttribute]) -> dict[str, object]:
    """What the fields of a contact are called, by their names."""
    own = {f"custom_attributes.{one.key}": one.name for one in definitions}
    return {**_LABELS, **own}


_LABELS: Final = {
    "name": say("Name"), "email": say("E-mail"), "phone_number": say("Phone"),
    "identifier": say("Identifier"),
}  # fmt: skip


def values_of(contact: Contact | None) -> dict[str, Any]:
    """What a form about this contact shows before anybody has typed."""
    values: dict[str, Any] = {name: getattr(contact, name, None) or "" for name in _FIELDS}
    values["labels"] = set(contact.labels) if contact else set()
    return {**values, "custom_attributes": contact.custom_attributes if contact else {}}


def typed_again(
    form: Mapping[str, Any], definitions: list[CustomAttribute], contact: Contact | None = None
) -> dict[str, Any]:
    """What a refused form shows: everything as it was typed."""
    values = values_of(contact)
    values.update({name: str(form[name]) for name in _FIELDS if name in form})
    stored: dict[str, Any] = values["custom_attributes"]
    values["labels"] = form.get("labels", values["labels"])
    return {**values, "custom_attributes": {**stored, **typed_values(form, definitions)}}


def nameless_problem(draft: ContactDraft) -> dict[str, Sentence]:
    """A contact made by hand needs something to be recognised by."""
    if any(getattr(draft, name) for name in _FIELDS):
        return {}
    return {"name": say("Enter a name, or something else to recognise the contact by.")}


def attribute_draft(
    form: Mapping[str, Any], saved: CustomAttribute | None = None
) -> AttributeDraft:
    """The definition that a form describes; of a saved one key, kind and model stay."""
    name = str(form.get("name", "")).strip()
    kind = saved.kind if saved else str(form.get("kind", AttributeKind.TEXT))
    model = saved.model if saved else str(form.get("model", AttributeModel.CONTACT))
    is_text, is_list = kind == AttributeKind.TEXT, kind == AttributeKind.LIST
    return AttributeDraft(
        name=name,
        key=saved.key if saved else str(form.get("key", "")).strip() or key_from(name),
        kind=AttributeKind(kind),
        model=AttributeModel(model),
        description=str(form.get("description", "")).strip(),
        regex_pattern=str(form.get("regex_pattern", "")).strip() or None if is_text else None,
        regex_cue=str(form.get("regex_cue", "")).strip() or None if is_text else None,
        choices=_lines(str(form.get("choices", ""))) if is_list else [],
    )


def _lines(text: str) -> list[str]:
    """The lines that say something, each once, in their order."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
