"""Verdicts: whether a rule matched an event, and why."""

from typing import Any

from litestar import get
from msgspec import Struct

from recado.api.deliveries import Cursor
from recado.api.door import ROOT, ApiRequest, administrators, invalid, iso
from recado.api.fields import UNSET, Json, MaybeId, Words, id_or_none, text_or
from recado.api.reading import asked
from recado.automation.finding import VerdictFilter, verdicts_page
from recado.automation.models import Result, RuleVerdict
from recado.db.database import Database


class Verdict(Struct, kw_only=True):
    """One rule's answer to one event: each condition with what stood there, each action's outcome.

    `result` is matched, not_matched, error, stopped or held_back; `reason` says why of the last two,
    `short_by` how many conditions were missing.
    """

    id: int
    rule_id: int
    rule_name: str
    rule_version: int | None
    event_id: int
    event_name: str
    conversation_id: int | None
    result: str
    conditions: list[Json]
    actions: list[Json]
    short_by: int
    reason: Json | None
    created_at: str | None


class Verdicts(Struct):
    """A page of verdicts, newest first."""

    payload: list[Verdict]
    meta: Cursor


class VerdictQuery(Struct):
    """Which verdicts; `conversation_id` is its number, `cursor` the page before's `next_cursor`."""

    rule_id: MaybeId = UNSET
    conversation_id: MaybeId = UNSET
    result: Words = UNSET
    cursor: MaybeId = UNSET


@get(f"{ROOT}/rule_verdicts", guards=[administrators], opt={"asks": VerdictQuery})
async def list_verdicts(request: ApiRequest, database: Database) -> Verdicts:
    """List what rules decided, newest first."""
    query = await asked(request, VerdictQuery)
    result = text_or(query.result) or None
    if result is not None and result not in tuple(Result):
        raise invalid({"result": f"Choose one of: {', '.join(Result)}."})
    wanted = VerdictFilter(
        rule_id=id_or_none(query.rule_id),
        conversation_id=id_or_none(query.conversation_id),
        result=result,
        before=id_or_none(query.cursor),
    )
    async with database.transaction() as tx:
        found, following = await verdicts_page(tx, request.user.account_id, wanted)
    return Verdicts(
        [_verdict_json(one) for one in found], Cursor(str(following) if following else None)
    )


def _verdict_json(verdict: RuleVerdict) -> Verdict:
    return Verdict(
        id=verdict.id, rule_id=verdict.rule_id, rule_name=verdict.rule_name,
        rule_version=verdict.rule_version,
        event_id=verdict.event_id, event_name=verdict.event_name,
        conversation_id=verdict.conversation_id, result=verdict.result,
        conditions=verdict.conditions, actions=verdict.effects, short_by=verdict.short_by,
        reason=verdict.reason,
        created_at=iso(verdict.created_at),
    )  # fmt: skip


handlers: list[Any] = [list_verdicts]
