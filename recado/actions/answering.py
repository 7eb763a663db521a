"""What an action makes of the answers to its deliveries, in the transaction that records them.

Once per delivery: the delivery keeps what was done. What ends without an answer (too late, a worker
that died, a template that failed) is marked by whoever ends it and answered by `answer_waiting`.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, tuple_, update

from recado.actions.answers import answers_from, response_facts
from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import switch_off
from recado.actions.using_answers import USES, AnswerScene, Done
from recado.actions.watching_fields import watch_fields
from recado.contacts.attributes import attributes_of
from recado.contacts.models import CustomAttribute
from recado.conversations.describing import facts_about
from recado.conversations.finding import find_conversation
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.db.surviving import mistake_in
from recado.deliveries.delivering import Tried
from recado.deliveries.explaining import explain
from recado.deliveries.models import Delivery
from recado.deliveries.settling import Settled
from recado.deliveries.states import State, Why
from recado.events.causes import Actor, Cause, cause_from
from recado.events.models import Event
from recado.lib.languages import speaking
from recado.lib.outcomes import Outcome, Response

_LOG = logging.getLogger(__name__)
GONE: Final = 410  # RFC 9110, 15.5.11: "likely to be permanent"; Standard Webhooks: stop sending
_BATCH: Final = 50
_FAILED: Final = frozenset({State.FAILED, State.UNKNOWN, State.EXPIRED})
_PART: Final = {State.DELIVERED: "success", **dict.fromkeys(_FAILED, "failure")}

_columns = Delivery.__table__.c
_KEEP = (
    update(Delivery.__table__)  # type: ignore[arg-type]  # declared wider than it is
    .where(_columns.id == bindparam("this"))
    .values(awaits_answer=False)
)


async def lock_for_answers(tx: Transaction, tried: Sequence[Tried]) -> None:
    """Lock what the answers may change, before the deliveries are: all who need both do so."""
    if gone := _gone(tried):
        query = select(CustomAction.id).where(CustomAction.id.in_(gone)).order_by(CustomAction.id)
        await tx.execute(query.with_for_update())
    await _lock_conversations(
        tx,
        {
            (one.claimed.account_id, one.claimed.conversation_id)
            for one in tried
            if one.claimed.awaits_answer
        },
    )


async def answer(
    tx: Transaction, written: Sequence[tuple[Tried, Settled]], *, now: datetime
) -> None:
    """Act on what was recorded: an address that is gone for good switches its action off, and
    what has ended is used as its action wants.
    """
    if gone := _gone(tried for tried, settled in written if settled.state == State.FAILED):
        await _switch_off_gone(tx, gone, now=now)
    ended = {
        tried.claimed.id: tried.outcome
        for tried, settled in written
        if tried.claimed.awaits_answer and settled.state in _PART
    }
    await _use(tx, ended, now=now)


async def answer_waiting(tx: Transaction, *, now: datetime) -> int:
    """Use the ends that no answer made; how many there were, at most a batch."""
    is_waiting = Delivery.awaits_answer & Delivery.finished_at.is_not(None)
    query = select(Delivery.id, Delivery.account_id, Delivery.conversation_id).where(is_waiting)
    found = (await tx.execute(query.order_by(Delivery.id).limit(_BATCH))).all()
    if not found:
        return 0
    await _lock_conversations(tx, {(account_id, number) for _, account_id, number in found})
    mine = select(Delivery.id, Delivery.state).where(
        Delivery.id.in_([row.id for row in found]), is_waiting
    )
    rows = (await tx.execute(mine.order_by(Delivery.id).with_for_update())).all()
    await _use(tx, dict.fromkeys([row.id for row in rows if row.state in _FAILED]), now=now)
    others = [row.id for row in rows if row.state not in _FAILED]
    await tx.execute(update(Delivery).where(Delivery.id.in_(others)).values(awaits_answer=False))
    return len(rows)


def _gone(tried: Iterable[Tried]) -> set[int | None]:
    return {
        one.claimed.action_id
        for one in tried
        if isinstance(one.outcome, Response)
        and one.outcome.status == GONE
        and not one.claimed.is_test
    }


async def _switch_off_gone(
    tx: Transaction, action_ids: Collection[int | None], *, now: datetime
) -> None:
    """Administrators see why in the list of custom actions; what waits is skipped, and can be sent
    again once the URL is right.
    """
    query = select(CustomAction).where(
        CustomAction.id.in_(action_ids), CustomAction.state == ActionState.ACTIVE
    )
    for action in await tx.scalars(query.with_for_update()):
        action.notice = {"why": Why.GONE, "at": now.isoformat()}
        await switch_off(tx, action, now=now, why=Why.GONE)


async def _lock_conversations(tx: Transaction, numbers: Collection[tuple[int, int | None]]) -> None:
    """In the order of their ids, so that two workers never wait for each other."""
    wanted = [one for one in numbers if one[1] is not None]
    if wanted:
        pair = tuple_(Conversation.account_id, Conversation.display_id)
        query = select(Conversation.id).where(pair.in_(wanted)).order_by(Conversation.id)
        await tx.execute(query.with_for_update())


@dataclass(frozen=True, slots=True)
class _Known:
    """What a batch of ends needs to know, read once for all."""

    actions: dict[int, CustomAction]
    events: dict[int, Event]
    definitions: dict[int, list[CustomAttribute]]


async def _use(tx: Transaction, ended: Mapping[int, Outcome | None], *, now: datetime) -> None:
    """Use each end once, each in a savepoint: a mistake there never loses the record."""
    if not ended:
        return
    query = select(Delivery).where(Delivery.id.in_(ended)).order_by(Delivery.id)
    deliveries = list(await tx.scalars(query.execution_options(populate_existing=True)))
    known = await _known(tx, deliveries)
    kept: list[dict[str, Any]] = []
    fields: list[tuple[int, str, bool]] = []
    for delivery in deliveries:
        part = _PART[State(delivery.state)]
        done = delivery.answered.get(part)
        if done is None:  # otherwise it was sent again, and used before
            done = await _use_safely(tx, delivery, known, ended[delivery.id], now=now)
            fields += _fields_in(delivery, done)
        kept.append({"this": delivery.id, "answered": {**delivery.answered, part: done}})
    await (await tx.connection()).execute(_KEEP, kept)
    await watch_fields(tx, fields)


async def _known(tx: Transaction, deliveries: Sequence[Delivery]) -> _Known:
    action_ids = {one.action_id for one in deliveries}
    event_ids = {one.event_id for one in deliveries if one.event_id is not None}
    actions = await tx.scalars(select(CustomAction).where(CustomAction.id.in_(action_ids)))
    events = await tx.scalars(select(Event).where(Event.id.in_(event_ids)))
    accounts = {one.account_id for one in deliveries}
    return _Known(
        {one.id: one for one in actions},
        {one.id: one for one in events},
        {one: await attributes_of(tx, one) for one in accounts},
    )


async def _use_safely(
    tx: Transaction, delivery: Delivery, known: _Known, outcome: Outcome | None, *, now: datetime
) -> list[Done]:
    done: list[Done] = []

    async def use() -> None:
        async with tx.begin_nested():
            scene = await _scene(tx, delivery, known, outcome, now=now)
            if scene is not None:
                done.extend(await USES[_PART[State(delivery.state)]](tx, scene))

    if mistake := await mistake_in(use()):
        _LOG.error("Using the answer of delivery %s failed", delivery.id, exc_info=mistake)
        return [{"what": "bug", "key": "", "result": "failed", "value": None, "sentence": None}]
    return done


async def _scene(
    tx: Transaction, delivery: Delivery, known: _Known, outcome: Outcome | None, *, now: datetime
) -> AnswerScene | None:
    """None where there is nothing to use, or no conversation any more."""
    action = known.actions.get(delivery.action_id or 0)
    if action is None or delivery.conversation_id is None:
        return None
    answers = answers_from(action.answers)
    conversation = await find_conversation(
        tx, delivery.account_id, delivery.conversation_id, for_change=True
    )
    if conversation is None or answers.is_nothing:
        return None
    event = known.events.get(delivery.event_id or 0)
    problem = ""
    if delivery.state != State.DELIVERED:
        with speaking(conversation.account.language):
            problem = str(explain(State(delivery.state), delivery.reason))
    facts = event.facts if event else facts_about(conversation, now=now)
    return AnswerScene(
        action.id,
        answers,
        conversation,
        known.definitions[delivery.account_id],
        {**facts, "response": response_facts(outcome, problem)},
        _cause(delivery, event),
        now,
    )


def _cause(delivery: Delivery, event: Event | None) -> Cause:
    """The chain goes on, so that rules which answer each other come to an end."""
    cause = cause_from(event.cause) if event else Cause(Actor.SYSTEM)
    if delivery.rule_id is None:
        return cause
    at = event.created_at if event else delivery.created_at
    return cause.by_rule(delivery.rule_id, event_id=delivery.event_id or 0, at=at)


def _fields_in(delivery: Delivery, done: Iterable[Done]) -> list[tuple[int, str, bool]]:
    """Which fields an answer had and which it lacked: action, path, whether it was missing."""
    action_id = delivery.action_id or 0
    return [(action_id, one["path"], bool(one["is_missing"])) for one in done if "path" in one]
