"""What answers become: paths as people write them, values as attributes want them, mistakes told."""

from typing import Any

import pytest

from recado.actions.answers import (
    AnswerField,
    answers_as_json,
    answers_from,
    answers_problems,
    response_facts,
    tidy_path,
)
from recado.actions.using_answers import values_of_fields
from recado.actions.watching_fields import has_vanished
from recado.contacts.models import AttributeKind, AttributeModel, CustomAttribute
from recado.lib.facts import STANDARD_VARIABLES, names_known
from recado.lib.outcomes import Failure, Response, Timing, Trouble
from recado.lib.paths import spelled
from tests.people import NOW

NAMES = names_known(STANDARD_VARIABLES)
KINDS = {
    "crm_id": AttributeKind.TEXT, "score": AttributeKind.NUMBER, "vip": AttributeKind.CHECKBOX,
    "since": AttributeKind.DATE, "folder": AttributeKind.LINK, "plan": AttributeKind.LIST,
}  # fmt: skip


def definitions() -> list[CustomAttribute]:
    return [
        CustomAttribute(
            account_id=1, name=key, key=key, kind=kind, model=AttributeModel.CONTACT,
            choices=["gold", "7"] if kind == AttributeKind.LIST else [],
            created_at=NOW, updated_at=NOW,
        )
        for key, kind in KINDS.items()
    ]  # fmt: skip


def answered(body: bytes, *, is_cut: bool = False) -> dict[str, Any]:
    headers = (("Location", "/contacts/881"),)
    return response_facts(Response(201, headers, body, len(body), is_cut, Timing(total=1.0)))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("response.body.id", "response.body.id"),
        ("body.id", "response.body.id"),
        ("id", "response.body.id"),
        ("$.data[0].id", "response.body.data[0].id"),
        ("{{ response.body.id }}", "response.body.id"),
        ("data.items.0.id", "response.body.data.items[0].id"),
        ("headers.Location", "response.headers.location"),
        ("status", "response.status"),
        ("response.cookies", None),
        ("response", None),
        ("a b", None),
        ("", None),
    ],
)
def test_paths_are_understood_however_they_are_written(written: str, expected: str | None) -> None:
    path = tidy_path(written)
    assert (spelled(path) if path else None) == expected


@pytest.mark.parametrize(
    ("key", "path", "default", "body", "expected"),
    [
        ("crm_id", "body.id", "", b'{"id": 881}', "881"),  # a number becomes the text it is
        ("crm_id", "body.id", "", b'{"id": "a-1"}', "a-1"),
        ("crm_id", "body.ids", "", b'{"ids": [1, 2]}', "1, 2"),
        ("crm_id", "headers.location", "", b"", "/contacts/881"),
        ("crm_id", "body", "", b"plain text", "plain text"),
        ("score", "status", "", b"", 201),
        ("score", "body.n", "", b'{"n": "12.5"}', 12.5),
        ("vip", "body.vip", "", b'{"vip": true}', True),
        ("vip", "body.vip", "", b'{"vip": false}', False),
        ("since", "body.at", "", b'{"at": "2026-11-23T12:00:00Z"}', "2026-11-23"),
        ("since", "body.at", "", b'{"at": "2026-11-23T02:00:00Z"}', "2026-11-22"),
        ("plan", "body.plan", "", b'{"plan": 7}', "7"),
        ("crm_id", "body.id", "none", b"{}", "none"),
        ("score", "body.n", "0", b'{"n": null}', 0),
    ],
)
def test_values_get_the_type_of_their_attribute(
    key: str, path: str, default: str, body: bytes, expected: object
) -> None:
    answers = answers_from(
        {"fields": [{"path": path, "of": "contact", "key": key, "default": default}]}
    )
    [made] = values_of_fields(answers, definitions(), answered(body), "America/Sao_Paulo")
    assert made.problem is None
    assert (made.value, type(made.value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("key", "body", "is_missing", "why"),
    [
        ("crm_id", b"{}", True, "The answer has no response.body.id."),
        ("crm_id", b'{"id": null}', False, "The answer has no response.body.id."),
        ("crm_id", b"<html>", True, "The answer has no response.body.id."),
        ("score", b'{"id": "many"}', False, "Enter a number"),
        ("score", b'{"id": [1, 2]}', False, "Enter a number"),
        ("plan", b'{"id": "silver"}', False, "Choose one of"),
        ("deleted", b'{"id": 1}', False, "The custom attribute was deleted."),
    ],
)
def test_what_cannot_be_used_says_why(key: str, body: bytes, is_missing: bool, why: str) -> None:
    answers = answers_from({"fields": [{"path": "id", "of": "contact", "key": key}]})
    [made] = values_of_fields(answers, definitions(), answered(body), "America/Sao_Paulo")
    assert made.value is None
    assert why in str(made.problem)
    assert made.is_missing is is_missing


def test_a_cut_body_is_not_half_used() -> None:
    assert answered(b'{"id": 1}', is_cut=True)["body"] is None
    failure = Failure(Trouble.TIMEOUT, Timing(total=1.0))
    assert response_facts(failure, "No.") == {
        "status": None, "headers": {}, "body": None, "problem": "No.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fields": "no"}, "fields"),
        ({"fields": [1]}, "fields.0.path"),
        ({"fields": [{"path": "a b", "of": "contact", "key": "crm_id"}]}, "fields.0.path"),
        ({"fields": [{"path": "id", "of": "contact", "key": "nope"}]}, "fields.0.key"),
        ({"fields": [{"path": "id", "of": "conversation", "key": "crm_id"}]}, "fields.0.key"),
        ({"fields": [{"path": "id", "of": [], "key": "crm_id"}]}, "fields.0.key"),
        ({"fields": [{"path": "id", "of": "contact", "key": {}}]}, "fields.0.key"),
        ({"fields": [{"path": "id", "of": "contact", "key": "crm_id", "default": []}]},
         "fields.0.default"),
        ({"note": "{{ response.bdy }}"}, "note"),
        ({"note": "{{ contact.nmae }}"}, "note"),
        ({"note": "{% if %}"}, "note"),
        ({"note": 7}, "note"),
        ({"reply": "x" * 10_001}, "reply"),
        ({"labels": "vip"}, "labels"),
        ({"labels": [1]}, "labels"),
        ({"failure": "no"}, "failure"),
        ({"failure": {"reply": "{{ x }}"}}, "failure.reply"),
        ({"failure": {"assignee_id": "x"}}, "failure.assignee_id"),
    ],
)  # fmt: skip
def test_every_mistake_is_told_at_its_field(change: dict[str, Any], field: str) -> None:
    assert set(answers_problems(change, definitions(), NAMES)) == {field}


def test_texts_may_name_the_answer_and_its_inside() -> None:
    text = "{{ response.status }} {{ response.body.data[0].id }} {{ response.headers.location }}"
    json = {"note": text + "{{ contact.name }}", "failure": {"note": "{{ response.problem }}"}}
    assert answers_problems(json, definitions(), NAMES) == {}


def test_answers_are_kept_whole_and_nothing_is_kept_as_nothing() -> None:
    json = {
        "fields": [{"path": "id", "of": "contact", "key": "crm_id", "default": 0}],
        "note": "n", "reply": "", "labels": ["VIP", "vip"],
        "failure": {"note": "f", "team_id": 3},
    }  # fmt: skip
    answers = answers_from(json)
    assert answers.fields == (AnswerField("response.body.id", "contact", "crm_id", "0"),)
    assert answers.success.labels == ("vip",)
    assert answers_from(answers_as_json(answers)) == answers
    assert answers_as_json(answers_from({})) == {}


@pytest.mark.parametrize(
    ("recent", "has_default", "expected"),
    [
        ("", False, False),
        ("0", False, False),
        ("1", False, True),
        ("001", False, False),  # it happens
        ("0011", False, True),
        ("1" * 37 + "000", False, True),
        ("1" * 9, True, False),  # a default says that this may happen
        ("1" * 10, True, True),
        ("1" * 39 + "0", True, False),
    ],
)
def test_when_a_field_has_vanished(recent: str, has_default: bool, expected: bool) -> None:
    assert has_vanished(recent, has_default=has_default) is expected
