"""Trying a rule on one conversation: what it says, condition by condition, and what it would do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select

from recado.automation.captions import Words
from recado.automation.conditions import CompiledConditions, Verdict, compile_rule, evaluate
from recado.automation.known import Known
from recado.automation.looking_back import Case, Past, case_of
from recado.automation.models import Result, RuleVerdict
from recado.automation.moments import is_moment, recorded_as
from recado.automation.recounting import ToldVerdict, result_of, told
from recado.automation.restraining import Restraint, control_from
from recado.automation.saving import RuleDraft
from recado.automation.trees import parse
from recado.automation.wording import effect_sentence
from recado.conversations.describing import facts_about
from recado.conversations.finding import last_messages
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.db.tables import Json
from recado.events.models import Event
from recado.lib.facts import Facts
from recado.lib.languages import Sentence

_EVENTS: Final = 5
_LOOKED_AT: Final = 100  # what was recorded has several meanings, and the past may hold back
_THIS: Final = 1  # the only conversation there is here
NEVER: Final = datetime.min.replace(tzinfo=UTC)  # of what has not happened


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says about one event, or about the conversation as it is now (`case` is None)."""

    case: Case | None
    told: ToldVerdict
    effects: list[Words]  # what it would do; empty where it would not fire


@dataclass(frozen=True, slots=True)
class Trial:
    """What somebody wanted to try, and what came of it."""

    days: int
    number: str  # of a conversation, as typed
    problem: Sentence | None = None
    past: Past | None = None
    judgements: list[Judgement] = field(default_factory=list)


async def judge(
    tx: Transaction, conversation: Conversation, draft: RuleDraft, known: Known, *, now: datetime
) -> list[Judgement]:
    """A draft's verdict on the newest events of a conversation; without any, on how it is now.

    The draft's event and conditions have no problems. Nothing is sent, written or changed.
    """
    trying = _Trying(
        draft, compile_rule(parse(draft.conditions), known.custom_attributes), known,
        Restraint(control_from(draft.control)),
    )  # fmt: skip
    events = await _events(tx, conversation, draft.event_name)
    if not events:
        facts = await _facts_now(tx, conversation, draft.event_name, now)
        return [trying.judgement(None, facts, now)]
    in_order = [trying.judgement(one, one.facts, one.created_at) for one in events[::-1]]
    return in_order[::-1][:_EVENTS]


async def _events(tx: Transaction, conversation: Conversation, event_name: str) -> Sequence[Event]:
    query = (
        select(Event)
        .where(
            Event.account_id == conversation.account_id,
            Event.conversation_id == conversation.id,
            Event.name == recorded_as(event_name),
        )
        .order_by(Event.id.desc())
        .limit(_LOOKED_AT)
    )
    return [one for one in await tx.scalars(query) if is_moment(event_name, one.name, one.facts)]


async def _facts_now(
    tx: Transaction, conversation: Conversation, event_name: str, now: datetime
) -> Facts:
    """The facts as if the event happened at this moment."""
    last = (await last_messages(tx, [conversation.id])).get(conversation.id)
    facts = facts_about(conversation, now=now, message=last)
    return {**facts, "event": {"name": event_name, "at": now.isoformat()}}


@dataclass(frozen=True, slots=True)
class _Trying:
    """A draft made ready, and what it remembers of one event for the next."""

    draft: RuleDraft
    compiled: CompiledConditions
    known: Known
    restraint: Restraint

    def judgement(self, event: Event | None, facts: Facts, at: datetime) -> Judgement:
        verdict = evaluate(self.compiled, facts)
        result, reason = self._result(verdict, at)
        row = RuleVerdict(
            account_id=0, rule_id=0, rule_name=self.draft.name, event_id=event.id if event else 0,
            event_name=self.draft.event_name, conversation_id=None, result=result, reason=reason,
            conditions=list(verdict.trace), short_by=verdict.short_by,
            created_at=event.created_at if event else NEVER,
        )  # fmt: skip
        would = self.draft.effects if result is Result.MATCHED else []
        return Judgement(
            case_of(event) if event else None,
            told(row, self.known),
            [effect_sentence(one, self.known) for one in would],
        )

    def _result(self, verdict: Verdict, at: datetime) -> tuple[Result, Json | None]:
        result = result_of(verdict)
        held = self.restraint.on(at, _THIS) if result is Result.MATCHED else None
        return (Result.HELD_BACK, {"code": held}) if held else (result, None)
