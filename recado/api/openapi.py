"""The API described by itself: an OpenAPI 3.1 document made from its routes and shapes."""

import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response

from recado import __version__
from recado.api.door import administrators

_REF: Final = "#/components/schemas/{name}"
_PARAMETER: Final = re.compile(r"\{(\w+):(int|str)\}")
_TYPES: Final = {"int": "integer", "str": "string"}
_OPEN: Final = ("/api", "/api/openapi.json", "/api/docs")
_ABOUT: Final = """\
Requests and answers of Recado. The token of a person goes into the header `api_access_token`;
`Api-Access-Token` means the same and survives proxies that drop names with underscores. Bodies may
be JSON, forms or multipart. Paths below `/api/v1/accounts` have the shapes of Chatwoot's API;
custom actions, deliveries and rule verdicts are Recado's own.
"""
_Json = dict[str, Any]


class Refusal(msgspec.Struct):
    """A request refused as a whole. For automation rules `error` is an object: texts by part."""

    error: str | dict[str, list[str]]


class FieldsRefusal(msgspec.Struct):
    """A request refused for its fields: everything wrong in one text, and the fields' names."""

    message: str
    attributes: list[str]


def openapi_of(handlers: Iterable[HTTPRouteHandler]) -> _Json:
    """The document of these routes."""
    known = [one for one in handlers if _path(one) not in _OPEN[1:]]
    shapes = [Refusal, FieldsRefusal, *(shape for one in known for shape in _shapes(one))]
    schemas, components = msgspec.json.schema_components(shapes, ref_template=_REF)
    schema_of = dict(zip(map(repr, shapes), schemas, strict=True))
    paths: dict[str, _Json] = {}
    for handler in known:
        path = _PARAMETER.sub(r"{\1}", _path(handler))
        for method in handler.http_methods:
            paths.setdefault(path, {})[method.lower()] = _operation(handler, schema_of, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Recado", "version": __version__, "description": _ABOUT},
        "security": [{"token": []}],
        "tags": [_tag(name) for name in dict.fromkeys(one.fn.__module__ for one in known)],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components, "securitySchemes": _SCHEMES},
    }


_SCHEMES: Final = {"token": {"type": "apiKey", "in": "header", "name": "api_access_token"}}


def _path(handler: HTTPRouteHandler) -> str:
    [path] = handler.paths
    return path


def _shapes(handler: HTTPRouteHandler) -> Iterator[Any]:  # types
    for name in ("takes", "asks"):
        if shape := handler.opt.get(name):
            yield shape
    yield from _answers(handler)


def _answers(handler: HTTPRouteHandler) -> list[Any]:  # types; none for an empty body
    told = handler.opt.get("answers") or get_type_hints(handler.fn)["return"]
    is_empty = told is type(None) or get_origin(told) is Response
    options = get_args(told) if isinstance(told, UnionType) else (told,)
    return [] if is_empty else list(options)


def _operation(handler: HTTPRouteHandler, schema_of: _Json, components: _Json) -> _Json:
    module = handler.fn.__module__.rsplit(".", 1)[-1]
    first, _, more = (inspect.getdoc(handler.fn) or "").partition("\n")
    operation: _Json = {
        "operationId": f"{module}.{handler.fn.__name__}",
        "tags": [_title(handler.fn.__module__)],
        "summary": first.rstrip("."),
        "description": " ".join([more.strip(), *_for_whom(handler)]).strip(),
        "parameters": [*_path_parameters(_path(handler)), *_query(handler, components)],
        "responses": _responses(handler, schema_of),
    }
    if shape := handler.opt.get("takes"):
        content = {"application/json": {"schema": schema_of[repr(shape)]}}
        operation["requestBody"] = {"content": content}
    if _is_open(handler):
        operation["security"] = []
    return operation


def _is_open(handler: HTTPRouteHandler) -> bool:
    return _path(handler) in _OPEN or _path(handler).startswith(("/public/", "/auth/"))


def _for_whom(handler: HTTPRouteHandler) -> list[str]:
    is_closed = administrators in (handler.guards or ())
    return ["Only for administrators."] if is_closed else []


def _path_parameters(path: str) -> list[_Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": _TYPES[kind]}}
        for name, kind in _PARAMETER.findall(path)
    ]


def _query(handler: HTTPRouteHandler, components: _Json) -> list[_Json]:
    shape = handler.opt.get("asks")
    if shape is None:
        return []
    properties = components[shape.__name__]["properties"]
    return [
        {
            "name": f"{name}[]" if _is_list(schema) else name,
            "in": "query",
            "schema": schema,
        }
        for name, schema in properties.items()
    ]


def _is_list(schema: _Json) -> bool:
    options: Sequence[_Json] = schema.get("anyOf", [schema])
    return any(one.get("type") == "array" for one in options)


def _responses(handler: HTTPRouteHandler, schema_of: _Json) -> _Json:
    good: _Json = {"description": "Done."}
    options = [schema_of[repr(one)] for one in _answers(handler)]
    if options:
        good |= _json(options[0] if len(options) == 1 else {"anyOf": options})
    responses = {str(handler.status_code): good}
    if _path(handler) in _OPEN:
        return responses
    refusal = _json(schema_of[repr(Refusal)])
    both = {"anyOf": [schema_of[repr(FieldsRefusal)], schema_of[repr(Refusal)]]}
    if not _is_open(handler):
        responses["401"] = {
            "description": "No token, a wrong one, or no right to do this.", **refusal
        }  # fmt: skip
    if "{" in _path(handler):
        responses["404"] = {"description": "There is no such thing in your account.", **refusal}
    if handler.opt.get("takes") or handler.opt.get("asks"):
        responses["400"] = {"description": "The request cannot be read.", **refusal}
        responses["422"] = {"description": "What it says is refused.", **_json(both)}
    return responses


def _json(schema: _Json) -> _Json:
    return {"content": {"application/json": {"schema": schema}}}


def _tag(module: str) -> _Json:
    about = (inspect.getdoc(sys.modules[module]) or "").partition("\n")[0]
    return {"name": _title(module), "description": about}


def _title(module: str) -> str:
    return module.rsplit(".", 1)[-1].replace("_", " ").capitalize()
