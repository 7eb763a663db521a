"""What people filter conversations by, with the words and choices of their account."""

from typing import Final

from recado.accounts.models import Membership
from recado.accounts.people import colleagues_of
from recado.accounts.teams import teams_of
from recado.contacts.attributes import attributes_of
from recado.contacts.filter_fields import attribute_field, by_key
from recado.contacts.filter_rows import Askable
from recado.contacts.filtering import FieldKind
from recado.contacts.labels import label_choices
from recado.contacts.models import AttributeModel
from recado.conversations.models import Priority, Status
from recado.conversations.threads import PRIORITY_NAMES
from recado.db.database import Transaction
from recado.inboxes.opening import inboxes_for
from recado.lib.languages import Sentence, say

_STATUSES: Final[tuple[tuple[str, Sentence], ...]] = (
    (Status.OPEN, say("Open")),
    (Status.PENDING, say("Pending")),
    (Status.SNOOZED, say("Snoozed")),
    (Status.RESOLVED, say("Resolved")),
)


async def conversation_fields(tx: Transaction, member: Membership) -> dict[str, Askable]:
    """By key, in the order of the form."""
    account_id = member.account_id
    agents = tuple((str(one.user_id), one.name) for one in await colleagues_of(tx, account_id))
    inboxes = tuple((str(one.id), one.name) for one in await inboxes_for(tx, member))
    teams = tuple((str(one.id), one.name) for one in await teams_of(tx, account_id))
    titles = tuple((one.title, one.title) for one in await label_choices(tx, account_id))
    priorities = tuple((str(one), PRIORITY_NAMES[one]) for one in reversed(Priority))
    attributes = await attributes_of(tx, account_id, AttributeModel.CONVERSATION)
    return by_key(
        Askable("status", say("Status"), FieldKind.TEXT, _STATUSES),
        Askable("assignee_id", say("Agent"), FieldKind.NUMBER, agents),
        Askable("team_id", say("Team"), FieldKind.NUMBER, teams),
        Askable("inbox_id", say("Inbox"), FieldKind.NUMBER, inboxes),
        Askable("labels", say("Labels"), FieldKind.WORDS, titles),
        Askable("priority", say("Priority"), FieldKind.TEXT, priorities),
        Askable("created_at", say("Creation date"), FieldKind.MOMENT),
        Askable("last_activity_at", say("Last activity"), FieldKind.MOMENT),
        *(attribute_field(one) for one in attributes),
    )
