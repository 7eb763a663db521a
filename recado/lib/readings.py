"""Reading a foreign text without its escapes, and knowing where in it each byte came from.

A receiver may spell what it was sent for a URL, for JSON or for HTML, once or twice over. Here all that
is taken off, in time that grows with the text alone: no pattern is made of what somebody typed.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_MOST_LAYERS: Final = 4  # of a spelling inside of another: a URL in JSON in a page
_PATTERN: Final = rb"""[\\%%&\x00%(breaks)s](?:
      (?<=\\)\\*+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})%(or_break)s)?
    | (?<=%%)(?:25)*([0-9a-fA-F]{2})
    | (?<=&)(?:amp;)*+(?:\#0*+([0-9]{1,7});|\#[xX]0*+([0-9a-fA-F]{1,6});|(quot|apos|lt|gt);)
    | (?<=&)(?:amp;)++
    | (?<=[\x00%(breaks)s]))"""


def _escapes(breaks: bytes, or_break: bytes) -> re.Pattern[bytes]:
    return re.compile(_PATTERN % {b"breaks": breaks, b"or_break": or_break}, re.VERBOSE)


_ESCAPE: Final = _escapes(b"", b"")
_ESCAPE_OR_BREAK: Final = _escapes(rb"\r\n", rb"|[rn]")  # MIME breaks Base64 into lines
_SIGNS: Final = (b"\\", b"%", b"&", b"\0")
_BREAKS: Final = (*_SIGNS, b"\r", b"\n")
_NAMED: Final = {b"quot": b'"', b"apos": b"'", b"lt": b"<", b"gt": b">"}
_PLUS_IS_SPACE: Final = bytes.maketrans(b"+", b" ")
_ONE_ALPHABET: Final = bytes.maketrans(b"-_", b"+/")

Span = tuple[int, int]  # the first byte and the one after the last
Origin = Callable[[Span], Span]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it reads, and, innermost first, the ways back to the one that came."""

    text: bytes
    layers: tuple["_Layer", ...] = ()

    def origin(self, span: Span) -> Span:
        """Where in the text that came these bytes stand; there is at least one."""
        for layer in reversed(self.layers):
            span = layer.origin(span)
        return span


def as_it_is(content: bytes) -> Reading:
    """The text itself."""
    return Reading(content)


def in_lower_case(content: bytes) -> Reading:
    """The text in small letters."""
    return Reading(content.lower())


def unescaped(content: bytes) -> Reading:
    """Without escapes of any kind; a plus sign is a space, as forms have it."""
    reading = _decoded(Reading(content), _ESCAPE, _SIGNS)
    return Reading(reading.text.translate(_PLUS_IS_SPACE), reading.layers)


def unwrapped(content: bytes) -> Reading:
    """As Base64 may be read: without escapes and line breaks, in its first alphabet."""
    reading = _decoded(Reading(content), _ESCAPE_OR_BREAK, _BREAKS)
    return Reading(reading.text.translate(_ONE_ALPHABET), reading.layers)


def _decoded(reading: Reading, escape: re.Pattern[bytes], signs: tuple[bytes, ...]) -> Reading:
    for _ in range(_MOST_LAYERS):
        if not any(sign in reading.text for sign in signs):
            break
        layer = _Layer()
        text = escape.sub(layer.replace, reading.text)
        if text == reading.text:
            break
        reading = Reading(text, (*reading.layers, layer))
    return reading


class _Layer:
    """What was replaced in one pass, in order: where it stood, and where its meaning stands."""

    def __init__(self) -> None:
        self._from: list[Span] = []
        self._at: list[int] = []
        self._grown = 0  # bytes that the text has grown by so far; less than none as a rule

    def replace(self, match: re.Match[bytes]) -> bytes:
        """Note an escape and return what it means."""
        meant = _meaning(match)
        first, last = span = match.span()
        self._from.append(span)
        self._at.append(first + self._grown)
        self._grown += len(meant) - (last - first)
        return meant

    def origin(self, span: Span) -> Span:
        """Where it stood before this pass."""
        return self._before(span[0])[0], self._before(span[1] - 1)[1]

    def _before(self, at: int) -> Span:
        number = bisect_right(self._at, at) - 1
        if number < 0:
            return at, at + 1
        first, last = self._from[number]
        beyond = at - self._at[number] - self._size(number)
        return (first, last) if beyond < 0 else (last + beyond, last + beyond + 1)

    def _size(self, number: int) -> int:
        """Bytes of a meaning, from how far what follows it has moved."""
        _, last = self._from[number]
        if number + 1 == len(self._at):
            return last + self._grown - self._at[number]
        return self._at[number + 1] - self._at[number] - (self._from[number + 1][0] - last)


def _meaning(escape: re.Match[bytes]) -> bytes:
    """What an escape stands for; backslashes, breaks and U+0000 stand for nothing."""
    unit, byte, coded, decimal, hexadecimal, name = escape.groups()
    if byte or coded:
        return bytes((int(byte or coded, 16),))
    if name:
        return _NAMED[name]
    if unit or hexadecimal or decimal:
        number = int(unit or hexadecimal, 16) if unit or hexadecimal else int(decimal)
        return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else b""
    return b"&" if escape[0].startswith(b"&") else b""
