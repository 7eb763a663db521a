"""Business hours that start or end: the rules that wait for it, each conversation once.

An inbox keeps the moment of its next turn. When that has come, every rule that waits for it gets a
timer for every conversation of the inbox that is open or pending (`timing.py`), and the inbox its
next turn, in one transaction. Turns that passed while no worker ran are not made up for, except
the last one, which says how things are.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select, text

from recado.automation.models import AutomationRule, RuleTimer
from recado.db.database import Transaction
from recado.events.names import EventName
from recado.inboxes.models import Inbox
from recado.lib.hours import Turn, last_turn, next_turn

_BATCH: Final = 100
TURNS: Final = {
    True: EventName.BUSINESS_HOURS_STARTED,
    False: EventName.BUSINESS_HOURS_ENDED,
}


async def arm_turns(tx: Transaction, *, now: datetime) -> int:
    """Timers for the inboxes that have opened or closed; how many inboxes, at most a batch."""
    query = (
        select(Inbox)
        .where(Inbox.turns_at <= now)
        .order_by(Inbox.turns_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    inboxes = list(await tx.scalars(query))
    for inbox in inboxes:
        hours = inbox.hours
        turn, following = (last_turn(hours, now), next_turn(hours, now)) if hours else (None, None)
        if turn is not None:
            await _arm(tx, inbox, turn)
        inbox.turns_at = following.at if following else None
    await tx.flush()
    return len(inboxes)


async def _arm(tx: Transaction, inbox: Inbox, turn: Turn) -> None:
    values = {"inbox_id": inbox.id, "event_name": TURNS[turn.opens], "turn": turn.at}
    await tx.execute(_ARM, values)


_ARM: Final = text("""
    insert into rule_timers
        (account_id, rule_id, conversation_id, since, event_id, due_at, kept, cause)
    select r.account_id, r.id, c.id, cast(:turn as timestamptz), 0,
        cast(:turn as timestamptz) + make_interval(mins => coalesce(r.delay_minutes, 0)::int),
        '{}', '{"actor": "system", "id": null, "chain": []}'
    from conversations c join automation_rules r on r.account_id = c.account_id
    where c.inbox_id = :inbox_id and c.status in ('open', 'pending')
        and r.is_active and r.event_name = :event_name
    on conflict do nothing
""")


def is_over(timer: RuleTimer, rule: AutomationRule, inbox: Inbox, now: datetime) -> bool:
    """Whether a turn that a timer stands for says nothing any more: it turned again, or has no hours.

    A rule that wants to wait after a turn may act after the next one; its conditions can ask.
    """
    if rule.event_name not in TURNS.values() or rule.delay_minutes:
        return False
    turn = last_turn(inbox.hours, now) if inbox.hours else None
    return turn is None or turn.at != timer.since
