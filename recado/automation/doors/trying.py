"""Trying a rule from its form, before it is saved: on past events, or on one conversation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import post
from litestar.response import Template

from recado.accounts.colliding import OPENED
from recado.accounts.doors import MemberRequest, administrators_only
from recado.actions.variables import variables_of
from recado.automation.doors.editing import ShownForm, rule_of_form, sent_by, show_form
from recado.automation.forms import Sent, draft_from, first_of
from recado.automation.judging import Trial, judge
from recado.automation.knowing import known_of
from recado.automation.known import Known
from recado.automation.looking_back import DAYS, look_back
from recado.automation.models import AutomationRule
from recado.automation.reviewing import doubts_of_draft
from recado.automation.saving import RuleDraft, rule_problems
from recado.conversations.finding import find_conversation
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, say
from recado.lib.numbers import number_in


@post("/app/automation/try", status_code=200, guards=[administrators_only])
async def try_rule(request: MemberRequest, database: Database) -> Template:
    """The form again, and below it what the rule would have done."""
    sent = await sent_by(request)
    async with database.transaction() as tx:
        rule = await rule_of_form(tx, request, sent)
        known = await known_of(tx, request.user.account_id)
        variables = await variables_of(tx, request.user.account_id)
        draft = draft_from(sent, known)
        doubts = await doubts_of_draft(tx, request.user.account_id, draft, rule, known)
        trial = await _trial(tx, request.user.account_id, sent, (draft, rule, known))
    form = ShownForm(draft, known, variables, rule, {}, trial=trial, doubts=doubts)
    return show_form(request, replace(form, opened=first_of(sent, OPENED)))


async def _trial(
    tx: Transaction,
    account_id: int,
    sent: Sent,
    tried: tuple[RuleDraft, AutomationRule | None, Known],
) -> Trial:
    draft, rule, known = tried
    now = datetime.now(UTC)
    days = number_in(first_of(sent, "try_days"))
    days = days if days in DAYS else 7
    number = first_of(sent, "try_conversation").strip().lstrip("#")
    if problem := _problem(draft, known):
        return Trial(days, number, problem)
    if number:
        conversation = await find_conversation(tx, account_id, number_in(number) or 0)
        if conversation is None:
            return Trial(days, number, say("There is no conversation with this number."))
        return Trial(days, number, judgements=await judge(tx, conversation, draft, known, now=now))
    since = now - timedelta(days=days)
    past = await look_back(tx, account_id, draft, known, since=since, live=rule)
    return Trial(days, number, past=past)


def _problem(draft: RuleDraft, known: Known) -> Sentence | None:
    """The first thing to put right before the rule can be tried; its name and actions may wait."""
    parts = ("event_name", "conditions", "control")
    wrong = (one for one in rule_problems(draft, known) if one.field.startswith(parts))
    found = next(wrong, None)
    return say("First put right: %(problem)s", problem=found.sentence) if found else None


handlers: list[Any] = [try_rule]
