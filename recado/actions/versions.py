"""Versions of custom actions: one for each save that changed something, with what it changed.

No version holds a secret's value: a header names its row, which stays.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import msgspec

from recado.accounts.colliding import Collision, saved_meanwhile
from recado.accounts.keeping_versions import Subject, find_version, keep_version, versions_of
from recado.accounts.versions import ShownVersion, shown_versions
from recado.actions.answers import answers_as_json, answers_from
from recado.actions.authorizing import AuthDraft
from recado.actions.differences import action_differences
from recado.actions.models import CustomAction
from recado.actions.request import RequestTemplate
from recado.actions.saving import ActionDraft, draft_of, template_of
from recado.db.database import Transaction
from recado.db.tables import Json
from recado.deliveries.policies import policy_as_json, policy_from
from recado.deliveries.requests import auth_from
from recado.lib.outcomes import Auth, AuthKind, Signing

KIND: Final = "action"


def snapshot_of(action: CustomAction) -> Json:
    """Everything a save can change; its switch is not part of it."""
    whole: Json = msgspec.to_builtins(draft_of(action))
    return {**whole, "headers": list(whole["headers"])}


async def keep_action_version(
    tx: Transaction, action: CustomAction, *, by: int | None, now: datetime
) -> None:
    """Write down how an action was saved; every door that saves one calls this."""
    action.version = await keep_version(tx, _subject(action), snapshot_of(action), by=by, now=now)
    await tx.flush()


async def action_versions(tx: Transaction, action: CustomAction) -> list[ShownVersion]:
    """The versions of an action, newest first, each with what it changed."""
    kept = await versions_of(tx, _subject(action))
    return shown_versions(kept, action.version, action_differences)


async def draft_of_version(
    tx: Transaction, action: CustomAction, number: int
) -> ActionDraft | None:
    """An action as it was once saved; secret values are empty and keep their secrets."""
    version = await find_version(tx, _subject(action), number)
    if version is None:
        return None
    return msgspec.convert(version.snapshot, ActionDraft)


async def template_of_version(
    tx: Transaction, action: CustomAction, number: int
) -> RequestTemplate | None:
    """An action's request as it once was; None where that version is not kept."""
    if number == action.version:
        return action.template
    draft = await draft_of_version(tx, action, number)
    if draft is None:
        return None
    ring = draft.signing.ring_id if draft.signing.is_on else None
    return replace(
        template_of(draft), signing=Signing(ring) if ring else None, auth=_auth_of(draft.auth)
    )


def _auth_of(draft: AuthDraft) -> Auth | None:
    if draft.kind == AuthKind.NONE and not draft.kept:
        return None
    return auth_from({"kind": draft.kind, "values": draft.values, "secrets": draft.kept})


async def action_collision(
    tx: Transaction, action: CustomAction, form: Mapping[str, Any], draft: ActionDraft
) -> Collision | None:
    """What somebody else has saved since this form was opened, beside what stands in it."""
    saved = await saved_meanwhile(tx, _subject(action), form, action.version)
    if saved is None:
        return None
    before = saved.opened or saved.current
    return Collision(
        saved.author,
        saved.saved_at,
        action_differences(before, saved.current),
        action_differences(before, _snapshot_of_draft(draft)),
    )


def _snapshot_of_draft(draft: ActionDraft) -> Json:
    """A form's draft as it would be saved, without the secrets that were typed."""
    typed = replace(
        draft,
        name=draft.name.strip(),
        description=draft.description.strip(),
        headers=tuple(replace(one, value="") if one.is_secret else one for one in draft.headers),
        policy=policy_as_json(policy_from(draft.policy)),
        answers=answers_as_json(answers_from(draft.answers)),
        signing=replace(draft.signing, secret=""),
        auth=replace(draft.auth, secrets={}),
    )
    whole: Json = msgspec.to_builtins(typed)
    return {**whole, "headers": list(whole["headers"])}


def _subject(action: CustomAction) -> Subject:
    return Subject(action.account_id, KIND, action.id)
