"""Custom actions as people see them: variables to pick, findings in the editor, the request to be."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from recado.actions.firing import rendered
from recado.actions.models import CustomAction
from recado.actions.request import BodyKind, Method, Problem, RequestTemplate, problems_in
from recado.actions.urls import address_problem, lane_of_template
from recado.deliveries.filtering import host_of
from recado.deliveries.requests import frozen, shown
from recado.deliveries.showing import ShownBody
from recado.lib.addresses import Refuses
from recado.lib.authorizing import displayed
from recado.lib.colouring import coloured_json
from recado.lib.curl import as_curl
from recado.lib.facts import Facts
from recado.lib.languages import Sentence, say
from recado.lib.templating import TemplateError

_ANY_URL: Final = "https://example.com/"

FIELD_LABELS: Final[dict[str, Sentence]] = {
    "name": say("Name"),
    "description": say("Description"),
    "method": say("HTTP method"),
    "url": say("URL"),
    "headers": say("HTTP headers"),
    "auth": say("Authentication"),
    "body_kind": say("Kind of body"),
    "body": say("Request body"),
    "policy": say("How it is sent"),
    "answers": say("What happens with the answer"),
    "signing": say("Signature"),
}


@dataclass(frozen=True, slots=True)
class Preview:
    """The request that an action makes of some facts, secrets masked; or why it makes none."""

    request: dict[str, Any]
    body: ShownBody
    curl: str
    problem: Sentence | None = None
    field: Sentence | None = None  # where the problem is


def preview_of(action: CustomAction, facts: Facts) -> Preview:
    """What would be sent."""
    made = rendered(action.template, facts)
    if isinstance(made, TemplateError):
        label = FIELD_LABELS.get(made.field.partition(".")[0])
        return Preview({}, ShownBody(), "", made.sentence, label)
    body = ShownBody(coloured_json(made.body or ""))
    return Preview(shown(frozen(made)), body, as_curl(displayed(made)))


@dataclass(frozen=True, slots=True)
class UrlFinding:
    """What is to be said of a URL while it is typed: what is wrong, or where calls go."""

    problem: Sentence | None = None
    host: str = ""


def url_finding(source: str, known: Collection[str], *, refuses: Refuses) -> UrlFinding:
    """By the rules of saving; `refuses` says whether the guard lets nothing go to an address."""
    source = source.strip()
    if not source:
        return UrlFinding()
    template = RequestTemplate(Method.GET, source, (), BodyKind.NONE)
    problem = next((one for one in problems_in(template, known)), None)
    if problem is not None:
        return UrlFinding(problem.sentence)
    if inside := address_problem(source, refuses):
        return UrlFinding(inside)
    return UrlFinding(host=host_of(lane_of_template(source)))


def findings_in(text: str, language: str, known: Collection[str]) -> list[dict[str, Any]]:
    """What the editor underlines: `[{"from", "to", "severity", "message"}]`.

    Places count UTF-16 units, as browsers do. An empty text is not wrong yet.
    """
    kind = BodyKind(language) if language in set(BodyKind) else BodyKind.TEXT
    if not text.strip() or kind == BodyKind.NONE:
        return []
    template = RequestTemplate(Method.POST, _ANY_URL, (), kind, text)
    return [_finding(one, text) for one in problems_in(template, known)]


def _finding(problem: Problem, text: str) -> dict[str, Any]:
    start = _index(text, problem.line, problem.column)
    end = _end_of_word(text, start)
    return {
        "from": _units(text[:start]),
        "to": _units(text[:end]),
        "severity": "error",
        "message": str(problem.sentence),
    }


def _index(text: str, line: int | None, column: int | None) -> int:
    if line is None:
        return 0
    before = sum(len(one) + 1 for one in text.split("\n")[: line - 1])
    return min(before + (column or 1) - 1, len(text))


def _end_of_word(text: str, start: int) -> int:
    """Where the name ends that begins here; at least one character is underlined."""
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] in "_.-"):
        end += 1
    return min(max(end, start + 1), len(text))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
