"""Modules of JavaScript joined into one file, with a map that leads a browser's tools back to the sources.

Each module becomes a function that runs once and returns what the module exports; an import takes it from there.
Only what our own sources say is understood: named imports and exports that stand at the start of a line.
Anything else is refused, so nothing changes its meaning on the way.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

_IMPORT: Final = re.compile(r'^import (\{[^}]*\}|\* as \w+) from "([\w/-]+)"', re.MULTILINE)
_LATER: Final = re.compile(r'\bimport\("([\w/-]+)"\)')
_EXPORT: Final = re.compile(r"^export (?=(?:const|class|(?:async )?function) (\w+))", re.MULTILINE)
_UNKNOWN: Final = re.compile(r"^(?:import\b(?!\()|export\b).*|^await\b.*", re.MULTILINE)
_COMMENT: Final = re.compile(r"^[ \t]*(?://.*|/\*\*.*\*/)$", re.MULTILINE)
_RENAMED: Final = re.compile(r"(\w+) as (\w+)")


class NotJoinable(Exception):
    """A source says what cannot be joined; the text names it."""


@dataclass(slots=True)
class Joined:
    """One file: its lines so far, the modules in it, each with what it exports, and where it begins."""

    lines: list[str] = field(default_factory=list)
    exports: dict[str, list[str]] = field(default_factory=dict)
    begins: dict[str, int] = field(default_factory=dict)

    @property
    def script(self) -> str:
        """The file, a module whose exports are those of all modules in it."""
        return "\n".join(self.lines) + "\n"


def imported(source: str) -> list[str]:
    """The names of what a module imports before it runs."""
    return [name for _, name in _IMPORT.findall(source)]


def imported_later(source: str) -> list[str]:
    """The names of what a module imports while it runs."""
    return _LATER.findall(source)


def join(
    names: Iterable[str], sources: Mapping[str, str], *, elsewhere: Collection[str] = ()
) -> Joined:
    """These modules in this order, each after those that it imports and that are not `elsewhere`.

    What is elsewhere, or no source of ours, is imported by the file as a whole.
    """
    order = _in_order(names, sources, elsewhere)
    made = Joined()
    others = {one for name in order for one in imported(sources[name])} - set(order)
    made.lines += [f'import * as {_own(name)} from "{name}"' for name in sorted(others)]
    for name in order:
        _add(made, name, sources[name])
    exported = [one for found in made.exports.values() for one in found]
    if twice := {one for one in exported if exported.count(one) > 1}:
        raise NotJoinable(f"Exported by two modules of one file: {', '.join(sorted(twice))}")
    return made


def source_map(made: Joined, sources: Mapping[str, str]) -> bytes:
    """Which line of which source each line of the file is, as browsers read it (ECMA-426, by sections)."""
    return orjson.dumps(
        {"version": 3, "sections": [_section(made, name, sources[name]) for name in made.begins]}
    )


def _in_order(
    names: Iterable[str], sources: Mapping[str, str], elsewhere: Collection[str]
) -> list[str]:
    order: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise NotJoinable(f"Modules import each other: {' → '.join((*above, name))}")
        if name in order or name in elsewhere or name not in sources:
            return
        for one in imported(sources[name]):
            visit(one, (*above, name))
        order.append(name)

    for name in names:
        visit(name, ())
    return order


def _add(made: Joined, name: str, source: str) -> None:
    exports = _EXPORT.findall(source)
    made.exports[name] = exports
    made.lines += [f"// {name}", f"const {_own(name)} = (() => {{"]
    made.begins[name] = len(made.lines)
    made.lines += _body(name, source).splitlines()
    made.lines += [f"return {{ {', '.join(exports)} }}", "})()"]
    if exports:
        made.lines.append(f"export const {{ {', '.join(exports)} }} = {_own(name)}")


def _body(name: str, source: str) -> str:
    """The source, line by line, without import, export and lines of comment."""
    if any(line.count("`") % 2 for line in source.splitlines()):
        raise NotJoinable(f"{name}: a text between backticks that goes over lines")
    body = _COMMENT.sub("", _EXPORT.sub("", _IMPORT.sub(_taken, source)))
    if unknown := _UNKNOWN.search(body):
        raise NotJoinable(f"{name}: {unknown[0]}")
    return body


def _taken(found: re.Match[str]) -> str:
    wanted, name = found.groups()
    pattern = wanted.removeprefix("* as ") if wanted[0] == "*" else _RENAMED.sub(r"\1: \2", wanted)
    return f"const {pattern} = {_own(name)};"


def _own(name: str) -> str:
    """The variable that holds a module: two names never share one."""
    return "$" + name.replace("-", "$").replace("/", "$$")


def _section(made: Joined, name: str, source: str) -> dict[str, Any]:
    more = len(source.splitlines()) - 1
    return {
        "offset": {"line": made.begins[name], "column": 0},
        "map": {
            "version": 3,
            "sources": [f"{name}.js"],
            "sourcesContent": [source],
            "names": [],
            "mappings": ";".join(
                ["AAAA", *["AACA"] * more]
            ),  # each line: one further in the source
        },
    }
