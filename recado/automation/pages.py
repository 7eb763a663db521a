"""Pages of automation rules: the list, switching, copying, deleting, what each decided and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    answer,
    found,
    go_to,
    page,
)
from recado.accounts.undoing import Undo, undo_switch
from recado.actions.saving import find_action
from recado.automation.captions import EVENT_LABELS
from recado.automation.finding import NEARLY, VerdictFilter, result_counts, verdicts_page
from recado.automation.knowing import known_of
from recado.automation.listing import shown_rule
from recado.automation.models import AutomationRule, Result
from recado.automation.recounting import RESULT_PILLS, told
from recado.automation.reviewing import doubts_of_rules
from recado.automation.saving import (
    actions_used,
    clone_rule,
    delete_rule,
    find_rule,
    rules_of,
    rules_using,
    switch_rule,
)
from recado.automation.tallying import bars, counts_of, totals
from recado.automation.versions import keep_rule_version
from recado.db.database import Database, Transaction
from recado.lib.long_lists import LongList, list_page
from recado.lib.numbers import number_in, numbers_in


@get("/app/automation", guards=[administrators_only])
async def show_rules(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        context = await shown_rules(tx, request.user.account_id, request.query_params)
    return page(request, "automation/rules.html", **context, focus="")


async def shown_rules(tx: Transaction, account_id: int, asked: Mapping[str, str]) -> dict[str, Any]:
    """What the page of the list that is asked for is drawn from."""
    every = await rules_of(tx, account_id)
    listed = list_page(every, asked, lambda one: f"{one.name} {one.description}")
    ids = {one.id for one in listed.rows}
    known = await known_of(tx, account_id)
    doubts = doubts_of_rules(every, known, only=ids)
    return {
        "rules": [shown_rule(one, known, doubts[one.id]) for one in listed.rows],
        "listed": listed,
        "places": _places(every),
        "events": EVENT_LABELS,
    }


def _places(rules: Sequence[AutomationRule]) -> dict[int, int]:
    """Of each rule, by its id, its place in the order, counted from 1."""
    return {one.id: place for place, one in enumerate(rules, start=1)}


@post("/app/automation/{rule_id:int}/switch", status_code=200, guards=[administrators_only])
async def turn_rule(request: MemberRequest, database: Database, rule_id: int) -> Any:
    """On or off, as `to` says, so that two tabs do not undo each other; without it, the other way."""
    wanted = request.query_params.get("to")
    async with database.transaction() as tx:
        rule = found(await find_rule(tx, request.user.account_id, rule_id))
        is_on = wanted == "on" if wanted else not rule.is_active
        await switch_rule(tx, rule, is_active=is_on, now=datetime.now(UTC))
        known = await known_of(tx, request.user.account_id)
        every = await rules_of(tx, rule.account_id)
        doubts = doubts_of_rules(every, known, only={rule.id})
    listed = list_page(every, request.query_params, lambda one: one.name)
    row = page(
        request,
        "automation/_after_switch.html",
        undo=None if "undone" in request.query_params else _undo(rule, listed),
        shown=shown_rule(rule, known, doubts[rule.id]),
        events=EVENT_LABELS,
        listed=listed,
        places=_places(every),
        focus="",
    )
    return answer(request, row, otherwise=f"/app/automation{listed.query}")


def _undo(rule: AutomationRule, listed: LongList[AutomationRule]) -> Undo:
    path, target = f"/app/automation/{rule.id}/switch", f"#rule-{rule.id}"
    undo = undo_switch(rule.name, path, target, is_on=rule.is_active)
    return replace(undo, path=undo.path + listed.further)


@post("/app/automation/{rule_id:int}/clone", status_code=200, guards=[administrators_only])
async def copy_rule(request: MemberRequest, database: Database, rule_id: int) -> Response[Any]:
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        rule = found(await find_rule(tx, request.user.account_id, rule_id))
        copy = await clone_rule(tx, rule, now=now)
        await keep_rule_version(tx, copy, by=request.user.user_id, now=now)
        await switch_rule(tx, copy, is_active=False, now=now)  # until it is changed
    return go_to(request, f"/app/automation/{copy.id}/edit")


@get("/app/automation/{rule_id:int}/delete", guards=[administrators_only])
async def ask_before_deleting(request: MemberRequest, database: Database, rule_id: int) -> Template:
    """For people without scripts; the others are asked in a dialog."""
    async with database.transaction() as tx:
        rule = found(await find_rule(tx, request.user.account_id, rule_id))
    return page(request, "automation/delete.html", rule=rule)


@post("/app/automation/{rule_id:int}/delete", status_code=200, guards=[administrators_only])
async def remove_rule(request: MemberRequest, database: Database, rule_id: int) -> Response[Any]:
    async with database.transaction() as tx:
        await delete_rule(tx, found(await find_rule(tx, request.user.account_id, rule_id)))
    return go_to(request, "/app/automation", "deleted")


@get("/app/automation/using/{action_id:int}", guards=[administrators_only])
async def show_rules_using(request: MemberRequest, database: Database, action_id: int) -> Template:
    """A fragment for the pages of custom actions: the rules that send one; nothing if none does."""
    async with database.transaction() as tx:
        action = found(await find_action(tx, request.user.account_id, action_id))
        rules = await rules_using(tx, action.account_id, action.id)
    return page(request, "automation/_using.html", rules=rules)


@get("/app/automation/uses", guards=[administrators_only])
async def show_uses(request: MemberRequest, database: Database) -> Template:
    """How many rules send each of these custom actions, for its own place in their list."""
    wanted = numbers_in(request.query_params.get("actions", "").split(","))
    async with database.transaction() as tx:
        rules = await rules_of(tx, request.user.account_id)
    uses = Counter(one for rule in rules for one in actions_used(rule) & wanted)
    return page(request, "automation/_uses.html", uses=uses)


@get("/app/automation/{rule_id:int}", guards=[administrators_only])
async def show_rule(request: MemberRequest, database: Database, rule_id: int) -> Template:
    account_id = request.user.account_id
    result = request.query_params.get("result", "")
    result = result if result in {*Result, NEARLY} else ""
    today = datetime.now(UTC).date()
    before = number_in(request.query_params.get("before"))
    wanted = VerdictFilter(rule_id=rule_id, result=result or None, before=before)
    async with database.transaction() as tx:
        rule = found(await find_rule(tx, account_id, rule_id))
        known = await known_of(tx, account_id)
        verdicts, cursor = await verdicts_page(tx, account_id, wanted)
        doubts = doubts_of_rules(await rules_of(tx, account_id), known, only={rule_id})
        counts = await result_counts(tx, account_id, rule_id)
        days = await counts_of(tx, account_id, rule_id, today=today)
    return page(
        request,
        "automation/rule.html",
        shown=shown_rule(rule, known, doubts[rule_id]),
        verdicts=[told(one, known) for one in verdicts],
        counts=counts,
        all_kept=sum(counts.get(one, 0) for one in Result),
        totals=totals(days),
        bars=bars(days, today=today),
        pills=RESULT_PILLS,
        events=EVENT_LABELS,
        chosen=result,
        older=f"?{urlencode({'result': result, 'before': cursor})}" if cursor else "",
        newest=f"?{urlencode({'result': result})}" if before else "",
    )


handlers: list[Any] = [
    show_rules, turn_rule, copy_rule, ask_before_deleting, remove_rule, show_rules_using, show_uses,
    show_rule,
]  # fmt: skip
