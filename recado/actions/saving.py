"""Custom actions: checking, creating, changing, switching, deleting."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select

from recado.accounts.people import find_membership
from recado.accounts.teams import find_team
from recado.actions.answers import OnFailure, answers_as_json, answers_from, answers_problems
from recado.actions.authorizing import (
    NO_AUTH,
    AuthDraft,
    apply_auth,
    auth_draft_of,
    auth_problems,
)
from recado.actions.guarding import TRUSTED_FOR
from recado.actions.models import ActionState, CustomAction
from recado.actions.request import BodyKind, HeaderTemplate, Method, RequestTemplate, problems_in
from recado.actions.signing import NOT_SIGNED, SigningDraft, apply_signing, signing_problem
from recado.actions.urls import lane_of_template
from recado.actions.variables import variables_of
from recado.actions.watching_fields import forget_fields
from recado.contacts.attributes import attributes_of
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.notifying import notify_pages
from recado.db.reading import Listing, Reading
from recado.deliveries.allowing import set_allowance
from recado.deliveries.holding import hold_skipped, hold_waiting, release_held
from recado.deliveries.keeping_secrets import keep_secret, lanes_of_secrets
from recado.deliveries.policies import DEFAULT_POLICY, policy_as_json, policy_from, policy_problems
from recado.deliveries.resending import await_answers, end_waiting
from recado.deliveries.states import State, Why
from recado.lib.facts import names_known
from recado.lib.languages import Sentence, say
from recado.lib.secrets import Vault
from recado.lib.signing import new_signing_secret

LONGEST_NAME = 100  # characters


@dataclass(frozen=True, slots=True)
class HeaderDraft:
    """A header as somebody typed it. A secret one left empty keeps the secret it has."""

    name: str
    value: str = ""
    is_secret: bool = False
    secret_id: int | None = None
    is_off: bool = False  # kept, not sent


@dataclass(frozen=True, slots=True)
class ActionDraft:
    """A custom action as somebody typed it: raw text."""

    name: str = ""
    description: str = ""
    method: str = Method.POST
    url: str = ""
    headers: tuple[HeaderDraft, ...] = field(default_factory=tuple)
    body_kind: str = BodyKind.JSON
    body: str = ""
    policy: dict[str, Any] = field(default_factory=dict)  # how it is sent; missing: the defaults
    answers: dict[str, Any] = field(default_factory=dict)  # what answers become; see `answers.py`
    signing: SigningDraft = NOT_SIGNED
    auth: AuthDraft = NO_AUTH


async def action_problems(
    tx: Transaction, account_id: int, draft: ActionDraft, *, but: int | None = None
) -> dict[str, Sentence]:
    """What is wrong, by field (`headers.0.name` for rows); `but` may keep its name."""
    problems = {f"policy.{key}": one for key, one in policy_problems(draft.policy).items()}
    if problem := await _name_problem(tx, account_id, draft.name, but):
        problems["name"] = problem
    if draft.method not in set(Method):
        problems["method"] = say("Choose one of: %(choices)s.", choices=", ".join(Method))
    if draft.body_kind not in set(BodyKind):
        problems["body_kind"] = say("Choose one of: %(choices)s.", choices=", ".join(BodyKind))
    if "method" in problems or "body_kind" in problems:
        return problems
    known = names_known(await variables_of(tx, account_id))
    problems |= await _answers_problems(tx, account_id, draft.answers, known)
    for found in problems_in(template_of(draft), known):
        problems.setdefault(found.field, found.sentence)
    return problems | await _secret_problems(tx, account_id, draft, problems)


def template_of(draft: ActionDraft) -> RequestTemplate:
    """The draft as a template; method and body kind are known ones."""
    headers = tuple(
        HeaderTemplate(one.name, "", one.secret_id or 0, one.is_off)
        if one.is_secret
        else HeaderTemplate(one.name, one.value, is_off=one.is_off)
        for one in draft.headers
    )
    return RequestTemplate(
        Method(draft.method), draft.url.strip(), headers, BodyKind(draft.body_kind), draft.body
    )


async def create_action(
    tx: Transaction,
    account_id: int,
    draft: ActionDraft,
    *,
    vault: Vault,
    now: datetime,
    state: ActionState = ActionState.DRAFT,
) -> CustomAction:
    """Add an action; the draft has no problems."""
    action = CustomAction(
        account_id=account_id,
        name=draft.name.strip(),
        method=draft.method,
        url=draft.url.strip(),
        body_kind=draft.body_kind,
        state=state,
        created_at=now,
        updated_at=now,
    )
    await _apply(tx, action, draft, vault=vault, now=now)
    tx.add(action)
    await tx.flush()
    await set_allowance(tx, action.id, policy_from(action.policy))
    await notify_pages(tx, account_id, "action")
    return action


async def update_action(
    tx: Transaction, action: CustomAction, draft: ActionDraft, *, vault: Vault, now: datetime
) -> None:
    """Change an action; the draft has no problems. Deliveries already made keep their request."""
    action.name = draft.name.strip()
    action.method = draft.method
    action.url = draft.url.strip()
    action.body_kind = draft.body_kind
    action.version += 1
    action.updated_at = now
    await _apply(tx, action, draft, vault=vault, now=now)
    await tx.flush()
    await forget_fields(tx, action.id, [one.path for one in answers_from(action.answers).fields])
    await set_allowance(tx, action.id, policy_from(action.policy))
    await await_answers(tx, action.account_id, action.id, is_wanted=bool(action.answers))
    await notify_pages(tx, action.account_id, "action")


async def activate(
    tx: Transaction, action: CustomAction, *, now: datetime, skips_held: bool = False
) -> None:
    """Let rules send this action, and send what was held back while it was off, or skip it."""
    if skips_held:
        await end_waiting(
            tx, action.account_id, action.id, state=State.SKIPPED, why=Why.SURGE, now=now
        )
    if (action.notice or {}).get("why") == Why.SURGE:  # somebody looked, and says to go on
        action.trusted_until = now + TRUSTED_FOR
    action.state = ActionState.ACTIVE
    action.notice = None
    action.updated_at = now
    await tx.flush()
    await release_held(tx, action.account_id, action.id, now=now)
    await notify_pages(tx, action.account_id, "action")


async def switch_off(
    tx: Transaction,
    action: CustomAction,
    *,
    now: datetime,
    holds_calls: bool = False,
    why: Why = Why.ACTION_OFF,
) -> int:
    """Stop sending. What waits, and what rules fire from now on, is skipped, or with `holds_calls`
    held until the action is on again; how many waited. `why` is what those say that are skipped.
    """
    action.state = ActionState.OFF
    action.holds_calls = holds_calls
    action.updated_at = now
    await tx.flush()
    await notify_pages(tx, action.account_id, "action")
    if holds_calls:
        return await hold_waiting(tx, action.account_id, action.id, now=now)
    return await end_waiting(
        tx, action.account_id, action.id, state=State.SKIPPED, why=why, now=now
    )


async def hold_calls(tx: Transaction, action: CustomAction, *, now: datetime) -> int:
    """Of an action that is off: hold its calls until it is on again, those too that were skipped
    since it was switched off; how many are held.
    """
    since = action.updated_at
    action.holds_calls = True
    await tx.flush()
    await notify_pages(tx, action.account_id, "action")
    return await hold_skipped(tx, action.account_id, action.id, since=since, now=now)


async def delete_action(tx: Transaction, action: CustomAction, *, now: datetime) -> None:
    """Remove an action. Its log stays; what waits for its next try is cancelled."""
    await end_waiting(
        tx, action.account_id, action.id, state=State.CANCELLED, why=Why.ACTION_DELETED, now=now
    )
    await set_allowance(tx, action.id, DEFAULT_POLICY)
    await tx.delete(action)
    await tx.flush()
    await notify_pages(tx, action.account_id, "action")


async def actions_of(tx: Transaction, account_id: int) -> list[CustomAction]:
    """An account's custom actions, by name."""
    return await _OF_ACCOUNT.all(tx, account_id=account_id)


_OF_ACCOUNT: Final = Listing(
    CustomAction, "custom_actions where account_id = :account_id order by lower(name), id"
)


async def find_action(
    tx: Transaction, account_id: int, action_id: int, *, for_change: bool = False
) -> CustomAction | None:
    """A custom action of this account."""
    query = select(CustomAction).where(
        CustomAction.account_id == account_id, CustomAction.id == action_id
    )
    return await tx.scalar(query.with_for_update() if for_change else query)


async def action_named(
    tx: Transaction, account_id: int, name: str, *, but: int | None = None
) -> CustomAction | None:
    """The action of this account that has a name, whatever the case of its letters; not `but`."""
    query = select(CustomAction).where(
        CustomAction.account_id == account_id,
        func.lower(CustomAction.name) == func.lower(name.strip()),
        CustomAction.id != (but or 0),
    )
    return await tx.scalar(query)


async def find_actions(tx: Transaction, action_ids: Collection[int]) -> dict[int, CustomAction]:
    """Several by their ids, of whatever account: the caller compares it. A deleted one is missing."""
    rows = await _ACTIONS.rows(tx, ids=list(action_ids)) if action_ids else []
    found = [_ACTION.one(tx, row) for row in rows]
    return {one.id: one for one in found}


_ACTION: Final = Reading(CustomAction)
_ACTIONS: Final = Direct(
    f"select {_ACTION.columns} from custom_actions where id = any(:ids::bigint[])"  # noqa: S608 - names of our own
)


def draft_of(action: CustomAction) -> ActionDraft:
    """An action as its form shows it: secret values are empty."""
    headers = tuple(
        HeaderDraft(
            h["name"],
            h["value"],
            h["secret_id"] is not None,
            h["secret_id"],
            h.get("is_off", False),
        )
        for h in action.headers
    )
    return ActionDraft(
        action.name,
        action.description,
        action.method,
        action.url,
        headers,
        action.body_kind,
        action.body,
        dict(action.policy),
        dict(action.answers),
        SigningDraft(action.signing_ring is not None, ring_id=action.signing_ring),
        auth_draft_of(action),
    )


async def with_needed_secret(tx: Transaction, account_id: int, draft: ActionDraft) -> ActionDraft:
    """The draft with a fresh signing secret where it signs and has none for its host."""
    if "signing.secret" not in await _signing_problems(tx, account_id, draft):
        return draft
    return draft if draft.signing.secret else with_new_secret(draft)


def with_new_secret(draft: ActionDraft) -> ActionDraft:
    """The draft with a fresh signing secret."""
    return replace(draft, signing=replace(draft.signing, secret=new_signing_secret()))


async def _signing_problems(
    tx: Transaction, account_id: int, draft: ActionDraft
) -> dict[str, Sentence]:
    try:
        lane = lane_of_template(draft.url.strip())
    except ValueError:  # the URL's own problem
        return {}
    problem = await signing_problem(tx, account_id, draft.signing, lane)
    return {"signing.secret": problem} if problem else {}


async def _name_problem(
    tx: Transaction, account_id: int, name: str, but: int | None
) -> Sentence | None:
    if not name.strip():
        return say("Please enter a name.")
    if len(name.strip()) > LONGEST_NAME:
        return say("Use at most %(number)s characters.", number=LONGEST_NAME)
    if await action_named(tx, account_id, name, but=but):
        return say("This name is taken by another custom action.")
    return None


async def _answers_problems(
    tx: Transaction, account_id: int, answers: dict[str, Any], known: Collection[str]
) -> dict[str, Sentence]:
    if not answers:
        return {}
    definitions = await attributes_of(tx, account_id)
    problems = answers_problems(answers, definitions, known)
    if not problems:
        problems = await _people_problems(tx, account_id, answers_from(answers).failure)
    return {f"answers.{name}": one for name, one in problems.items()}


async def _people_problems(
    tx: Transaction, account_id: int, failure: OnFailure
) -> dict[str, Sentence]:
    problems: dict[str, Sentence] = {}
    user_id, team_id = failure.assignee_id, failure.team_id
    if user_id is not None and await find_membership(tx, account_id, user_id) is None:
        problems["failure.assignee_id"] = say("This agent is no longer in the account.")
    if team_id is not None and await find_team(tx, account_id, team_id) is None:
        problems["failure.team_id"] = say("This team was deleted.")
    return problems


async def _secret_problems(
    tx: Transaction, account_id: int, draft: ActionDraft, problems: dict[str, Sentence]
) -> dict[str, Sentence]:
    """A secret belongs to the host it was entered for; for another it must be entered again."""
    if "url" in problems:
        return {}
    lane = lane_of_template(draft.url.strip())
    kept = {
        one.secret_id for one in draft.headers if one.is_secret and not one.value and one.secret_id
    }
    lanes = await lanes_of_secrets(tx, account_id, kept)
    found: dict[str, Sentence] = {}
    for index, header in enumerate(draft.headers):
        if not header.is_secret or header.value or header.is_off:
            continue
        if header.secret_id is None or header.secret_id not in lanes:
            found[f"headers.{index}.value"] = say("Enter the secret value.")
        elif lanes[header.secret_id] != lane:
            found[f"headers.{index}.value"] = say(
                "The address has changed: enter the secret again for the new host."
            )
    names = [header.name.strip() for header in draft.headers if not header.is_off]
    wrong = await auth_problems(tx, account_id, draft.auth, lane=lane, headers=names)
    found |= {f"auth.{name}": sentence for name, sentence in wrong.items()}
    return found | await _signing_problems(tx, account_id, draft)


async def _apply(
    tx: Transaction, action: CustomAction, draft: ActionDraft, *, vault: Vault, now: datetime
) -> None:
    action.description = draft.description.strip()
    action.body = draft.body
    action.policy = policy_as_json(policy_from(draft.policy))
    action.answers = answers_as_json(answers_from(draft.answers))
    action.headers = [
        await _stored(tx, action, header, vault=vault, now=now) for header in draft.headers
    ]
    await apply_auth(tx, action, draft.auth, vault=vault, now=now)
    await apply_signing(tx, action, draft.signing, vault=vault, now=now)


async def _stored(
    tx: Transaction, action: CustomAction, header: HeaderDraft, *, vault: Vault, now: datetime
) -> dict[str, Any]:
    off = {"is_off": True} if header.is_off else {}
    if not header.is_secret:
        return {"name": header.name.strip(), "value": header.value, "secret_id": None, **off}
    secret_id = header.secret_id
    if header.value:
        lane = lane_of_template(action.url)
        secret_id = await keep_secret(
            tx, action.account_id, header.value, vault=vault, lane=lane, now=now
        )
    return {"name": header.name.strip(), "value": "", "secret_id": secret_id, **off}
