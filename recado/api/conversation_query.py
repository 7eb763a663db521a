"""Which conversations a program asks for."""

from datetime import timedelta
from typing import Annotated, Final

from msgspec import Meta, Struct

from recado.api.door import invalid, now
from recado.api.fields import UNSET, MaybeId, Page, UnsetType, Words, id_or_none, text_or
from recado.conversations.finding import Filter
from recado.conversations.models import Status

_LONGEST_AGO: Final = 10**9  # seconds: more than 30 years

_ASSIGNED: Final = {"me", "assigned", "unassigned", "all"}
_KINDS: Final = {"", "unattended", "participating", "mention"}
_SORTS: Final = {
    "last_activity_at_asc": "oldest",
    "created_at_desc": "created",
    "created_at_asc": "first",
    "priority_desc": "priority",
    "priority_asc": "calm",
    "waiting_since_asc": "waiting",
    "waiting_since_desc": "waiting_least",
}  # anything else: latest activity first


class ConversationQuery(Struct):
    """Which conversations. `status` is `open` unless told otherwise, `all` for any;
    `assignee_type` one of me, assigned, unassigned, all; `conversation_type` one of unattended,
    participating, mention; `updated_within` in seconds; `sort_by` last_activity_at, created_at,
    priority or waiting_since with `_asc` or `_desc`. 0 and "" ask for nothing.
    """

    status: Words = UNSET
    assignee_type: Words = UNSET
    inbox_id: MaybeId = UNSET
    team_id: MaybeId = UNSET
    labels: list[str | None] | UnsetType | None = UNSET
    q: Words = UNSET
    page: Page = UNSET
    conversation_type: Words = UNSET
    updated_within: Annotated[int, Meta(ge=0, le=_LONGEST_AGO)] | UnsetType | None = UNSET
    sort_by: Words = UNSET


def filter_of(query: ConversationQuery) -> Filter:
    """The filter that is asked for, or 422."""
    status, assigned = text_or(query.status) or Status.OPEN, text_or(query.assignee_type) or "all"
    if assigned not in _ASSIGNED:
        raise invalid({"assignee_type": f"Choose one of: {', '.join(sorted(_ASSIGNED))}."})
    if (kind := text_or(query.conversation_type)) not in _KINDS:
        raise invalid({"conversation_type": f"Choose one of: {', '.join(sorted(_KINDS - {''}))}."})
    labels = query.labels if isinstance(query.labels, list) else []
    return Filter(
        status=None if status == "all" else status_of(status),
        assigned=assigned,
        inbox_id=id_or_none(query.inbox_id),
        team_id=id_or_none(query.team_id),
        labels=[one for one in labels if one and one != "null"],
        q=text_or(query.q),
        kind=kind,
        updated_after=now() - timedelta(seconds=query.updated_within)
        if isinstance(query.updated_within, int) and query.updated_within
        else None,
        sort=_SORTS.get(text_or(query.sort_by), ""),
    )


def status_of(text: str) -> Status:
    """The status of this name, or 422."""
    if text not in tuple(Status):
        raise invalid({"status": f"Choose one of: {', '.join(Status)}."})
    return Status(text)
