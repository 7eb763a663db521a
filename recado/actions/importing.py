"""A pasted curl command as the draft of an action: likely secrets are secret from the start. Pure."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

import orjson

from recado.actions.authorizing import NO_AUTH, AuthDraft
from recado.actions.request import BodyKind, Method
from recado.actions.saving import ActionDraft, HeaderDraft
from recado.lib.curl_reading import CurlRequest, read_curl
from recado.lib.languages import Sentence, say
from recado.lib.outcomes import AuthKind
from recado.lib.values import is_json

_SECRET: Final = re.compile(
    r"authorization|cookie|token|secret|passw|senha|credential|signature|(^|[-_])(api)?[-_]?key$",
    re.IGNORECASE,
)
_SECRET_QUERY: Final = re.compile(
    r"^(api[-_]?key|apikey|key|token|access[-_]token|auth|secret|password)$", re.IGNORECASE
)
NOTHING: Final = ActionDraft()
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Pasted:
    """A command, the draft it makes, and what of it is not in there; or why it cannot be read."""

    text: str = ""
    draft: ActionDraft = NOTHING
    notes: tuple[Sentence, ...] = ()
    problem: Sentence | None = None

    @property
    def is_read(self) -> bool:
        """Whether the form is filled in from it."""
        return bool(self.text) and self.problem is None

    @property
    def status(self) -> int:
        """Of the page that shows it."""
        return 422 if self.problem else 200


def paste(command: str) -> Pasted:
    """The action that a curl command describes."""
    read = read_curl(command)
    if isinstance(read, Sentence):
        return Pasted(command, problem=read)
    notes = list(read.notes)
    method = Method(read.method) if read.method in set(Method) else Method.POST
    if method != read.method:
        notes.append(say("%(method)s is no method of a custom action.", method=read.method))
    url, auth = _auth(read)
    kind, body = _body(read, notes)
    draft = ActionDraft(
        method=method,
        url=url,
        headers=_headers(read, auth, kind),
        body_kind=kind,
        body=body,
        auth=auth,
    )
    return Pasted(command, draft, tuple(notes))


def _auth(read: CurlRequest) -> tuple[str, AuthDraft]:
    """The address without its key, and how the command shows who sends."""
    scheme, _, value = read.header("authorization").partition(" ")
    if read.user is not None:
        return read.url, _basic(read.user)
    if bearer := read.bearer or (value.strip() if scheme.lower() == "bearer" else ""):
        return read.url, AuthDraft(AuthKind.BEARER, secrets={"token": bearer})
    if scheme.lower() == "basic" and (pair := _decoded(value)):
        return read.url, _basic(pair)
    return _key_in_query(read.url)


def _basic(pair: str) -> AuthDraft:
    user, _, password = pair.partition(":")
    secrets = {"password": password} if password else {}
    return AuthDraft(AuthKind.BASIC, {"user": user}, secrets)


def _key_in_query(url: str) -> tuple[str, AuthDraft]:
    path, sign, query = url.partition("?")
    parts = query.split("&") if sign else []
    keys = [one for one in parts if _SECRET_QUERY.match(one.partition("=")[0])]
    if len(keys) != 1 or "{{" in keys[0]:
        return url, NO_AUTH
    name, _, value = keys[0].partition("=")
    rest = "&".join(one for one in parts if one != keys[0])
    values = {"place": "query", "name": unquote_plus(name)}
    auth = AuthDraft(AuthKind.API_KEY, values, {"key": unquote_plus(value)})
    return path + (f"?{rest}" if rest else ""), auth


def _headers(read: CurlRequest, auth: AuthDraft, kind: BodyKind) -> tuple[HeaderDraft, ...]:
    """Those that nothing else of the action sends."""
    left_out = {"content-type"} if _is_usual(read.header("content-type"), kind) else set()
    if auth.kind in (AuthKind.BASIC, AuthKind.BEARER):
        left_out.add("authorization")
    found: dict[str, HeaderDraft] = {}
    for name, value in read.headers:
        if name.lower() not in left_out:  # of two with one name the last stays
            found[name.lower()] = HeaderDraft(name, value, bool(_SECRET.search(name)))
    return tuple(found.values())


def _is_usual(content_type: str, kind: BodyKind) -> bool:
    """Whether the kind of body says so already."""
    plain = content_type.partition(";")[0].strip().lower()
    return plain == {BodyKind.JSON: "application/json", BodyKind.FORM: _FORM}.get(kind)


def _body(read: CurlRequest, notes: list[Sentence]) -> tuple[BodyKind, str]:
    if read.body is None or read.method == Method.GET:
        return BodyKind.NONE, ""
    told = read.header("content-type").partition(";")[0].strip().lower()
    if told.endswith("json") or (not told and is_json(read.body)):
        if not told:
            notes.append(say("The body is JSON, so it is sent as JSON; curl would not say so."))
        return BodyKind.JSON, _pretty(read.body)
    if told in ("", _FORM) and "=" in read.body:
        pairs = parse_qsl(read.body, keep_blank_values=True)
        if pairs and not any("\n" in one or "\r" in one for pair in pairs for one in pair):
            return BodyKind.FORM, "\n".join(f"{name} = {value}" for name, value in pairs)
    return BodyKind.TEXT, read.body


def _pretty(text: str) -> str:
    """Indented where that changes nothing: numbers stay as they were written only in the original."""
    try:
        made = orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode()
    except (ValueError, TypeError):
        return text
    return made if re.sub(r"\s", "", made) == re.sub(r"\s", "", text) else text


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
