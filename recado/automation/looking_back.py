"""Trying a rule on the past: what it would have done with events that really happened.

Nothing is sent, written or changed: the conditions are tested on the kept facts, and requests are
rendered as a delivery would have frozen them. Bounded: the newest events, at most MOST_EVENTS.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select

from recado.actions.saving import find_action
from recado.actions.showing import Preview, preview_of
from recado.automation.captions import Words
from recado.automation.conditions import RuleSet, compile_rule
from recado.automation.effect_reading import actions_in
from recado.automation.known import Definitions, Known
from recado.automation.models import AutomationRule
from recado.automation.moments import is_moment, recorded_as
from recado.automation.restraining import Control, Restraint, control_from
from recado.automation.running import is_automatic_reply
from recado.automation.saving import RuleDraft
from recado.automation.sifting import Sieve, Sifted
from recado.automation.trees import parse
from recado.automation.wording import condition_sentence
from recado.db.database import Transaction
from recado.events.causes import DEEPEST, cause_from
from recado.events.models import Event
from recado.lib.excerpts import shortened
from recado.lib.facts import Facts

MOST_EVENTS: Final = 5_000  # looked at in one try
DAYS: Final = (1, 7, 30)  # events are kept for 30 days
_LONGEST: Final = 120  # characters of a message
_SHOWN: Final = 10  # cases of a kind
_REQUESTS: Final = 3  # rendered of each action


@dataclass(frozen=True, slots=True)
class Case:
    """An event on which a rule would have fired."""

    event_id: int
    at: datetime
    conversation: int | None  # the number people see
    contact: str
    said: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit would change: events on which only the draft, or only the live rule, fires."""

    added: int
    removed: int
    added_cases: list[Case]
    removed_cases: list[Case]


@dataclass(frozen=True, slots=True)
class WouldSend:
    """A request that a custom action would have made, secrets masked."""

    action: str
    case: Case
    preview: Preview


@dataclass(frozen=True, slots=True)
class Hurdle:
    """A condition in words, and what it did to the events."""

    sentence: Words
    sifted: Sifted


@dataclass(frozen=True, slots=True)
class Past:
    """What a rule would have done, newest first; `since` is the time of the oldest event seen."""

    tested: int
    passed_over: int  # no rule answers automatic replies, or this one itself
    fired: int
    held_back: int  # matched, but the rule's own settings keep it back
    since: datetime | None
    is_cut: bool  # there were more events than MOST_EVENTS
    cases: list[Case]
    calls: int
    calls_an_hour: int  # in the busiest hour
    requests: list[WouldSend]
    change: Change | None
    hurdles: list[Hurdle]  # its conditions, in their order


async def look_back(
    tx: Transaction,
    account_id: int,
    draft: RuleDraft,
    known: Known,
    *,
    since: datetime,
    live: AutomationRule | None = None,
) -> Past:
    """What a draft would have done since then; its event, conditions and control have no problems.

    `live` is the saved rule that the draft would replace.
    """
    definitions = known.custom_attributes
    watch = _Watch(
        draft.event_name,
        draft.conditions,
        control_from(draft.control),
        definitions,
        live.id if live else None,
    )
    sieve = Sieve(parse(draft.conditions))
    await watch.look(tx, account_id, since, sieve)
    actions = actions_in(draft.effects)
    return Past(
        tested=watch.tested,
        passed_over=watch.passed_over,
        fired=len(watch.cases),
        held_back=watch.held_back,
        since=watch.oldest,
        is_cut=watch.tested >= MOST_EVENTS,
        cases=list(watch.cases.values())[:_SHOWN],
        calls=len(watch.cases) * len(actions),
        calls_an_hour=_busiest_hour(watch.cases.values()) * len(actions),
        requests=await _requests(tx, account_id, actions, watch),
        change=await _change(tx, account_id, watch, live, definitions, since),
        hurdles=[Hurdle(condition_sentence(one.leaf, known), one) for one in sieve.sifted()],
    )


@dataclass(slots=True)
class _Watch:
    """Conditions, and what they came to on the events looked at."""

    event_name: str
    conditions: object
    control: Control
    definitions: Definitions
    rule_id: int | None
    tested: int = 0
    passed_over: int = 0
    held_back: int = 0
    oldest: datetime | None = None
    cases: dict[int, Case] = field(default_factory=dict)  # newest first

    async def look(
        self, tx: Transaction, account_id: int, since: datetime, sieve: Sieve | None = None
    ) -> None:
        rules = RuleSet({0: compile_rule(parse(self.conditions), self.definitions)})
        async for event in _events(tx, account_id, self.event_name, since):
            self.tested += 1
            self.oldest = event.created_at
            if not self._may_fire(event):
                self.passed_over += 1
                continue
            verdicts = rules.test(event.facts)
            if sieve is not None:
                sieve.add([line["result"] for line in verdicts.verdict(0).trace])
            if verdicts.holds(0):
                self.cases[event.id] = case_of(event)
        self._restrain()

    def _restrain(self) -> None:
        """Take away what the rule's own settings keep back, as time went by."""
        restraint = Restraint(self.control)
        for case in sorted(self.cases.values(), key=lambda one: one.event_id):
            if restraint.on(case.at, case.conversation):
                del self.cases[case.event_id]
                self.held_back += 1

    def _may_fire(self, event: Event) -> bool:
        cause = cause_from(event.cause)
        is_loop = self.rule_id in cause.chain or cause.depth >= DEEPEST
        return not is_loop and not is_automatic_reply(event)


async def _events(
    tx: Transaction, account_id: int, event_name: str, since: datetime
) -> AsyncIterator[Event]:
    """The newest events whose rules were tested; their index is that of the time of testing."""
    query = (
        select(Event)
        .where(
            Event.account_id == account_id,
            Event.name == recorded_as(event_name),
            Event.processed_at >= since,
        )
        .order_by(Event.processed_at.desc(), Event.id.desc())
        .limit(MOST_EVENTS)
        .execution_options(yield_per=500)
    )
    async for event in await tx.stream_scalars(query):
        if is_moment(event_name, event.name, event.facts):
            yield event
        tx.expunge(event)


def case_of(event: Event) -> Case:
    """An event in a line."""
    said = (event.facts.get("message") or {}).get("content") or ""
    return Case(
        event.id,
        event.created_at,
        (event.facts.get("conversation") or {}).get("id"),
        str((event.facts.get("contact") or {}).get("name") or ""),
        shortened(str(said), _LONGEST),
    )


def _busiest_hour(cases: Collection[Case]) -> int:
    hours = Counter(one.at.replace(minute=0, second=0, microsecond=0) for one in cases)
    return max(hours.values(), default=0)


async def _requests(
    tx: Transaction, account_id: int, actions: Sequence[int], watch: _Watch
) -> list[WouldSend]:
    found = []
    facts_of = await _facts_of(tx, list(watch.cases)[:_REQUESTS])
    for action_id in dict.fromkeys(actions):
        action = await find_action(tx, account_id, action_id)
        if action is not None:
            found += [
                WouldSend(action.name, watch.cases[event_id], preview_of(action, facts))
                for event_id, facts in facts_of.items()
            ]
    return found


async def _facts_of(tx: Transaction, event_ids: Sequence[int]) -> dict[int, Facts]:
    """The facts of these events, in this order."""
    rows = await tx.execute(select(Event.id, Event.facts).where(Event.id.in_(event_ids)))
    found: dict[int, Facts] = {row[0]: row[1] for row in rows}
    return {one: found[one] for one in event_ids if one in found}


async def _change(
    tx: Transaction,
    account_id: int,
    watch: _Watch,
    live: AutomationRule | None,
    definitions: Definitions,
    since: datetime,
) -> Change | None:
    if live is None:
        return None
    control = control_from(live.control)
    before = _Watch(live.event_name, live.conditions, control, definitions, live.id)
    await before.look(tx, account_id, since)
    added = [one for key, one in watch.cases.items() if key not in before.cases]
    removed = [one for key, one in before.cases.items() if key not in watch.cases]
    return Change(len(added), len(removed), added[:_SHOWN], removed[:_SHOWN])
