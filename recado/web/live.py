"""Open pages are told what has changed: one stream a tab, fed by PostgreSQL's notifications.

A page is drawn a moment before it listens; what changed in between is told when it begins to.
Nobody is told of what they did themselves, where that changes nothing that they see.

What all pages of an account show, such as a list of conversations, all would ask for at once: of many, each is
told how long they take in turns, and looks at a moment of its own in that time (`live_parts.js`).
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, time
from typing import Final

import orjson

from recado.web.wires import Transport, Wire, framed

_READY: Final = b"retry: 2000\nevent: ready\ndata:\n\n"
_EVERYTHING: Final = framed(b"event: changed\ndata: everything\n\n")
_STILL_HERE: Final = framed(b": still here\n\n")
_MANY: Final = {"delivery": "deliveries", "person": "people"}
_REMEMBERED: Final = 200  # changes, for pages that are loading
_LOADING_SECONDS: Final = 10.0  # a page needs at most, usually, until it listens
_CLOCKS_SECONDS: Final = 1.0  # those of two machines differ by, at most
_KEEP_ALIVE_SECONDS: Final = 15.0  # proxies cut silent streams
_FEW_PAGES: Final = 5  # may ask at once
# Of each more, so that lists, 10 to 15 ms each, take no more than half of a process.
_PACE_MS: Final = 40
_SLOWEST_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Change:
    at: float  # seconds since 1970
    account_id: int
    told: bytes
    not_for: int | None = None  # whose pages see nothing of it


class Live:
    """Who listens, by account. Fed from one database connection a process."""

    def __init__(self) -> None:
        self._listeners: dict[int, dict[Wire, int]] = {}  # with whose page it is
        self._recent: deque[_Change] = deque(maxlen=_REMEMBERED)
        self._paces: dict[int, int] = {}  # in milliseconds, as an account's pages were told
        self._closing = asyncio.Event()
        self._next_sign = 0.0
        self.come = asyncio.Event()  # somebody begins to listen

    def hear(self, payload: str) -> None:
        """Pass a notification on to the account's open pages."""
        if not payload:  # we were not listening for a while: every page looks for itself
            for account_id in list(self._listeners):
                self._pass(_Change(time(), account_id, _EVERYTHING))
            return
        change = orjson.loads(payload)
        account_id = change.pop("account")
        if change["what"] == "typing":  # gone in a moment: no page needs to catch up with it
            told = framed(b"event: typing\ndata: " + orjson.dumps(change) + b"\n\n")
            self._put(_Change(time(), account_id, told))
        else:
            told = framed(b"event: changed\ndata: " + _names(change) + b"\n\n")
            self._pass(_Change(time(), account_id, told, change.get("not_for")))

    def open(self) -> None:
        """Begin, or begin again after `close`: of what was before, nobody is told."""
        self._recent.clear()
        self._closing.clear()

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
        self, account_id: int, user_id: int, transport: Transport, *, drawn_at: float = 0.0
    ) -> AsyncIterator[bytes]:
        """How an answer begins whose rest is written to its connection, until that or we close.

        The answer must go out in chunks; server-sent events, for one page of a person. When the page was drawn
        (seconds since 1970), it knew what had changed before.
        """
        yield _READY
        with self._listening(account_id, user_id, Wire(transport), drawn_at):
            await self._closing.wait()

    async def turn(self) -> bool:
        """Tell those who were behind, all whose number has changed how they take turns, and now and then
        everybody that we are still here.
        """
        self._tell_paces()
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

    def _pass(self, change: _Change) -> None:
        self._recent.append(change)
        self._put(change)

    def _put(self, change: _Change) -> None:
        for page, user_id in self._listeners.get(change.account_id, {}).items():
            if user_id != change.not_for:
                page.tell(change.told)

    def _tell_paces(self) -> None:
        paces = {account_id: _pace(len(pages)) for account_id, pages in self._listeners.items()}
        for account_id, pace in paces.items():
            before = self._paces.get(account_id, 0)
            if abs(pace - before) <= before / 5:  # near enough
                paces[account_id] = before
                continue
            for page in self._listeners[account_id]:
                page.tell(_paced(pace))
        self._paces = paces

    def _missed(self, account_id: int, user_id: int, drawn_at: float) -> list[bytes]:
        """What changed while the page that begins to listen was loading, each once."""
        since = max(time() - _LOADING_SECONDS, drawn_at - _CLOCKS_SECONDS)
        theirs = (one for one in self._recent if one.account_id == account_id and one.at > since)
        return list(dict.fromkeys(one.told for one in theirs if one.not_for != user_id))

    @contextmanager
    def _listening(
        self, account_id: int, user_id: int, page: Wire, drawn_at: float
    ) -> Iterator[None]:
        for chunk in self._missed(account_id, user_id, drawn_at):
            page.tell(chunk)
        pages = self._listeners.setdefault(account_id, {})
        pages[page] = user_id
        if pace := _pace(len(pages)):
            page.tell(_paced(pace))
        self.come.set()
        try:
            yield
        finally:
            del self._listeners[account_id][page]
            if not self._listeners[account_id]:
                del self._listeners[account_id]


def _pace(pages: int) -> int:
    return min(_PACE_MS * max(0, pages - _FEW_PAGES), _SLOWEST_MS)


def _paced(pace: int) -> bytes:
    return framed(b"event: pace\ndata: %d\n\n" % pace)


def _names(change: Mapping[str, object]) -> bytes:
    """What has changed, as pages name it: the kind, and the one where there is one."""
    what = str(change["what"])
    names = [_MANY.get(what, f"{what}s")]
    if "id" in change:
        names.append(f"{what}:{change['id']}")
    if what == "delivery":
        of = change.get("conversations")  # in which threads it is a line; without, in any
        names += [f"calls:{number}" for number in of] if isinstance(of, list) else ["calls"]
    return " ".join(names).encode()
