"""What the desk lists: whose conversations, in which tab, by which view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import false

from recado.accounts.models import Membership, Team
from recado.accounts.people import Colleague, colleagues_of
from recado.accounts.teams import teams_of
from recado.contacts.filter_rows import RowDraft, pairs_of
from recado.contacts.keeping_filters import filters_of
from recado.contacts.labels import LabelChoice, label_choices
from recado.contacts.models import CustomFilter, FilterKind
from recado.conversations.filtering import conversation_condition
from recado.conversations.finding import (
    MOST_COUNTED,
    Filter,
    conversations_listed,
    find_conversation,
    some_counts,
)
from recado.conversations.loading import Talk
from recado.conversations.models import Conversation, Status
from recado.conversations.snoozing import PRESETS
from recado.db.database import Transaction, database_now
from recado.inboxes.models import Inbox
from recado.inboxes.opening import answers_in, inboxes_for
from recado.lib.languages import Sentence, say

TABS: Final = {"mine": "me", "unassigned": "unassigned", "all": "all"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which conversations somebody wants listed, as the page's address says it."""

    tab: str = ""  # one of TABS; "" is mine if there are any, else all
    status: str = Status.OPEN  # or "all"
    inbox_id: int | None = None
    page: int = 1
    team_id: int | None = None
    label: str = ""
    priority: str = ""
    sort: str = ""  # one of finding.SORTS; "" is the first of them
    view_id: int | None = None  # a saved view, which says all but tab, sort and page

    @property
    def is_narrowed(self) -> bool:
        """Whether more than tab, status and inbox was chosen."""
        return bool(self.team_id or self.label or self.priority or self.sort)

    @property
    def is_plain(self) -> bool:
        """Whether nothing was chosen but a tab: what is open."""
        status = self.status in {"all", Status.OPEN}
        return status and not (self.inbox_id or self.view_id or self.is_narrowed)

    def address(self, **other: object) -> str:
        """The query part of an address with this choice, something of it changed."""
        chosen = replace(self, **other)  # type: ignore[arg-type]
        named = {
            "tab": chosen.tab,
            "status": chosen.status if chosen.status != Status.OPEN else "",
            "inbox": chosen.inbox_id or "",
            "team": chosen.team_id or "",
            "label": chosen.label,
            "priority": chosen.priority,
            "sort": chosen.sort,
            "view": chosen.view_id or "",
            "page": chosen.page if chosen.page > 1 else "",
        }
        return urlencode({key: value for key, value in named.items() if value})


@dataclass(frozen=True, slots=True)
class ListView:
    """The list, ready to be drawn; `choice.tab` is filled in."""

    choice: Choice
    talks: list[Talk]
    has_more: bool  # older conversations follow on another page
    counts: dict[str, int]  # by tab, no further than MOST_COUNTED
    user_id: int
    saved: list[CustomFilter]  # this person's views
    inboxes: Sequence[Inbox] = ()  # what can be chosen: these, and
    teams: Sequence[Team] = ()
    labels: Sequence[LabelChoice] = ()
    members: Sequence[Colleague] = ()
    is_drawn: bool = False  # whether the page has what can be chosen already
    trouble: Sentence | None = None  # why the view that was asked for shows nothing
    is_empty: bool = False  # whether they see no conversation at all, of any status

    @property
    def as_rows(self) -> str:
        """The query part of the page that saves the choice as a view."""
        rows = pairs_of(drafts_of_choice(self.choice, self.user_id))
        return urlencode([("kind", FilterKind.CONVERSATION), *rows])

    @property
    def inbox_names(self) -> list[tuple[int, str]]:
        """The inboxes to choose from, by id."""
        return [(one.id, one.name) for one in self.inboxes]

    @property
    def team_names(self) -> list[tuple[int, str]]:
        """The teams to choose from, by id."""
        return [(one.id, one.name) for one in self.teams]

    @property
    def others(self) -> list[tuple[int, str]]:
        """Everybody else of the account, by id."""
        return [(one.user_id, one.name) for one in self.members if one.user_id != self.user_id]

    @property
    def titles(self) -> list[tuple[str, str]]:
        """The labels that a conversation can be given."""
        return [(one.title, one.title) for one in self.labels]

    @property
    def titles_to_list(self) -> list[tuple[str, str]]:
        """The labels by which the list can be narrowed: those of the sidebar, and the chosen one."""
        return [
            (one.title, one.title)
            for one in self.labels
            if one.show_on_sidebar or one.title == self.choice.label
        ]

    @property
    def snoozes(self) -> Mapping[str, Sentence]:
        """Until when those that are chosen may be snoozed."""
        return PRESETS

    @property
    def opened(self) -> CustomFilter | None:
        """The saved view that is shown."""
        return next((one for one in self.saved if one.id == self.choice.view_id), None)

    @property
    def conversations(self) -> list[Conversation]:
        """Those that are listed, in order."""
        return [one.conversation for one in self.talks]

    def count_of(self, tab: str) -> str:
        """How many there are in a tab, as its badge says it."""
        number = self.counts[tab]
        return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)


async def find_visible(
    tx: Transaction, member: Membership, display_id: int, *, for_change: bool = False
) -> Conversation | None:
    """The conversation of this number if this person may see it; see find_conversation."""
    conversation = await find_conversation(tx, member.account_id, display_id, for_change=for_change)
    if conversation is None or not await answers_in(tx, member, conversation.inbox_id):
        return None
    return conversation


async def list_view(
    tx: Transaction, member: Membership, choice: Choice, *, is_drawn: bool = False
) -> ListView:
    """The conversations this person has chosen to see; the first page where theirs has run empty.

    Where the list `is_drawn` already, without what can be chosen.
    """
    saved = await filters_of(tx, member.account_id, member.user_id, FilterKind.CONVERSATION)
    wanted = await _wanted(tx, member, choice, saved)
    trouble = wanted if isinstance(wanted, Sentence) else None
    if isinstance(wanted, Sentence):
        wanted = Filter(status=None, condition=false())
    counts = await some_counts(tx, member, wanted)
    tab = choice.tab or ("mine" if counts["mine"] and not choice.view_id else "all")
    wanted = replace(wanted, assigned=TABS[tab])
    is_empty = choice.is_plain and not counts["all"]
    if is_empty:
        is_empty = not (await some_counts(tx, member, Filter(status=None)))["all"]
    talks, has_more = await conversations_listed(tx, member, wanted, page=choice.page)
    if not talks and choice.page > 1:
        choice = replace(choice, page=1)
        talks, has_more = await conversations_listed(tx, member, wanted)
    return ListView(
        choice=replace(choice, tab=tab),
        talks=talks,
        has_more=has_more,
        counts=counts,
        user_id=member.user_id,
        saved=saved,
        trouble=trouble,
        is_empty=is_empty,
        is_drawn=is_drawn,
        **({} if is_drawn else await _to_choose_from(tx, member)),
    )


async def _to_choose_from(tx: Transaction, member: Membership) -> dict[str, Any]:
    return {
        "inboxes": await inboxes_for(tx, member),
        "teams": await teams_of(tx, member.account_id),
        "labels": await label_choices(tx, member.account_id),
        "members": await colleagues_of(tx, member.account_id),
    }


async def _wanted(
    tx: Transaction, member: Membership, choice: Choice, saved: Sequence[CustomFilter]
) -> Filter | Sentence:
    """What the choice means, or why its view cannot be shown."""
    if choice.view_id is None:
        return Filter(
            status=None if choice.status == "all" else choice.status,
            inbox_id=choice.inbox_id,
            team_id=choice.team_id,
            labels=[choice.label] if choice.label else [],
            priority=choice.priority or None,
            sort=choice.sort,
        )
    kept = next((one for one in saved if one.id == choice.view_id), None)
    if kept is None:
        return say("This view is not there any more.")
    rows = kept.query.get("payload", [])
    condition = await conversation_condition(tx, member, rows, now=await database_now(tx))
    if isinstance(condition, str):
        return say(
            "This view asks for what is not there any more, such as a deleted custom attribute. "
            "Change its conditions."
        )
    return Filter(status=None, sort=choice.sort, condition=condition)


def drafts_of_choice(choice: Choice, user_id: int) -> list[RowDraft]:
    """The rows that a view of this choice begins with; the tab says whose they are."""
    chosen = (
        ("status", choice.status if choice.status != "all" else ""),
        ("inbox_id", choice.inbox_id),
        ("team_id", choice.team_id),
        ("labels", choice.label),
        ("priority", choice.priority),
        ("assignee_id", user_id if choice.tab == "mine" else ""),
    )
    drafts = [RowDraft(key, "equal_to", (str(value),)) for key, value in chosen if value]
    if choice.tab == "unassigned":
        drafts.append(RowDraft("assignee_id", "is_not_present"))
    return drafts


async def following(
    tx: Transaction, member: Membership, choice: Choice, number: int
) -> tuple[Choice, int | None]:
    """What to open after this conversation, and on which page of the list it stands; see next_number.

    After the last of a page comes the first of the next one, and after the very last the list's first.
    """
    view = await list_view(tx, member, choice, is_drawn=True)
    numbers = [one.display_id for one in view.conversations]
    if numbers[-1:] == [number] and (view.has_more or view.choice.page > 1):
        choice = replace(choice, page=view.choice.page + 1 if view.has_more else 1)
        view = await list_view(tx, member, choice, is_drawn=True)
        numbers = [one.display_id for one in view.conversations if one.display_id != number]
    return choice, next_number(numbers, number)


def next_number(numbers: Sequence[int], current: int) -> int | None:
    """What to open after `current`: the one below it, else the list's first; None: it was the only one."""
    at = numbers.index(current) if current in numbers else len(numbers)
    others = [*numbers[at + 1 :], *numbers[:at]]
    return others[0] if others else None
