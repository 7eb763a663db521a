"""A verdict in words: what each condition asked and found, what each effect did. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from recado.automation.captions import Words, value_label
from recado.automation.catalogue import Attribute, Operator, find_attribute
from recado.automation.conditions import Verdict
from recado.automation.finding import NEARLY
from recado.automation.known import Known
from recado.automation.models import Result, RuleVerdict
from recado.automation.predicates import Misfit, predicate_of
from recado.automation.restraining import Held
from recado.automation.trees import Leaf
from recado.automation.wording import condition_sentence, effect_sentence
from recado.lib.excerpts import shortened
from recado.lib.languages import Sentence, say

_LONGEST: Final = 160  # characters of a value


@dataclass(frozen=True, slots=True)
class ResultPill:
    """How a result looks: its word and its colour."""

    label: Sentence
    kind: str


RESULT_PILLS: Final[Mapping[str, ResultPill]] = {
    Result.MATCHED: ResultPill(say("Fired"), "success"),
    NEARLY: ResultPill(say("Nearly fired"), "info"),
    Result.NOT_MATCHED: ResultPill(say("Did not fire"), ""),
    Result.ERROR: ResultPill(say("Error"), "danger"),
    Result.STOPPED: ResultPill(say("Stopped"), "warning"),
    Result.HELD_BACK: ResultPill(say("Held back"), ""),
    Result.WAITING: ResultPill(say("Waits"), "info"),
}
OUTCOME_PILLS: Final[Mapping[str, ResultPill]] = {
    "done": ResultPill(say("Done"), "success"),
    "unchanged": ResultPill(say("Already so"), ""),
    "skipped": ResultPill(say("Skipped"), "warning"),
    "failed": ResultPill(say("Failed"), "danger"),
}


def result_of(verdict: Verdict) -> Result:
    """What the conditions alone come to; what holds a rule back comes after."""
    if verdict.error is not None:
        return Result.ERROR
    return Result.MATCHED if verdict.matched else Result.NOT_MATCHED


@dataclass(frozen=True, slots=True)
class ToldCondition:
    """What a condition asked, what stood there, and whether it held; None: it could not be tested, and
    `why` it still cannot.
    """

    sentence: Words
    actual: Words
    result: bool | None
    why: Sentence | None = None


@dataclass(frozen=True, slots=True)
class ToldEffect:
    """What an effect was, how it ended, and the delivery or e-mail it left, if any."""

    sentence: Words
    pill: ResultPill
    why: Sentence | None
    delivery_id: int | None
    email_id: int | None = None  # the first, if there are several


@dataclass(frozen=True, slots=True)
class ToldVerdict:
    """A verdict ready to be read."""

    verdict: RuleVerdict
    pill: ResultPill
    conditions: list[ToldCondition]
    effects: list[ToldEffect]
    why: Words = ""  # why it was stopped or held back
    path: tuple[Words, ...] = ()  # of a loop, drawn


def told(verdict: RuleVerdict, known: Known) -> ToldVerdict:
    """A verdict in words, with the names that things have now."""
    return ToldVerdict(
        verdict,
        RESULT_PILLS[verdict.result],
        [_condition(one, known) for one in verdict.conditions],
        [told_effect(one, known) for one in verdict.effects],
        _why(verdict),
        tuple(_path((verdict.reason or {}).get("path", ()))),
    )


def told_effect(kept: Mapping[str, Any], known: Known) -> ToldEffect:
    """An effect with its outcome in words; as the verdict keeps it."""
    why = kept.get("sentence")
    return ToldEffect(
        effect_sentence(kept, known),
        OUTCOME_PILLS[kept["result"]],
        Sentence(**why) if why else None,
        kept.get("delivery_id"),
        next(iter(kept.get("email_ids", ())), None),
    )


def told_value(attribute: Attribute | None, value: Any, known: Known) -> Words:
    """A value of the facts as people know it: a name for an id, at most a line of text."""
    if value in (None, "", []):
        return say("nothing")
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    written = value_label(attribute, value, known) if attribute else str(value)
    return shortened(str(written), _LONGEST)


def _why(verdict: RuleVerdict) -> Words:
    reason: Mapping[str, Any] = verdict.reason or {}
    match reason.get("code"):
        case Held.ONCE:
            return say("It fires only once in each conversation, and has fired in this one.")
        case Held.COOL_DOWN:
            return say("It fired in this conversation a short while ago and pauses.")
        case Held.HOURS:
            return say("It happened outside the hours of the rule.")
        case Held.PASSED_OVER:
            return say(
                "The rule “%(name)s” above it fired and stops the rest.", name=reason["rule"]
            )
        case "fan_out":
            return say(
                "Stopped: one cause had led to %(number)s firings of rules.",
                number=reason["number"],
            )
        case "loop":
            return say(
                "Stopped: a loop, %(turns)s turns in %(seconds)s s.",
                turns=len(reason["path"]),
                seconds=reason["seconds"],
            )
        case _:
            return _OLD_STOP if verdict.result == Result.STOPPED else ""


_OLD_STOP: Final = say("Stopped: rules were answering each other, so the chain ends here.")


def _path(path: Sequence[Mapping[str, Any]]) -> Iterator[Words]:
    """The stations of a loop: rule, and where it went through another system, action and API."""
    for station in path:
        yield say("rule “%(name)s”", name=station["name"])
        if station["via"]:
            yield say("action “%(name)s”", name=station["via"])
            yield "API"


def _condition(line: Mapping[str, Any], known: Known) -> ToldCondition:
    leaf = Leaf(
        line["attribute_key"], line["operator"], line["expected"], line["custom_attribute_type"]
    )
    attribute = find_attribute(leaf.attribute_key, leaf.model, known.custom_attributes)
    return ToldCondition(
        condition_sentence(leaf, known),
        _actual(attribute, leaf.operator, line["actual"], known),
        line["result"],
        _misfit(leaf, known) if line["result"] is None else None,
    )


def _misfit(leaf: Leaf, known: Known) -> Sentence | None:
    found = predicate_of(leaf, known.custom_attributes)
    return found.sentence if isinstance(found, Misfit) else None


def _actual(attribute: Attribute | None, operator: str, actual: Any, known: Known) -> Words:
    if operator != Operator.ATTRIBUTE_CHANGED:
        return told_value(attribute, actual, known)
    if not isinstance(actual, list) or len(actual) != 2:
        return say("it did not change")
    before, after = (told_value(attribute, one, known) for one in actual)
    return say("%(before)s → %(after)s", before=before, after=after)
