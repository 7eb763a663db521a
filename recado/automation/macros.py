"""Macros: effects that a person has by hand on a conversation, as themselves.

A personal one is its author's alone; a shared one is seen by all, and changed by its author and by
administrators. What a macro does was done by the person who ran it: rules answer it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from recado.accounts.colliding import Collision
from recado.accounts.models import Membership
from recado.actions.saving import find_actions
from recado.automation.effect_checking import effect_problems
from recado.automation.effect_names import SELF, EffectName
from recado.automation.effect_reading import actions_in
from recado.automation.effects import have_effects_by_hand
from recado.automation.known import Known, Problem, problem
from recado.automation.models import Macro
from recado.automation.scenes import Done, Scene, Stage
from recado.automation.wording import effects_sentence
from recado.conversations.describing import facts_about
from recado.conversations.finding import last_messages
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause
from recado.events.models import Event
from recado.lib.languages import Sentence, say
from recado.lib.names import name_problem

EVENT: Final = "macro.executed"  # what the facts call it


class Visibility(StrEnum):
    """Who sees a macro; the API shows these names."""

    PERSONAL = "personal"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class MacroDraft:
    """A macro as somebody wrote it, unchecked."""

    name: str
    visibility: str = Visibility.PERSONAL
    effects: list[Any] = field(default_factory=list)


def macro_problems(draft: MacroDraft, known: Known, member: Membership) -> list[Problem]:
    """Everything wrong with a macro, each by its field. An empty list: it may be saved."""
    unnamed = name_problem(draft.name)
    problems = [problem("name", unnamed)] if unnamed else []
    if draft.visibility not in set(Visibility):
        problems.append(problem("visibility", say("Choose who sees it.")))
    effects = draft.effects
    if isinstance(effects, list):
        effects = [_as(member.user_id, one) for one in effects]
    return problems + effect_problems(effects, known)


async def save_macro(
    tx: Transaction, macro: Macro | None, draft: MacroDraft, member: Membership, *, now: datetime
) -> Macro:
    """Make or change a macro without problems. Agents' own are always personal."""
    if macro is None:
        macro = Macro(
            account_id=member.account_id, name="", effects=[], created_by_id=member.user_id,
            updated_by_id=member.user_id, created_at=now, updated_at=now,
        )  # fmt: skip
        tx.add(macro)
    macro.name = draft.name.strip()
    macro.effects = draft.effects
    macro.visibility = draft.visibility if member.is_administrator else Visibility.PERSONAL
    macro.updated_by_id = member.user_id
    macro.updated_at = now
    await tx.flush()
    return macro


async def delete_macro(tx: Transaction, macro: Macro) -> None:
    """Remove a macro; what it did stays."""
    await tx.delete(macro)
    await tx.flush()


async def macros_for(tx: Transaction, member: Membership) -> list[Macro]:
    """The macros that somebody sees, by name."""
    query = select(Macro).where(Macro.account_id == member.account_id, _seen_by(member))
    query = query.options(joinedload(Macro.created_by), joinedload(Macro.updated_by))
    return list(await tx.scalars(query.order_by(Macro.name, Macro.id)))


async def every_macro(tx: Transaction, account_id: int) -> list[Macro]:
    """The macros of an account, personal ones too, by name: for what is said of all of them."""
    query = select(Macro).where(Macro.account_id == account_id)
    return list(await tx.scalars(query.order_by(Macro.name, Macro.id)))


async def find_macro(
    tx: Transaction, member: Membership, macro_id: int, *, for_change: bool = False
) -> Macro | None:
    """A macro that this person sees."""
    query = select(Macro).where(
        Macro.account_id == member.account_id, Macro.id == macro_id, _seen_by(member)
    )
    query = query.options(joinedload(Macro.created_by), joinedload(Macro.updated_by))
    query = query.with_for_update(of=Macro) if for_change else query
    return await tx.scalar(query.execution_options(populate_existing=True))


def mark_of(macro: Macro) -> str:
    """What changes with every save."""
    return macro.updated_at.isoformat()


def macro_collision(macro: Macro, draft: MacroDraft, known: Known) -> Collision:
    """What somebody else has saved, beside what stands in a form opened before that."""
    return Collision(
        macro.updated_by.name if macro.updated_by else None,
        macro.updated_at,
        [_in_words(macro.name, macro.effects, known)],
        [_in_words(draft.name.strip(), draft.effects, known)],
    )


def _in_words(name: str, effects: Sequence[Any], known: Known) -> Sentence:
    return say("“%(name)s”: %(does)s", name=name, does=effects_sentence(effects, known))


def may_change(member: Membership, macro: Macro) -> bool:
    """Authors change their own, administrators the shared ones."""
    is_shared = macro.visibility == Visibility.GLOBAL
    return macro.created_by_id == member.user_id or (is_shared and member.is_administrator)


async def run_macro(
    tx: Transaction, macro: Macro, conversation: Conversation, member: Membership, *, now: datetime
) -> list[Done]:
    """Have the macro's effects on a conversation found for change; each with its outcome.

    Deliveries have their ids once `tx` has flushed.
    """
    last = (await last_messages(tx, [conversation.id])).get(conversation.id)
    facts = facts_about(conversation, now=now, message=last)
    facts["agent"] = {**(facts.get("agent") or {}), "id": member.user_id, "name": member.user.name}
    facts["event"] = {"name": EVENT, "at": now.isoformat()}
    cause = Cause(Actor.PERSON, member.user_id)
    event = Event(
        account_id=macro.account_id,
        name=EVENT,
        conversation_id=conversation.id,
        lane=0,
        facts=facts,
        cause=cause.as_json(),
        created_at=now,
    )  # fmt: skip  - never stored: nothing happened but what the effects do
    effects = [_as(member.user_id, one) for one in macro.effects]
    actions = await find_actions(tx, actions_in(effects))
    stage = Stage({conversation.id: conversation}, actions)
    scene = Scene(None, event, stage, cause, now, person=member.user)
    done = await have_effects_by_hand(tx, scene, effects)
    await tx.flush()
    return done


def _as(user_id: int, effect: Any) -> Any:
    """The effect with "self" replaced by who runs it."""
    is_self = (
        isinstance(effect, dict)
        and effect.get("action_name") == EffectName.ASSIGN_AGENT
        and effect.get("action_params") == [SELF]
    )
    return {**effect, "action_params": [user_id]} if is_self else effect


def _seen_by(member: Membership) -> Any:  # a condition
    is_own = and_(Macro.visibility == Visibility.PERSONAL, Macro.created_by_id == member.user_id)
    return or_(Macro.visibility == Visibility.GLOBAL, is_own)
