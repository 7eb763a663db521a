"""The API described by itself."""

import re
from pathlib import Path
from typing import Any

from litestar import Litestar

from tests.browser import Browser


async def test_the_document_tells_every_route(app: Any, visitor: Browser) -> None:
    answer = await visitor.get("/api/openapi.json")
    assert answer.status_code == 200
    document = answer.json()
    assert document["openapi"] == "3.1.0"
    told = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert isinstance(app, Litestar)
    served = {
        (method, re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path))
        for route in app.routes
        if route.path == "/api"
        or route.path.startswith(
            ("/api/v1/", "/api/v2/", "/public/api/v1/", "/auth/", "/platform/api/")
        )
        for method in getattr(route, "methods", ())
        if method != "OPTIONS"
    }
    assert told == served


async def test_every_reference_leads_somewhere(visitor: Browser) -> None:
    document = (await visitor.get("/api/openapi.json")).json()
    names = set(document["components"]["schemas"])
    references = set(_references(document))
    assert references <= {f"#/components/schemas/{name}" for name in names}
    assert len(references) > 30


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        inner = [one for each in value.values() for one in _references(each)]
        return [*inner, value["$ref"]] if "$ref" in value else inner
    if isinstance(value, list):
        return [one for each in value for one in _references(each)]
    return []


async def test_every_operation_says_what_it_does_and_who_may(visitor: Browser) -> None:
    document = (await visitor.get("/api/openapi.json")).json()
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    for one in operations:
        assert one["summary"], one["operationId"]
        assert {"200", "204"} & set(one["responses"])
    rule = document["paths"]["/api/v1/accounts/{account_id}/automation_rules"]["post"]
    assert "Only for administrators." in rule["description"]
    assert document["security"] == [{"token": []}]
    assert document["paths"]["/api"]["get"]["security"] == []


async def test_the_page_is_readable_without_scripts_or_strangers(visitor: Browser) -> None:
    answer = await visitor.get("/api/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "/api/v1/accounts/{account_id}/custom_actions/{action_id}/test" in answer.text
    assert 'id="shape-Action"' in answer.text
    assert "<script" not in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_every_path_stands_in_the_written_pages(app: Any) -> None:
    folder = Path(__file__).parents[2] / "docs" / "api"
    written = "\n".join(page.read_text() for page in sorted(folder.glob("*.md")))
    for route in app.routes:
        if route.path.startswith(
            ("/api/v1/", "/api/v2/", "/public/api/v1/", "/auth/", "/platform/api/")
        ):
            pattern = re.sub(r"\\\{\w+:int\\\}", r"\\d+", re.escape(route.path))
            pattern = re.sub(r"\\\{\w+:str\\\}", r"[^/]+", pattern)
            short = pattern.replace("/api/v1/accounts/\\d+", "(/api/v1/accounts/\\d+|…)")
            assert re.search(rf"{short}(?![\w/])", written), route.path
