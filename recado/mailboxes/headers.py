"""What is asked of a parsed e-mail: its headers as text, whatever bytes they hold, and its parts."""

from email._policybase import Compat32
from email.message import Message
from typing import Any

Mail = Message


class _Lenient(Compat32):
    """Headers that are no ASCII are read as UTF-8, or else as Windows has them."""

    def header_fetch_parse(self, name: str, value: Any) -> str:
        return legible(str(value))


LENIENT = _Lenient()


def legible(text: str) -> str:
    """A header's text, its raw bytes made readable."""
    if text.isascii():
        return text
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def inside(part: Mail) -> list[Mail]:
    """The parts of a part."""
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
