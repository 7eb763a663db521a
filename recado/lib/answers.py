"""Reading what the other side says, within bounds and without trusting a byte of it."""

import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

LONGEST_READ: Final = 1024 * 1024  # bytes of an answer's body that are read
LONGEST_KEPT: Final = 64 * 1024  # bytes of an answer's body that are kept


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many bytes of an answer's body are read, and how many of these kept."""

    read: int = LONGEST_READ
    kept: int = LONGEST_KEPT


USUAL: Final = Bounds()


@dataclass(frozen=True, slots=True)
class Body:
    """`kept` is what is held of `size` bytes read; `is_cut` says that there was more than `kept`."""

    kept: bytes
    size: int
    is_cut: bool


async def read_body(next_chunk: Callable[[], Awaitable[bytes]], bounds: Bounds = USUAL) -> Body:
    """Read chunks until an empty one, or the limit.

    Reads on past what is kept: a connection whose answer was read whole can be used again.
    """
    kept = bytearray()
    size = 0
    while chunk := await next_chunk():
        kept += chunk[: 2 * bounds.kept - len(kept)]  # it may be compressed
        size += len(chunk)
        if size > bounds.read:
            return Body(bytes(kept), bounds.read, True)
    return Body(bytes(kept), size, size > len(kept))


def inflated(body: Body, encodings: Sequence[str], bounds: Bounds = USUAL) -> Body:
    """The body without its one layer of gzip or deflate; as it came if there is anything else."""
    if not encodings or ",".join(encodings).strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return body
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)  # finds out whether gzip or zlib
    try:
        text = unpacking.decompress(body.kept, bounds.kept + 1)
    except zlib.error:
        return body
    return Body(text, body.size, body.is_cut)


def text_of(raw: bytes) -> str:
    """Foreign bytes as text that every store and encoder takes."""
    return raw.decode("utf-8", "replace").replace("\0", "\ufffd")
