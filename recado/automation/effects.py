"""The effects of a rule: each is done in order, and each leaves an outcome that says what it did.

An effect that cannot be done does not stop the next one.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select

from recado.accounts.people import find_membership
from recado.accounts.teams import find_team
from recado.actions.firing import FiredBy, fire
from recado.actions.saving import find_actions
from recado.automation.catalogue import NONE
from recado.automation.effect_names import LAST_RESPONDING_AGENT, EffectName
from recado.automation.effect_reading import actions_in, needs_conversation
from recado.automation.effects_by_mail import email_team, email_transcript
from recado.automation.models import AutomationRule
from recado.automation.scenes import DONE, UNCHANGED, Done, Effect, Outcome, Scene, Stage
from recado.automation.values import as_written
from recado.contacts.attributes import account_values, attributes_of
from recado.contacts.models import AttributeModel
from recado.contacts.saving import ContactDraft, find_contact, merged, update_contact
from recado.conversations.changing import Change, change_conversation
from recado.conversations.finding import find_conversations_for_change
from recado.conversations.models import Conversation, Message, MessageType, Status
from recado.conversations.posting import MessageDraft, StoredFile, post_message
from recado.conversations.snoozing import snoozed_until
from recado.conversations.uploading import find_uploads, stored_file
from recado.db.database import Transaction
from recado.deliveries.explaining import explain
from recado.deliveries.states import State
from recado.events.models import Event
from recado.inboxes.opening import answers_in
from recado.lib.languages import Sentence, say
from recado.lib.templating import TemplateError, render_message, render_value
from recado.webhooks.telling import ByRule, tell_by_rule


async def set_stage(tx: Transaction, acting: Sequence[tuple[Event, AutomationRule]]) -> Stage:
    """Read what these rules need to have their effects on these events.

    Conversations that an effect may change are locked in one order, so that two workers never wait
    for each other.
    """
    changing = {event.conversation_id or 0 for event, rule in acting if _changes(rule)}
    called = {one for _, rule in acting for one in actions_in(rule.effects)}
    return Stage(await find_conversations_for_change(tx, changing), await find_actions(tx, called))


def _changes(rule: AutomationRule) -> bool:
    return any(needs_conversation(EffectName(one["action_name"]), one) for one in rule.effects)


async def have_effects(tx: Transaction, scene: Scene) -> list[Done]:
    """Do all effects of the scene's rule, in order; each with its outcome."""
    effects = scene.rule.effects if scene.rule else []
    return await have_effects_by_hand(tx, scene, effects)


async def have_effects_by_hand(
    tx: Transaction, scene: Scene, effects: Sequence[Mapping[str, Any]]
) -> list[Done]:
    """Do these effects, which were checked, in order; each with its outcome."""
    return [Done(effect, await _have(tx, scene, effect)) for effect in effects]


async def _have(tx: Transaction, scene: Scene, effect: Mapping[str, Any]) -> Outcome:
    name = EffectName(effect["action_name"])
    is_there = scene.event.conversation_id in scene.stage.conversations
    if not is_there and needs_conversation(name, effect):
        return Outcome("failed", _why_nowhere(scene))
    return await _EFFECTS[name](tx, scene, effect.get("action_params") or [])


def _why_nowhere(scene: Scene) -> Sentence:
    if scene.event.conversation_id is None:
        return say("This event is about a contact alone: there is no conversation.")
    return say("The conversation was deleted.")


async def _change(tx: Transaction, scene: Scene, change: Change) -> Outcome:
    changes = await change_conversation(
        tx, scene.conversation, change, cause=scene.cause, now=scene.now
    )
    return DONE if changes else UNCHANGED


async def _assign_agent(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    wanted = params[0]
    if wanted == NONE:
        return await _change(tx, scene, {"assignee_id": None})
    if wanted == LAST_RESPONDING_AGENT:
        wanted = await _last_replier(tx, scene.conversation)
        if wanted is None:
            return Outcome("skipped", say("Nobody has replied yet."))
    member = await find_membership(tx, scene.conversation.account_id, int(wanted))
    if member is None:
        return Outcome("failed", say("This agent is no longer in the account."))
    if not await answers_in(tx, member, scene.conversation.inbox_id):
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
    wanted = params[0] if params else NONE
    if wanted in {NONE, 0, "0", "", None}:
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


def _to_status(status: Status) -> Effect:
    async def effect(tx: Transaction, scene: Scene, _: list[Any]) -> Outcome:
        return await _change(tx, scene, {"status": status})

    return effect


async def _change_priority(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    return await _change(tx, scene, {"priority": None if params[0] == NONE else str(params[0])})


async def _mute(tx: Transaction, scene: Scene, _: list[Any]) -> Outcome:
    return await _change(tx, scene, {"is_muted": True, "status": Status.RESOLVED})


async def _snooze(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    wanted = str(params[0]) if params and params[0] is not None else ""
    zone = scene.conversation.account.time_zone
    until = snoozed_until(wanted, now=scene.now, zone=zone)
    return await _change(tx, scene, {"status": Status.SNOOZED, "snoozed_until": until})


async def _set_attribute(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    given = params[0]
    key, model = given["attribute_key"], AttributeModel(given["custom_attribute_type"])
    definitions = await attributes_of(tx, scene.event.account_id, model)
    definition = next((one for one in definitions if one.key == key), None)
    if definition is None:
        return Outcome("failed", say("This custom attribute was deleted."))
    try:
        value = render_value(as_written(given.get("value")).strip(), scene.facts)
    except TemplateError as error:
        return Outcome("failed", error.sentence)
    values, wrong = await account_values(tx, scene.event.account_id, [definition], {key: value})
    if wrong:
        shown = str(value)[:100]
        return Outcome(
            "failed",
            say(
                "“%(value)s” is not a value of %(attribute)s.",
                value=shown,
                attribute=definition.name,
            ),
        )
    return await _keep_attribute(tx, scene, model, values)


async def _keep_attribute(
    tx: Transaction, scene: Scene, model: AttributeModel, values: dict[str, Any]
) -> Outcome:
    if model == AttributeModel.CONVERSATION:
        kept = merged(scene.conversation.custom_attributes, values)
        return await _change(tx, scene, {"custom_attributes": kept})
    contact_id = (scene.facts.get("contact") or {}).get("id") or 0
    contact = await find_contact(tx, scene.event.account_id, contact_id, for_change=True)
    if contact is None:
        return Outcome("failed", say("The contact was deleted."))
    draft = ContactDraft(custom_attributes=values)
    changes = await update_contact(tx, contact, draft, now=scene.now, cause=scene.cause)
    return DONE if changes else UNCHANGED


def _saying(*, private: bool) -> Effect:
    async def effect(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
        try:
            content = render_message(str(params[0]), scene.facts)
        except TemplateError as error:
            return Outcome("failed", error.sentence)
        if not content.strip():
            return Outcome("skipped", say("The text is empty with the data of this conversation."))
        draft = _draft(scene, content, private=private)
        await post_message(tx, scene.conversation, draft, cause=scene.cause, now=scene.now)
        return DONE

    return effect


async def _send_files(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    wanted = [int(one) for one in params]
    uploads = await find_uploads(tx, scene.conversation.account_id, wanted)
    if len(uploads) < len(set(wanted)):
        return Outcome("failed", say("The file was deleted."))
    files = tuple(stored_file(one) for one in uploads)
    await post_message(
        tx, scene.conversation, _draft(scene, "", files), cause=scene.cause, now=scene.now
    )
    return DONE


def _draft(
    scene: Scene, content: str, files: tuple[StoredFile, ...] = (), *, private: bool = False
) -> MessageDraft:
    """A message by the rule, which it names, or by the person who ran a macro."""
    return MessageDraft(
        content, MessageType.OUTGOING, private=private, sender=scene.person, files=files,
        content_attributes={"automation_rule_id": scene.rule.id} if scene.rule else {},
    )  # fmt: skip


async def _send_custom_action(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    action = scene.stage.actions.get(int(params[0]))
    if action is None or action.account_id != scene.event.account_id:
        return Outcome("failed", say("The custom action was deleted."))
    rule = scene.rule
    by = FiredBy(rule.id, rule.name, scene.event.id, rule.version) if rule else FiredBy()
    delivery = await fire(tx, action, scene.facts, by, now=scene.now)
    state = State(delivery.state)
    why = None if state is State.PENDING else explain(state, delivery.reason).happened
    return Outcome(_FIRED.get(state, "failed"), why, delivery)


_FIRED: Final = {State.PENDING: "done", State.HELD: "done", State.SKIPPED: "skipped"}


async def _send_webhook(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    if scene.rule is None:
        return Outcome("skipped", say("By hand no webhook event is sent: use a custom action."))
    rule = ByRule(scene.rule.id, scene.rule.name, scene.rule.event_name, str(params[0]).strip())
    return Outcome("done", delivery=await tell_by_rule(tx, scene.event, rule, now=scene.now))


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
    EffectName.SNOOZE_CONVERSATION: _snooze,
    EffectName.MUTE_CONVERSATION: _mute,
    EffectName.SEND_MESSAGE: _saying(private=False),
    EffectName.ADD_PRIVATE_NOTE: _saying(private=True),
    EffectName.SEND_CUSTOM_ACTION: _send_custom_action,
    EffectName.SET_CUSTOM_ATTRIBUTE: _set_attribute,
    EffectName.SEND_WEBHOOK_EVENT: _send_webhook,
    EffectName.SEND_ATTACHMENT: _send_files,
    EffectName.SEND_EMAIL_TRANSCRIPT: email_transcript,
    EffectName.SEND_EMAIL_TO_TEAM: email_team,
}
