"""Rules that wait: a time after an event, or until nobody has replied for so long.

A rule that matched and waits leaves a timer; a conversation in which nobody replied gets one when
its time has come. A due timer becomes an event about its one rule, with the facts of that moment, so
the rule is tested again on what is true then. Timers are rows: they outlive restarts, and each is
taken once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from recado.automation.models import AutomationRule, RuleTimer
from recado.automation.turning import is_over
from recado.conversations.describing import facts_about
from recado.conversations.finding import find_conversations_for_change
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.events.causes import cause_from
from recado.events.models import Event
from recado.events.names import EventName, NoticeName
from recado.events.recording import record_event

LATEST: Final = timedelta(days=3)  # a timer that is later than this is not used any more
_RETENTION: Final = timedelta(days=5)  # more than LATEST, so that no waiting is counted twice
_BATCH: Final = 100
IDLE: Final = {EventName.AGENT_IDLE: "waiting_since", EventName.CONTACT_IDLE: "replied_at"}


async def arm(tx: Transaction, waiting: Sequence[tuple[Event, AutomationRule]]) -> None:
    """Let each of these rules be tested again on its event's conversation, after its delay."""
    rows = [_timer(event, rule) for event, rule in waiting if event.conversation_id is not None]
    if rows:
        await tx.execute(insert(RuleTimer).on_conflict_do_nothing(), rows)


def _timer(event: Event, rule: AutomationRule) -> dict[str, Any]:
    return {
        "account_id": event.account_id,
        "rule_id": rule.id,
        "conversation_id": event.conversation_id,
        "since": event.created_at,
        "event_id": event.id,
        "due_at": event.created_at + timedelta(minutes=rule.delay_minutes or 0),
        "kept": {"message": event.facts.get("message"), "changes": event.facts.get("changes")},
        "cause": event.cause,
    }


async def disarm(tx: Transaction, rule_id: int) -> None:
    """Forget what a rule waits for: it was changed or switched off."""
    await tx.execute(
        delete(RuleTimer).where(RuleTimer.rule_id == rule_id, RuleTimer.fired_at.is_(None))
    )


async def arm_idle(tx: Transaction, *, now: datetime) -> None:
    """Timers for conversations in which nobody has replied for as long as a rule says.

    What was late already when the rule was saved or switched on is left alone.
    """
    for event_name, column in IDLE.items():
        await tx.execute(
            text(_ARM_IDLE.format(since=f"c.{column}")),
            {"event_name": event_name, "now": now, "latest": LATEST},
        )


_ARM_IDLE: Final = """
    insert into rule_timers
        (account_id, rule_id, conversation_id, since, event_id, due_at, kept, cause)
    select r.account_id, r.id, c.id, {since}, 0, {since} + make_interval(mins => r.delay_minutes::int),
        '{{}}', '{{"actor": "system", "id": null, "chain": []}}'
    from automation_rules r join conversations c on c.account_id = r.account_id
    where r.is_active and r.event_name = :event_name and c.status in ('open', 'pending')
        and {since} <= cast(:now as timestamptz) - make_interval(mins => r.delay_minutes::int)
        and {since} > cast(:now as timestamptz) - cast(:latest as interval)
            - make_interval(mins => r.delay_minutes::int)
        and {since} > r.updated_at - make_interval(mins => r.delay_minutes::int)
    on conflict do nothing
"""


async def fire_due(tx: Transaction, *, now: datetime) -> int:
    """Make events of the timers whose time has come; how many timers, at most a batch."""
    query = (
        select(RuleTimer, AutomationRule)
        .join(AutomationRule, AutomationRule.id == RuleTimer.rule_id)
        .where(RuleTimer.due_at <= now, RuleTimer.fired_at.is_(None))
        .order_by(RuleTimer.due_at)
        .limit(_BATCH)
        .with_for_update(of=RuleTimer, skip_locked=True)
    )
    due = [(row[0], row[1]) for row in await tx.execute(query)]
    ids = {timer.conversation_id for timer, _ in due}
    conversations = await find_conversations_for_change(tx, ids) if ids else {}
    for timer, rule in due:
        conversation = conversations.get(timer.conversation_id)
        if conversation and _is_current(timer, rule, conversation, now):
            await _fire(tx, timer, rule, conversation, now)
    fired = update(RuleTimer).where(RuleTimer.id.in_([timer.id for timer, _ in due]))
    await tx.execute(fired.values(fired_at=now))
    return len(due)


def _is_current(
    timer: RuleTimer, rule: AutomationRule, conversation: Conversation, now: datetime
) -> bool:
    """Whether the rule still waits for this: it is on, in time, and nobody replied meanwhile."""
    if not rule.is_active or timer.due_at < now - LATEST:
        return False
    column = IDLE.get(EventName(rule.event_name)) if not timer.event_id else None
    if column is not None:
        return bool(getattr(conversation, column) == timer.since)
    return not is_over(timer, rule, conversation.inbox, now)


async def _fire(
    tx: Transaction,
    timer: RuleTimer,
    rule: AutomationRule,
    conversation: Conversation,
    now: datetime,
) -> None:
    facts = facts_about(conversation, now=now) | timer.kept
    facts["due"] = {"rule_id": rule.id, "event": rule.event_name, "since": timer.since.isoformat()}
    await record_event(
        tx, NoticeName.RULE_DUE, facts, conversation_id=conversation.id,
        cause=cause_from(timer.cause), now=now,
    )  # fmt: skip


async def prune_timers(tx: Transaction, *, now: datetime) -> int:
    """Forget timers that fired long ago; how many, at most a batch."""
    old = select(RuleTimer.id).where(RuleTimer.fired_at < now - _RETENTION).limit(1_000)
    gone = await tx.execute(delete(RuleTimer).where(RuleTimer.id.in_(old)).returning(RuleTimer.id))
    return len(gone.all())
