"""Mentions in private notes: `[@Ana Lima](mention://user/5/Ana%20Lima)`, as Chatwoot writes them. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

_MENTION: Final = re.compile(
    r"\[@?(?P<name>[^\]\n]{1,300})\]\(mention://(?P<kind>user|team)/(?P<id>\d{1,18})/[^)\s]*\)"
)
_GROUPS: Final = _MENTION.groups


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a note: a text, or who is mentioned."""

    text: str
    kind: str = ""  # user or team
    id: int = 0


@dataclass(frozen=True, slots=True)
class Mentionable:
    """Somebody, or a team, whom a note can mention. `is_namesake`: another one is called the same."""

    kind: str
    id: int
    name: str
    email: str = ""
    is_namesake: bool = False

    @property
    def written(self) -> str:
        """What one writes to mention them: the name, where it says enough."""
        return mention(self.kind, self.id, self.name) if self.is_namesake else f"@{self.name}"


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


def linked(content: str, known: Sequence[Mentionable]) -> str:
    """A note whose names after an @ have become mentions; the longest name that fits counts."""
    by_name = {one.name.casefold(): one for one in reversed(known)}
    names = sorted(by_name, key=len, reverse=True)
    if not names:
        return content
    named = re.compile(rf"(?<![\w@])@({'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)

    def link(found: re.Match[str]) -> str:
        one = by_name.get(found[1].casefold())
        return mention(one.kind, one.id, one.name) if one else found[0]

    texts, links = _MENTION.split(content)[:: _GROUPS + 1], _MENTION.finditer(content)
    done = [named.sub(link, text) for text in texts]
    return done[0] + "".join(f"{old[0]}{text}" for old, text in zip(links, done[1:], strict=True))


def as_read(content: str) -> str:
    """The note as people read it: names instead of links."""
    return "".join(one.text for one in pieces_of(content))


def mention(kind: str, number: int, name: str) -> str:
    """How a note mentions somebody; `name` loses what would end it too early."""
    shown = re.sub(r"[\]\[\n]", " ", name).strip()
    return f"[@{shown}](mention://{kind}/{number}/{quote(shown, safe='')})"
