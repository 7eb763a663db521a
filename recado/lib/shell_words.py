"""A command line taken apart as a POSIX shell would, without running anything. Pure.

Knows quotes, `$'…'`, backslashes and lines that go on. Stops at what would begin another command.
"""

import re
from dataclasses import dataclass, field
from typing import Final

_ANSI: Final = re.compile(  # in bytes, as several \x may be one character
    rb"\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|(.))",
    re.DOTALL,
)
_LETTERS: Final = {
    b"a": b"\a", b"b": b"\b", b"e": b"\x1b", b"E": b"\x1b", b"f": b"\f", b"n": b"\n", b"r": b"\r",
    b"t": b"\t", b"v": b"\v",
}  # fmt: skip
_IN_DOUBLE: Final = '$`"\\\n'
_NAME: Final = re.compile(r"\$(?:\{\w+\}|\w+|\()")
_END: Final = "|;&<>"


class WordsUnreadable(Exception):
    """A quote that is never closed."""


@dataclass(slots=True)
class Words:
    """The words of the first command; `open_names` are shell variables, whose values nobody knows.

    `rest` is what follows the command, such as a pipe.
    """

    words: list[str] = field(default_factory=list)
    open_names: list[str] = field(default_factory=list)
    rest: str = ""


def shell_words(text: str) -> Words:
    """The command in `text`; WordsUnreadable where a quote stays open."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._word: str | None = None
        self._found = Words()

    def read(self) -> Words:
        while self._at < len(self._text):
            sign = self._text[self._at]
            if sign in _END and self._ends_here(sign):
                self._found.rest = self._text[self._at :].strip()
                break
            self._take(sign)
        self._close()
        return self._found

    def _ends_here(self, sign: str) -> bool:
        """A URL without quotes often holds a "&", which a shell would not forgive; people do."""
        next_one = self._text[self._at + 1 : self._at + 2]
        return sign != "&" or self._word is None or next_one in ("", " ", "&", "\n")

    def _take(self, sign: str) -> None:
        if sign in " \t\r\n":
            self._close()
            self._at += 1
        elif sign == "#" and self._word is None:
            self._at = self._until("\n", self._at)
        elif sign == "'":
            self._single()
        elif sign == '"':
            self._double()
        elif self._text.startswith("$'", self._at):
            self._ansi()
        elif sign == "\\":
            self._backslash()
        else:
            self._note_name()
            self._add(sign, 1)

    def _single(self) -> None:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise WordsUnreadable
        self._add(self._text[self._at + 1 : end], end + 1 - self._at)

    def _double(self) -> None:
        self._add("", 1)
        while self._at < len(self._text):
            sign = self._text[self._at]
            if sign == '"':
                self._at += 1
                return
            if sign == "\\" and self._text[self._at + 1 : self._at + 2] in _IN_DOUBLE:
                self._backslash()
                continue
            self._note_name()
            self._add(sign, 1)
        raise WordsUnreadable

    def _ansi(self) -> None:
        found = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL).match(self._text, self._at)
        if found is None:
            raise WordsUnreadable
        raw = _ANSI.sub(_unescaped, found[1].encode("utf-8", "surrogatepass"))
        self._add(raw.decode("utf-8", "replace"), len(found[0]))

    def _backslash(self) -> None:
        after = self._text[self._at + 1 : self._at + 3]
        if after == "\r\n":
            self._at += 3
        elif after[:1] in ("\n", ""):
            self._at += 2
        else:
            self._add(after[0], 2)

    def _note_name(self) -> None:
        if found := _NAME.match(self._text, self._at):
            self._found.open_names.append(found[0])

    def _add(self, piece: str, length: int) -> None:
        self._word = (self._word or "") + piece
        self._at += length

    def _close(self) -> None:
        if self._word is not None:
            self._found.words.append(self._word)
        self._word = None

    def _until(self, sign: str, start: int) -> int:
        end = self._text.find(sign, start)
        return len(self._text) if end < 0 else end


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1] or found[2]:
        return bytes([int(found[1], 16) if found[1] else int(found[2], 8) & 0xFF])
    if number := found[3] or found[4]:
        value = int(number, 16)
        is_one = value < 0x110000 and not 0xD800 <= value < 0xE000
        return (chr(value) if is_one else "\ufffd").encode()
    letter = found[5]
    return _LETTERS.get(letter, letter if letter in b"'\"\\?" else b"\\" + letter)
