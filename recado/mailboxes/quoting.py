"""What is new in an e-mail, and the history below it that mail programs quote. Pure."""

import re
from dataclasses import dataclass
from typing import Final

_WROTE: Final = re.compile(
    r"^\s*(on|em|no dia|el|le|am|il)\b.{4,300}\b"
    r"(wrote|escreveu|escribió|a écrit|schrieb|ha scritto)\s*:?\s*$",
    re.I,
)
_LINE: Final = re.compile(
    r"^\s*[-_]{2,}\s*(original message|mensagem original|mensaje original|forwarded message|"
    r"mensagem encaminhada|ursprüngliche nachricht|message d'origine)\s*[-_]{2,}\s*$",
    re.I,
)
_FROM: Final = re.compile(r"^\s*\*?(from|de|von)\s*:\*?\s+\S", re.I)
_SENT: Final = re.compile(
    r"^\s*\*?(sent|date|enviada em|enviado em|enviado|enviada|data|fecha|gesendet|envoyé)\s*:", re.I
)
_MOST_LINES_OF_INTRODUCTION: Final = 3  # mail programs break it anywhere


@dataclass(frozen=True, slots=True)
class Reply:
    """What was written now, and what it quotes; a text that quotes nothing is all new."""

    new: str
    quoted: str


def apart(text: str) -> Reply:
    """Cut the quoted history off the end. Answers written between quotations stay whole."""
    lines = text.split("\n")
    at = _history(lines)
    new = "\n".join(lines[:at]).rstrip() if at is not None else ""
    return Reply(new, "\n".join(lines[at:]).strip()) if new.strip() else Reply(text.strip(), "")


def _history(lines: list[str]) -> int | None:
    """Where the history begins, if everything from there on is history."""
    end = _quoted_end(lines)
    for at, line in enumerate(lines):
        if _LINE.match(line) or (_FROM.match(line) and _is_head(lines[at + 1 : at + 5])):
            return at
        if at >= end and line.lstrip().startswith(">"):
            return _introduction(lines, at)
    return None


def _is_head(following: list[str]) -> bool:
    return any(_SENT.match(one) for one in following)


def _quoted_end(lines: list[str]) -> int:
    """From where on everything is quoted or empty."""
    at = len(lines)
    while at and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith(">")):
        at -= 1
    return at


def _introduction(lines: list[str], at: int) -> int:
    """Where the line "On Monday Ana wrote:" above a quotation begins; the quotation where there is none."""
    end = at
    while end and not lines[end - 1].strip():
        end -= 1
    for count in range(1, _MOST_LINES_OF_INTRODUCTION + 1):
        if end >= count and _WROTE.match(" ".join(lines[end - count : end])):
            return end - count
    return at
