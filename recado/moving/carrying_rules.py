"""Carrying automation rules over: the same rule with our numbers in it, switched off until somebody looks.

Conditions are read as they are meant there, AND binding tighter than OR, since that is how a flat list
is read here. A condition that cannot be carried keeps its rule away: without it the rule would fire
more often. An effect that cannot be carried is left out, and told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from recado.automation.effect_names import EffectName
from recado.automation.knowing import known_of
from recado.automation.known import Known
from recado.automation.naming import NamedRule, swapped
from recado.automation.saving import RuleDraft, create_rule, rule_problems
from recado.automation.values import as_id
from recado.automation.versions import keep_rule_version
from recado.chatwoot.models import ChatwootServer, Kind
from recado.chatwoot.reading import Json
from recado.chatwoot.remembering import Carried, local_ids
from recado.db.database import Transaction
from recado.lib.languages import Sentence, say

_KINDS: Final = (Kind.INBOX, Kind.AGENT, Kind.TEAM)


_BOUND: Final = frozenset({"send_attachment"})  # what it sends lies over there


@dataclass(slots=True)
class _Missing:
    """Which of their numbers stand for nothing here."""

    numbers: list[str] = field(default_factory=list)

    def swap(self, value: Any, names: Mapping[int, str]) -> Any:
        """Ours for one of theirs; what is no number ("nil") stays."""
        number = as_id(value)
        if number is None:
            return value
        if number not in names:
            self.numbers.append(str(number))
            return value
        return int(names[number])


async def carry_rule(
    tx: Transaction, server: ChatwootServer, item: Json, *, now: datetime
) -> Carried:
    """An automation rule, switched off."""
    ours = {kind: await local_ids(tx, server.id, kind) for kind in _KINDS}
    draft, notes = translated(item, _as_known(ours))
    if draft is None:
        return Carried(None, notes)
    problems = rule_problems(draft, await known_of(tx, server.account_id))
    if problems:
        return Carried(None, notes + [
            say("%(place)s: %(why)s", place=one.field, why=one.sentence) for one in problems
        ])  # fmt: skip
    rule = await create_rule(tx, server.account_id, draft, now=now)
    await keep_rule_version(tx, rule, by=None, now=now)
    return Carried(rule.id, notes)


def translated(item: Json, ours: Known) -> tuple[RuleDraft | None, list[Sentence]]:
    """A rule of theirs as a draft of ours, or None; and what was left out. Pure.

    `ours` holds, under each of their numbers, ours as text.
    """
    effects, notes = _known_effects(item.get("actions"))
    missing = _Missing()
    rule = swapped(NamedRule(item.get("conditions"), effects), ours, missing.swap)
    rule = NamedRule(rule.conditions, _with_teams(rule.effects, ours, missing))
    if missing.numbers:
        named = ", ".join(dict.fromkeys(missing.numbers))
        return None, [*notes, say("It names what was not carried: %(numbers)s.", numbers=named)]
    if not effects:
        return None, [*notes, say("Nothing of what it does exists here.")]
    draft = RuleDraft(
        name=str(item.get("name") or ""),
        event_name=str(item.get("event_name") or ""),
        conditions=rule.conditions if isinstance(rule.conditions, list) else [],
        effects=rule.effects,
        description=str(item.get("description") or ""),
        is_active=False,
        delay_minutes=item.get("execution_delay"),
    )
    return draft, notes


def _known_effects(given: Any) -> tuple[list[Any], list[Sentence]]:
    """Those that exist here, and a sentence for each that does not."""
    effects, notes = [], []
    for one in given if isinstance(given, list) else []:
        name = str(one.get("action_name")) if isinstance(one, dict) else "?"
        if name in set(EffectName) and name not in _BOUND:
            effects.append(one)
        else:
            notes.append(say("What it does by “%(name)s” was left out.", name=name))
    return effects, notes


def _with_teams(effects: list[Any], ours: Known, missing: _Missing) -> list[Any]:
    """Also in effects that name several teams: `[{"team_ids": […], …}]`."""
    return [{**one, "action_params": _team_params(one, ours, missing)} for one in effects]


def _team_params(effect: Any, ours: Known, missing: _Missing) -> Any:
    params = effect.get("action_params")
    if not isinstance(params, list):
        return params
    return [
        {**one, "team_ids": [missing.swap(team, ours.teams) for team in one["team_ids"]]}
        if isinstance(one, dict) and isinstance(one.get("team_ids"), list)
        else one
        for one in params
    ]


def _as_known(ours: Mapping[Kind, Mapping[int, int]]) -> Known:
    """Never an empty list: a kind without anything is a kind all the same."""
    inboxes, agents, teams = (
        {0: ""} | {theirs: str(number) for theirs, number in ours[kind].items()} for kind in _KINDS
    )
    return Known(inboxes=inboxes, agents=agents, teams=teams)
