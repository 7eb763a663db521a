"""JSON in colours, made on the server, so that pages without scripts show it too.

Whatever comes in may be hostile (it is another system's answer): every piece is escaped, and only
span elements with our own classes are added. The text itself stays as it was, spaces included.
"""

import json
import re
from typing import Final

from markupsafe import Markup, escape

LIMIT: Final = 64 * 1024  # characters; more than a delivery keeps, so a page never hangs on colours
INDENT: Final = "  "
DEEPEST: Final = 40  # levels; a thousand brackets must not become a megabyte of spaces
_OPENING = frozenset("{[")
_CLOSING = frozenset("}]")
_PIECE = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\],:]|[^\s{}\[\],:"]+')
TOKEN = re.compile(
    r"""
    (?P<key> "(?:\\.|[^"\\])*" (?=\s*:) )
    | (?P<str> "(?:\\.|[^"\\])*" )
    | (?P<num> -?\d+(?:\.\d+)?(?:[eE][+-]?\d+)? )
    | (?P<lit> true|false|null )
    """,
    re.VERBOSE,
)


def coloured_json(text: str) -> Markup:
    """`text` with its keys, strings, numbers and literals in spans; plain if it is not JSON.

    Always safe to print. Beyond `LIMIT` characters, and for anything that is not JSON, the text
    comes back escaped and without colours.
    """
    if len(text) > LIMIT or not _is_json(text):
        return escape(text)
    pieces: list[Markup] = []
    end = 0
    for found in TOKEN.finditer(text):
        pieces.append(escape(text[end : found.start()]))
        pieces.append(Markup('<span class="tok-{}">{}</span>').format(found.lastgroup, found[0]))
        end = found.end()
    pieces.append(escape(text[end:]))
    return Markup("").join(pieces)


def pretty_json(text: str) -> str:
    """The same JSON, two spaces a level; `text` unchanged where it is not JSON or beyond `LIMIT`.

    Only the space between its pieces changes: an id beyond 2^53 keeps its digits, 1.10 stays 1.10.
    """
    if len(text) > LIMIT or not _is_json(text):
        return text
    pieces = _PIECE.findall(text)
    lines: list[str] = []
    depth = 0
    for before, piece in zip(["", *pieces], pieces, strict=False):
        depth += (before in _OPENING) - (piece in _CLOSING)
        lines.append(_space(before, piece, depth) + piece)
    return "".join(lines)


def _space(before: str, piece: str, depth: int) -> str:
    if before in _OPENING and piece in _CLOSING:
        return ""
    if before in _OPENING or before == "," or piece in _CLOSING:
        return "\n" + INDENT * min(depth, DEEPEST)
    return " " if before == ":" else ""


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
