"""What is going on with a destination, in a word and a sentence."""

from dataclasses import dataclass
from datetime import datetime
from math import floor

from recado.deliveries.destinations import Destination
from recado.deliveries.pacing import FIRST_CONCURRENCY
from recado.deliveries.resting import said_of_rest
from recado.lib.languages import Sentence, say


@dataclass(frozen=True, slots=True)
class LaneOutlook:
    """`code` is for programs; `until` is when it changes by itself."""

    code: str
    label: Sentence
    kind: str  # of the pill
    happens: Sentence
    until: datetime | None = None


def outlook_of(one: Destination, *, now: datetime) -> LaneOutlook:
    """The first of these that holds: put aside, broken, being probed, limited, slowed, free."""
    if one.rests_until is not None:
        told = said_of_rest(one.host, one.rests_by or "Recado")
        return LaneOutlook("resting", say("Put aside"), "warning", told, one.rests_until)
    if one.open_until is not None:
        return _broken(one, one.open_until, now)
    if one.limited_until is not None:
        told = say("It has had as many calls as your rate limit allows; the rest waits.")
        return LaneOutlook("limited", say("At its limit"), "warning", told, one.limited_until)
    at_once = floor(one.concurrency)
    if one.concurrency < FIRST_CONCURRENCY:
        told = say(
            "It did not answer in time or asked for fewer calls: at most %(number)s at once for now, more with each success.",
            number=at_once,
        )
        return LaneOutlook("slowed", say("Slowed"), "warning", told)
    told = say("It takes calls as they come, up to %(number)s at once.", number=at_once)
    return LaneOutlook("free", say("Free"), "success", told)


def _broken(one: Destination, until: datetime, now: datetime) -> LaneOutlook:
    if one.is_probing:
        told = say("Half of the calls to it failed. One call is out to see whether it is back.")
        return LaneOutlook("probing", say("Being tried"), "warning", told)
    if until <= now:
        told = say("Half of the calls to it failed. The next call goes out to see if it is back.")
        return LaneOutlook("probing", say("Being tried"), "warning", told)
    told = say(
        "Half of the calls to it failed, so nothing is sent there for a while; then one call goes out to see. Waiting costs no attempt."
    )
    return LaneOutlook("paused", say("Paused"), "danger", told, until)
