"""How many calls an action may send in a stretch of time: kept where claims find it."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from recado.db.database import Transaction
from recado.deliveries.models import Allowance
from recado.deliveries.policies import SECONDS, Policy


async def set_allowance(tx: Transaction, action_id: int, policy: Policy) -> None:
    """Limit an action as its policy says; what it has sent just now still counts."""
    if policy.most_calls is None:
        await tx.execute(delete(Allowance).where(Allowance.action_id == action_id))
        return
    limit = {"calls": policy.most_calls, "seconds": SECONDS[policy.most_calls_per]}
    new = insert(Allowance).values(action_id=action_id, used=0, **limit)
    await tx.execute(new.on_conflict_do_update(index_elements=["action_id"], set_=limit))
