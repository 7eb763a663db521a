"""What an answer does in its conversation: attributes, note, reply, labels; or what a failure does.

Each thing leaves an outcome that says what it did, kept with the delivery; one that cannot be done
does not stop the next.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from recado.accounts.people import find_membership
from recado.accounts.teams import find_team
from recado.actions.answers import (
    MODELS,
    Answers,
    FieldValue,
    OnFailure,
    Said,
    value_of_field,
)
from recado.contacts.attributes import checked_values
from recado.contacts.models import CustomAttribute
from recado.contacts.saving import ContactDraft, merged, update_contact
from recado.conversations.changing import Change, change_conversation
from recado.conversations.models import Conversation, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Transaction
from recado.events.causes import Cause
from recado.inboxes.opening import answers_in
from recado.lib.facts import Facts
from recado.lib.languages import Sentence, say
from recado.lib.templating import TemplateError, render_text


@dataclass(frozen=True, slots=True)
class AnswerScene:
    """Where an answer is used: the delivery's conversation, found with `for_change`, and the facts
    of its event with `response` in them.
    """

    action_id: int
    answers: Answers
    conversation: Conversation
    definitions: Sequence[CustomAttribute]
    facts: Facts
    cause: Cause
    now: datetime


Done = dict[str, Any]  # {"what", "key", "result": done | unchanged | failed, "value", "sentence"}


async def use_success(tx: Transaction, scene: AnswerScene) -> list[Done]:
    """Do what the action wants done with a successful answer."""
    done = await _keep_fields(tx, scene)
    return done + await _say_and_label(tx, scene, scene.answers.success)


async def use_failure(tx: Transaction, scene: AnswerScene) -> list[Done]:
    """Do what the action wants done when its call has failed for good."""
    wanted = scene.answers.failure
    done = await _say_and_label(tx, scene, wanted)
    if wanted.assignee_id is not None:
        done.append(_told("assignee", await _assign(tx, scene, wanted)))
    if wanted.team_id is not None:
        done.append(_told("team", await _give_to_team(tx, scene, wanted)))
    return done


def values_of_fields(
    answers: Answers,
    definitions: Sequence[CustomAttribute],
    response: dict[str, Any],
    time_zone: str,
) -> list[FieldValue]:
    """What each field of an answer becomes, or why it becomes nothing."""
    known = {(one.model, one.key): one for one in definitions}
    found = []
    for one in answers.fields:
        definition = known.get((MODELS[one.of], one.key))
        made = value_of_field(one, response, definition.kind if definition else None)
        if definition and made.problem is None:
            checked, wrong = checked_values([definition], {one.key: made.value}, time_zone)
            made = FieldValue(one, checked.get(one.key), made.is_missing, wrong.get(one.key))
        found.append(made)
    return found


async def _keep_fields(tx: Transaction, scene: AnswerScene) -> list[Done]:
    zone, response = scene.conversation.account.time_zone, scene.facts["response"]
    made = values_of_fields(scene.answers, scene.definitions, response, zone)
    usable = [one for one in made if one.problem is None and one.value is not None]
    contact = {one.field.key: one.value for one in usable if one.field.of == "contact"}
    own = {one.field.key: one.value for one in usable if one.field.of == "conversation"}
    person = scene.conversation.contact
    if merged(person.custom_attributes, contact) != person.custom_attributes:
        draft = ContactDraft(custom_attributes=contact)
        await update_contact(tx, person, draft, now=scene.now, cause=scene.cause)
    await _change(
        tx, scene, {"custom_attributes": merged(scene.conversation.custom_attributes, own)}
    )
    return [_field_told(one) for one in made]


def _field_told(made: FieldValue) -> Done:
    result = "failed" if made.problem else "done"
    return {
        "what": made.field.of,
        "key": made.field.key,
        "path": made.field.path,
        "is_missing": made.is_missing,
        "result": "missing" if made.is_missing and made.problem else result,
        "value": made.value,
        "sentence": made.problem.as_json() if made.problem else None,
    }


async def _say_and_label(tx: Transaction, scene: AnswerScene, wanted: Said) -> list[Done]:
    done = []
    if wanted.labels:
        labels = [*scene.conversation.labels, *wanted.labels]
        await _change(tx, scene, {"labels": labels})
        done.append(_told("labels", None, key=", ".join(wanted.labels)))
    for what, text in (("note", wanted.note), ("reply", wanted.reply)):
        if text.strip():
            done.append(_told(what, await _post(tx, scene, text, private=what == "note")))
    return done


async def _post(
    tx: Transaction, scene: AnswerScene, text: str, *, private: bool
) -> Sentence | None:
    try:
        content = render_text(text, scene.facts)
    except TemplateError as error:
        return error.sentence
    if not content.strip():
        return say("The text is empty with the data of this conversation.")
    draft = MessageDraft(
        content,
        MessageType.OUTGOING,
        private=private,
        content_attributes={"custom_action_id": scene.action_id},
    )
    await post_message(tx, scene.conversation, draft, cause=scene.cause, now=scene.now)
    return None


async def _assign(tx: Transaction, scene: AnswerScene, wanted: OnFailure) -> Sentence | None:
    conversation = scene.conversation
    member = await find_membership(tx, conversation.account_id, wanted.assignee_id or 0)
    if member is None:
        return say("This agent is no longer in the account.")
    if not await answers_in(tx, member, conversation.inbox_id):
        return say("%(name)s does not answer in this inbox.", name=member.user.name)
    await _change(tx, scene, {"assignee_id": member.user_id})
    return None


async def _give_to_team(tx: Transaction, scene: AnswerScene, wanted: OnFailure) -> Sentence | None:
    team = await find_team(tx, scene.conversation.account_id, wanted.team_id or 0)
    if team is None:
        return say("This team was deleted.")
    await _change(tx, scene, {"team_id": team.id})
    return None


async def _change(tx: Transaction, scene: AnswerScene, change: Change) -> None:
    await change_conversation(tx, scene.conversation, change, cause=scene.cause, now=scene.now)


def _told(what: str, problem: Sentence | None, *, key: str = "") -> Done:
    return {
        "what": what,
        "key": key,
        "result": "failed" if problem else "done",
        "value": None,
        "sentence": problem.as_json() if problem else None,
    }


Use = Callable[[Transaction, AnswerScene], Awaitable[list[Done]]]
USES: Final[dict[str, Use]] = {"success": use_success, "failure": use_failure}
