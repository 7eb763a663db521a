"""Running the rules: events become verdicts, effects and deliveries, in order, in one transaction.

A batch of events costs as many statements as one of them: what its rules need is read at once, and
what they leave is written at once. Benchmark: `recado bench pipeline`.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from recado.actions.guarding import guard_actions
from recado.automation.conditions import Verdicts
from recado.automation.deciding import Memory, Round
from recado.automation.effects import have_effects, set_stage
from recado.automation.keeping_verdicts import Ruling, keep_verdicts
from recado.automation.models import Result
from recado.automation.remembering import keep_memory, recall
from recado.automation.rule_book import CompiledRules, RuleBook
from recado.automation.scenes import Done, Scene, Stage
from recado.automation.tallying import Tally, write_tally
from recado.automation.timing import arm
from recado.automation.understanding import EVENTS
from recado.chatwoot.writing_back import write_back
from recado.conversations.dealing import turns_order
from recado.db.asking import Asked
from recado.db.database import Transaction
from recado.db.direct import Direct, ask_ahead
from recado.db.reading import Reading
from recado.db.surviving import result_or_mistake
from recado.deliveries.claiming_new import Coming, store_and_claim
from recado.deliveries.queueing import store_deliveries
from recado.events.causes import cause_from
from recado.events.models import LANES, Event
from recado.events.names import EventName
from recado.lib.outcomes import Trouble
from recado.notifications.telling import noticed, notify_people, people_asked
from recado.webhooks.telling import listeners_asked, tell_all

_LOG = logging.getLogger(__name__)
_LOCK_CLASS = 7_261_965  # of the advisory locks, one per lane
_BATCH = 200  # events in one transaction
FULL_BATCH: Final = 100  # events are worth its statements; what is over is others' to take
# Lanes at random, so that workers beside each other rarely want the same ones: all of them while
# little waits, no more than make a batch when much does. The lock ends with the transaction.
_TAKE = Direct(f"""
    with waiting as materialized (
        select lane, sum(number) over (order by place) - number as before from (
            select lane, number, random() as place
            from generate_series(0, {LANES - 1}) as lane cross join lateral (
                select count(*) as number from (
                    select from events where events.lane = lane.lane
                        and processed_at is null and name = any(:known::text[]) limit {_BATCH}
                ) as those
            ) as counted
            where number > 0
        ) as shuffled
    )
    select lane from waiting
    where before < {FULL_BATCH} and pg_try_advisory_xact_lock({_LOCK_CLASS}, lane)
""")  # noqa: S608 - numbers of our own, as values they would have it planned anew each time
_EVENT: Final = Reading(Event)
# Lane by lane, as the index of waiting events has them: otherwise the planner may walk through all
# events ever, as soon as it believes that many wait.
_WAITING = Direct(f"""
    select {_EVENT.columns}, accounts.rules_version
    from unnest(:lanes::smallint[]) as taken(lane) cross join lateral (
        select * from events where lane = taken.lane and processed_at is null
            and name = any(:known::text[]) and account_id <> all(:strange::bigint[])
        order by lane, id limit {_BATCH}
    ) as events join accounts on accounts.id = events.account_id
    order by events.id limit {_BATCH}
""")  # noqa: S608 - names of our own
_MARK = Direct("""
    update events set processed_at = :now::timestamptz, trouble = :trouble::text
    where id = any(:ids::bigint[])
""")


async def take_lanes(tx: Transaction) -> list[int]:
    """Lock lanes where events wait for their rules, for this transaction; what only a newer Recado
    knows does not wait for us.

    One worker at a time has a lane: nothing is left behind by a worker that dies.
    """
    return [lane for (lane,) in await _TAKE.rows(tx, known=list(EVENTS))]


def lanes_asked() -> Asked:
    """What `take_lanes` asks, for whoever has it asked beside something else."""
    return _TAKE.asked(known=list(EVENTS))


async def run_rules(
    tx: Transaction,
    book: RuleBook,
    lanes: Collection[int],
    *,
    now: datetime,
    apart: bool = False,
    coming: Coming | None = None,
) -> int:
    """Test the rules on the waiting events of these lanes, which were taken, oldest first; how many
    there were.

    A mistake of ours on one of them is raised, and ends the transaction. Each `apart`, the event is
    marked instead and does not stop the others. What only a newer Recado understands is left to it.
    `coming` takes what whoever runs this can send at once; where it is None, or `apart`, all waits.
    """
    events = await _waiting(tx, book, lanes)
    if not events:
        return 0
    told = noticed(events)
    await ask_ahead(tx, listeners_asked(events), people_asked(told))
    await tell_all(tx, events, now=now)
    await write_back(tx, events, now=now)
    if apart:
        tally = await _run_apart(tx, book, events, now=now)
    else:
        tally = await _run(tx, book, events, now=now, coming=coming)
        await _mark(tx, events, now=now)
    await notify_people(tx, told, now=now)  # after the rules, which lock conversations
    await guard_actions(tx, now=now)
    await write_tally(tx, tally, min(lanes))
    return len(events)


async def _waiting(tx: Transaction, book: RuleBook, lanes: Collection[int]) -> list[Event]:
    """Without those of accounts that have, or turn out to have, rules of a newer Recado."""
    strange = await book.strange(tx)
    rows = await _WAITING.rows(tx, lanes=list(lanes), known=list(EVENTS), strange=list(strange))
    books = await book.at(tx, {row["account_id"]: row["rules_version"] for row in rows})
    strange = {account_id for account_id, one in books.items() if one.is_strange}
    for account_id in sorted(strange):
        _LOG.warning("Account %s has rules of a newer Recado: left to a newer worker", account_id)
    return [_EVENT.one(tx, row) for row in rows if row["account_id"] not in strange]


async def _run_apart(
    tx: Transaction, book: RuleBook, events: Sequence[Event], *, now: datetime
) -> Tally:
    """One event of a batch fails: it must not take the others with it.

    What the database will get over is raised: the whole batch is tried again.
    """
    tally = Tally(book.sample, now)
    for event in events:
        found = await result_or_mistake(_run_in_savepoint(tx, book, [event], now))
        if isinstance(found, Tally):
            tally.add(found)
            await _mark(tx, [event], now=now)
        else:
            _LOG.error("Rules failed on event %s", event.id, exc_info=found)
            await _mark(tx, [event], now=now, trouble=Trouble.BUG)
    return tally


async def _mark(
    tx: Transaction, events: Sequence[Event], *, now: datetime, trouble: Trouble | None = None
) -> None:
    await _MARK.later(tx, now=now, trouble=trouble, ids=[one.id for one in events])


async def _run_in_savepoint(
    tx: Transaction, book: RuleBook, events: Sequence[Event], now: datetime
) -> Tally:
    async with tx.begin_nested():
        return await _run(tx, book, events, now=now)


async def _run(
    tx: Transaction,
    book: RuleBook,
    events: Sequence[Event],
    *,
    now: datetime,
    coming: Coming | None = None,
) -> Tally:
    tally = Tally(book.sample, now)
    books = book.seen({one.account_id for one in events})
    memory = await recall(tx, events, frozenset().union(*(one.mindful for one in books.values())))
    rulings = [
        ruling
        for event in events
        if event.account_id in books
        for ruling in _rulings_on(event, books[event.account_id], memory, tally)
    ]
    await arm(tx, [(one.event, one.rule) for one in rulings if one.result is Result.WAITING])
    acting = [one for one in rulings if one.acts]
    stage = await set_stage(tx, [(one.event, one.rule) for one in acting])
    done = {
        id(one): await _have_effects(tx, one, stage, now=now)
        for one in sorted(acting, key=lambda one: _turn(one, stage))
    }
    if coming is None:
        await store_deliveries(tx)  # the verdicts name them
    else:
        await store_and_claim(tx, coming, now=now)
    await tx.flush()
    await keep_memory(tx, memory, now=now)
    await keep_verdicts(tx, [(one, done.get(id(one), [])) for one in rulings], now=now)
    return tally


def _turn(ruling: Ruling, stage: Stage) -> int:
    """Effects on one conversation stay in their order; those that may deal out, in that of inboxes."""
    conversation = stage.conversations.get(ruling.event.conversation_id or 0)
    return turns_order(conversation) if conversation else 0


async def _have_effects(
    tx: Transaction, ruling: Ruling, stage: Stage, *, now: datetime
) -> list[Done]:
    event = ruling.event
    before = cause_from(event.cause)
    cause = before.by_rule(ruling.rule.id, event_id=event.id, at=event.created_at)
    return await have_effects(tx, Scene(ruling.rule, ruling.event, stage, cause, now))


def _rulings_on(
    event: Event, compiled: CompiledRules, memory: Memory, tally: Tally
) -> Iterator[Ruling]:
    """Of the rules on an event: those that hold or could not be tested, and a sample of the others."""
    if is_automatic_reply(event):
        return
    found: dict[int, Verdicts] = {}
    for one in compiled.test(event):
        is_sampled = tally.test(event.account_id, one.group)
        rule_ids = one.group.rule_ids if is_sampled else one.telling
        found |= dict.fromkeys(rule_ids, one.verdicts)
    round_ = Round(event, compiled.rules, memory)
    for rule_id, verdicts in compiled.in_order(found):
        rule = compiled.rules[rule_id]
        decision = round_.decide(rule, verdicts)
        tally.decide(event.account_id, rule_id, decision.result)
        yield Ruling(event, rule, decision, verdicts)


def is_automatic_reply(event: Event) -> bool:
    """An out-of-office mail or the like: rules that answered it would never come to an end."""
    if event.name == EventName.MESSAGE_CREATED:
        return bool((event.facts.get("message") or {}).get("is_auto_reply"))
    if event.name not in {EventName.CONVERSATION_CREATED, EventName.CONVERSATION_OPENED}:
        return False
    conversation = event.facts.get("conversation") or {}
    return bool((conversation.get("additional_attributes") or {}).get("auto_reply"))
