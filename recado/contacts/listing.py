"""The list of contacts: searched, filtered, sorted, a page after or before a place in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, literal_column, select, tuple_

from recado.contacts.filter_rows import RowDraft, pairs_of
from recado.contacts.models import Contact
from recado.contacts.saving import containing, plan_anew
from recado.db.database import Transaction
from recado.lib.languages import Sentence, say

PAGE: Final = 25
MOST_COUNTED: Final = 1_000  # contacts; what is beyond is told as more
_BEGINNING: Final = datetime(1, 1, 1, tzinfo=UTC)  # stands for "never", which sorts as the oldest


@dataclass(frozen=True, slots=True)
class Sort:
    """What the list is ordered by: SQL expressions that are never null; ids decide between equals."""

    columns: tuple[Any, ...]
    is_descending: bool = False


SORTS: Final[Mapping[str, Sort]] = {
    "name": Sort((func.lower(Contact.name),)),
    "active": Sort(  # its index knows the day
        (Contact.active_on, func.coalesce(Contact.last_activity_at, _BEGINNING)), is_descending=True
    ),
    "newest": Sort((Contact.created_at,), is_descending=True),
    "oldest": Sort((Contact.created_at,)),
    "email": Sort((func.coalesce(Contact.email, literal_column("''")),)),  # as its index says it
}


SORT_NAMES: Final[Mapping[str, Sentence]] = {
    "name": say("Name"),
    "active": say("Latest activity"),
    "newest": say("Newest contacts first"),
    "oldest": say("Oldest contacts first"),
    "email": say("E-mail"),
}


@dataclass(frozen=True, slots=True)
class ListChoice:
    """Which contacts somebody wants listed, as the page's address says it.

    `after` and `before` are ids of contacts: the page begins behind the one, or ends before the other.
    """

    q: str = ""
    sort: str = "name"  # one of SORTS
    drafts: tuple[RowDraft, ...] = ()
    view_id: int | None = None
    after: int | None = None
    before: int | None = None

    @property
    def is_searched(self) -> bool:
        """Whether something is looked for by its letters."""
        return bool(self.q.strip())

    @property
    def is_narrowed(self) -> bool:
        """Whether not all contacts are wanted."""
        return bool(self.q or self.drafts or self.view_id)

    def address(self, **other: object) -> str:
        """The query part of an address with this choice from its beginning, some of it changed."""
        chosen = replace(self, **{"after": None, "before": None, **other})  # type: ignore[arg-type]
        named = {
            "q": chosen.q,
            "sort": chosen.sort if chosen.sort != "name" else "",
            "view": chosen.view_id or "",
            "after": chosen.after or "",
            "before": chosen.before or "",
        }
        rows = [] if chosen.view_id else pairs_of(chosen.drafts)
        return urlencode([*((key, value) for key, value in named.items() if value), *rows])


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of contacts, how many there are in all as far as they are counted (one more than MOST_COUNTED
    means: more), and the ids at which the next pages begin.
    """

    contacts: list[Contact]
    total: int
    older: int | None = None  # the next page is after this one
    newer: int | None = None  # the page before is before this one

    @property
    def more_than(self) -> int | None:
        """How many there are at least, where nobody counted them all."""
        return MOST_COUNTED if self.total > MOST_COUNTED else None


async def list_contacts(
    tx: Transaction, account_id: int, choice: ListChoice, condition: ColumnElement[bool]
) -> Listed:
    """The page that the choice asks for; `condition` is what its filter stands for.

    What a search or filter finds is looked for once, and no further than it is counted: where all of it
    is known then, only that is put in order, and where a filter finds more, the order's index soon meets
    enough. A search that finds more lists the newest of what it finds: who wants another one says more.
    """
    if choice.is_narrowed:
        await plan_anew(tx)
    where = wanted(account_id, choice.q, condition)
    newest = select(Contact.id).where(*where)
    if choice.is_searched:
        newest = newest.order_by(Contact.created_at.desc(), Contact.id.desc())
    some = list(await tx.scalars(newest.limit(MOST_COUNTED + 1)))
    total = len(some)
    if choice.is_searched or (choice.is_narrowed and total <= MOST_COUNTED):
        where = [Contact.account_id == account_id, Contact.id.in_(some[:MOST_COUNTED])]
    sort = SORTS[choice.sort]
    is_backward = choice.before is not None
    query = select(Contact).where(*where)
    place = choice.before if is_backward else choice.after
    if place is not None:
        query = await _beyond(tx, query, account_id, (sort, place), is_backward=is_backward)
    query = _ordered(query, sort, is_backward=is_backward)
    found = list(await tx.scalars(query.limit(PAGE + 1)))
    has_more, page = len(found) > PAGE, found[:PAGE]
    if is_backward:
        page = page[::-1]
    has_older, has_newer = (True, has_more) if is_backward else (has_more, place is not None)
    return Listed(
        page, total,
        older=page[-1].id if page and has_older else None,
        newer=page[0].id if page and has_newer else None,
    )  # fmt: skip


def wanted(account_id: int, q: str, condition: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    """Which contacts of an account a search and a filter find."""
    return [Contact.account_id == account_id, condition, *containing(q)]


async def _beyond(
    tx: Transaction,
    query: Select[Any],
    account_id: int,
    place: tuple[Sort, int],
    *,
    is_backward: bool,
) -> Select[Any]:
    """Only what comes after the contact of that id, in the order or against it.

    Where the contact is gone by now, everything from the beginning.
    """
    sort, contact_id = place
    there = select(*sort.columns, Contact.id).where(
        Contact.account_id == account_id, Contact.id == contact_id
    )
    values = (await tx.execute(there)).one_or_none()
    if values is None:
        return query
    key = tuple_(*sort.columns, Contact.id)
    is_down = sort.is_descending != is_backward
    return query.where(key < tuple_(*values) if is_down else key > tuple_(*values))


def _ordered(query: Select[Any], sort: Sort, *, is_backward: bool) -> Select[Any]:
    columns = (*sort.columns, Contact.id)
    is_down = sort.is_descending != is_backward
    return query.order_by(*(one.desc() if is_down else one for one in columns))
