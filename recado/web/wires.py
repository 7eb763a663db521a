"""The connections of open pages: what all of them are told is framed once, and written at once.

Through the server's and the framework's layers, with a queue and a task for each page, the same took
five to eight times as much of the processor (`recado bench live`).
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_NAME: Final = "recado.transport"
_BEHIND_BYTES: Final = 16 * 1024  # that a page has not taken yet: then it is told no more


class Transport(Protocol):
    """What a wire needs of a connection."""

    def is_closing(self) -> bool: ...
    def get_write_buffer_size(self) -> int: ...
    def write(self, data: bytes) -> None: ...


class Connection(HttpToolsProtocol):
    """uvicorn's own, which says with a request on which connection it came."""

    def on_message_begin(self) -> None:
        """Begin a request, as uvicorn does."""
        super().on_message_begin()
        self.scope["extensions"] = {_NAME: {"transport": self.transport}}


def transport_of(scope: Mapping[str, Any]) -> Transport:
    """The connection of a request that `Connection` took."""
    found: asyncio.Transport = scope["extensions"][_NAME]["transport"]
    return found


class Wire:
    """A page that listens: an answer in chunks (RFC 9112, 7.1) which has begun and has no end yet."""

    __slots__ = ("_transport", "is_behind")

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.is_behind = False  # was not told something

    def tell(self, chunk: bytes) -> None:
        """Write it, framed; not if the page has gone or does not read: then it is behind."""
        transport = self._transport
        if transport.is_closing():
            return
        if self.is_behind or transport.get_write_buffer_size() > _BEHIND_BYTES:
            self.is_behind = True
        else:
            transport.write(chunk)

    def catch_up(self, everything: bytes) -> None:
        """Tell a page that was behind, and reads again, to look at everything."""
        if self.is_behind and self._transport.get_write_buffer_size() == 0:
            self.is_behind = False
            self.tell(everything)


def framed(line: bytes) -> bytes:
    """A chunk as it goes over the wire."""
    return b"%x\r\n%b\r\n" % (len(line), line)
