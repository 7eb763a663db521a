"""Custom actions: requests to other systems, described once, tried, and sent by rules."""

from dataclasses import replace
from typing import Any, Final

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct

from recado.accounts.doors import found
from recado.actions.auth_form import auth_from_json, auth_json
from recado.actions.authorizing import auth_draft_of
from recado.actions.models import ActionState, CustomAction
from recado.actions.request import BodyKind
from recado.actions.saving import (
    ActionDraft,
    HeaderDraft,
    action_problems,
    actions_of,
    activate,
    create_action,
    delete_action,
    draft_of,
    find_action,
    switch_off,
    update_action,
    with_needed_secret,
    with_new_secret,
)
from recado.actions.versions import keep_action_version
from recado.api.door import (
    ROOT,
    ApiRequest,
    administrators,
    english,
    invalid,
    iso,
    nothing,
    now,
)
from recado.api.fields import (
    UNSET,
    Flag,
    Json,
    MaybeJson,
    UnsetType,
    Words,
    json_or_empty,
    text_or,
)
from recado.api.reading import read
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.policies import policy_as_json, policy_from
from recado.lib.languages import Sentence


class ActionHeader(Struct):
    """A header; a secret one's value reads null."""

    name: str
    value: str | None
    secret: bool
    enabled: bool


class Action(Struct, kw_only=True):
    """A custom action; times in ISO 8601."""

    id: int
    name: str
    description: str
    method: str
    url: str
    headers: list[ActionHeader]
    body_kind: str
    body: str
    policy: Json
    answers: Json
    auth: Json
    sign: bool
    signing_secret: str | None = None  # only in the answer to the request that made it
    state: str
    holds_calls: bool
    notice: Json | None
    created_at: str | None
    updated_at: str | None


class Actions(Struct):
    """All custom actions, by name."""

    payload: list[Action]


class HeaderBody(Struct):
    """A header. A secret one without a value keeps the secret it has, found by its name."""

    name: str = ""
    value: str | None = None
    secret: bool = False
    enabled: bool = True  # false: kept and not sent


class ActionBody(Struct):
    """A custom action to make or to change.

    `method` POST, PUT, PATCH, GET or DELETE; `body_kind` json, form, text or none (json where
    there is a body, unless told otherwise); `state` draft (unless told otherwise), active or off.
    URL, header values and body are templates. A header with `enabled` false is kept and not sent.

    `auth` says who sends: `kind` none, basic (`user`, `password`), bearer (`token`), api_key (`place`
    header or query, `name`, `key`) or oauth2 (`token_url`, `client_id`, `client_secret`, `scope`,
    `client_auth` header or body); with each, `certificate` and `certificate_key` in PEM.

    `sign` signs each call as Standard Webhooks has it. The secret is made where there is none for
    this host, unless `signing_secret` gives one; over another it signs beside it for 24 hours.

    `policy` is how it is sent: `schedule` standard, fast or own with `waits` (seconds),
    `expires_after_seconds`, `only_while_open`, `repeats_when_unsure`, `keep_days`, `keeps_bodies`,
    `answer_within_seconds`, `success_statuses` and `again_statuses` ("200-299", "409", "5xx"); what is missing stays.

    `answers` is what happens with the answer: `fields` (each `path`, such as `response.body.id`,
    `of` contact or conversation, `key` of a custom attribute, `default`), `note`, `reply`, `labels`;
    and `failure` with `note`, `reply`, `labels`, `assignee_id`, `team_id` when it has failed for good.
    """

    name: Words = UNSET
    description: Words = UNSET
    method: Words = UNSET
    url: Words = UNSET
    headers: list[HeaderBody] | UnsetType | None = UNSET
    body_kind: Words = UNSET
    body: Words = UNSET
    policy: MaybeJson = UNSET
    answers: MaybeJson = UNSET
    auth: MaybeJson = UNSET
    sign: Flag = UNSET
    signing_secret: Words = UNSET
    state: Words = UNSET


class ToggleBody(Struct):
    """`active` or `off`; without it, the other one. With `hold`, an action that goes off keeps its
    calls until it is on again, instead of skipping them.
    """

    state: Words = UNSET
    hold: Flag = UNSET


ACTION = f"{ROOT}/custom_actions/{{action_id:int}}"
_RESOURCE: Final = "custom_action"


@get(f"{ROOT}/custom_actions", guards=[administrators])
async def list_actions(request: ApiRequest, database: Database) -> Actions:
    """List the custom actions."""
    async with database.transaction() as tx:
        found = await actions_of(tx, request.user.account_id)
    return Actions([_action_json(one) for one in found])


@get(ACTION, guards=[administrators])
async def show_action(request: ApiRequest, database: Database, action_id: int) -> Action:
    """Show a custom action."""
    async with database.transaction() as tx:
        return _action_json(await the_action(tx, request, action_id))


@post(f"{ROOT}/custom_actions", status_code=200, guards=[administrators], opt={"takes": ActionBody})
async def add_action(request: ApiRequest, database: Database, outbound: Outbound) -> Action:
    """Create a custom action."""
    body = await read(request, ActionBody, wrapped=_RESOURCE)
    kind = BodyKind.JSON if text_or(body.body) else BodyKind.NONE  # unless told otherwise
    draft = _changed(ActionDraft(body_kind=kind), body, {})
    state = _state(text_or(body.state) or ActionState.DRAFT, tuple(ActionState))
    account_id = request.user.account_id
    async with database.transaction() as tx:
        draft = await with_needed_secret(tx, account_id, draft)
        _refuse(await action_problems(tx, account_id, draft))
        made = await create_action(
            tx, account_id, draft, vault=outbound.vault, now=now(), state=state
        )
        await keep_action_version(tx, made, by=request.user.user_id, now=now())
    return _action_json(made, draft)


@patch(ACTION, guards=[administrators], opt={"takes": ActionBody})
async def patch_action(
    request: ApiRequest, database: Database, outbound: Outbound, action_id: int
) -> Action:
    """Change a custom action; deliveries already made keep their request."""
    return await _change(request, database, outbound, action_id)


@put(ACTION, guards=[administrators], opt={"takes": ActionBody})
async def put_action(
    request: ApiRequest, database: Database, outbound: Outbound, action_id: int
) -> Action:
    """Change a custom action; what is not sent stays."""
    return await _change(request, database, outbound, action_id)


@delete(ACTION, status_code=200, guards=[administrators])
async def remove_action(request: ApiRequest, database: Database, action_id: int) -> Response[bytes]:
    """Delete a custom action; its deliveries stay readable."""
    async with database.transaction() as tx:
        action = await the_action(tx, request, action_id, for_change=True)
        await delete_action(tx, action, now=now())
    return nothing()


@post(f"{ACTION}/toggle", status_code=200, guards=[administrators], opt={"takes": ToggleBody})
async def toggle_action(request: ApiRequest, database: Database, action_id: int) -> Action:
    """Switch a custom action on or off."""
    body = await read(request, ToggleBody)
    async with database.transaction() as tx:
        action = await the_action(tx, request, action_id, for_change=True)
        other = ActionState.OFF if action.is_active else ActionState.ACTIVE
        state = _state(text_or(body.state) or other, _SWITCHED)
        await _switch(tx, action, state, holds_calls=body.hold is True)
    return _action_json(action)


async def _change(
    request: ApiRequest, database: Database, outbound: Outbound, action_id: int
) -> Action:
    body = await read(request, ActionBody, wrapped=_RESOURCE)
    async with database.transaction() as tx:
        action = await the_action(tx, request, action_id, for_change=True)
        state = _state(text_or(body.state) or action.state, (*_SWITCHED, action.state))
        secrets = {h["name"].lower(): h["secret_id"] for h in action.headers if h["secret_id"]}
        draft = _changed(draft_of(action), body, secrets)
        draft = await with_needed_secret(tx, action.account_id, draft)
        _refuse(await action_problems(tx, action.account_id, draft, but=action.id))
        await update_action(tx, action, draft, vault=outbound.vault, now=now())
        await keep_action_version(tx, action, by=request.user.user_id, now=now())
        await _switch(tx, action, state)
    return _action_json(action, draft)


@post(f"{ACTION}/rotate_signing_secret", status_code=200, guards=[administrators])
async def rotate_signing_secret(
    request: ApiRequest, database: Database, outbound: Outbound, action_id: int
) -> Action:
    """Replace the secret that signs; the old one signs beside it for 24 hours."""
    async with database.transaction() as tx:
        action = await the_action(tx, request, action_id, for_change=True)
        if action.signing_ring is None:
            raise invalid({"sign": "This custom action does not sign its calls."})
        draft = with_new_secret(draft_of(action))
        await update_action(tx, action, draft, vault=outbound.vault, now=now())
        await keep_action_version(tx, action, by=request.user.user_id, now=now())
    return _action_json(action, draft)


_SWITCHED: Final = (ActionState.ACTIVE, ActionState.OFF)


async def _switch(
    tx: Transaction, action: CustomAction, state: ActionState, *, holds_calls: bool = False
) -> None:
    if action.state == state:
        return
    if state is ActionState.ACTIVE:
        await activate(tx, action, now=now())
    else:
        await switch_off(tx, action, now=now(), holds_calls=holds_calls)


def _state(text: str, choices: tuple[str, ...]) -> ActionState:
    if text not in choices:
        raise invalid({"state": f"Choose one of: {', '.join(dict.fromkeys(choices))}."})
    return ActionState(text)


def _changed(draft: ActionDraft, body: ActionBody, secrets: dict[str, int]) -> ActionDraft:
    headers = draft.headers
    if isinstance(body.headers, list):
        headers = tuple(_header(one, secrets) for one in body.headers)
    return ActionDraft(
        name=text_or(body.name, draft.name),
        description=text_or(body.description, draft.description),
        method=text_or(body.method, draft.method).upper(),
        url=text_or(body.url, draft.url),
        headers=headers,
        body_kind=text_or(body.body_kind, draft.body_kind),
        body=text_or(body.body, draft.body),
        policy={**draft.policy, **json_or_empty(body.policy)},
        answers={**draft.answers, **json_or_empty(body.answers)},
        auth=auth_from_json(json_or_empty(body.auth), draft.auth),
        signing=replace(
            draft.signing,
            is_on=body.sign if isinstance(body.sign, bool) else draft.signing.is_on,
            secret=text_or(body.signing_secret).strip(),
        ),
    )


def _header(given: HeaderBody, secrets: dict[str, int]) -> HeaderDraft:
    value = given.value or ""
    if not given.secret:
        return HeaderDraft(given.name, value, is_off=not given.enabled)
    secret_id = secrets.get(given.name.strip().lower())
    return HeaderDraft(given.name, value, True, secret_id, is_off=not given.enabled)


def _refuse(problems: dict[str, Sentence]) -> None:
    if problems:
        raise invalid(problems, errors=english(problems))


async def the_action(
    tx: Transaction, request: ApiRequest, action_id: int, *, for_change: bool = False
) -> CustomAction:
    """An action of the account; a stranger's is absent."""
    return found(await find_action(tx, request.user.account_id, action_id, for_change=for_change))


def _action_json(action: CustomAction, saved: ActionDraft | None = None) -> Action:
    secret = saved.signing.secret if saved and saved.signing.is_on else ""
    return Action(
        id=action.id, name=action.name, description=action.description, method=action.method,
        url=action.url, headers=[_header_json(one) for one in action.headers],
        body_kind=action.body_kind, body=action.body, state=action.state,
        policy=policy_as_json(policy_from(action.policy)), holds_calls=action.holds_calls,
        answers=action.answers, notice=action.notice,
        sign=action.signing_ring is not None, signing_secret=secret or None,
        auth=auth_json(auth_draft_of(action)),
        created_at=iso(action.created_at), updated_at=iso(action.updated_at),
    )  # fmt: skip


def _header_json(header: dict[str, Any]) -> ActionHeader:
    is_secret = header["secret_id"] is not None
    value = None if is_secret else header["value"]
    return ActionHeader(header["name"], value, is_secret, not header.get("is_off", False))


handlers: list[Any] = [
    list_actions, show_action, add_action, patch_action, put_action, remove_action,
    toggle_action, rotate_signing_secret,
]  # fmt: skip
