"""Taking back what somebody has just done to one conversation or to many.

What was before stands in the events that the change has made: nothing else is kept for it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import select

from recado.accounts.models import Membership
from recado.accounts.undoing import Undo
from recado.conversations.changing import Change, change_conversation
from recado.conversations.changing_many import lock_visible
from recado.conversations.models import Conversation
from recado.conversations.reading import change_from
from recado.conversations.undoing import Done, form_back, is_as_left, told_done
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause, cause_from
from recado.events.models import Event
from recado.events.names import EventName
from recado.lib.languages import Sentence, say

OFFERED: Final = timedelta(minutes=1)  # a page that is opened later says nothing of it


class TakenBack(NamedTuple):
    """How many conversations are as before, and how many stay as they are."""

    back: int
    kept: int


async def undo_offered(
    tx: Transaction, member: Membership, done: Done, *, path: str, now: datetime
) -> Undo | Sentence | None:
    """What a page says of something done just now, with the form to `path` that takes it back.

    A Sentence where nothing was changed; None where it is long ago or not to be taken back.
    """
    if not timedelta() <= now - done.at < OFFERED:
        return None
    found = await _changed(tx, member, done)
    if not found:
        return say(
            "No conversation was changed: they were so already, or the agent does not answer there."
        )
    if not any(is_as_left(one, changes) for one, changes in found):
        return None
    changed = {one.display_id: changes for one, changes in found}
    told = told_done(changed, len(set(done.numbers)))
    return Undo(told, path, "#toasts", done.query, "none")


async def take_back(tx: Transaction, member: Membership, done: Done, *, now: datetime) -> TakenBack:
    """Put each of the conversations back to what it was, unless somebody has changed that since.

    What one may not see any more stays, and what cannot be again: an agent who has left the inbox.
    """
    changed = {one.display_id: changes for one, changes in await _changed(tx, member, done)}
    by, back = Cause(Actor.PERSON, member.user_id), 0
    for conversation in await lock_visible(tx, member, changed):
        change = await _way_back(tx, conversation, changed[conversation.display_id])
        if change:
            await change_conversation(tx, conversation, change, cause=by, now=now)
            back += 1
    return TakenBack(back, len(changed) - back)


async def _changed(
    tx: Transaction, member: Membership, done: Done
) -> list[tuple[Conversation, dict[str, list[Any]]]]:
    """The conversations that this person changed at that moment, and what: [old, new] by name."""
    query = (
        select(Conversation, Event.cause, Event.facts["changes"])
        .join(Event, Event.conversation_id == Conversation.id)
        .where(
            Conversation.account_id == member.account_id,
            Conversation.display_id.in_(done.numbers),
            Event.account_id == member.account_id,
            Event.name == EventName.CONVERSATION_UPDATED,
            Event.created_at == done.at,
        )
    )
    own = Cause(Actor.PERSON, member.user_id)
    rows = await tx.execute(query)
    return [(one, changes) for one, cause, changes in rows if cause_from(cause) == own]


async def _way_back(
    tx: Transaction, conversation: Conversation, changes: Mapping[str, list[Any]]
) -> Change | None:
    if not is_as_left(conversation, changes):
        return None
    change = await change_from(tx, conversation, form_back(changes))
    if change is not None and "snoozed_until" in changes:
        until = changes["snoozed_until"][0]
        change["snoozed_until"] = datetime.fromisoformat(until) if until else None
    return change
