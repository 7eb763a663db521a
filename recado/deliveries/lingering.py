"""Which call of each action has waited longest: whoever sees that calls are late begins with that one.

Of each action and destination no more than MOST calls are looked at, those that are due next, so a million
that wait cost no more; with more of them an older one that waits for its next attempt may be missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from recado.db.database import Transaction
from recado.deliveries.finding import lanes_in_log

MOST: Final = 100

_OLDEST: Final = text("""
    select action.id, oldest.id, oldest.created_at
    from unnest(cast(:ids as bigint[])) as action(id)
    cross join lateral (
        select due.id, due.created_at from unnest(cast(:lanes as text[])) as mine(lane)
        cross join lateral (
            select d.id, d.created_at, d.is_test from deliveries d
            where d.state = 'pending' and d.lane = mine.lane and d.account_id = :account_id
                and coalesce(d.action_id, 0) = action.id
            order by d.due_at limit :most
        ) due
        where not due.is_test order by due.created_at, due.id limit 1
    ) oldest
""")


@dataclass(frozen=True, slots=True)
class Waiting:
    """The call of an action that has waited longest, and since when."""

    delivery_id: int
    since: datetime


async def longest_waiting(
    tx: Transaction, account_id: int, action_ids: Sequence[int]
) -> dict[int, Waiting]:
    """By action; one of which no call waits is missing. Tests do not count, nor what is held."""
    if not action_ids:
        return {}
    about = {
        "ids": list(action_ids),
        "lanes": await lanes_in_log(tx, account_id),
        "account_id": account_id,
        "most": MOST,
    }
    rows = await tx.execute(_OLDEST, about)
    return {action_id: Waiting(number, since) for action_id, number, since in rows}
