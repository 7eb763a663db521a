"""What a person wants to be told, and in which ways."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import update

from recado.accounts.models import Membership
from recado.db.database import Transaction
from recado.notifications.models import Kind, Way

FOR_ADMINISTRATORS: Final = frozenset({Kind.FAILING_ACTION, Kind.FAILING_INBOX})


def kinds_for(member: Membership) -> list[Kind]:
    """Of what this person can be told: only administrators can mend actions and inboxes."""
    return [one for one in Kind if one not in FOR_ADMINISTRATORS or member.is_administrator]


async def choose_ways(
    tx: Transaction, member: Membership, chosen: Collection[str], ways: Collection[str] = tuple(Way)
) -> None:
    """Let a person be told, in each of `ways`, exactly of what is chosen as "way kind"."""
    offered = {f"{way} {kind}" for way in ways for kind in kinds_for(member)}
    muted = (set(member.muted) - offered) | (offered - set(chosen))
    member.muted = sorted(muted)
    await tx.execute(
        update(Membership)
        .where(Membership.account_id == member.account_id, Membership.user_id == member.user_id)
        .values(muted=member.muted),
        execution_options={"synchronize_session": False},
    )
