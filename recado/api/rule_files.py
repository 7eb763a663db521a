"""Rules and custom actions as a document: exported, compared with the account, applied."""

from typing import Any

from litestar import get, post
from litestar.response import Response
from msgspec import Struct

from recado.api.door import ROOT, ApiRequest, administrators, now, unacceptable
from recado.api.fields import UNSET, Json, UnsetType
from recado.api.reading import read
from recado.automation.transferring import (
    By,
    NotReadable,
    Step,
    carry_out,
    document_from,
    exported,
)
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.languages import speaking


class RuleFile(Struct):
    """Rules and custom actions, known by name; secrets are never in it.

    `payload` is what Chatwoot's API lists as automation rules.
    """

    recado: int | UnsetType = UNSET
    custom_actions: Any = UNSET
    automation_rules: Any = UNSET
    payload: Any = UNSET


class StepJson(Struct):
    """What becomes of one thing: `verb` is create, change, same or refuse; `notes` say why."""

    verb: str
    kind: str
    name: str
    sentence: str
    changes: list[str]
    notes: list[str]


class StepsJson(Struct):
    """What each thing in the document comes to; `applied` says whether anything was done."""

    applied: bool
    steps: list[StepJson]


@get(f"{ROOT}/automation_rules/export", guards=[administrators])
async def export_rules(request: ApiRequest, database: Database) -> Json:
    """Export every rule and custom action."""
    async with database.transaction() as tx:
        return await exported(tx, request.user.account_id)


@post(
    f"{ROOT}/automation_rules/plan", status_code=200, guards=[administrators],
    opt={"takes": RuleFile},
)  # fmt: skip
async def plan_rules(
    request: ApiRequest, database: Database, outbound: Outbound
) -> Response[StepsJson]:
    """Say what applying a document would change; nothing is changed."""
    return await _carry_out(request, database, outbound, is_plan=True)


@post(
    f"{ROOT}/automation_rules/apply", status_code=200, guards=[administrators],
    opt={"takes": RuleFile},
)  # fmt: skip
async def apply_rules(
    request: ApiRequest, database: Database, outbound: Outbound
) -> Response[StepsJson]:
    """Make the account as the document says; 422, and nothing is changed, if anything is refused."""
    return await _carry_out(request, database, outbound, is_plan=False)


async def _carry_out(
    request: ApiRequest, database: Database, outbound: Outbound, *, is_plan: bool
) -> Response[StepsJson]:
    body = await read(request, RuleFile)
    by = By(outbound.vault, now(), outbound.sender.is_surely_refused, request.user.user_id)
    with speaking("en"):
        document = _document(body)
        async with database.transaction() as tx:
            steps = await carry_out(tx, request.user.account_id, document, by, is_plan=is_plan)
    is_refused = any(one.verb == "refuse" for one in steps)
    told = StepsJson(not is_plan and not is_refused, [_json(one) for one in steps])
    return Response(told, status_code=422 if is_refused and not is_plan else 200)


def _document(body: RuleFile) -> dict[str, list[Any]]:
    parts = {"custom_actions": body.custom_actions, "automation_rules": body.automation_rules}
    given = {name: one for name, one in parts.items() if one is not UNSET}
    try:
        return document_from(given or {"payload": body.payload})
    except NotReadable as error:
        raise unacceptable(str(error)) from error


def _json(step: Step) -> StepJson:
    return StepJson(step.verb, step.kind, step.name, step.sentence, step.changes, step.notes)


handlers: list[Any] = [export_rules, plan_rules, apply_rules]
