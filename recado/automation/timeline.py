"""The story of a conversation: each event, what every rule decided about it, and what was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from recado.accounts.models import User
from recado.automation.captions import Words, event_label
from recado.automation.catalogue import STANDARD
from recado.automation.known import Known
from recado.automation.models import AutomationRule, RuleVerdict
from recado.automation.recounting import ToldVerdict, told, told_value
from recado.automation.running import is_automatic_reply
from recado.automation.working_out import NOTHING, Again, rules_then, work_out
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.events.causes import Actor, Cause, cause_from
from recado.events.models import Event
from recado.events.names import NoticeName
from recado.lib.excerpts import shortened
from recado.lib.languages import say

PAGE: Final = 20  # events
_LONGEST: Final = 200  # characters of a message
_PASSING: Final = (NoticeName.CONVERSATION_TYPING_ON, NoticeName.CONVERSATION_TYPING_OFF)
_COLUMNS: Final = {"assignee_id", "team_id", "inbox_id", "status", "priority", "labels"}


@dataclass(frozen=True, slots=True)
class Moment:
    """An event as it is told: who did it, what was said or changed, what the rules made of it."""

    event: Event
    label: Words
    who: Words
    said: str  # the message, in one line; "" where there is none
    changes: list[Words]
    verdicts: list[ToldVerdict]
    again: Again = NOTHING  # the verdicts that were not kept
    is_answered: bool = True  # rules are tested on it; never on an automatic reply


@dataclass(frozen=True, slots=True)
class Story:
    """A page of moments, newest first; `before` leads to older ones, None at the end."""

    moments: list[Moment]
    deliveries: Mapping[int, Delivery]
    before: int | None


async def story_of(
    tx: Transaction, conversation: Conversation, known: Known, *, before: int | None = None
) -> Story:
    """What happened in a conversation and what came of it, newest first."""
    events = await _events(tx, conversation, before)
    page = events[:PAGE]
    verdicts = await _verdicts(tx, conversation, page)
    names = await _names(tx, conversation, [cause_from(one.cause) for one in page])
    rules = await rules_then(tx, conversation.account_id, page)
    moments = []
    for event in page:
        kept = [one for one in verdicts if one.event_id == event.id]
        again = work_out(event, rules, known, kept={one.rule_id for one in kept})
        who = _who(cause_from(event.cause), event, names)
        moments.append(_moment(event, who, kept, again, known))
    return Story(
        moments,
        await _deliveries(tx, conversation, verdicts),
        page[-1].id if len(events) > PAGE else None,
    )


def _moment(
    event: Event, who: Words, kept: Sequence[RuleVerdict], again: Again, known: Known
) -> Moment:
    return Moment(
        event, event_label(event.name, event.facts), who, _said(event), _changes(event, known), [told(one, known) for one in kept],
        again, not is_automatic_reply(event),
    )  # fmt: skip


async def _events(tx: Transaction, conversation: Conversation, before: int | None) -> list[Event]:
    query = select(Event).where(
        Event.account_id == conversation.account_id,
        Event.conversation_id == conversation.id,
        Event.name.not_in(_PASSING),
    )
    if before is not None:
        query = query.where(Event.id < before)
    return list(await tx.scalars(query.order_by(Event.id.desc()).limit(PAGE + 1)))


async def _verdicts(
    tx: Transaction, conversation: Conversation, events: Sequence[Event]
) -> list[RuleVerdict]:
    query = select(RuleVerdict).where(
        RuleVerdict.account_id == conversation.account_id,
        RuleVerdict.conversation_id == conversation.display_id,
        RuleVerdict.event_id.in_([one.id for one in events]),
    )
    return list(await tx.scalars(query.order_by(RuleVerdict.id)))


async def _deliveries(
    tx: Transaction, conversation: Conversation, verdicts: Sequence[RuleVerdict]
) -> dict[int, Delivery]:
    ids = {one.get("delivery_id") for verdict in verdicts for one in verdict.effects}
    query = (
        select(Delivery)
        .where(
            Delivery.account_id == conversation.account_id,
            Delivery.id.in_([one for one in ids if one is not None]),
        )
        .options(selectinload(Delivery.attempts))
    )
    return {one.id: one for one in await tx.scalars(query)}


async def _names(
    tx: Transaction, conversation: Conversation, causes: Sequence[Cause]
) -> dict[tuple[str, int], str]:
    """The names of the people and rules behind these causes, as they are now."""
    people = {one.user_id for one in causes if one.user_id is not None}
    rules = {one.id for one in causes if one.actor is Actor.RULE and one.id is not None}
    found = await tx.execute(select(User.id, User.name).where(User.id.in_(people)))
    names = {("user", row[0]): row[1] for row in found}
    query = select(AutomationRule.id, AutomationRule.name).where(
        AutomationRule.account_id == conversation.account_id, AutomationRule.id.in_(rules)
    )
    return names | {("rule", row[0]): row[1] for row in await tx.execute(query)}


def _who(cause: Cause, event: Event, names: Mapping[tuple[str, int], str]) -> Words:
    match cause.actor:
        case Actor.CONTACT:
            return str((event.facts.get("contact") or {}).get("name") or say("The contact"))
        case Actor.PERSON:
            return names.get(("user", cause.id or 0), "") or say("somebody who left")
        case Actor.TOKEN:
            name = names.get(("user", cause.id or 0), "")
            return say("%(name)s, through the API", name=name or "?")
        case Actor.BOT:
            return say("A bot, through the API")
        case Actor.RULE:
            name = names.get(("rule", cause.id or 0), "")
            return say("rule “%(name)s”", name=name) if name else say("a deleted rule")
        case Actor.SYSTEM:
            return "Recado"
        case Actor.CHATWOOT:
            return "Chatwoot"


def _said(event: Event) -> str:
    content = (event.facts.get("message") or {}).get("content") or ""
    return shortened(str(content), _LONGEST)


def _changes(event: Event, known: Known) -> list[Words]:
    changes: dict[str, Any] = event.facts.get("changes") or {}
    return [
        say(
            "%(attribute)s: %(before)s → %(after)s",
            attribute=STANDARD[name].label,
            before=told_value(STANDARD[name], pair[0], known),
            after=told_value(STANDARD[name], pair[1], known),
        )
        for name, pair in changes.items()
        if name in _COLUMNS
    ]
