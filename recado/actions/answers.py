"""What an action makes of the answers it gets, as its administrator chose. Pure.

Paths and texts read the same names: `response.status`, `response.headers.location` (names in lower
case), `response.body.…` (JSON as it is, any other body as text), `response.problem` (what went
wrong, in words).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import orjson

from recado.contacts.models import AttributeKind, AttributeModel, CustomAttribute
from recado.lib.answers import text_of as text_of_bytes
from recado.lib.facts import RESPONSE_VARIABLES, attribute_name, names_known
from recado.lib.languages import Sentence, say
from recado.lib.outcomes import Outcome, Response
from recado.lib.paths import MISSING, Path, parse_path, spelled, value_at
from recado.lib.templating import TemplateError, unknown_names
from recado.lib.values import text_of

MOST_FIELDS: Final = 30
LONGEST_TEXT: Final = 10_000  # characters of a note or reply, as a template
_ROOTS: Final = ("status", "headers", "body", "problem")
_AS_TEXT: Final = frozenset({AttributeKind.TEXT, AttributeKind.LIST, AttributeKind.LINK})
MODELS: Final = {one.of: one for one in AttributeModel}


@dataclass(frozen=True, slots=True)
class AnswerField:
    """A value of the answer that becomes a custom attribute; `default` is text, "" is none."""

    path: str
    of: str  # "contact" or "conversation"
    key: str
    default: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said and done in the conversation. Texts are templates; "" and () are nothing."""

    note: str = ""
    reply: str = ""
    labels: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.note.strip() or self.reply.strip() or self.labels)


@dataclass(frozen=True, slots=True)
class OnFailure(Said):
    """What a final failure does."""

    assignee_id: int | None = None
    team_id: int | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to do."""
        says_nothing = Said(self.note, self.reply, self.labels).is_nothing
        return says_nothing and self.assignee_id is None and self.team_id is None


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything an action does with what comes back."""

    fields: tuple[AnswerField, ...] = ()
    success: Said = field(default_factory=Said)
    failure: OnFailure = field(default_factory=OnFailure)

    @property
    def is_nothing(self) -> bool:
        """Whether answers are only logged."""
        return not self.fields and self.success.is_nothing and self.failure.is_nothing


def attributes_missing(answers: Answers, known_names: Collection[str]) -> dict[int, str]:
    """The custom attributes that values are kept in and nobody knows (any more), as variables name
    them, by the place of their field.
    """
    named = ((at, attribute_name(one.of, one.key)) for at, one in enumerate(answers.fields))
    return {at: name for at, name in named if name not in known_names}


def answers_as_json(answers: Answers) -> dict[str, Any]:
    """As the action keeps it, and the API shows it; {} where answers are only logged."""
    if answers.is_nothing:
        return {}
    success = {**asdict(answers.success), "labels": list(answers.success.labels)}
    failure = {**asdict(answers.failure), "labels": list(answers.failure.labels)}
    return {"fields": [asdict(one) for one in answers.fields], **success, "failure": failure}


def answers_from(json: Mapping[str, Any]) -> Answers:
    """The answers that `answers_as_json` wrote, or a draft without problems; paths are tidied."""
    failure = json.get("failure") or {}
    return Answers(
        tuple(_field(one) for one in json.get("fields") or ()),
        Said(**_said(json)),
        OnFailure(
            **_said(failure),
            assignee_id=failure.get("assignee_id") or None,
            team_id=failure.get("team_id") or None,
        ),
    )


def _field(json: Mapping[str, Any]) -> AnswerField:
    path = tidy_path(str(json["path"]))
    default = json.get("default")
    return AnswerField(
        spelled(path) if path else str(json["path"]),
        str(json["of"]),
        str(json["key"]),
        "" if default is None else text_of(default),
    )


def _said(json: Mapping[str, Any]) -> dict[str, Any]:
    labels = [str(one).strip().lower() for one in json.get("labels") or ()]
    return {
        "note": str(json.get("note") or ""),
        "reply": str(json.get("reply") or ""),
        "labels": tuple(dict.fromkeys(one for one in labels if one)),
    }


def tidy_path(text: str) -> Path | None:
    """The path from `response` on, however somebody wrote it; None for what is none.

    `{{ response.body.id }}`, `body.id`, `$.id` and `id` are the same.
    """
    text = text.strip().removeprefix("{{").removesuffix("}}").strip()
    if text.startswith("$"):
        text = "response.body" + text[1:]
    path = parse_path(text)
    if path is None:
        return None
    if path[0] != "response":
        path = ("response", *path) if path[0] in _ROOTS else ("response", "body", *path)
    if len(path) == 1 or path[1] not in _ROOTS:
        return None
    return (*path[:2], *(str(one).lower() for one in path[2:])) if path[1] == "headers" else path


def response_facts(outcome: Outcome | None, problem: str = "") -> dict[str, Any]:
    """What `response` stands for; where no answer came, its status and body are null."""
    if not isinstance(outcome, Response):
        return {"status": None, "headers": {}, "body": None, "problem": problem}
    headers = {name.lower(): value for name, value in outcome.headers}
    body = None if outcome.is_cut else json_or_text(outcome.body)
    return {"status": outcome.status, "headers": headers, "body": body, "problem": problem}


def json_or_text(body: bytes) -> Any:  # JSON
    """A body as JSON, or as the text it is; None where it is empty."""
    if not body.strip():
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return text_of_bytes(body)


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What a field of an answer becomes: a value as its attribute wants it, or why there is none."""

    field: AnswerField
    value: Any = None  # JSON; None: the attribute stays as it is
    is_missing: bool = False  # the answer has nothing there, whatever the default
    problem: Sentence | None = None


def value_of_field(one: AnswerField, response: Mapping[str, Any], kind: str | None) -> FieldValue:
    """The value of one field, not yet checked against its attribute's definition.

    `kind` is the attribute's; None where it was deleted. Null takes the default too, but an answer
    that has the field is not one that lost it.
    """
    if kind is None:
        return FieldValue(one, problem=say("The custom attribute was deleted."))
    path = tidy_path(one.path)
    found = value_at({"response": response}, path) if path else MISSING
    is_missing = found is MISSING
    value = one.default or None if is_missing or found is None else found
    if value is None:
        why = say("The answer has no %(path)s.", path=one.path)
        return FieldValue(one, is_missing=is_missing, problem=why)
    if kind in _AS_TEXT or isinstance(value, list | dict):
        value = text_of(value).replace("\0", "\ufffd")
    return FieldValue(one, value, is_missing)


def answers_problems(
    json: Mapping[str, Any], definitions: Iterable[CustomAttribute], known: Iterable[str]
) -> dict[str, Sentence]:
    """What is wrong with answers somebody sent, by field; empty: `answers_from` reads it.

    `known` are the names that templates of the account may use.
    """
    failure = json.get("failure") or {}
    if not isinstance(failure, Mapping):
        return {"failure": say("Enter an object.")}
    keys = {(one.model, one.key) for one in definitions}
    names = names_known(RESPONSE_VARIABLES) | frozenset(known)
    problems = _fields_problems(json.get("fields"), keys)
    problems |= _said_problems(json, names)
    problems |= {f"failure.{name}": one for name, one in _said_problems(failure, names).items()}
    for name in ("assignee_id", "team_id"):
        value = failure.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            problems[f"failure.{name}"] = say("Enter a number.")
    return problems


def _fields_problems(
    fields: object, keys: Collection[tuple[str | None, str]]
) -> dict[str, Sentence]:
    if fields is None:
        return {}
    if not isinstance(fields, list) or len(fields) > MOST_FIELDS:
        return {"fields": say("Enter at most %(number)s fields.", number=MOST_FIELDS)}
    problems: dict[str, Sentence] = {}
    for index, one in enumerate(fields):
        if found := _field_problem(one, keys):
            name, sentence = found
            problems[f"fields.{index}.{name}"] = sentence
    return problems


def _field_problem(
    one: object, keys: Collection[tuple[str | None, str]]
) -> tuple[str, Sentence] | None:
    if not isinstance(one, Mapping):
        return "path", say("Enter an object.")
    if tidy_path(str(one.get("path") or "")) is None:
        return "path", say("Enter where the value stands, such as response.body.id.")
    of, key = str(one.get("of")), str(one.get("key"))  # any JSON: not all of it can be hashed
    if (MODELS.get(of), key) not in keys:
        return "key", say("Choose a custom attribute.")
    if isinstance(one.get("default"), list | dict) or len(str(one.get("default") or "")) > 1_500:
        return "default", say("Use at most %(number)s characters.", number=1_500)
    return None


def _said_problems(json: Mapping[str, Any], names: Iterable[str]) -> dict[str, Sentence]:
    problems: dict[str, Sentence] = {}
    for name in ("note", "reply"):
        if sentence := text_problem(json.get(name), names):
            problems[name] = sentence
    labels = json.get("labels")
    if labels is not None and not _are_labels(labels):
        problems["labels"] = say("Enter at most 20 labels.")
    return problems


def text_problem(text: object, names: Iterable[str]) -> Sentence | None:
    """What is wrong with the template of a note or reply."""
    if text is None or text == "":
        return None
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        return say("Use at most %(number)s characters.", number=LONGEST_TEXT)
    try:
        unknown = unknown_names(text, names)
    except TemplateError as error:
        return error.sentence
    return unknown[0].sentence if unknown else None


def _are_labels(labels: object) -> bool:
    if not isinstance(labels, list) or len(labels) > 20:
        return False
    return all(isinstance(one, str) and len(one) <= 100 for one in labels)
