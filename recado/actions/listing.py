"""Which custom actions the list shows, and in which order: from its address. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from recado.actions.models import ActionState, CustomAction

SORTS: Final[Mapping[str, tuple[Callable[[CustomAction], Any], bool]]] = {
    "name": (lambda one: one.name.casefold(), False),
    "changed": (lambda one: one.updated_at, True),
    "host": (lambda one: (one.host, one.name.casefold()), False),
}
_MANY: Final = 5  # from here on a search is worth its place


@dataclass(frozen=True, slots=True)
class Listing:
    """The actions of a list, and what was asked for."""

    actions: list[CustomAction]
    total: int
    q: str = ""
    state: str = ""
    sort: str = "name"

    @property
    def is_chosen(self) -> bool:
        """Whether anything but everything was asked for."""
        return bool(self.q or self.state)

    @property
    def is_searchable(self) -> bool:
        """Whether the list shows its search."""
        return self.is_chosen or self.total >= _MANY

    @property
    def query(self) -> str:
        """What of it stands in the address."""
        told = {"q": self.q, "state": self.state, "sort": "" if self.sort == "name" else self.sort}
        kept = {name: value for name, value in told.items() if value}
        return f"?{urlencode(kept)}" if kept else ""


def listing_of(actions: Sequence[CustomAction], asked: Mapping[str, str]) -> Listing:
    """The actions that contain the words of `q` in name, description or address, in this state."""
    q, state, sort = (asked.get(name, "").strip() for name in ("q", "state", "sort"))
    state = state if state in set(ActionState) else ""
    sort = sort if sort in SORTS else "name"
    words = q.casefold().split()
    found = [one for one in actions if _has(one, words) and state in {"", one.state}]
    key, is_falling = SORTS[sort]
    return Listing(sorted(found, key=key, reverse=is_falling), len(actions), q[:100], state, sort)


def _has(action: CustomAction, words: list[str]) -> bool:
    text = f"{action.name}\n{action.description}\n{action.url}\n{action.method}".casefold()
    return all(word in text for word in words)
