"""Changing many conversations at once, as the desk's list and programs choose them."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from recado.accounts.models import Membership
from recado.conversations.changing import Change, change_conversation
from recado.conversations.dealing import turns_order
from recado.conversations.models import Conversation, Status
from recado.conversations.reading import change_from
from recado.conversations.snoozing import preset_end
from recado.conversations.viewing import find_visible
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause

MOST: Final = 100  # conversations in one go


async def change_many(
    tx: Transaction,
    member: Membership,
    numbers: Collection[int],
    form: Mapping[str, Any],
    *,
    now: datetime,
) -> int:
    """Change each of the conversations that this person may see and for which the form makes sense.

    How many there were. An agent who does not answer in an inbox is not assigned there; what
    somebody else has deleted is left out. A snooze lasts until `until`, one of the presets.
    """
    changed = 0
    for conversation in await lock_visible(tx, member, numbers):
        change = await change_from(tx, conversation, form)
        if not change:
            continue
        if change.get("status") == Status.SNOOZED:
            until, zone = str(form.get("until", "")), conversation.account.time_zone
            change["snoozed_until"] = preset_end(until, now=now, zone=zone)
        by = Cause(Actor.PERSON, member.user_id)
        await change_conversation(tx, conversation, change, cause=by, now=now)
        changed += 1
    return changed


@dataclass(frozen=True, slots=True)
class ChangeOfEach:
    """What is to be different in each of many conversations; ids belong to the account."""

    change: Change = field(default_factory=Change)
    added: frozenset[str] = frozenset()  # labels
    removed: frozenset[str] = frozenset()

    def to(self, conversation: Conversation) -> Change:
        """The change of this one."""
        if not self.added and not self.removed:
            return self.change
        labels = {*conversation.labels, *self.added} - self.removed
        return {**self.change, "labels": sorted(labels)}


async def change_each(
    tx: Transaction,
    member: Membership,
    numbers: Collection[int],
    wanted: ChangeOfEach,
    *,
    cause_of: Callable[[Conversation], Awaitable[Cause]],
    now: datetime,
) -> None:
    """Change each of the conversations that this person may see; what is not there is left out.

    Each has a cause of its own: a rule may have called whoever asks because of one of them.
    """
    for conversation in await lock_visible(tx, member, numbers):
        change, cause = wanted.to(conversation), await cause_of(conversation)
        await change_conversation(tx, conversation, change, cause=cause, now=now)


async def lock_visible(
    tx: Transaction, member: Membership, numbers: Collection[int]
) -> list[Conversation]:
    """Those that this person may see, all of them first, so that nobody waits for each other."""
    found = [
        await find_visible(tx, member, number, for_change=True)
        for number in sorted(set(numbers))[:MOST]
    ]
    return sorted((one for one in found if one is not None), key=turns_order)
