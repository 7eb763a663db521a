"""Whom one can mention in a conversation's private notes: who sees it, and the teams."""

from collections import Counter
from dataclasses import replace
from typing import Final

from recado.accounts.teams import teams_of
from recado.conversations.mentioning import Mentionable, linked
from recado.conversations.models import Conversation
from recado.conversations.reading import who_can_have
from recado.db.database import Transaction
from recado.lib.excerpts import folded

_OFFERED: Final = 8  # while somebody types


async def mentionables(tx: Transaction, conversation: Conversation) -> list[Mentionable]:
    """Everybody who sees the conversation, by name, then the teams."""
    people = [
        Mentionable("user", one.user_id, one.name, one.email)
        for one in await who_can_have(tx, conversation)
    ]
    teams = await teams_of(tx, conversation.account_id)
    known = people + [Mentionable("team", one.id, one.name) for one in teams]
    names = Counter(one.name.casefold() for one in known)
    return [replace(one, is_namesake=names[one.name.casefold()] > 1) for one in known]


async def mention_offers(
    tx: Transaction, conversation: Conversation, typed: str
) -> list[Mentionable]:
    """Those whose name has a word that begins so, whatever the case and the accents."""
    wanted = folded(typed)
    found = [
        one
        for one in await mentionables(tx, conversation)
        if any(word.startswith(wanted) for word in [folded(one.name), *folded(one.name).split()])
    ]
    return found[:_OFFERED]


async def with_mentions(tx: Transaction, conversation: Conversation, content: str) -> str:
    """A note whose names after an @ have become mentions."""
    return linked(content, await mentionables(tx, conversation)) if "@" in content else content
