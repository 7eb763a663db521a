"""Verdicts that were not kept, worked out again from an event's facts with the rules as they are now.

Of what did not fire a sample is kept, and not for long; the facts of an event stay and say it all.
What is worked out is marked as such: a rule may have been another one when the event happened.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from recado.automation.conditions import Verdict, Verdicts
from recado.automation.known import Known
from recado.automation.models import AutomationRule, Result, RuleVerdict
from recado.automation.recounting import ResultPill, ToldVerdict, told
from recado.automation.running import CompiledRules, RuleBook, is_automatic_reply, tested
from recado.db.database import Transaction
from recado.events.models import Event
from recado.lib.languages import say

_SHOWN: Final = 10  # verdicts of one event; an account may have a thousand rules
_WOULD_FIRE: Final = ResultPill(say("Would fire today"), "info")
_CHANGED: Final = say(
    "It did not fire then: it was different, or off. As it is today it would have."
)


@dataclass(frozen=True, slots=True)
class Again:
    """What today's rules say of an event whose verdicts were not kept: the nearest to firing first."""

    verdicts: tuple[ToldVerdict, ...] = ()
    others: int = 0  # rules that are not shown


NOTHING: Final = Again()


async def rules_of_today(tx: Transaction, account_id: int) -> CompiledRules | None:
    """The account's active rules, made ready; None where it has none."""
    return (await RuleBook().of(tx, {account_id})).get(account_id)


def work_out(
    event: Event, rules: CompiledRules | None, known: Known, *, kept: Collection[int]
) -> Again:
    """What the rules say of an event, without those of which a verdict was kept.

    Only rules that were there when the event was handled; those made later never waited for it.
    """
    handled = event.processed_at
    if rules is None or handled is None or event.trouble or is_automatic_reply(event):
        return NOTHING
    missing = [
        (rules.rules[rule_id], verdicts)
        for rule_id, verdicts in tested(rules, event)
        if rule_id not in kept and rules.rules[rule_id].created_at <= handled
    ]
    found = sorted((_row(event, *one) for one in missing), key=_distance)
    return Again(tuple(_told(one, known) for one in found[:_SHOWN]), len(found[_SHOWN:]))


def _distance(verdict: RuleVerdict) -> tuple[bool, int]:
    return verdict.result == Result.NOT_MATCHED, verdict.short_by


def _row(event: Event, rule: AutomationRule, verdicts: Verdicts) -> RuleVerdict:
    """A verdict as it would be kept; it belongs to no transaction."""
    verdict = verdicts.verdict(rule.id)
    return RuleVerdict(
        account_id=event.account_id, rule_id=rule.id, rule_name=rule.name, event_id=event.id,
        event_name=rule.event_name, conversation_id=None, result=_result(verdict),
        conditions=list(verdict.trace), short_by=verdict.short_by, created_at=event.created_at,
    )  # fmt: skip


def _result(verdict: Verdict) -> Result:
    if verdict.error is not None:
        return Result.ERROR
    return Result.MATCHED if verdict.matched else Result.NOT_MATCHED


def _told(verdict: RuleVerdict, known: Known) -> ToldVerdict:
    words = told(verdict, known)
    if verdict.result != Result.MATCHED:
        return words
    return replace(words, pill=_WOULD_FIRE, why=_CHANGED)
