"""Mentions in private notes: `[@Ana Lima](mention://user/5/Ana%20Lima)`, as Chatwoot writes them. Pure."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

_MENTION: Final = re.compile(
    r"\[@?(?P<name>[^\]\n]{1,300})\]\(mention://(?P<kind>user|team)/(?P<id>\d{1,18})/[^)\s]*\)"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a note: a text, or who is mentioned."""

    text: str
    kind: str = ""  # user or team
    id: int = 0


def pieces_of(content: str) -> list[Piece]:
    """A note as texts and mentions, in their order."""
    pieces, end = [], 0
    for found in _MENTION.finditer(content):
        pieces.append(Piece(content[end : found.start()]))
        pieces.append(Piece(f"@{found['name']}", found["kind"], int(found["id"])))
        end = found.end()
    return [one for one in [*pieces, Piece(content[end:])] if one.text]


def mentioned(content: str, kind: str) -> list[int]:
    """The ids of the people (`user`) or teams (`team`) whom a note mentions, each once."""
    return list(dict.fromkeys(one.id for one in pieces_of(content) if one.kind == kind))


def as_read(content: str) -> str:
    """The note as people read it: names instead of links."""
    return "".join(one.text for one in pieces_of(content))


def mention(kind: str, number: int, name: str) -> str:
    """How a note mentions somebody; `name` loses what would end it too early."""
    shown = re.sub(r"[\]\[\n]", " ", name).strip()
    return f"[@{shown}](mention://{kind}/{number}/{quote(shown, safe='')})"
