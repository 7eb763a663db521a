"""The effects of a rule: each is done in order, and each leaves an outcome that says what it did.

An effect that cannot be done does not stop the next one.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from recado.accounts.people import find_membership
from recado.accounts.teams import find_team
from recado.actions.firing import FiredBy, fire
from recado.actions.saving import find_action
from recado.automation.effect_names import EffectName
from recado.automation.models import AutomationRule
from recado.conversations.changing import Change, change_conversation
from recado.conversations.models import Conversation, Message, MessageType, Status
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Transaction
from recado.deliveries.states import State
from recado.events.causes import Cause
from recado.inboxes.opening import inbox_member_ids
from recado.lib.facts import Facts
from recado.lib.languages import Sentence, say
from recado.lib.templating import TemplateError, render_message


@dataclass(frozen=True, slots=True)
class Scene:
    """Where effects happen: the event's conversation, found with `for_change`, and its facts."""

    rule: AutomationRule
    conversation: Conversation
    facts: Facts
    event_id: int
    cause: Cause
    now: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an effect did: "done", "unchanged" (already so), "skipped" or "failed", and why."""

    result: str
    sentence: Sentence | None = None
    delivery_id: int | None = None


DONE: Final = Outcome("done")
UNCHANGED: Final = Outcome("unchanged")


async def have_effects(tx: Transaction, scene: Scene) -> list[dict[str, Any]]:
    """Do all effects of the scene's rule, in order; each with its outcome, as the verdict keeps it."""
    kept = []
    for effect in scene.rule.effects:
        outcome = await _EFFECTS[EffectName(effect["action_name"])](
            tx, scene, effect["action_params"]
        )
        kept.append({**effect, **_as_json(outcome)})
    return kept


def _as_json(outcome: Outcome) -> dict[str, Any]:
    sentence = outcome.sentence
    return {
        "result": outcome.result,
        "sentence": {"text": sentence.text, "values": dict(sentence.values)} if sentence else None,
        "delivery_id": outcome.delivery_id,
    }


async def _change(tx: Transaction, scene: Scene, change: Change) -> Outcome:
    changes = await change_conversation(
        tx, scene.conversation, change, cause=scene.cause, now=scene.now
    )
    return DONE if changes else UNCHANGED


async def _assign_agent(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    wanted = params[0]
    if wanted == "nil":
        return await _change(tx, scene, {"assignee_id": None})
    if wanted == "last_responding_agent":
        wanted = await _last_replier(tx, scene.conversation)
        if wanted is None:
            return Outcome("skipped", say("Nobody has replied yet."))
    member = await find_membership(tx, scene.conversation.account_id, int(wanted))
    if member is None:
        return Outcome("failed", say("This agent is no longer in the account."))
    answers = member.is_administrator or member.user_id in await inbox_member_ids(
        tx, scene.conversation.inbox_id
    )
    if not answers:
        return Outcome(
            "skipped", say("%(name)s does not answer in this inbox.", name=member.user.name)
        )
    return await _change(tx, scene, {"assignee_id": member.user_id})


async def _last_replier(tx: Transaction, conversation: Conversation) -> int | None:
    query = (
        select(Message.sender_user_id)
        .where(
            Message.conversation_id == conversation.id,
            Message.message_type == MessageType.OUTGOING,
            Message.private.is_(False),
            Message.sender_user_id.is_not(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    return await tx.scalar(query)


async def _assign_team(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    wanted = params[0] if params else "nil"
    if wanted in {"nil", 0, "0", "", None}:
        return await _change(tx, scene, {"team_id": None})
    team = await find_team(tx, scene.conversation.account_id, int(wanted))
    if team is None:
        return Outcome("failed", say("This team was deleted."))
    return await _change(tx, scene, {"team_id": team.id})


async def _remove_agent(tx: Transaction, scene: Scene, _: list[Any]) -> Outcome:
    return await _change(tx, scene, {"assignee_id": None})


async def _remove_team(tx: Transaction, scene: Scene, _: list[Any]) -> Outcome:
    return await _change(tx, scene, {"team_id": None})


async def _add_label(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    return await _change(tx, scene, {"labels": [*scene.conversation.labels, *params]})


async def _remove_label(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    gone = {str(one).lower() for one in params}
    return await _change(
        tx, scene, {"labels": [one for one in scene.conversation.labels if one not in gone]}
    )


async def _change_status(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    return await _change(tx, scene, {"status": Status(params[0])})


def _to_status(status: Status) -> "Effect":
    async def effect(tx: Transaction, scene: Scene, _: list[Any]) -> Outcome:
        return await _change(tx, scene, {"status": status})

    return effect


async def _change_priority(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    return await _change(tx, scene, {"priority": None if params[0] == "nil" else str(params[0])})


async def _mute(tx: Transaction, scene: Scene, _: list[Any]) -> Outcome:
    return await _change(tx, scene, {"is_muted": True, "status": Status.RESOLVED})


def _saying(*, private: bool) -> "Effect":
    async def effect(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
        try:
            content = render_message(str(params[0]), scene.facts)
        except TemplateError as error:
            return Outcome("failed", error.sentence)
        if not content.strip():
            return Outcome("skipped", say("The text is empty with the data of this conversation."))
        draft = MessageDraft(
            content,
            MessageType.OUTGOING,
            private=private,
            content_attributes={"automation_rule_id": scene.rule.id},
        )
        await post_message(tx, scene.conversation, draft, cause=scene.cause, now=scene.now)
        return DONE

    return effect


async def _send_custom_action(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    action = await find_action(tx, scene.conversation.account_id, int(params[0]))
    if action is None:
        return Outcome("failed", say("The custom action was deleted."))
    by = FiredBy(scene.rule.id, scene.rule.name, scene.event_id)
    delivery = await fire(tx, action, scene.facts, by, now=scene.now)
    match State(delivery.state):
        case State.PENDING:
            return Outcome("done", delivery_id=delivery.id)
        case State.SKIPPED:
            return Outcome("skipped", say("The custom action is not active."), delivery.id)
        case _:
            return Outcome(
                "failed", say("The request could not be made from its template."), delivery.id
            )


Effect = Callable[[Transaction, Scene, list[Any]], Awaitable[Outcome]]

_EFFECTS: Final[Mapping[EffectName, Effect]] = {
    EffectName.ASSIGN_AGENT: _assign_agent,
    EffectName.ASSIGN_TEAM: _assign_team,
    EffectName.REMOVE_ASSIGNED_AGENT: _remove_agent,
    EffectName.REMOVE_ASSIGNED_TEAM: _remove_team,
    EffectName.ADD_LABEL: _add_label,
    EffectName.REMOVE_LABEL: _remove_label,
    EffectName.CHANGE_STATUS: _change_status,
    EffectName.CHANGE_PRIORITY: _change_priority,
    EffectName.RESOLVE_CONVERSATION: _to_status(Status.RESOLVED),
    EffectName.OPEN_CONVERSATION: _to_status(Status.OPEN),
    EffectName.PENDING_CONVERSATION: _to_status(Status.PENDING),
    EffectName.SNOOZE_CONVERSATION: _to_status(Status.SNOOZED),
    EffectName.MUTE_CONVERSATION: _mute,
    EffectName.SEND_MESSAGE: _saying(private=False),
    EffectName.ADD_PRIVATE_NOTE: _saying(private=True),
    EffectName.SEND_CUSTOM_ACTION: _send_custom_action,
}
