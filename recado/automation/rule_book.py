"""The active rules of accounts, made ready once and kept until an account's version of them grows."""

from collections import ChainMap
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from recado.automation.conditions import RuleSet, Verdicts, compile_rule
from recado.automation.knowing import definitions_of
from recado.automation.models import AutomationRule
from recado.automation.moments import moments_of, rule_due
from recado.automation.restraining import control_from
from recado.automation.saving import rules_of
from recado.automation.tallying import Group, Sample, group_of
from recado.automation.trees import parse
from recado.automation.understanding import is_understood
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.events.models import Event

_HOUR: Final = 3600.0  # seconds
_VERSIONS: Final = Direct("select id, rules_version from accounts where id = any(:ids::bigint[])")


@dataclass(frozen=True, slots=True)
class Tested:
    """A group of rules on an event: what its set found."""

    group: Group
    verdicts: Verdicts

    @property
    def telling(self) -> list[int]:
        """The rules that hold, or that could not be tested."""
        return [one for one in self.verdicts.telling if one in self.group.rule_ids]


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """The active rules of an account in their order, and what tests those of each event.

    `is_strange`: some of them were made by a newer Recado, and none is tested here. `mindful` are
    those that must know when they last fired.
    """

    version: int
    rules: dict[int, AutomationRule]
    sets: dict[str, RuleSet]
    is_strange: bool = False
    groups: dict[str, Group] = field(init=False)
    mindful: frozenset[int] = field(init=False)
    _places: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        groups = {name: group_of(one.rules) for name, one in self.sets.items()}
        mindful = (one.id for one in self.rules.values() if control_from(one.control).remembers)
        object.__setattr__(self, "groups", groups)
        object.__setattr__(self, "mindful", frozenset(mindful))
        object.__setattr__(self, "_places", {one: at for at, one in enumerate(self.rules)})

    def test(self, event: Event) -> list[Tested]:
        """Test every rule that waits for what happened; what it costs does not grow with their number,
        as long as nobody asks for the verdicts of all.
        """
        if rule_id := rule_due(event.name, event.facts):
            rule = self.rules.get(rule_id)
            found = [(group_of([rule_id]), self.sets[rule.event_name])] if rule else []
        else:
            moments = moments_of(event.name, event.facts)
            found = [(self.groups[one], self.sets[one]) for one in moments if one in self.sets]
        return [Tested(group, rule_set.test(event.facts)) for group, rule_set in found]

    def in_order(self, found: Mapping[int, Verdicts]) -> Iterator[tuple[int, Verdicts]]:
        """What was found, in the order of the rules."""
        return ((one, found[one]) for one in sorted(found, key=self._places.__getitem__))


class RuleBook:
    """The compiled rules of every account seen, each compiled anew once its version has grown.

    Those of an account in which nothing happens for an hour or two are forgotten: ten rules are 90 KiB.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.sample = Sample()
        self._clock = clock
        self._recent: dict[int, CompiledRules] = {}  # used since the hour began
        self._older: dict[int, CompiledRules] = {}  # and in the one before
        self._strange: set[int] = set()
        self._hour_ends = clock() + _HOUR

    async def of(self, tx: Transaction, account_ids: Collection[int]) -> dict[int, CompiledRules]:
        """The accounts' active rules as they are in this transaction."""
        return await self.at(tx, dict(await _VERSIONS.rows(tx, ids=list(account_ids))))

    async def at(self, tx: Transaction, versions: Mapping[int, int]) -> dict[int, CompiledRules]:
        """The same, where the accounts' versions of their rules have just been read."""
        self._forget()
        known = self._known()
        for account_id, version in versions.items():
            compiled = known.get(account_id)
            if compiled is None or compiled.version != version:
                compiled = await _compile(tx, account_id, version)
            self._recent[account_id] = compiled
            note = self._strange.add if compiled.is_strange else self._strange.discard
            note(account_id)
        return self.seen(versions)

    def seen(self, account_ids: Collection[int]) -> dict[int, CompiledRules]:
        """The same as they were when they were last read."""
        known = self._known()
        return {one: known[one] for one in account_ids if one in known}

    async def strange(self, tx: Transaction) -> set[int]:
        """The accounts, of those seen, whose rules this version does not understand."""
        if self._strange:
            await self.of(tx, set(self._strange))
        return set(self._strange)

    def _known(self) -> ChainMap[int, CompiledRules]:
        return ChainMap(self._recent, self._older)

    def _forget(self) -> None:
        if self._clock() >= self._hour_ends:
            self._recent, self._older = {}, self._recent
            self._hour_ends = self._clock() + _HOUR


async def _compile(tx: Transaction, account_id: int, version: int) -> CompiledRules:
    definitions = await definitions_of(tx, account_id)
    rules = {rule.id: rule for rule in await rules_of(tx, account_id) if rule.is_active}
    by_event: dict[str, dict[int, Any]] = {}
    for rule in rules.values():
        tx.expunge(rule)  # kept beyond this transaction
    if not all(map(is_understood, rules.values())):
        return CompiledRules(version, rules, {}, is_strange=True)
    for rule in rules.values():
        compiled = compile_rule(parse(rule.conditions), definitions)
        by_event.setdefault(rule.event_name, {})[rule.id] = compiled
    return CompiledRules(version, rules, {name: RuleSet(found) for name, found in by_event.items()})
