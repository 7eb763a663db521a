"""Running the rules: events become verdicts, effects and deliveries, in order, in one transaction."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from recado.accounts.models import Account
from recado.automation.conditions import RuleSet, Verdict, Verdicts, compile_rule, parse
from recado.automation.effects import Scene, have_effects
from recado.automation.knowing import definitions_of
from recado.automation.models import AutomationRule, Result, RuleVerdict
from recado.automation.saving import rules_of
from recado.automation.tallying import Sample, Tally, write_tally
from recado.conversations.finding import find_conversation_by_id
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.db.tables import Json
from recado.events.causes import DEEPEST, Cause, cause_from
from recado.events.models import Event
from recado.events.names import EventName
from recado.lib.outcomes import Trouble

_LOG = logging.getLogger(__name__)
_LOCK_CLASS = 7_261_965  # of the advisory locks, one per lane
_BATCH = 100  # events in one transaction


@dataclass(frozen=True, slots=True)
class _Compiled:
    version: int
    rules: dict[int, AutomationRule]
    sets: dict[str, RuleSet]


class RuleBook:
    """The compiled rules of every account seen, each compiled anew once its version has grown."""

    def __init__(self) -> None:
        self.sample = Sample()
        self._accounts: dict[int, _Compiled] = {}

    async def of(self, tx: Transaction, account_id: int) -> _Compiled:
        """The account's active rules as they are in this transaction."""
        query = select(Account.rules_version).where(Account.id == account_id)
        version = await tx.scalar(query) or 0
        known = self._accounts.get(account_id)
        if known is None or known.version != version:
            known = self._accounts[account_id] = await _compile(tx, account_id, version)
        return known


async def lanes_with_events(tx: Transaction) -> list[int]:
    """The lanes where events wait for their rules."""
    query = select(Event.lane).where(Event.processed_at.is_(None)).distinct()
    return list(await tx.scalars(query))


async def run_rules(tx: Transaction, book: RuleBook, lane: int, *, now: datetime) -> int:
    """Test the rules on the waiting events of a lane, oldest first; how many events there were.

    One worker at a time has a lane: the lock ends with the transaction, so nothing is left behind
    by a worker that dies. An event on which we make a mistake is marked and does not stop others.
    """
    locked = await tx.scalar(
        text("select pg_try_advisory_xact_lock(:class, :lane)"),
        {"class": _LOCK_CLASS, "lane": lane},
    )
    if not locked:
        return 0
    query = select(Event).where(Event.lane == lane, Event.processed_at.is_(None))
    events = list(await tx.scalars(query.order_by(Event.id).limit(_BATCH)))
    tally = Tally()
    for event in events:
        await _run_safely(tx, book, event, tally, now=now)
    await write_tally(tx, tally, lane, now=now)
    return len(events)


async def _run_safely(
    tx: Transaction, book: RuleBook, event: Event, tally: Tally, *, now: datetime
) -> None:
    task = asyncio.ensure_future(_run_in_savepoint(tx, book, event, now))
    await asyncio.wait([task])
    error = task.exception()
    if isinstance(error, DBAPIError) and (error.connection_invalidated or _is_passing(error)):
        raise error  # nothing is wrong with the event: the whole lane is tried again
    if error is not None:
        _LOG.error("Rules failed on event %s", event.id, exc_info=error)
    for rule_id, result in () if error else task.result():
        tally.add(event.account_id, rule_id, result)
    await tx.execute(
        update(Event)
        .where(Event.id == event.id)
        .values(processed_at=now, trouble=Trouble.BUG if error else None)
    )


def _is_passing(error: DBAPIError) -> bool:
    """Deadlocks, serialization failures, shutdowns and lack of resources (SQLSTATE 40, 53, 57)."""
    state = str(getattr(error.orig, "sqlstate", "") or "")
    return state[:2] in {"40", "53", "57"}


_Results = list[tuple[int, Result]]  # of each rule tested, in order


async def _run_in_savepoint(
    tx: Transaction, book: RuleBook, event: Event, now: datetime
) -> _Results:
    async with tx.begin_nested():
        return await _run(tx, book, event, now=now)


async def _run(tx: Transaction, book: RuleBook, event: Event, *, now: datetime) -> _Results:
    compiled = await book.of(tx, event.account_id)
    rule_set = compiled.sets.get(event.name)
    results: _Results = []
    if rule_set is None or is_automatic_reply(event):
        return results
    cause = cause_from(event.cause)
    conversation: Conversation | None = None
    verdicts = rule_set.test(event.facts)
    for rule_id in rule_set.rules:
        rule = compiled.rules[rule_id]
        result = _result(rule, verdicts, cause)
        results.append((rule_id, result))
        if result is Result.NOT_MATCHED and not book.sample.takes(rule_id, now):
            continue
        effects: list[Json] = []
        if result == Result.MATCHED and event.conversation_id is not None:
            conversation = conversation or await find_conversation_by_id(
                tx, event.account_id, event.conversation_id, for_change=True
            )
            if conversation is not None:
                scene = Scene(
                    rule, conversation, event.facts, event.id, cause.by_rule(rule.id), now
                )
                effects = await have_effects(tx, scene)
        tx.add(_row(event, rule, result, verdicts.verdict(rule_id), effects, now))
    await tx.flush()
    return results


def _result(rule: AutomationRule, verdicts: Verdicts, cause: Cause) -> Result:
    if verdicts.error_of(rule.id) is not None:
        return Result.ERROR
    if not verdicts.holds(rule.id):
        return Result.NOT_MATCHED
    if rule.id in cause.chain or cause.depth >= DEEPEST:
        return Result.STOPPED  # rules that answer each other: the chain ends here, and says so
    return Result.MATCHED


def _row(
    event: Event,
    rule: AutomationRule,
    result: Result,
    verdict: Verdict,
    effects: Sequence[Json],
    now: datetime,
) -> RuleVerdict:
    trace: list[Any] = list(verdict.trace)
    return RuleVerdict(
        account_id=event.account_id,
        rule_id=rule.id,
        rule_name=rule.name,
        event_id=event.id,
        event_name=event.name,
        conversation_id=(event.facts.get("conversation") or {}).get("id"),
        result=result,
        conditions=trace,
        short_by=verdict.short_by,
        effects=list(effects),
        created_at=now,
    )


def is_automatic_reply(event: Event) -> bool:
    """An out-of-office mail or the like: rules that answered it would never come to an end."""
    if event.name == EventName.MESSAGE_CREATED:
        return bool((event.facts.get("message") or {}).get("is_auto_reply"))
    if event.name not in {EventName.CONVERSATION_CREATED, EventName.CONVERSATION_OPENED}:
        return False
    conversation = event.facts.get("conversation") or {}
    return bool((conversation.get("additional_attributes") or {}).get("auto_reply"))


async def _compile(tx: Transaction, account_id: int, version: int) -> _Compiled:
    definitions = await definitions_of(tx, account_id)
    rules = {rule.id: rule for rule in await rules_of(tx, account_id) if rule.is_active}
    by_event: dict[str, dict[int, Any]] = {}
    for rule in rules.values():
        tx.expunge(rule)  # kept beyond this transaction
        compiled = compile_rule(parse(rule.conditions), definitions)
        by_event.setdefault(rule.event_name, {})[rule.id] = compiled
    return _Compiled(version, rules, {name: RuleSet(found) for name, found in by_event.items()})
