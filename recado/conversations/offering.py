"""Conversations to choose from while somebody types whose one it is."""

from typing import Final

from recado.accounts.models import Membership
from recado.contacts.saving import contacts_page
from recado.conversations.finding import Filter, conversations_page
from recado.conversations.models import Conversation
from recado.conversations.viewing import find_visible
from recado.db.database import Transaction
from recado.lib.numbers import number_in

_OFFERED: Final = 12


async def conversations_offered(
    tx: Transaction, member: Membership, typed: str
) -> list[Conversation]:
    """Of what this person may see: the one of that number, then those whose contact's name, e-mail or
    phone contains what was typed, latest activity first. Nothing typed: the latest.
    """
    typed = typed.strip()
    number = number_in(typed.removeprefix("#"))
    numbered = await find_visible(tx, member, number) if number else None
    found = ([numbered] if numbered else []) + await _of_contacts(tx, member, typed)
    return list({one.id: one for one in found}.values())[:_OFFERED]


async def _of_contacts(tx: Transaction, member: Membership, typed: str) -> list[Conversation]:
    if not typed:
        return await conversations_page(tx, member, Filter(status=None))
    contacts, _ = await contacts_page(tx, member.account_id, q=typed, sort="-last_activity_at")
    if not contacts:
        return []
    theirs = Conversation.contact_id.in_([one.id for one in contacts])
    return await conversations_page(tx, member, Filter(status=None, condition=theirs))
