"""What deciding must know of before: read once for a batch of events, and written back once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from recado.automation.deciding import Memory
from recado.automation.models import Cascade, RuleFiring
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.events.causes import cause_from
from recado.events.models import Event


async def recall(tx: Transaction, events: Sequence[Event], mindful: Collection[int]) -> Memory:
    """What rules need to know about these events; nothing is read where none needs it.

    `mindful` are the rules that must know when they last fired.
    """
    memory = Memory()
    if mindful:
        conversations = {one.conversation_id for one in events}
        query = select(RuleFiring).where(
            RuleFiring.rule_id.in_(mindful), RuleFiring.conversation_id.in_(conversations)
        )
        for one in await tx.scalars(query):
            memory.fired[one.rule_id, one.conversation_id] = one.fired_at
    if roots := {cause_from(one.cause).root for one in events} - {None}:
        query_of_roots = select(Cascade.root, Cascade.firings).where(Cascade.root.in_(roots))
        memory.firings.update({row[0]: row[1] for row in await tx.execute(query_of_roots)})
    return memory


async def keep_memory(tx: Transaction, memory: Memory, *, now: datetime) -> None:
    """Write down what a batch added."""
    if memory.new_fired:
        keys = list(memory.new_fired)
        await _FIRED.rows(
            tx,
            rules=[one[0] for one in keys],
            conversations=[one[1] for one in keys],
            times=list(memory.new_fired.values()),
        )
    if memory.new_firings:
        roots = sorted(memory.new_firings)  # in one order: two lanes may share a beginning
        counts = [memory.new_firings[one] for one in roots]
        await _CASCADES.rows(tx, roots=roots, counts=counts, now=now)


_FIRED: Final = Direct("""
    insert into rule_firings (rule_id, conversation_id, fired_at)
    select new.rule, new.conversation, new.at
    from unnest(:rules::bigint[], :conversations::bigint[], :times::timestamptz[]) as new(rule, conversation, at)
    join automation_rules on automation_rules.id = new.rule  -- deleted meanwhile, it needs no memory
    join conversations on conversations.id = new.conversation
    on conflict (rule_id, conversation_id) do update set fired_at = excluded.fired_at
""")
_CASCADES: Final = Direct("""
    insert into cascades (root, firings, created_at)
    select root, firings, :now::timestamptz
    from unnest(:roots::bigint[], :counts::bigint[]) as new(root, firings)
    on conflict (root) do update set firings = cascades.firings + excluded.firings
""")
