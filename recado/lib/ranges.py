"""Which part of a file a request asks for, as players of audio and video do (RFC 9110, 14). Pure."""

import re
from dataclasses import dataclass
from typing import Final

_ONE: Final = re.compile(r"bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))")


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to `stop` of a file of `size`."""

    start: int
    stop: int
    size: int

    @property
    def is_whole(self) -> bool:
        """Whether it is all there is."""
        return (self.start, self.stop) == (0, self.size)

    @property
    def told(self) -> str:
        """As Content-Range has it."""
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def span_asked(header: str, size: int) -> Span | None:
    """The span that a Range header asks for; None where the file has no such bytes.

    What is no single range of bytes counts as not asked: the whole file is always an answer.
    """
    asked = _ONE.fullmatch(header.strip().lower())
    if asked is None:
        return Span(0, size, size)
    first, last, ending = asked.groups()
    if ending is not None:
        return Span(max(size - int(ending), 0), size, size) if int(ending) and size else None
    if last and int(last) < int(first):
        return Span(0, size, size)
    stop = min(int(last) + 1, size) if last else size
    return Span(int(first), stop, size) if int(first) < size else None
