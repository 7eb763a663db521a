"""JSON in colours whose values are links: a click on a value says where it stands."""

import json
from collections.abc import Callable, Iterator

from markupsafe import Markup, escape

from recado.lib.colouring import LIMIT, TOKEN, coloured_json, pretty_json
from recado.lib.paths import Path


def linked_json(text: str, address: Callable[[Path], str], start: Path = ()) -> Markup:
    """`text` as `coloured_json` shows it, each plain value a link to the address of its path.

    Text that is not JSON, or too long, has no links.
    """
    pretty = pretty_json(text)
    plain = coloured_json(pretty)
    if len(pretty) > LIMIT or plain == escape(pretty):
        return plain
    pieces: list[Markup] = []
    end = 0
    for found, kind, path in _walk(pretty, start):
        pieces.append(escape(pretty[end : found[0]]))
        end = found[1]
        piece = Markup('<span class="tok-{}">{}</span>').format(kind, pretty[found[0] : end])
        if path is not None:
            piece = Markup('<a class="value" href="{}">{}</a>').format(address(path), piece)
        pieces.append(piece)
    pieces.append(escape(pretty[end:]))
    return Markup("").join(pieces)


def _walk(text: str, start: Path) -> Iterator[tuple[tuple[int, int], str, Path | None]]:
    """Every token with its kind, and its path where it is a value."""
    stack: list[str | int] = list(start)
    at = 0
    for found in TOKEN.finditer(text):
        _follow(text[at : found.start()], stack)
        at = found.end()
        kind = str(found.lastgroup)
        if kind == "key":
            stack[-1] = json.loads(found[0])
        yield found.span(), kind, None if kind == "key" else tuple(stack)


def _follow(between: str, stack: list[str | int]) -> None:
    """What brackets and commas do to the path."""
    for letter in between:
        if letter in "{[":
            stack.append("" if letter == "{" else 0)
        elif letter in "}]":
            stack.pop()
        elif letter == "," and isinstance(stack[-1], int):
            stack[-1] += 1
