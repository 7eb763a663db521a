"""Files in a storage that speaks S3, named by the operator: the same places as on disk.

Whatever is asked may be asked twice without harm, so what fails for a moment is tried again.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree import ElementTree

from recado.lib.answers import Bounds
from recado.lib.buckets import Ask, Bucket, Pairs, signed
from recado.lib.outcomes import Failure, Outcome, Request, RequestHeader, Response
from recado.lib.sending import Sender
from recado.lib.storing import ASIDE, FileStore, StorageAway, is_key, new_key, place_of

_PART: Final = 2 * 1024 * 1024  # bytes that are in memory of a file that is read
_BOUNDS: Final = Bounds(read=_PART, kept=_PART)
_WAITS: Final = (0.2, 1.0)  # seconds before the second and the third try
_SECONDS: Final = 60.0  # for one try: the largest file over a slow line
_AT_ONCE: Final = 8  # files that are moved or removed side by side
_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9]{1,60})</Code>")
_LOG: Final = logging.getLogger(__name__)


class BucketStore(FileStore):
    """A bucket, or a folder in one, that nobody else writes to."""

    def __init__(self, bucket: Bucket, sender: Sender) -> None:
        self._bucket = bucket
        self._sender = sender

    async def keep(self, content: bytes) -> str:
        """Whole or not there: the storage's own promise."""
        key = new_key()
        await self._ask(Ask("PUT", self._path(key), content=content))
        return key

    async def open(self, key: str, *, start: int, stop: int) -> AsyncIterator[bytes] | None:
        """Asked for in parts, so that no file is in memory as a whole."""
        if not is_key(key):
            return None
        first = await self._part(key, start, stop)
        return None if first is None else self._parts(first, key, start, stop)

    async def forget(self, keys: list[str]) -> None:
        """Removing what is not there is no trouble to the storage either."""
        places = [self._path(key, aside=aside) for key in filter(is_key, keys)
                  for aside in (False, True)]  # fmt: skip
        await self._ask_all([Ask("DELETE", one) for one in places])

    async def keys(self, *, older_than: timedelta) -> list[str]:
        """By the storage's clock."""
        return [key async for key in self._list("", older_than)]

    async def put_aside(self, keys: list[str]) -> None:
        """Copied, then removed: a storage cannot move."""
        await self._move(keys, aside=True)

    async def put_back(self, keys: list[str]) -> None:
        """Copied, then removed: a storage cannot move."""
        await self._move(keys, aside=False)

    async def keys_aside(self, *, older_than: timedelta = timedelta()) -> list[str]:
        """By the time when they were copied."""
        return [key async for key in self._list(f"{ASIDE}/", older_than)]

    async def _part(self, key: str, start: int, stop: int) -> bytes | None:
        """The next part; nothing of an empty file, and None where there is no file."""
        last = min(start + _PART, stop) - 1
        if last < start:
            found = await self._ask(Ask("HEAD", self._path(key)), also=(404,))
            return None if found.status == 404 else b""
        ask = Ask("GET", self._path(key), headers=(("range", f"bytes={start}-{last}"),))
        found = await self._ask(ask, also=(404,))
        return None if found.status == 404 else found.body

    async def _parts(self, part: bytes, key: str, start: int, stop: int) -> AsyncIterator[bytes]:
        while part:
            yield part
            start += len(part)
            part = await self._part(key, start, stop) or b"" if start < stop else b""

    async def _move(self, keys: list[str], *, aside: bool) -> None:
        sources = [self._path(key, aside=not aside) for key in keys]
        copies = [
            Ask("PUT", self._path(key, aside=aside), headers=(("x-amz-copy-source", source),))
            for key, source in zip(keys, sources, strict=True)
        ]
        copied = await self._ask_all(copies, also=(404,))  # 404: somebody else was faster
        gone = zip(sources, copied, strict=True)
        await self._ask_all([Ask("DELETE", one) for one, was in gone if was.status != 404])

    async def _list(self, folder: str, older_than: timedelta) -> AsyncIterator[str]:
        until = datetime.now(UTC) - older_than
        prefix = f"{self._bucket.prefix}{folder}"
        more: Pairs = ()
        while True:
            query = (("list-type", "2"), ("prefix", prefix), *more)
            page = await self._ask(Ask("GET", f"/{self._bucket.name}", query=query))
            tree = _tree(page.body)
            for name, at in _listed(tree):
                key = name.rpartition("/")[2]
                if at <= until and is_key(key) and name == f"{prefix}{place_of(key)}":
                    yield key
            token = tree.findtext("{*}NextContinuationToken") or ""
            if not token:
                return
            more = (("continuation-token", token),)

    async def _ask_all(self, asks: list[Ask], also: tuple[int, ...] = ()) -> list[Response]:
        answers: list[Response] = []
        for start in range(0, len(asks), _AT_ONCE):
            some = asks[start : start + _AT_ONCE]
            answers += await asyncio.gather(*(self._ask(one, also) for one in some))
        return answers

    async def _ask(self, ask: Ask, also: tuple[int, ...] = ()) -> Response:
        """The answer, of a status that is a success or in `also`."""
        outcome = await self._try(ask)
        for wait in _WAITS:
            if not _may_pass(outcome):
                break
            await asyncio.sleep(wait)
            outcome = await self._try(ask)
        if isinstance(outcome, Response) and _is_fine(outcome.status, also):
            return outcome
        told = _told(outcome)
        _LOG.warning("The file storage, %s: %s", ask.method, told)
        raise StorageAway(told)

    async def _try(self, ask: Ask) -> Outcome:
        now = datetime.now(UTC)  # in a thread: hashing a large file takes a tenth of a second
        headers = await asyncio.to_thread(signed, ask, self._bucket, now=now)
        request = Request(
            ask.method, f"{self._bucket.endpoint}{ask.target}",
            tuple(RequestHeader(name, value) for name, value in headers),
            content=ask.content if ask.method == "PUT" else None,
        )  # fmt: skip
        return await self._sender.send(
            request, secrets={}, deadline_seconds=_SECONDS, bounds=_BOUNDS
        )

    def _path(self, key: str, *, aside: bool = False) -> str:
        return self._bucket.path_of(place_of(key, aside=aside))


def _is_fine(status: int, also: tuple[int, ...]) -> bool:
    return 200 <= status < 300 or status in also


def _may_pass(outcome: Outcome) -> bool:
    return isinstance(outcome, Failure) or outcome.status >= 500 or outcome.status in {408, 429}


def _told(outcome: Outcome) -> str:
    """What went wrong, without the storage's words, which may hold keys."""
    if isinstance(outcome, Failure):
        return f"{outcome.trouble}: {outcome.detail}"
    code = _CODE.search(outcome.body)
    return f"{outcome.status} {code[1].decode() if code else outcome.reason}".strip()


def _tree(body: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(body)  # noqa: S314 - the operator's own storage
    except ElementTree.ParseError as error:
        raise StorageAway("the storage lists files in no XML") from error


def _listed(tree: ElementTree.Element) -> Iterator[tuple[str, datetime]]:
    for one in tree.iterfind("{*}Contents"):
        at = one.findtext("{*}LastModified") or ""
        yield one.findtext("{*}Key") or "", datetime.fromisoformat(at.replace("Z", "+00:00"))
