"""Custom actions: requests to other systems, described once, tried, and sent by rules."""

from typing import Any, Final

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct

from recado.actions.firing import failed_template, rendered
from recado.actions.models import ActionState, CustomAction
from recado.actions.rehearsing import rehearse
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
)
from recado.actions.trying import facts_for_trial
from recado.actions.variables import variables_of
from recado.api.deliveries import Header, RequestJson, headers_json, request_json, trouble_of
from recado.api.door import (
    ROOT,
    ApiRequest,
    absent,
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
    MaybeId,
    MaybeJson,
    Short,
    UnsetType,
    Words,
    json_or_empty,
    text_or,
)
from recado.api.reading import read
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.explaining import explain
from recado.deliveries.models import Delivery
from recado.deliveries.policies import policy_as_json, policy_from
from recado.deliveries.requests import frozen
from recado.deliveries.states import State
from recado.lib.answers import text_of
from recado.lib.facts import OPEN_NAMES, Facts, names_known
from recado.lib.languages import Sentence
from recado.lib.templating import TemplateError


class ActionHeader(Struct):
    """A header; a secret one's value reads null."""

    name: str
    value: str | None
    secret: bool


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
    state: str
    holds_calls: bool
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


class ActionBody(Struct):
    """A custom action to make or to change.

    `method` POST, PUT, PATCH, GET or DELETE; `body_kind` json, form, text or none (json where
    there is a body, unless told otherwise); `state` draft (unless told otherwise), active or off.
    URL, header values and body are templates.

    `policy` is how it is sent: `schedule` standard, fast or own with `waits` (seconds),
    `expires_after_seconds`, `only_while_open`, `repeats_when_unsure`; what is missing stays.

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
    state: Words = UNSET


class ToggleBody(Struct):
    """`active` or `off`; without it, the other one. With `hold`, an action that goes off keeps its
    calls until it is on again, instead of skipping them.
    """

    state: Words = UNSET
    hold: Flag = UNSET


class TrialBody(Struct):
    """With which data: a conversation's, by its number, or a sample's; `values` replace some of it
    by name. `mode` `send` (unless told otherwise) sends the request, `render` only shows it.
    """

    conversation_id: MaybeId = UNSET
    values: MaybeJson = UNSET
    mode: Short = UNSET


class Trial(Struct, kw_only=True):
    """What was sent and what came back; with mode `render`, only the request."""

    request: RequestJson
    state: str | None
    trouble: str | None
    sentence: str | None
    status: int | None = None
    headers: list[Header] | None = None
    body: str | None = None
    milliseconds: float | None = None


_ACTION = f"{ROOT}/custom_actions/{{action_id:int}}"
_MODES: Final = ("send", "render")
_RESOURCE: Final = "custom_action"


@get(f"{ROOT}/custom_actions", guards=[administrators])
async def list_actions(request: ApiRequest, database: Database) -> Actions:
    """List the custom actions."""
    async with database.transaction() as tx:
        found = await actions_of(tx, request.user.account_id)
    return Actions([_action_json(one) for one in found])


@get(_ACTION, guards=[administrators])
async def show_action(request: ApiRequest, database: Database, action_id: int) -> Action:
    """Show a custom action."""
    async with database.transaction() as tx:
        return _action_json(await _find(tx, request, action_id))


@post(f"{ROOT}/custom_actions", status_code=200, guards=[administrators], opt={"takes": ActionBody})
async def add_action(request: ApiRequest, database: Database, outbound: Outbound) -> Action:
    """Create a custom action."""
    body = await read(request, ActionBody, wrapped=_RESOURCE)
    kind = BodyKind.JSON if text_or(body.body) else BodyKind.NONE  # unless told otherwise
    draft = _changed(ActionDraft(body_kind=kind), body, {})
    state = _state(text_or(body.state) or ActionState.DRAFT, tuple(ActionState))
    async with database.transaction() as tx:
        _refuse(await action_problems(tx, request.user.account_id, draft))
        made = await create_action(
            tx, request.user.account_id, draft, vault=outbound.vault, now=now(), state=state
        )
    return _action_json(made)


@patch(_ACTION, guards=[administrators], opt={"takes": ActionBody})
async def patch_action(
    request: ApiRequest, database: Database, outbound: Outbound, action_id: int
) -> Action:
    """Change a custom action; deliveries already made keep their request."""
    return await _change(request, database, outbound, action_id)


@put(_ACTION, guards=[administrators], opt={"takes": ActionBody})
async def put_action(
    request: ApiRequest, database: Database, outbound: Outbound, action_id: int
) -> Action:
    """Change a custom action; what is not sent stays."""
    return await _change(request, database, outbound, action_id)


@delete(_ACTION, status_code=200, guards=[administrators])
async def remove_action(request: ApiRequest, database: Database, action_id: int) -> Response[bytes]:
    """Delete a custom action; its deliveries stay readable."""
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id, for_change=True)
        await delete_action(tx, action, now=now())
    return nothing()


@post(f"{_ACTION}/toggle", status_code=200, guards=[administrators], opt={"takes": ToggleBody})
async def toggle_action(request: ApiRequest, database: Database, action_id: int) -> Action:
    """Switch a custom action on or off."""
    body = await read(request, ToggleBody)
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id, for_change=True)
        other = ActionState.OFF if action.is_active else ActionState.ACTIVE
        state = _state(text_or(body.state) or other, _SWITCHED)
        await _switch(tx, action, state, holds_calls=body.hold is True)
    return _action_json(action)


@post(f"{_ACTION}/test", status_code=200, guards=[administrators], opt={"takes": TrialBody})
async def try_action(
    request: ApiRequest, database: Database, outbound: Outbound, action_id: int
) -> Trial:
    """Try a custom action: send it once, logged as a test, or only show its request."""
    body = await read(request, TrialBody)
    mode = text_or(body.mode) or "send"
    if mode not in _MODES:
        raise invalid({"mode": f"Choose one of: {', '.join(_MODES)}."})
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id)
        facts = await _facts(tx, request, body)
    if mode == "render":
        return _rendered(action, facts)
    return _rehearsed(await rehearse(database, action, facts, outbound, now=now()))


async def _change(
    request: ApiRequest, database: Database, outbound: Outbound, action_id: int
) -> Action:
    body = await read(request, ActionBody, wrapped=_RESOURCE)
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id, for_change=True)
        state = _state(text_or(body.state) or action.state, (*_SWITCHED, action.state))
        secrets = {h["name"].lower(): h["secret_id"] for h in action.headers if h["secret_id"]}
        draft = _changed(draft_of(action), body, secrets)
        _refuse(await action_problems(tx, action.account_id, draft, but=action.id))
        await update_action(tx, action, draft, vault=outbound.vault, now=now())
        await _switch(tx, action, state)
    return _action_json(action)


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
    )


def _header(given: HeaderBody, secrets: dict[str, int]) -> HeaderDraft:
    value = given.value or ""
    if not given.secret:
        return HeaderDraft(given.name, value)
    return HeaderDraft(given.name, value, True, secrets.get(given.name.strip().lower()))


def _refuse(problems: dict[str, Sentence]) -> None:
    if problems:
        raise invalid(problems, errors=english(problems))


async def _facts(tx: Transaction, request: ApiRequest, body: TrialBody) -> Facts:
    values = json_or_empty(body.values)
    known = names_known(await variables_of(tx, request.user.account_id))
    unknown = [name for name in values if name not in known and not _is_inside_open(name)]
    if unknown:
        raise invalid({f"values.{name}": "There is no such variable." for name in unknown})
    number = body.conversation_id if isinstance(body.conversation_id, int) else None
    try:
        facts = await facts_for_trial(tx, request.user, number, values, now=now())
    except ValueError as error:
        raise invalid(
            {f"values.{error}": "This leads through something that is no group."}
        ) from error
    if facts is None:
        raise absent()
    return facts


def _is_inside_open(name: str) -> bool:
    """`conversation.additional_attributes.referer`: what stands inside a group is free."""
    return any(name.startswith(f"{one}.") for one in OPEN_NAMES)


def _rendered(action: CustomAction, facts: Facts) -> Trial:
    request = rendered(action, facts)
    if isinstance(request, TemplateError):
        failed = failed_template(request)
        return Trial(
            request=request_json({}), state=failed.state, trouble=trouble_of(failed.reason),
            sentence=str(explain(failed.state, failed.reason)),
        )  # fmt: skip
    return Trial(request=request_json(frozen(request)), state=None, trouble=None, sentence=None)


def _rehearsed(delivery: Delivery) -> Trial:
    trial = Trial(
        request=request_json(delivery.request), state=delivery.state,
        trouble=trouble_of(delivery.reason),
        sentence=str(explain(State(delivery.state), delivery.reason)),
    )  # fmt: skip
    if delivery.attempts:
        attempt = delivery.attempts[-1]
        trial.status, trial.milliseconds = attempt.status, attempt.milliseconds
        if attempt.status is not None:
            trial.headers = headers_json(attempt.response_headers)
            trial.body = text_of(attempt.response_body or b"")
    return trial


async def _find(
    tx: Transaction, request: ApiRequest, action_id: int, *, for_change: bool = False
) -> CustomAction:
    action = await find_action(tx, request.user.account_id, action_id, for_change=for_change)
    if action is None:
        raise absent()
    return action


def _action_json(action: CustomAction) -> Action:
    return Action(
        id=action.id, name=action.name, description=action.description, method=action.method,
        url=action.url, headers=[_header_json(one) for one in action.headers],
        body_kind=action.body_kind, body=action.body, state=action.state,
        policy=policy_as_json(policy_from(action.policy)), holds_calls=action.holds_calls,
        answers=action.answers,
        created_at=iso(action.created_at), updated_at=iso(action.updated_at),
    )  # fmt: skip


def _header_json(header: dict[str, Any]) -> ActionHeader:
    is_secret = header["secret_id"] is not None
    return ActionHeader(header["name"], None if is_secret else header["value"], is_secret)


handlers: list[Any] = [
    list_actions, show_action, add_action, patch_action, put_action, remove_action,
    toggle_action, try_action,
]  # fmt: skip
