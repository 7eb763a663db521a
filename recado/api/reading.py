"""Reading what clients send, in every way they send it: JSON, forms, multipart, queries.

A request's shape is a msgspec struct whose fields default to UNSET. Shapes are strict about what a
value means and lenient about how it is spelled: "12" is 12, "true" is true, one value is a list of
one, and "" where no text can stand is absent. What cannot be stored is refused here, once.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
import orjson
from litestar import Request
from litestar.datastructures import UploadFile
from msgspec import inspect

from recado.api.door import ApiError, invalid

DEEPEST: Final = 32  # objects and lists inside each other
_MOST_FIELDS: Final = 1_000  # of a form or a query
_FILES: Final = ("attachment", "avatar")  # elsewhere a file is only its name
_KEY_PARTS: Final = re.compile(r"\[([^\[\]]*)\]")
_PLACE: Final = re.compile(r" - at `\$\.?(.*)`$")

_Shape = TypeVar("_Shape", bound=msgspec.Struct)
_Json = dict[str, Any]
AnyRequest = Request[Any, Any, Any]


async def read(request: AnyRequest, shape: type[_Shape], *, wrapped: str = "") -> _Shape:
    """The body as `shape`; also what stands under the name `wrapped`, as dashboards send it."""
    given = await _body(request)
    inner = given.get(wrapped)
    if isinstance(inner, dict):
        given = {**given, **inner}
    return shaped(given, shape)


async def asked(request: AnyRequest, shape: type[_Shape]) -> _Shape:
    """What a GET asks for: its query, and its JSON body where a client sends one."""
    given = await _body(request) if request.method == "GET" else {}
    query = request.scope["query_string"].decode("latin-1")
    return shaped({**given, **_nested(_pairs(query))}, shape)


def is_given(value: object) -> bool:
    """Whether a field was there and says something."""
    return value is not msgspec.UNSET and value is not None


async def _body(request: AnyRequest) -> _Json:
    kind = request.content_type[0]
    try:
        if kind == "multipart/form-data":
            return _nested(
                (name, one if name.startswith(_FILES) else _plain(one))
                for name, one in (await request.form()).multi_items()
            )
        raw = await request.body()
        if kind == "application/x-www-form-urlencoded" and not raw.lstrip().startswith(b"{"):
            return _nested(_pairs(raw.decode()))
        return _object(orjson.loads(raw) if raw.strip() else None)
    except orjson.JSONDecodeError as error:
        raise _unreadable(f"The body is not valid JSON: {error}") from error
    except (ValueError, LookupError) as error:  # what is no UTF-8, or no charset at all
        raise _unreadable("The body cannot be read as its Content-Type says.") from error


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise _unreadable("The parameters cannot be read.") from error


def _unreadable(text: str) -> ApiError:
    return ApiError(400, {"error": text})


def _nested(pairs: Iterable[tuple[str, Any]]) -> _Json:
    """`labels[]=a&labels[]=b&custom_attributes[plan]=x` as objects and lists, the way Rails reads."""
    root: _Json = {}
    for key, value in pairs:
        head, _, rest = key.partition("[")
        steps = [head, *_KEY_PARTS.findall(f"[{rest}")] if rest else [head]
        if len(steps) > DEEPEST:
            raise _unreadable("The parameters are nested too deeply.")
        _put(root, steps, value)
    return {name: _with_lists(value) for name, value in root.items()}


def _put(at: _Json, steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        inner = at.setdefault(step, {})
        if not isinstance(inner, dict):
            inner = at[step] = {}
        at = inner
    last = steps[-1]
    at[last if last or len(steps) == 1 else str(len(at))] = value


def _with_lists(value: Any) -> Any:  # JSON
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(one) for name, one in value.items()}
    return list(inner.values()) if all(name.isdigit() for name in inner) else inner


def _plain(part: str | UploadFile) -> str:
    return part.filename if isinstance(part, UploadFile) else part


def _object(given: Any) -> _Json:
    """Null is an empty object: some clients send it where there is nothing to say."""
    if given is not None and not isinstance(given, dict):
        raise _unreadable("The body must be a JSON object.")
    return given or {}


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ApiError(422, {"error": f"Values can be nested {DEEPEST} deep."})
    match value:
        case str() if "\0" in value:
            raise ApiError(422, {"error": "Text cannot contain the character U+0000."})
        case dict():
            for name, inner in value.items():
                _check(name, depth)
                _check(inner, depth + 1)
        case list():
            for inner in value:
                _check(inner, depth + 1)
        case _:
            pass


def shaped(given: _Json, shape: type[_Shape]) -> _Shape:
    fitted = {
        name: fit
        for name, value in given.items()
        if (kinds := _kinds(shape).get(name)) and (fit := _fitted(value, kinds)) is not _ABSENT
    }
    _check(fitted, 0)
    try:
        return msgspec.convert(fitted, shape, strict=False)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        name = re.sub(r"\[(\d+)\]", r".\1", place[1]) if place else "body"
        raise invalid({name: _PLACE.sub("", str(error)).replace("`", "")}) from error


_ABSENT: Final = object()
_Kinds = frozenset[type[inspect.Type]]


@cache
def _kinds(shape: type[msgspec.Struct]) -> dict[str, _Kinds]:
    """Which kinds of JSON each field of a shape takes."""
    told = inspect.type_info(shape)
    assert isinstance(told, inspect.StructType)  # noqa: S101 - for the type checker
    return {field.encode_name: _kinds_of(field.type) for field in told.fields}


def _kinds_of(told: inspect.Type) -> _Kinds:
    inner = told.type if isinstance(told, inspect.Metadata) else told
    options = inner.types if isinstance(inner, inspect.UnionType) else (inner,)
    return frozenset(type(one) for one in options)


def _fitted(value: Any, kinds: _Kinds) -> Any:  # JSON, or _ABSENT
    if inspect.AnyType in kinds:
        return value
    if isinstance(value, str):
        return _fitted_text(value, kinds)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value if kinds & {inspect.IntType, inspect.FloatType} else _as_text(value, kinds)
    return value


def _fitted_text(text: str, kinds: _Kinds) -> Any:  # JSON, or _ABSENT
    if inspect.StrType in kinds:
        return text
    if not text.strip():
        return _ABSENT
    if inspect.ListType in kinds:
        found = _json_in(text, list)
        return [text] if found is None else found
    if inspect.DictType in kinds:
        found = _json_in(text, dict)
        return text if found is None else found
    return text.strip()


def _json_in(text: str, kind: type) -> Any:  # JSON of that kind; None for anything else
    """Multipart has only text: its objects are JSON inside."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, kind) else None


def _as_text(number: float, kinds: _Kinds) -> Any:  # JSON
    if inspect.StrType in kinds:
        return str(number)
    is_one_of_list = inspect.ListType in kinds
    return [number] if is_one_of_list else number
