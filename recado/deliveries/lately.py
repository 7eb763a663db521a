"""How the calls of each action went in the last 24 hours, for its row in the list.

Looks at no more than MOST of an action's newest calls, a walk along `ix_deliveries_action` that costs
the same however long the log is; `python -m benchmarks.log` measures it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from recado.db.database import Transaction
from recado.deliveries.states import State

MOST: Final = 500
_LATELY: Final = timedelta(hours=24)
_FAILED: Final = frozenset({State.FAILED, State.UNKNOWN, State.EXPIRED})

_COUNT: Final = text("""
    select action.id, newest.state, count(*) as calls
    from unnest(cast(:ids as bigint[])) as action(id)
    cross join lateral (
        select state, created_at, is_test from deliveries
        where account_id = :account_id and action_id = action.id
        order by id desc limit :most
    ) newest
    where newest.created_at > :since and not newest.is_test
    group by action.id, newest.state
""")


@dataclass(slots=True)
class Lately:
    """Calls of the last 24 hours: how many, and of them those that arrived and those that failed.

    With `is_more` there were at least so many.
    """

    calls: int = 0
    delivered: int = 0
    failed: int = 0

    @property
    def is_more(self) -> bool:
        """Whether not all were looked at."""
        return self.calls >= MOST

    def add(self, state: str, calls: int) -> None:
        """Count calls that are in this state."""
        self.calls += calls
        self.delivered += calls if state == State.DELIVERED else 0
        self.failed += calls if state in _FAILED else 0


async def lately(
    tx: Transaction, account_id: int, action_ids: Sequence[int], *, now: datetime
) -> dict[int, Lately]:
    """By action; one that was not sent in that time is missing. Tests do not count."""
    about = {
        "ids": list(action_ids),
        "account_id": account_id,
        "most": MOST,
        "since": now - _LATELY,
    }
    found: dict[int, Lately] = {}
    for action_id, state, calls in await tx.execute(_COUNT, about):
        found.setdefault(action_id, Lately()).add(state, calls)
    return found
