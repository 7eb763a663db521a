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

from recado.web.wires import Transport, Wire, framed

_READY: Final = b"retry: 2000\nevent: ready\ndata:\n\n"
_EVERYTHING: Final = framed(b"event: changed\ndata: everything\n\n")
_STILL_HERE: Final = framed(b": still here\n\n")
_MANY: Final = {"delivery": "deliveries", "person": "people"}
_REMEMBERED: Final = 200  # changes, for pages that are loading
_LOADING_SECONDS: Final = 10.0  # a page needs at most, usually, until it listens
_KEEP_ALIVE_SECONDS: Final = 15.0  # proxies cut silent streams


class Live:
    """Who listens, by account. Fed from one database connection a process."""

    def __init__(self) -> None:
        self._listeners: dict[int, dict[Wire, int]] = {}  # with whose page it is
        self._recent: deque[tuple[float, int, bytes]] = deque(maxlen=_REMEMBERED)
        self._closing = asyncio.Event()
        self._next_sign = 0.0
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
            self._put(account_id, framed(b"event: typing\ndata: " + orjson.dumps(change) + b"\n\n"))
        else:
            self._pass(account_id, framed(b"event: changed\ndata: " + _names(change) + b"\n\n"))

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closing.set()

    def people(self) -> set[tuple[int, int]]:
        """Whose pages listen, as (account, person)."""
        return {
            (account_id, user_id)
            for account_id, pages in self._listeners.items()
            for user_id in pages.values()
        }

    async def stream(
        self, account_id: int, user_id: int, transport: Transport
    ) -> AsyncIterator[bytes]:
        """How an answer begins whose rest is written to its connection, until that or we close.

        The answer must go out in chunks; server-sent events, for one page of a person.
        """
        yield _READY
        with self._listening(account_id, user_id, Wire(transport)):
            await self._closing.wait()

    async def turn(self) -> bool:
        """Tell those who were behind, and now and then everybody that we are still here."""
        clock = monotonic()
        is_time = clock >= self._next_sign
        if is_time:
            self._next_sign = clock + _KEEP_ALIVE_SECONDS
        for pages in self._listeners.values():
            for page in pages:
                page.catch_up(_EVERYTHING)
                if is_time:
                    page.tell(_STILL_HERE)
        return False

    def _pass(self, account_id: int, chunk: bytes) -> None:
        self._recent.append((monotonic(), account_id, chunk))
        self._put(account_id, chunk)

    def _put(self, account_id: int, chunk: bytes) -> None:
        for page in self._listeners.get(account_id, ()):
            page.tell(chunk)

    def _missed(self, account_id: int) -> list[bytes]:
        """What changed while the page that begins to listen was loading, each once."""
        since = monotonic() - _LOADING_SECONDS
        chunks = [
            chunk for at, account, chunk in self._recent if account == account_id and at > since
        ]
        return list(dict.fromkeys(chunks))

    @contextmanager
    def _listening(self, account_id: int, user_id: int, page: Wire) -> Iterator[None]:
        for chunk in self._missed(account_id):
            page.tell(chunk)
        self._listeners.setdefault(account_id, {})[page] = user_id
        self.come.set()
        try:
            yield
        finally:
            del self._listeners[account_id][page]
            if not self._listeners[account_id]:
                del self._listeners[account_id]


def _names(change: Mapping[str, object]) -> bytes:
    """What has changed, as pages name it: the kind, and the one where there is one."""
    what = str(change["what"])
    names = [_MANY.get(what, f"{what}s")]
    if "id" in change:
        names.append(f"{what}:{change['id']}")
    of = change.get("conversations")  # in which threads it is a line
    names += [f"calls:{number}" for number in of] if isinstance(of, list) else []
    return " ".join(names).encode()
