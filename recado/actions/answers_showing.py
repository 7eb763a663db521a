"""Answers as people see them: what the last one had, what the form offers, what a test would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup

from recado.accounts.models import Account
from recado.accounts.people import colleagues_of
from recado.accounts.teams import teams_of
from recado.actions.answers import answers_from, json_or_text, response_facts, tidy_path
from recado.actions.answers_form import answers_values, attribute_choices, with_field
from recado.actions.models import CustomAction
from recado.actions.using_answers import values_of_fields
from recado.actions.watching_fields import vanished_fields
from recado.contacts.attributes import attributes_of
from recado.contacts.labels import label_choices
from recado.db.database import Transaction
from recado.deliveries.finding import last_answer
from recado.deliveries.models import Attempt
from recado.lib.facts import RESPONSE_VARIABLES, Variable
from recado.lib.languages import Sentence
from recado.lib.linking import linked_json
from recado.lib.outcomes import Response, Timing
from recado.lib.paths import Path, leaves, spelled
from recado.lib.picking import variables_island
from recado.lib.values import text_of

_MOST_SEEN: Final = 100  # values of an answer that the form offers
_LONGEST_SEEN: Final = 60  # characters of one


@dataclass(frozen=True, slots=True)
class SeenField:
    """A value that the last answer had."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class WouldBe:
    """What a custom attribute would become with an answer, or why it stays as it is."""

    name: str
    path: str
    value: str
    problem: Sentence | None


async def answers_of_form(
    tx: Transaction,
    account_id: int,
    action: CustomAction | None,
    given: Mapping[str, Any],
    wish: str,
) -> dict[str, Any]:
    """What the form's part about answers needs; `wish` is the path of a value to keep, or ""."""
    path = tidy_path(wish) if wish else None
    mapped = spelled(path) if path else ""
    attempt = await last_answer(tx, account_id, action.id) if action else None
    seen = seen_fields(attempt) if attempt else []
    people = [(one.user_id, one.name) for one in await colleagues_of(tx, account_id)]
    return {
        "answers": answers_values(with_field(given, mapped)),
        "mapped": mapped,
        "attributes": attribute_choices(await attributes_of(tx, account_id)),
        "agents": people,
        "teams": [(one.id, one.name) for one in await teams_of(tx, account_id)],
        "known_labels": await label_choices(tx, account_id),
        "seen_fields": seen,
    }


def answer_island(variables: Sequence[Variable], seen: Sequence[SeenField]) -> list[dict[str, Any]]:
    """What `{{` offers in texts about an answer: first what the last one had."""
    had = [
        {"name": one.path, "label": one.path, "kind": "text", "sample": one.text}
        for one in seen
        if one.path != "response.status"
    ]
    return had + variables_island((*RESPONSE_VARIABLES, *variables))


def seen_fields(attempt: Attempt) -> list[SeenField]:
    """The values of an answer, with where they stand."""
    facts = attempt_facts(attempt)
    found: list[tuple[Path, Any]] = [(("response", "status"), facts["status"])]
    found += leaves(facts["body"], ("response", "body"), limit=_MOST_SEEN)
    if "location" in facts["headers"]:
        found.append((("response", "headers", "location"), facts["headers"]["location"]))
    return [
        SeenField(spelled(path), text_of(value)[:_LONGEST_SEEN])
        for path, value in found
        if value is not None and value not in ({}, [])
    ]


def attempt_facts(attempt: Attempt) -> dict[str, Any]:
    """What `response` stands for, from an attempt that was recorded."""
    headers = tuple((str(name), str(value)) for name, value in attempt.response_headers or ())
    body = attempt.response_body or b""
    response = Response(
        attempt.status or 0, headers, body, len(body), attempt.response_is_cut, Timing(total=0.0)
    )
    return response_facts(response if attempt.status else None)


async def answer_of_test(
    tx: Transaction, action: CustomAction, attempt: Attempt | None
) -> dict[str, Any]:
    """What the test page says of an answer: its values as links, and what they would become."""
    vanished = (await vanished_fields(tx, [action])).get(action.id, [])
    context: dict[str, Any] = {"vanished": vanished, "would_be": [], "linked": None}
    if attempt is None or not attempt.status:
        return context
    facts = attempt_facts(attempt)
    definitions = await attributes_of(tx, action.account_id)
    names = {one.key: one.name for one in definitions}
    zone = (await tx.get_one(Account, action.account_id)).time_zone
    context["would_be"] = [
        WouldBe(names.get(one.field.key, one.field.key), one.field.path, text_of(one.value), one.problem)
        for one in values_of_fields(answers_from(action.answers), definitions, facts, zone)
    ]  # fmt: skip
    context["linked"] = _linked(action, attempt)
    return context


def _linked(action: CustomAction, attempt: Attempt) -> Markup | None:
    """None where the body holds no values to choose."""
    if attempt.response_is_cut or not isinstance(
        json_or_text(attempt.response_body or b""), dict | list
    ):
        return None
    text = (attempt.response_body or b"").decode("utf-8", "replace")
    return linked_json(text, lambda path: _address(action, path), ("response", "body"))


def _address(action: CustomAction, path: Path) -> str:
    return f"/app/actions/{action.id}/edit?keep={quote(spelled(path))}"
