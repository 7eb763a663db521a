"""A custom action's request: from its template and the facts to what is sent.

Pure: no database, no network. A template is read once and kept. What it says is checked whole when
it is saved (`problems_in`), so that making a request (`render`) fails only for values that cannot
be sent, and then names the field.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol

from recado.actions.headers import HeaderValue, name_problem
from recado.actions.json_bodies import JsonBody
from recado.actions.text_bodies import FormBody, TextBody
from recado.actions.urls import UrlTemplate
from recado.lib.facts import Facts
from recado.lib.languages import Sentence, say
from recado.lib.outcomes import Auth, Request, RequestHeader, Signing
from recado.lib.templating import TemplateError, names_read, unknown_names

BODY_LIMIT: Final = 256 * 1024  # bytes, as sent
HEADERS_LIMIT: Final = 16 * 1024  # bytes of all names and values


class Method(StrEnum):
    """What the request asks of the other system."""

    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    GET = "GET"
    DELETE = "DELETE"


class BodyKind(StrEnum):
    """How the body is written. NONE sends none, whatever its template holds."""

    JSON = "json"
    FORM = "form"
    TEXT = "text"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class HeaderTemplate:
    """A header of an action. With a secret id, a secret kept elsewhere follows the value.

    One that is off stands in the form and is not sent, nor looked at.
    """

    name: str
    value: str
    secret_id: int | None = None
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """What the administrator wrote."""

    method: Method
    url: str
    headers: tuple[HeaderTemplate, ...] = ()
    body_kind: BodyKind = BodyKind.JSON
    body: str = ""
    signing: Signing | None = None
    auth: Auth | None = None

    @property
    def headers_on(self) -> Iterator[tuple[int, HeaderTemplate]]:
        """The headers that are sent, each with its place in the form."""
        return ((index, one) for index, one in enumerate(self.headers) if not one.is_off)

    @property
    def has_body(self) -> bool:
        """False also for a GET or DELETE whose body was left empty: none is meant."""
        is_left_out = self.method in (Method.GET, Method.DELETE) and not self.body.strip()
        return self.body_kind != BodyKind.NONE and not is_left_out


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a field of the template: "url", "headers.0.name", "headers.0.value",
    "body"; with the place in the field, from 1, where there is one.
    """

    field: str
    sentence: Sentence
    line: int | None = None
    column: int | None = None


def render(template: RequestTemplate, facts: Facts) -> Request:
    """The request to send; TemplateError with its field if these facts make none."""
    return _prepared(template).render(facts)


def problems_in(template: RequestTemplate, known_names: Iterable[str]) -> list[Problem]:
    """Everything wrong with a template, in the order of the form; empty if it may be saved."""
    known = tuple(known_names)
    found = [*_problems("url", template.url, UrlTemplate, known)]
    names: list[str] = []
    for index, header in template.headers_on:
        wrong = name_problem(header.name.strip(), names)
        names.append(header.name)
        found += [Problem(f"headers.{index}.name", wrong)] if wrong else []
        found += _problems(f"headers.{index}.value", header.value, _header_reader(header), known)
    if template.has_body:
        found += _body_problems(template, known)
    return found


def names_used(template: RequestTemplate) -> list[str]:
    """The variables that the template reads, each once, in order of the form.

    Names as the catalogue has them, perhaps with a step inside (`conversation.labels.0`).
    """
    read = (used for source in _sources(template) for used in names_read(source))
    return list(dict.fromkeys(".".join(map(str, used.path)) for used in read))


def names_missing(template: RequestTemplate, known_names: Iterable[str]) -> list[str]:
    """The variables that the template reads and nobody knows (any more), each once, as written;
    what cannot be parsed names none.
    """
    known, missing = frozenset(known_names), list[str]()
    for source in _sources(template):
        with suppress(TemplateError):
            missing += [one.name for one in unknown_names(source, known)]
    return list(dict.fromkeys(missing))


def _sources(template: RequestTemplate) -> list[str]:
    sources = [template.url, *(header.value for _, header in template.headers_on)]
    return sources + ([template.body] if template.has_body else [])


def _problems(
    field: str, source: str, reader: Callable[[str], object], known: tuple[str, ...]
) -> Iterator[Problem]:
    try:
        reader(source)
    except TemplateError as error:
        yield Problem(field, error.sentence, *(error.position or ()))
    try:
        unknown = unknown_names(source, known)
    except TemplateError:
        return  # it cannot be parsed, which was said already
    for one in unknown:
        yield Problem(field, one.sentence, one.line, one.column)


def _body_problems(template: RequestTemplate, known: tuple[str, ...]) -> Iterator[Problem]:
    if template.method == Method.GET:
        yield Problem("body", say("A GET request has no body. Choose a request without one."))
        return
    reader = _try_json if template.body_kind == BodyKind.JSON else _READERS[template.body_kind]
    yield from _problems("body", template.body, reader, known)


def _try_json(source: str) -> None:
    JsonBody(source).try_out()


def _header_reader(header: HeaderTemplate) -> Callable[[str], HeaderValue]:
    has_secret = header.secret_id is not None
    return lambda value: HeaderValue(header.name.strip(), value, is_prefix=has_secret)


class _Body(Protocol):
    def render(self, facts: Facts) -> str: ...


_READERS: Final[dict[BodyKind, Callable[[str], _Body]]] = {
    BodyKind.JSON: JsonBody,
    BodyKind.FORM: FormBody,
    BodyKind.TEXT: TextBody,
}
_CONTENT_TYPES: Final = {
    BodyKind.JSON: "application/json",
    BodyKind.FORM: "application/x-www-form-urlencoded",
    BodyKind.TEXT: "text/plain; charset=utf-8",
}


class _Prepared:
    """A template read and ready: all that does not depend on the facts is done."""

    def __init__(self, template: RequestTemplate) -> None:
        self._method = str(template.method)
        self._signing, self._auth = template.signing, template.auth
        with _InField("url"):
            self._url = UrlTemplate(template.url)
        self._headers = [_prepared_header(*one) for one in template.headers_on]
        self._body: _Body | None = None
        self._first: tuple[RequestHeader, ...] = ()
        if template.has_body:
            with _InField("body"):
                self._body = _READERS[template.body_kind](template.body)
            self._first = _content_type(template)

    def render(self, facts: Facts) -> Request:
        with _InField("url"):
            url = self._url.render(facts)
        headers = (*self._first, *(header.render(facts) for header in self._headers))
        _refuse_long_headers(headers)
        with _InField("body"):
            body = self._body.render(facts) if self._body else None
            if body is not None and len(body.encode()) > BODY_LIMIT:
                raise TemplateError(say("The body is longer than 256 KiB."))
        return Request(self._method, url, headers, body, self._signing, self._auth)


_prepared = lru_cache(maxsize=512)(_Prepared)


@dataclass(frozen=True, slots=True)
class _PreparedHeader:
    field: str
    name: str
    value: HeaderValue
    secret_id: int | None

    def render(self, facts: Facts) -> RequestHeader:
        with _InField(self.field):
            return RequestHeader(self.name, self.value.render(facts), self.secret_id)


def _prepared_header(index: int, header: HeaderTemplate) -> _PreparedHeader:
    field = f"headers.{index}.value"
    with _InField(field):
        value = _header_reader(header)(header.value)
    return _PreparedHeader(field, header.name.strip(), value, header.secret_id)


def _content_type(template: RequestTemplate) -> tuple[RequestHeader, ...]:
    """What the body kind says, unless the action has a header of its own."""
    if any(header.name.strip().lower() == "content-type" for _, header in template.headers_on):
        return ()
    return (RequestHeader("Content-Type", _CONTENT_TYPES[template.body_kind]),)


def _refuse_long_headers(headers: tuple[RequestHeader, ...]) -> None:
    if sum(len(one.name) + len(one.value.encode()) + 4 for one in headers) > HEADERS_LIMIT:
        raise TemplateError(say("The headers are longer than 16 KiB together."), field="headers")


class _InField:
    """Names the field in errors from inside."""

    __slots__ = ("_field",)

    def __init__(self, field: str) -> None:
        self._field = field

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TemplateError):
            error.field = self._field
