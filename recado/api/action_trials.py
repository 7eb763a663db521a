"""Trying a custom action: sent once, or only shown."""

from typing import Any, Final

from litestar import post
from msgspec import Struct

from recado.actions.firing import failed_template, rendered
from recado.actions.models import CustomAction
from recado.actions.rehearsing import rehearse
from recado.actions.trying import facts_for_trial
from recado.actions.variables import variables_of
from recado.api.custom_actions import ACTION, the_action
from recado.api.deliveries import Header, RequestJson, headers_json, request_json, trouble_of
from recado.api.door import ApiRequest, absent, administrators, invalid, now
from recado.api.fields import UNSET, MaybeId, MaybeJson, Short, json_or_empty, text_or
from recado.api.reading import read
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.explaining import explain
from recado.deliveries.models import Delivery
from recado.deliveries.requests import frozen
from recado.deliveries.states import State
from recado.lib.answers import text_of
from recado.lib.facts import OPEN_NAMES, Facts, names_known
from recado.lib.templating import TemplateError


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


_MODES: Final = ("send", "render")


@post(f"{ACTION}/test", status_code=200, guards=[administrators], opt={"takes": TrialBody})
async def try_action(
    request: ApiRequest, database: Database, outbound: Outbound, action_id: int
) -> Trial:
    """Try a custom action: send it once, logged as a test, or only show its request."""
    body = await read(request, TrialBody)
    mode = text_or(body.mode) or "send"
    if mode not in _MODES:
        raise invalid({"mode": f"Choose one of: {', '.join(_MODES)}."})
    async with database.transaction() as tx:
        action = await the_action(tx, request, action_id)
        facts = await _facts(tx, request, body)
    if mode == "render":
        return _rendered(action, facts)
    return _rehearsed(await rehearse(database, action, facts, outbound, now=now()))


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
    request = rendered(action.template, facts)
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


handlers: list[Any] = [try_action]
