"""The scripts of pages: many small sources, few files. What a page loads is joined when it is first asked for.

A group of FILES is one file with all that its elements import; what stands in a group before it is imported
from there. The other sources are files of their own. Sources name each other by bare names; the import map
of a page says in which file each is, so that a module runs once, whoever asks for it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.response import Response

from recado.accounts.doors import static
from recado.lib.javascript import imported, imported_later, join, source_map
from recado.lib.moments import kept_for_a_moment
from recado.web.assets import COMPRESSED, keep_for_ever

_SOURCES: Final = Path(__file__).parent / "static" / "js"
# "first" is waited for before the page is painted: these change what it says or how large it is.
FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "first": (
        "attach-files", "htmx_parts", "pick-many", "pick-one", "quick-switch", "relative-time",
        "stay-at-end", "switch-form", "variable-input",
    ),
    "page": (
        "browser-notices", "chosen-theme", "code-editor", "command-palette", "composer-picker",
        "confirm-name", "copy-button", "dashboard-apps", "dialog-opener", "drop-menus",
        "form-draft", "fresh-variables", "json-tree", "kept-focus", "key-bindings", "live-updates",
        "message-composer", "pick-rows", "repeat-rows", "reply-reach", "row-keys", "seen-elsewhere", "send-once",
        "sign-in-again", "steady-form", "stop-request", "stop-watch", "thread-presence",
        "title-count", "toast-region", "unsent-messages",
    ),
    "request": ("curl-offer", "folded-fields", "header-pairs", "query-pairs", "sample-values"),
    "editor": ("editor",),
}  # fmt: skip
VENDORED: Final[Mapping[str, str]] = {
    "codemirror": "vendor/codemirror-6.min.js",
    "uplot": "vendor/uplot-1.6.32.min.js",
}


@dataclass(frozen=True, slots=True)
class _Files:
    """All groups as they are now, each by its name; and where modules lie."""

    scripts: dict[str, bytes]
    maps: dict[str, bytes]
    versions: dict[str, str]
    places: dict[str, str]  # the group of each module that is in one
    asked: set[str]  # modules that another file than their own imports


def script_address(name: str) -> str:
    """Where a page finds a group, or a source that is a file of its own; for ever, as it changes with it."""
    version = _files().versions.get(name)
    return f"/static/scripts/{name}.js?v={version}" if version else static(f"js/{name}.js")


def import_map() -> dict[str, dict[str, str]]:
    """Where modules are that another file imports, as browsers read it."""
    files = _files()
    known = {name: static(path) for name, path in VENDORED.items()}
    ours = sorted(files.asked - known.keys())
    return {"imports": {one: script_address(files.places.get(one, one)) for one in ours} | known}


@kept_for_a_moment
def _files() -> _Files:
    return _made(tuple((one.stem, one.stat().st_mtime) for one in sorted(_SOURCES.glob("*.js"))))


@lru_cache(1)
def _made(when: tuple[tuple[str, float], ...]) -> _Files:
    sources = {name: (_SOURCES / f"{name}.js").read_text("utf-8") for name, _ in when}
    made = _Files({}, {}, {}, {}, set())
    for group, names in FILES.items():
        joined = join(names, sources, elsewhere=made.places)
        made.places.update(dict.fromkeys(joined.exports, group))
        script, lines = joined.script.encode(), source_map(joined, sources)
        version = sha256(script + lines).hexdigest()[:12]
        made.scripts[group] = script + f"//# sourceMappingURL={group}.js.map?v={version}\n".encode()
        made.maps[group], made.versions[group] = lines, version
    for name, source in sources.items():
        made.asked.update(_asked(name, source, made.places))
    return made


def _asked(name: str, source: str, places: Mapping[str, str]) -> Iterator[str]:
    """What a module imports from another file than its own."""
    home = places.get(name, name)
    yield from (one for one in imported(source) if places.get(one, one) != home)
    yield from imported_later(source)


@get(
    "/static/scripts/{name:str}",
    after_request=keep_for_ever,
    middleware=[COMPRESSED],
    sync_to_thread=False,
)
def show_script(name: str) -> Response[bytes]:
    """A group's file, or the map to its sources."""
    group, _, kind = name.partition(".")
    found = {"js": _files().scripts, "js.map": _files().maps}.get(kind, {}).get(group)
    if found is None:
        raise NotFoundException
    return Response(found, media_type="text/javascript" if kind == "js" else "application/json")


handlers: list[Any] = [show_script]
