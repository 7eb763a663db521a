"""Open pages are told what has changed: one stream a tab, fed by PostgreSQL's notifications.

A page is drawn a moment before it listens; what changed in between is told when it begins to.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Final

import orjson

_EVERYTHING: Final = b"event: changed\ndata: everything\n\n"
_MANY: Final = {"delivery": "deliveries", "person": "people"}
_QUEUE: Final = (
    200  # changes a slow page may lag behind; after that it is told to look at everything
)
_LOADING_SECONDS: Final = 10.0  # a page needs at most, usually, until it listens
_KEEP_ALIVE_SECONDS: Final = 15.0  # proxies cut silent streams


class Live:
    """Who listens, by account. Fed from one database connection a process."""

    def __init__(self) -> None:
        self._listeners: dict[int, dict[asyncio.Queue[bytes], int]] = {}  # with whose page it is
        self._recent: deque[tuple[float, int, bytes]] = deque(maxlen=_QUEUE)
        self._closing = asyncio.Event()
        self.come = asyncio.Event()  # somebody begins to listen

    def hear(self, payload: str) -> None:
        """Pass a notification on to the account's open pages."""
        if not payload:  # we were not listening for a while: every page looks for itself
            for account_id in list(self._listeners):
                self._pass(account_id, _EVERYTHING)
            return
        change = orjson.loads(payload)
        account_id = change.pop("account")
        if change["what"] == "typing":  # gone in a moment: no page needs to catch up with it
            self._put(account_id, b"event: typing\ndata: " + orjson.dumps(change) + b"\n\n")
        else:
            self._pass(account_id, b"event: changed\ndata: " + _names(change) + b"\n\n")

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closing.set()
        for queues in self._listeners.values():
            for queue in queues:
                _put(queue, b"")

    def people(self) -> set[tuple[int, int]]:
        """Whose pages listen, as (account, person)."""
        return {
            (account_id, user_id)
            for account_id, pages in self._listeners.items()
            for user_id in pages.values()
        }

    async def stream(self, account_id: int, user_id: int) -> AsyncIterator[bytes]:
        """Server-sent events for one page of a person, until it goes away."""
        with self._listening(account_id, user_id) as queue:
            yield b"retry: 2000\nevent: ready\ndata:\n\n"
            while not self._closing.is_set():
                try:
                    async with asyncio.timeout(_KEEP_ALIVE_SECONDS):  # no task, as wait_for
                        change = await queue.get()
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if change:
                    yield change

    def _pass(self, account_id: int, line: bytes) -> None:
        self._recent.append((monotonic(), account_id, line))
        self._put(account_id, line)

    def _put(self, account_id: int, line: bytes) -> None:
        for queue in self._listeners.get(account_id, ()):
            _put(queue, line)

    def _missed(self, account_id: int) -> list[bytes]:
        """What changed while the page that begins to listen was loading, each once."""
        since = monotonic() - _LOADING_SECONDS
        lines = [line for at, account, line in self._recent if account == account_id and at > since]
        return list(dict.fromkeys(lines))

    @contextmanager
    def _listening(self, account_id: int, user_id: int) -> Iterator[asyncio.Queue[bytes]]:
        queue: asyncio.Queue[bytes] = asyncio.Queue(_QUEUE)
        for line in self._missed(account_id):
            _put(queue, line)
        self._listeners.setdefault(account_id, {})[queue] = user_id
        self.come.set()
        try:
            yield queue
        finally:
            del self._listeners[account_id][queue]
            if not self._listeners[account_id]:
                del self._listeners[account_id]


def _put(queue: asyncio.Queue[bytes], line: bytes) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        line = _EVERYTHING
    queue.put_nowait(line)


def _names(change: Mapping[str, object]) -> bytes:
    """What has changed, as pages name it: the kind, and the one where there is one."""
    what = str(change["what"])
    names = [_MANY.get(what, f"{what}s")]
    if "id" in change:
        names.append(f"{what}:{change['id']}")
    of = change.get("conversations")  # in which threads it is a line
    names += [f"calls:{number}" for number in of] if isinstance(of, list) else []
    return " ".join(names).encode()
