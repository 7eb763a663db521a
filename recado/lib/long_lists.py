"""A page of a list that may be long: which of its rows the address asks for, by words and by number. Pure.

The lists of the settings share it: they are read whole, as the choices of every form are, and drawn by the page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar
from urllib.parse import urlencode

from recado.lib.excerpts import unaccented
from recado.lib.numbers import number_in

PAGE: Final = 50  # rows
_LONGEST: Final = 200  # characters of a search

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class LongList(Generic[Row]):
    """A page of a list, and what was asked for; `kept` is what else the address chooses."""

    rows: Sequence[Row]  # of this page
    total: int  # rows without the search
    found: int  # rows with it
    q: str = ""
    number: int = 1  # of the page
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_searchable(self) -> bool:
        """Whether the list shows its search: where it is longer than a page, or somebody searches."""
        return bool(self.q) or self.total > PAGE

    @property
    def first(self) -> int:
        """The place of the page's first row among those that were found, counted from 1."""
        return (self.number - 1) * PAGE + 1

    @property
    def last(self) -> int:
        """The place of its last row."""
        return self.first + len(self.rows) - 1

    @property
    def query(self) -> str:
        """What of this page stands in its address."""
        return self._query(self.number)

    @property
    def further(self) -> str:
        """The same behind an address that has a query."""
        return self.query.replace("?", "&", 1)

    @property
    def before(self) -> str:
        """The query of the page before; "" where this is the first."""
        return self._query(self.number - 1) or "?" if self.number > 1 else ""

    @property
    def after(self) -> str:
        """The query of the page after; "" where this is the last."""
        return self._query(self.number + 1) if self.last < self.found else ""

    def _query(self, number: int) -> str:
        return list_query({"q": self.q, **self.kept, "page": str(number)})


def list_page(
    rows: Sequence[Row],
    asked: Mapping[str, str],
    text_of: Callable[[Row], str],
    *,
    total: int | None = None,
    kept: Mapping[str, str] | None = None,
) -> LongList[Row]:
    """The page that is asked for, of the rows whose text has all the words; beyond the end it is the last.

    Case and accents do not count. `total` is how many there are, where `rows` are some of them already.
    """
    q = asked.get("q", "").strip()[:_LONGEST]
    words = _plain(q).split()
    found = [one for one in rows if _has(_plain(text_of(one)), words)] if words else rows
    number = min(number_in(asked.get("page")) or 1, page_of(max(len(found) - 1, 0)))
    shown = found[(number - 1) * PAGE : number * PAGE]
    every = len(rows) if total is None else total
    return LongList(shown, every, len(found), q, number, kept or {})


def page_of(place: int) -> int:
    """The number of the page on which a row stands; places are counted from 0."""
    return place // PAGE + 1


def list_query(asked: Mapping[str, str]) -> str:
    """What of this stands in a list's address: nothing of what is empty, nor of the first page."""
    kept = {key: value for key, value in asked.items() if value and (key, value) != ("page", "1")}
    return f"?{urlencode(kept)}" if kept else ""


def place_in_list(asked: Mapping[str, str]) -> str:
    """The query of the page of a list from which a form was sent, for the way back."""
    return list_query({key: asked.get(key, "") for key in ("q", "page")})


def _plain(text: str) -> str:
    return unaccented(text.casefold())


def _has(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)
