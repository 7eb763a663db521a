"""Which custom actions the list shows, and in which order: from its address. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from recado.actions.models import ActionState, CustomAction
from recado.lib.long_lists import LongList, list_page

SORTS: Final[Mapping[str, tuple[Callable[[CustomAction], Any], bool]]] = {
    "name": (lambda one: one.name.casefold(), False),
    "changed": (lambda one: one.updated_at, True),
    "host": (lambda one: (one.host, one.name.casefold()), False),
}
_MANY: Final = 5  # from here on a search is worth its place


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the actions, and what was asked for."""

    page: LongList[CustomAction]
    state: str = ""
    sort: str = "name"

    @property
    def actions(self) -> Sequence[CustomAction]:
        """Those of the page."""
        return self.page.rows

    @property
    def is_chosen(self) -> bool:
        """Whether anything but everything was asked for."""
        return bool(self.page.q or self.state)

    @property
    def is_searchable(self) -> bool:
        """Whether the list shows its search."""
        return self.is_chosen or self.page.total >= _MANY


def listing_of(actions: Sequence[CustomAction], asked: Mapping[str, str]) -> Listing:
    """The actions that contain the words of `q` in name, description or address, in this state."""
    state, sort = (asked.get(name, "").strip() for name in ("state", "sort"))
    state = state if state in set(ActionState) else ""
    sort = sort if sort in SORTS else "name"
    key, is_falling = SORTS[sort]
    wanted = [one for one in actions if state in {"", one.state}]
    wanted.sort(key=key, reverse=is_falling)
    kept = {"state": state, "sort": "" if sort == "name" else sort}
    return Listing(list_page(wanted, asked, _text, total=len(actions), kept=kept), state, sort)


def _text(action: CustomAction) -> str:
    return f"{action.name}\n{action.description}\n{action.url}\n{action.method}"
