"""The API's description: as a document for programs, as a page for people."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from litestar import Litestar, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response, Template

from recado.api.door import PersonRequest
from recado.api.openapi import openapi_of

_Json = dict[str, Any]
_CLOSED: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


@get("/api/openapi.json", sync_to_thread=False)
def show_openapi(request: PersonRequest) -> Response[_Json]:
    """Show the OpenAPI document."""
    return Response(_document(request.app), media_type="application/json")


@get("/api/docs", sync_to_thread=False)
def show_docs(request: PersonRequest) -> Template:
    """Show the description for people."""
    document = _document(request.app)
    context = {
        "document": document,
        "groups": _groups(document),
        "schemas": [
            {"name": name, "about": schema.get("description", ""), "fields": _fields(schema)}
            for name, schema in sorted(document["components"]["schemas"].items())
        ],
    }
    return Template("api/docs.html", context=context, headers=_CLOSED)


@cache
def _document(app: Litestar) -> _Json:
    """Made once: routes do not change while the application runs."""
    return openapi_of(_handlers(app))


def _handlers(app: Litestar) -> Iterator[HTTPRouteHandler]:
    for route in app.routes:
        if route.path == "/api" or route.path.startswith(
            ("/api/", "/public/api/", "/auth/", "/platform/api/")
        ):
            for handler in getattr(route, "route_handlers", ()):
                if isinstance(handler, HTTPRouteHandler) and "OPTIONS" not in handler.http_methods:
                    yield handler


def _groups(document: _Json) -> list[_Json]:
    """Operations by resource, each with what it takes and answers, ready to be shown."""
    groups = {tag["name"]: {**tag, "operations": []} for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]]["operations"].append(_shown(path, method, operation))
    return list(groups.values())


def _shown(path: str, method: str, operation: _Json) -> _Json:
    taken = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    status, good = next(iter(operation["responses"].items()))
    answer = good.get("content", {}).get("application/json", {})
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation["description"],
        "query": [
            {"name": one["name"], "types": _types(one["schema"])}
            for one in operation["parameters"]
            if one["in"] == "query"
        ],
        "takes": _types(taken["schema"]) if taken else [],
        "status": status,
        "answers": _types(answer["schema"]) if answer else [],
    }


def _fields(schema: _Json) -> list[_Json]:
    return [
        {"name": name, "types": _types(field)}
        for name, field in schema.get("properties", {}).items()
    ]


def _types(schema: _Json) -> list[_Json]:
    """What a value may be: each a word, and the shape it links to."""
    if "anyOf" in schema:
        return [one for option in schema["anyOf"] for one in _types(option)]
    if "$ref" in schema:
        return [{"text": schema["$ref"].rsplit("/", 1)[-1], "is_shape": True, "many": False}]
    if schema.get("type") == "array":
        return [{**one, "many": True} for one in _types(schema.get("items", {}))]
    return [{"text": str(schema.get("type", "any")), "is_shape": False, "many": False}]


handlers: list[Any] = [show_openapi, show_docs]
