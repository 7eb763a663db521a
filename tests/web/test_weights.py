"""What pages weigh: the scripts and styles a browser loads for them, compressed on their way."""

import gzip
import re
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from recado.db.database import Database
from tests.browser import Browser
from tests.people import Cast, a_contact, a_conversation, a_message

SCRIPTS = 45 * 1024  # bytes of script, compressed, outside of pages with an editor
STYLES = 25 * 1024
EDITORS = 182 * 1024
FILES = 4  # of scripts, before a page has run
PAGE = 30 * 1024  # bytes of a page of 25 conversations, which is not compressed
_SCRIPT = re.compile(r'<script[^>]* src="([^"]+)"')
_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
_MAP = re.compile(r'<script type="importmap"[^>]*>(.*?)</script>', re.DOTALL)
_IMPORT = re.compile(r'^import [^;]*? from "([^"]+)";?$', re.MULTILINE)
_LATER = re.compile(r'\bimport\("([^"]+)"\)')


async def _weight(ana: Browser, addresses: list[str], names: dict[str, str], **also: bool) -> int:
    """Of these files and of what they import, each once; `later` too what they import later."""
    seen: set[str] = set()
    waiting, total = list(addresses), 0
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        source = (await ana.get(address)).text
        total += len(gzip.compress(source.encode(), mtime=0))
        found = _IMPORT.findall(source) + (_LATER.findall(source) if also.get("later") else [])
        waiting += [names[one] for one in found]
    return total


async def _parts(ana: Browser, path: str) -> tuple[list[str], list[str], dict[str, str]]:
    answer = await ana.get(path)
    assert answer.status_code == 200
    page = answer.text.replace("&amp;", "&")
    names = orjson.loads(_MAP.findall(page)[0])["imports"] if _MAP.findall(page) else {}
    return _SCRIPT.findall(page), _STYLE.findall(page), names


@pytest.mark.parametrize(
    "path",
    [
        "/app/conversations",
        "/app/actions",
        "/app/automation",
        "/app/deliveries",
        "/app/contacts",
        "/app/reports",
    ],
)
async def test_a_page_is_light(ana: Browser, path: str, record_property: Any) -> None:
    scripts, styles, names = await _parts(ana, path)
    weighed = await _weight(ana, scripts, names)
    record_property(f"scripts of {path}, bytes gzipped", weighed)
    record_property(f"styles of {path}, bytes gzipped", await _weight(ana, styles, {}))
    assert 1 < len(scripts) <= FILES
    assert weighed <= SCRIPTS
    assert await _weight(ana, styles, {}) <= STYLES


async def test_a_page_of_conversations_is_short(
    database: Database, cast: Cast, ana: Browser, record_property: Any
) -> None:
    async with database.transaction() as tx:
        for number in range(30):
            name = f"Maria Souza {number}"
            contact = await a_contact(tx, cast.account, name=name, email="", phone_number="")
            conversation = await a_conversation(tx, cast.inbox, contact)
            await a_message(tx, conversation, "Olá! Meu pedido 5531 já saiu? Obrigada.")
    page = (await ana.get("/app/conversations?tab=all")).content
    record_property("a page of 25 conversations, bytes", len(page))
    assert page.count(b"<article") == 25
    assert len(page) <= PAGE


async def test_the_editor_is_what_a_form_pays_for(ana: Browser, record_property: Any) -> None:
    scripts, _, names = await _parts(ana, "/app/actions/new")
    light, whole = (
        await _weight(ana, scripts, names),
        await _weight(ana, scripts, names, later=True),
    )
    record_property("scripts of a form with an editor, bytes gzipped", whole)
    assert light <= SCRIPTS < whole <= EDITORS


@pytest.mark.parametrize(
    ("path", "is_compressed"),
    [
        pytest.param("script", True, id="a script"),
        pytest.param("style", True, id="a style sheet"),
        pytest.param("/app/conversations", False, id="a page, which holds a token"),
        pytest.param("/sign-in", False, id="the sign-in page likewise"),
        pytest.param("/api/v1/profile", False, id="an answer to a program"),
    ],
)
async def test_only_what_is_the_same_for_everybody_is_compressed(
    ana: Browser, path: str, is_compressed: bool
) -> None:
    scripts, styles, _ = await _parts(ana, "/app/conversations")
    path = {"script": scripts[0], "style": styles[0]}.get(path, path)
    answer = await ana.get(path, headers={"accept-encoding": "gzip"})
    assert (answer.headers.get("content-encoding") == "gzip") is is_compressed
    if is_compressed:
        assert "accept-encoding" in answer.headers["vary"].lower()


async def test_a_file_of_scripts_leads_to_its_sources(ana: Browser) -> None:
    (address,) = [one for one in (await _parts(ana, "/app/actions"))[0] if "/page.js" in one]
    script = await ana.get(address)
    assert script.headers["content-type"].startswith("text/javascript")
    assert "immutable" in script.headers["cache-control"]
    lines = await ana.get(
        f"/static/scripts/{script.text.rpartition('sourceMappingURL=')[2].strip()}"
    )
    sources = [one["map"]["sourcesContent"][0] for one in orjson.loads(lines.content)["sections"]]
    assert any('customElements.define("json-tree"' in one for one in sources)
    for name in ("nothing.js", "page", "page.css", "page.js.map.js", "..%2Fassets.py"):
        assert (await ana.get(f"/static/scripts/{name}")).status_code == 404


async def test_who_takes_no_gzip_gets_the_same_file(ana: Browser) -> None:
    address = (await _parts(ana, "/app/conversations"))[0][0]
    plain = await ana.get(address, headers={"accept-encoding": "identity"})
    packed = await ana.get(address, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert plain.content == packed.content
    assert urlsplit(address).query.startswith("v=")
