"""The part of the form that says what happens with the answer: fields into answers, and back."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from recado.contacts.models import AttributeModel, CustomAttribute
from recado.lib.forms import row_numbers, text_in
from recado.lib.numbers import number_in

_ROW: Final = re.compile(r"answers-fields-(\d{1,4})-(?:path|key|default)", re.ASCII)


def answers_in(form: Mapping[str, Any]) -> dict[str, Any]:
    """The answers in a form's fields, unchecked. Rows in which nothing was entered are left out.

    A form without these fields says nothing, which means that answers are only logged.
    """
    if "answers-note" not in form:
        return {}
    rows = [_row(form, f"answers-fields-{number}-") for number in row_numbers(form, _ROW)]
    return {
        "fields": [row for row in rows if row["path"] or row["key"] or row["default"]],
        **_said(form, "answers-"),
        "failure": {
            **_said(form, "answers-failure-"),
            "assignee_id": number_in(text_in(form, "answers-failure-assignee_id")),
            "team_id": number_in(text_in(form, "answers-failure-team_id")),
        },
    }


def answers_values(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as the form's fields show them, with an empty row for one more field."""
    failure = answers.get("failure") or {}
    rows = [
        {
            "path": one.get("path") or "",
            "attribute": f"{one['of']}:{one['key']}" if one.get("key") else "",
            "default": "" if one.get("default") is None else one["default"],
        }
        for one in answers.get("fields") or ()
    ]
    return {"fields": [*rows, {"path": "", "attribute": "", "default": ""}], **_shown(answers),
            "failure": {**_shown(failure), "assignee_id": failure.get("assignee_id") or "",
                        "team_id": failure.get("team_id") or ""}}  # fmt: skip


def with_field(answers: Mapping[str, Any], path: str) -> dict[str, Any]:
    """With one more field, whose attribute is still to be chosen; once is enough."""
    fields = list(answers.get("fields") or ())
    if path and all(one.get("path") != path for one in fields):
        fields.append({"path": path, "of": "", "key": "", "default": ""})
    return {**answers, "fields": fields}


def attribute_choices(definitions: Iterable[CustomAttribute]) -> dict[str, list[tuple[str, str]]]:
    """The custom attributes to choose from, by what they belong to."""
    found: dict[str, list[tuple[str, str]]] = {"contact": [], "conversation": []}
    for one in definitions:
        of = AttributeModel(one.model).of
        found[of].append((f"{of}:{one.key}", one.name))
    return {of: choices for of, choices in found.items() if choices}


def _row(form: Mapping[str, Any], start: str) -> dict[str, Any]:
    of, _, key = text_in(form, start + "key").partition(":")
    return {
        "path": text_in(form, start + "path").strip(),
        "of": of,
        "key": key,
        "default": text_in(form, start + "default"),
    }


def _said(form: Mapping[str, Any], start: str) -> dict[str, Any]:
    labels = re.split(r"[\s,;]+", text_in(form, start + "labels"))
    return {
        "note": text_in(form, start + "note"),
        "reply": text_in(form, start + "reply"),
        "labels": [label for label in labels if label],
    }


def _shown(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "note": said.get("note") or "",
        "reply": said.get("reply") or "",
        "labels": ", ".join(map(str, said.get("labels") or ())),
    }
