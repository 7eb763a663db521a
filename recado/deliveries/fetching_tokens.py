"""Access tokens of OAuth 2: fetched once, kept in memory until they expire, shared by who waits.

A token is worth as much as the secret that bought it, so it is never written down; another process
fetches its own.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from recado.lib.authorizing import Token
from recado.lib.outcomes import Auth, Failure

_MOST_KEPT: Final = 1_000  # tokens


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """Whose token it is: other credentials, or another account's, never share one."""

    account_id: int
    lane: str
    auth: Auth


@dataclass(frozen=True, slots=True)
class Held:
    """A token; `is_fresh` when it was fetched for whoever asked just now."""

    value: str
    is_fresh: bool


Fetch = Callable[[], Awaitable[Token | Failure]]


class Tokens:
    """The tokens of one process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[TokenOwner, tuple[str, float]] = OrderedDict()
        self._under_way: dict[TokenOwner, asyncio.Task[Token | Failure]] = {}

    async def token(self, owner: TokenOwner, fetch: Fetch) -> Held | Failure:
        """The kept token, or one that is fetched now; who asks meanwhile waits for the same."""
        value, until = self._kept.get(owner, ("", 0.0))
        if monotonic() < until:
            self._kept.move_to_end(owner)
            return Held(value, is_fresh=False)
        task = self._under_way.get(owner)
        if task is None:
            task = asyncio.ensure_future(self._fetched(owner, fetch))
            self._under_way[owner] = task
            task.add_done_callback(lambda _: self._under_way.pop(owner, None))
        told = await asyncio.shield(task)  # one who gives up does not take it from the others
        return told if isinstance(told, Failure) else Held(told.value, is_fresh=True)

    def forget(self, owner: TokenOwner, value: str) -> None:
        """Do not use this token again: it was refused. One that has replaced it meanwhile stays."""
        if self._kept.get(owner, ("", 0.0))[0] == value:
            del self._kept[owner]

    async def _fetched(self, owner: TokenOwner, fetch: Fetch) -> Token | Failure:
        told = await fetch()
        if isinstance(told, Token):
            self._kept[owner] = (told.value, monotonic() + told.lasts)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return told
