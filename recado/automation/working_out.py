"""Verdicts that were not kept, worked out again from an event's facts with the rules as they were then.

Of what did not fire a sample is kept, and not for long; the facts of an event stay and say it all.
A rule that was saved since is taken in the version that was in use when the event was handled; where
none is kept, it is taken as it is today, and says so. Rules that are off today are left out.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from recado.accounts.keeping_versions import versions_since
from recado.accounts.models import Version
from recado.automation.conditions import Verdict, compile_rule, evaluate
from recado.automation.known import Known
from recado.automation.models import AutomationRule, Result, RuleVerdict
from recado.automation.moments import is_moment, rule_due
from recado.automation.recounting import ResultPill, ToldVerdict, result_of, told
from recado.automation.rule_book import CompiledRules, RuleBook
from recado.automation.running import is_automatic_reply
from recado.automation.trees import parse
from recado.automation.versions import KIND
from recado.db.database import Transaction
from recado.events.models import Event
from recado.lib.languages import say

_SHOWN: Final = 10  # verdicts of one event; an account may have a thousand rules
_WOULD_FIRE: Final = ResultPill(say("Would fire today"), "info")
_WOULD_HAVE_FIRED: Final = ResultPill(say("Conditions held"), "info")
_CHANGED: Final = say(
    "It did not fire then: it was different, or off. As it is today it would have."
)
_OFF: Final = say("It did not fire although its conditions held: it was off, or kept back.")
_TODAY: Final = say("How it was then is not known any more: this is the rule as it is today.")


@dataclass(frozen=True, slots=True)
class Again:
    """What the rules say of an event whose verdicts were not kept: the nearest to firing first."""

    verdicts: tuple[ToldVerdict, ...] = ()
    others: int = 0  # rules that are not shown


NOTHING: Final = Again()


@dataclass(frozen=True, slots=True)
class RulesThen:
    """The active rules made ready, and the versions of those that were saved since."""

    today: CompiledRules
    versions: Mapping[int, Sequence[Version]] = field(default_factory=dict)  # newest first

    def version_at(self, event: Event, rule_id: int) -> Version | None:
        """The version that was in use when the event was handled, of a rule that was saved since."""
        handled, versions = event.processed_at, self.versions.get(rule_id, ())
        if handled is None or not versions or versions[0].created_at <= handled:
            return None
        return next((one for one in versions if one.created_at <= handled), None)

    def is_known(self, event: Event, rule: AutomationRule) -> bool:
        """Whether the rule is today as it was when the event was handled."""
        handled, versions = event.processed_at, self.versions.get(rule.id)
        if versions:
            return handled is not None and versions[0].created_at <= handled
        return handled is not None and rule.updated_at <= handled


async def rules_then(tx: Transaction, account_id: int, events: Sequence[Event]) -> RulesThen | None:
    """The account's rules as they were at these events; None where none is active."""
    today = (await RuleBook().of(tx, {account_id})).get(account_id)
    handled = [one.processed_at for one in events if one.processed_at is not None]
    if today is None or not handled:
        return None
    return RulesThen(today, await versions_since(tx, account_id, KIND, min(handled)))


def work_out(
    event: Event, rules: RulesThen | None, known: Known, *, kept: Collection[int]
) -> Again:
    """What the rules say of an event, without those of which a verdict was kept.

    Only rules that were there when the event was handled; those made later never waited for it.
    """
    handled = event.processed_at
    if rules is None or handled is None or event.trouble or is_automatic_reply(event):
        return NOTHING
    rows = [*_of_now(event, rules), *_of_then(event, rules, known)]
    there = {one.id for one in rules.today.rules.values() if one.created_at <= handled} - {*kept}
    found = sorted((one for one in rows if one.rule_id in there), key=_distance)
    return Again(
        tuple(_told(event, one, rules, known) for one in found[:_SHOWN]), len(found[_SHOWN:])
    )


def _of_now(event: Event, rules: RulesThen) -> Iterator[RuleVerdict]:
    found = {
        rule_id: one.verdicts for one in rules.today.test(event) for rule_id in one.group.rule_ids
    }
    for rule_id, verdicts in rules.today.in_order(found):
        if rules.version_at(event, rule_id) is None:
            rule = rules.today.rules[rule_id]
            row = (rule.name, rule.event_name, rule.version)
            yield _row(event, rule_id, row, verdicts.verdict(rule_id))


def _of_then(event: Event, rules: RulesThen, known: Known) -> Iterator[RuleVerdict]:
    due = rule_due(event.name, event.facts)
    for rule_id in rules.today.rules:
        version = rules.version_at(event, rule_id)
        if version is None or due not in {None, rule_id}:
            continue
        saved = version.snapshot
        if is_moment(saved["event_name"], event.name, event.facts):
            compiled = compile_rule(parse(saved["conditions"]), known.custom_attributes)
            row = (saved["name"], saved["event_name"], version.number)
            yield _row(event, rule_id, row, evaluate(compiled, event.facts))


def _distance(verdict: RuleVerdict) -> tuple[bool, int]:
    return verdict.result == Result.NOT_MATCHED, verdict.short_by


def _row(event: Event, rule_id: int, row: tuple[str, str, int], verdict: Verdict) -> RuleVerdict:
    """A verdict as it would be kept, of a rule's name, event and version; of no transaction."""
    name, event_name, number = row
    return RuleVerdict(
        account_id=event.account_id, rule_id=rule_id, rule_name=name, rule_version=number,
        event_id=event.id, event_name=event_name, conversation_id=None, result=result_of(verdict),
        conditions=list(verdict.trace), short_by=verdict.short_by, created_at=event.created_at,
    )  # fmt: skip


def _told(event: Event, verdict: RuleVerdict, rules: RulesThen, known: Known) -> ToldVerdict:
    words = told(verdict, known)
    rule = rules.today.rules[verdict.rule_id]
    is_known = verdict.rule_version != rule.version or rules.is_known(event, rule)
    if verdict.result != Result.MATCHED:
        return words if is_known else replace(words, why=_TODAY)
    if is_known:
        return replace(words, pill=_WOULD_HAVE_FIRED, why=_OFF)
    return replace(words, pill=_WOULD_FIRE, why=_CHANGED)
