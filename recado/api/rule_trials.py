"""Trying a rule on what really happened, before it is saved: nothing is sent."""

from datetime import timedelta
from typing import Any

from litestar import post
from msgspec import Struct

from recado.accounts.doors import found
from recado.api.automation_rules import RuleBody, changed_by, check_draft
from recado.api.door import ROOT, ApiRequest, administrators, invalid, iso, now
from recado.api.fields import UNSET, Json, MaybeId, id_or_none
from recado.api.reading import is_given, read
from recado.automation.judging import Judgement, judge
from recado.automation.knowing import known_of
from recado.automation.looking_back import DAYS, Case, Change, Past, WouldSend, look_back
from recado.automation.models import AutomationRule
from recado.automation.saving import RuleDraft, draft_of, find_rule
from recado.automation.sifting import Sifted
from recado.conversations.finding import find_conversation
from recado.db.database import Database, Transaction


class TrialCase(Struct):
    """An event on which the rule fires."""

    event_id: int
    at: str | None
    conversation_id: int | None
    contact_name: str


class TrialRequest(Struct):
    """A request that a custom action would have made, secrets masked; or why there is none."""

    custom_action: str
    event_id: int
    request: Json
    problem: str | None


class TrialChange(Struct):
    """What the draft changes against the saved rule."""

    added: int
    removed: int
    added_cases: list[TrialCase]
    removed_cases: list[TrialCase]


class TrialCondition(Struct):
    """A condition, by its `place` in the list: on how many events it held, and how many it alone kept
    from the rule.
    """

    place: str
    attribute_key: str
    held: int
    alone: int


class TrialVerdict(Struct):
    """What the rule says about one event of a conversation; without `event_id`, about it as it is now."""

    event_id: int | None
    result: str
    conditions: list[Json]


class Trial(Struct):
    """What a rule would have done. With a conversation only `verdicts` is filled."""

    tested: int = 0
    passed_over: int = 0
    fired: int = 0
    held_back: int = 0
    since: str | None = None
    is_cut: bool = False
    calls: int = 0
    calls_an_hour: int = 0
    cases: list[TrialCase] = []
    requests: list[TrialRequest] = []
    change: TrialChange | None = None
    conditions: list[TrialCondition] = []
    verdicts: list[TrialVerdict] = []


class TrialBody(RuleBody):
    """A rule as for saving, or the `rule_id` of a saved one, or both: an edit of it.

    `days` is 1, 7 or 30 (7 by default); with `conversation_id`, its number, the rule is tried there.
    """

    rule_id: MaybeId = UNSET
    days: MaybeId = UNSET
    conversation_id: MaybeId = UNSET


@post(f"{ROOT}/automation_rules/try", status_code=200, guards=[administrators], opt={"takes": TrialBody})  # fmt: skip
async def try_rule(request: ApiRequest, database: Database) -> Trial:
    """Try a rule on past events; nothing is sent and nothing is changed."""
    body = await read(request, TrialBody, wrapped="automation_rule")
    account_id = request.user.account_id
    days = id_or_none(body.days) or 7
    if days not in DAYS:
        raise invalid({"days": f"Choose one of: {', '.join(map(str, DAYS))}."})
    async with database.transaction() as tx:
        rule = await _rule(tx, account_id, body)
        draft = changed_by(draft_of(rule) if rule else RuleDraft("", ""), body)
        known = await known_of(tx, account_id)
        check_draft(draft, known)
        if is_given(body.conversation_id):
            return await _judged(tx, account_id, id_or_none(body.conversation_id) or 0, draft)
        since = now() - timedelta(days=days)
        return _past(await look_back(tx, account_id, draft, known, since=since, live=rule))


async def _rule(tx: Transaction, account_id: int, body: TrialBody) -> AutomationRule | None:
    if not is_given(body.rule_id):
        return None
    return found(await find_rule(tx, account_id, id_or_none(body.rule_id) or 0))


async def _judged(tx: Transaction, account_id: int, number: int, draft: RuleDraft) -> Trial:
    conversation = found(await find_conversation(tx, account_id, number))
    said = await judge(tx, conversation, draft, await known_of(tx, account_id), now=now())
    return Trial(verdicts=[_verdict(one) for one in said])


def _verdict(one: Judgement) -> TrialVerdict:
    row = one.told.verdict
    return TrialVerdict(one.case.event_id if one.case else None, row.result, row.conditions)


def _past(past: Past) -> Trial:
    return Trial(
        tested=past.tested, passed_over=past.passed_over, fired=past.fired, held_back=past.held_back,
        since=iso(past.since), is_cut=past.is_cut,
        calls=past.calls, calls_an_hour=past.calls_an_hour,
        cases=[_case(one) for one in past.cases],
        requests=[_request(one) for one in past.requests],
        change=_change(past.change) if past.change else None,
        conditions=[_condition(one.sifted) for one in past.hurdles],
    )  # fmt: skip


def _case(one: Case) -> TrialCase:
    return TrialCase(one.event_id, iso(one.at), one.conversation, one.contact)


def _condition(one: Sifted) -> TrialCondition:
    return TrialCondition(one.leaf.place, one.leaf.attribute_key, one.held, one.alone)


def _request(one: WouldSend) -> TrialRequest:
    problem = str(one.preview.problem) if one.preview.problem else None
    return TrialRequest(one.action, one.case.event_id, one.preview.request, problem)


def _change(one: Change) -> TrialChange:
    return TrialChange(
        one.added, one.removed,
        [_case(case) for case in one.added_cases], [_case(case) for case in one.removed_cases],
    )  # fmt: skip


handlers: list[Any] = [try_rule]
