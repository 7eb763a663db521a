"""A delivery's request made anew: by the action of then or of now, of the data of then or of now."""

from datetime import datetime

from sqlalchemy import select

from recado.actions.firing import rendered
from recado.actions.models import CustomAction
from recado.actions.request import RequestTemplate
from recado.actions.versions import template_of_version
from recado.conversations.describing import facts_about
from recado.conversations.finding import find_conversation, last_messages
from recado.conversations.recalling import recent_messages
from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.events.models import Event
from recado.lib.facts import Facts
from recado.lib.languages import Sentence, say
from recado.lib.outcomes import Request
from recado.lib.templating import TemplateError
from recado.replays.models import Mode


async def remade(
    tx: Transaction, action: CustomAction, delivery: Delivery, mode: Mode, *, now: datetime
) -> Request | Sentence:
    """The new request, or why there is none."""
    template = action.template if mode.has_action_of_now else await _of_then(tx, action, delivery)
    if template is None:
        return say("How the custom action was then is not kept.")
    if mode.has_data_of_now:
        facts = await _facts_of_now(tx, delivery, now=now)
        if facts is None:
            return say("Its conversation does not exist any more.")
    else:
        facts = await _facts_of_then(tx, delivery)
        if facts is None:
            return say("The data of then are no longer kept.")
    request = rendered(template, facts)
    if isinstance(request, TemplateError):
        return say("The template of the custom action fails with its data.")
    return request


def version_made_with(action: CustomAction, delivery: Delivery, mode: Mode) -> int | None:
    """Which version of the action makes the request anew."""
    return action.version if mode.has_action_of_now else delivery.action_version


async def _of_then(
    tx: Transaction, action: CustomAction, delivery: Delivery
) -> RequestTemplate | None:
    number = delivery.action_version
    return None if number is None else await template_of_version(tx, action, number)


async def _facts_of_then(tx: Transaction, delivery: Delivery) -> Facts | None:
    query = select(Event.facts).where(
        Event.id == delivery.event_id, Event.account_id == delivery.account_id
    )
    facts: Facts | None = await tx.scalar(query)
    return facts


async def _facts_of_now(tx: Transaction, delivery: Delivery, *, now: datetime) -> Facts | None:
    number = delivery.conversation_id
    conversation = await find_conversation(tx, delivery.account_id, number) if number else None
    if conversation is None:
        return None
    recent = await recent_messages(tx, [conversation.id])
    last = (await last_messages(tx, [conversation.id])).get(conversation.id)
    event = {"name": delivery.event, "at": now.isoformat()}
    return {
        **facts_about(conversation, now=now, message=last, recent=recent.get(conversation.id, ())),
        "event": event,
    }
