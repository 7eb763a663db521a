"""Pages of automation rules: the list, the form, what each rule decided and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.colliding import OPENED, Collision
from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    answer,
    found,
    go_to,
    is_fragment_wanted,
    page,
)
from recado.accounts.undoing import Undo, undo_switch
from recado.actions.saving import find_action
from recado.actions.variables import variables_of
from recado.automation.captions import EVENT_LABELS
from recado.automation.doubting import Doubt
from recado.automation.effect_names import MOST_EFFECTS
from recado.automation.finding import NEARLY, VerdictFilter, result_counts, verdicts_page
from recado.automation.forms import draft_from, fields_of, first_of, flattened, new_draft, stepped
from recado.automation.judging import Trial
from recado.automation.knowing import known_of
from recado.automation.known import Known
from recado.automation.listing import shown_rule
from recado.automation.models import AutomationRule, Result
from recado.automation.recounting import RESULT_PILLS, told
from recado.automation.reviewing import doubts_of_draft, doubts_of_rules
from recado.automation.rows import (
    WAIT_UNITS,
    event_choices,
    rows_of,
    wait_of,
)
from recado.automation.saving import (
    RuleDraft,
    actions_used,
    clone_rule,
    create_rule,
    delete_rule,
    draft_of,
    find_rule,
    rule_problems,
    rules_of,
    rules_using,
    switch_rule,
    update_rule,
)
from recado.automation.tallying import bars, counts_of, totals
from recado.automation.versions import keep_rule_version, rule_collision
from recado.automation.wording import rule_sentence
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.lib.calendars import time_zones, weekdays
from recado.lib.facts import Variable
from recado.lib.languages import Sentence, say
from recado.lib.numbers import number_in
from recado.lib.picking import variables_island


@get("/app/automation", guards=[administrators_only])
async def show_rules(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        context = await shown_rules(tx, request.user.account_id)
    return page(request, "automation/rules.html", **context, focus="")


async def shown_rules(tx: Transaction, account_id: int) -> dict[str, Any]:
    """What the list is drawn from."""
    known = await known_of(tx, account_id)
    doubts = await doubts_of_rules(tx, account_id, known)
    rules = [shown_rule(one, known, doubts[one.id]) for one in await rules_of(tx, account_id)]
    return {"rules": rules, "events": EVENT_LABELS}


@get("/app/automation/new", guards=[administrators_only])
async def show_new_rule(request: MemberRequest, database: Database) -> Template:
    draft = new_draft()
    action_id = number_in(request.query_params.get("action"))
    if action_id:  # from the page of a custom action
        effect = {**draft.effects[0], "action_params": [action_id]}
        draft = replace(draft, effects=[effect])
    return await _form_page(request, database, draft, None)


@post("/app/automation", status_code=200, guards=[administrators_only])
async def add_rule(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template | Response[Any]:
    return await _save(request, database, outbound, None)


@get("/app/automation/{rule_id:int}/edit", guards=[administrators_only])
async def show_edit_rule(request: MemberRequest, database: Database, rule_id: int) -> Template:
    async with database.transaction() as tx:
        rule = found(await find_rule(tx, request.user.account_id, rule_id))
    return await _form_page(request, database, flattened(draft_of(rule)), rule)


@post("/app/automation/{rule_id:int}", status_code=200, guards=[administrators_only])
async def change_rule(
    request: MemberRequest, database: Database, outbound: Outbound, rule_id: int
) -> Template | Response[Any]:
    return await _save(request, database, outbound, rule_id)


@post("/app/automation/draft", status_code=200, guards=[administrators_only])
async def redraw_form(request: MemberRequest, database: Database, outbound: Outbound) -> Template:
    """The form again, saving nothing: after "add", "up", another event, another attribute."""
    return await redrawn(request, database, outbound, await sent_by(request))


async def redrawn(
    request: MemberRequest, database: Database, outbound: Outbound, sent: Mapping[str, list[str]]
) -> Template:
    """The form as it was sent, with the step that was asked for."""
    refuses = outbound.sender.is_surely_refused
    async with database.transaction() as tx:
        rule = await rule_of_form(tx, request, sent)
        known = await known_of(tx, request.user.account_id, refuses)
        variables = await variables_of(tx, request.user.account_id)
        draft, focus = stepped(draft_from(sent, known), first_of(sent, "do"))
        doubts = await doubts_of_draft(tx, request.user.account_id, draft, rule, known)
    is_checked = first_of(sent, "checked") == "true"
    errors = _errors(draft, known, rule) if is_checked else {}
    form = ShownForm(draft, known, variables, rule, errors, focus, is_checked, is_redrawn=True)
    return show_form(request, replace(form, doubts=doubts, opened=first_of(sent, OPENED)))


@post("/app/automation/{rule_id:int}/switch", status_code=200, guards=[administrators_only])
async def turn_rule(request: MemberRequest, database: Database, rule_id: int) -> Any:
    """On or off, as `to` says, so that two tabs do not undo each other; without it, the other way."""
    wanted = request.query_params.get("to")
    async with database.transaction() as tx:
        rule = found(await find_rule(tx, request.user.account_id, rule_id))
        is_on = wanted == "on" if wanted else not rule.is_active
        await switch_rule(tx, rule, is_active=is_on, now=datetime.now(UTC))
        known = await known_of(tx, request.user.account_id)
        order = [one.id for one in await rules_of(tx, rule.account_id)]
        doubts = await doubts_of_rules(tx, rule.account_id, known)
    row = page(
        request,
        "automation/_after_switch.html",
        undo=None if "undone" in request.query_params else _undo(rule),
        shown=shown_rule(rule, known, doubts[rule.id]),
        events=EVENT_LABELS,
        is_first=order[0] == rule.id,
        is_last=order[-1] == rule.id,
        focus="",
    )
    return answer(request, row, otherwise="/app/automation")


def _undo(rule: AutomationRule) -> Undo:
    path, target = f"/app/automation/{rule.id}/switch", f"#rule-{rule.id}"
    return undo_switch(rule.name, path, target, is_on=rule.is_active)


@post("/app/automation/{rule_id:int}/clone", status_code=200, guards=[administrators_only])
async def copy_rule(request: MemberRequest, database: Database, rule_id: int) -> Response[Any]:
    async with database.transaction() as tx:
        rule = found(await find_rule(tx, request.user.account_id, rule_id))
        copy = await clone_rule(tx, rule, now=datetime.now(UTC))
        await keep_rule_version(tx, copy, by=request.user.user_id, now=datetime.now(UTC))
        await switch_rule(tx, copy, is_active=False, now=datetime.now(UTC))  # until it is changed
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
    return go_to(request, "/app/automation")


@get("/app/automation/using/{action_id:int}", guards=[administrators_only])
async def show_rules_using(request: MemberRequest, database: Database, action_id: int) -> Template:
    """A fragment for the pages of custom actions: the rules that send one; nothing if none does."""
    async with database.transaction() as tx:
        action = found(await find_action(tx, request.user.account_id, action_id))
        rules = await rules_using(tx, action.account_id, action.id)
    is_count = request.query_params.get("count") == "1"
    return page(request, "automation/_using.html", rules=rules, is_count=is_count)


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
        doubts = await doubts_of_rules(tx, account_id, known)
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


@dataclass(frozen=True, slots=True)
class ShownForm:
    """What the form is drawn from."""

    draft: RuleDraft
    known: Known
    variables: Sequence[Variable]
    rule: AutomationRule | None
    errors: Mapping[str, str]
    focus: str = ""
    is_checked: bool = False  # a save was refused: errors go as soon as they are put right
    is_redrawn: bool = False  # while somebody types: no error may take the focus
    trial: Trial | None = None  # what trying it came to
    doubts: Sequence[Doubt] = ()
    opened: str = ""  # the version that the form was opened with
    collision: Collision | None = None  # somebody else saved meanwhile


async def _save(
    request: MemberRequest, database: Database, outbound: Outbound, rule_id: int | None
) -> Template | Response[Any]:
    sent, account_id = await sent_by(request), request.user.account_id
    async with database.transaction() as tx:
        saved = (
            None if rule_id is None else await find_rule(tx, account_id, rule_id, for_change=True)
        )
        rule = None if rule_id is None else found(saved)
        known = await known_of(tx, account_id, outbound.sender.is_surely_refused)
        draft = draft_from(sent, known)
        errors, collision = _errors(draft, known, rule), None
        if rule is not None and not errors:
            collision = await rule_collision(tx, rule, sent, draft, known)
        if not errors and collision is None:
            await _keep(tx, request, rule, draft)
            return go_to(request, "/app/automation")
        variables = await variables_of(tx, account_id)
    form = ShownForm(draft, known, variables, rule, errors, is_checked=bool(errors))
    opened = "" if collision else first_of(sent, OPENED)
    form = replace(form, collision=collision, opened=opened)
    return show_form(request, form, status_code=422)


async def _keep(
    tx: Transaction, request: MemberRequest, rule: AutomationRule | None, draft: RuleDraft
) -> None:
    """Save a rule without problems, and its version."""
    now = datetime.now(UTC)
    if rule is None:
        rule = await create_rule(tx, request.user.account_id, draft, now=now)
    else:
        await update_rule(tx, rule, replace(draft, is_active=rule.is_active), now=now)
    await keep_rule_version(tx, rule, by=request.user.user_id, now=now)


def _errors(draft: RuleDraft, known: Known, rule: AutomationRule | None) -> dict[str, str]:
    kept = actions_used(rule) if rule else ()
    problems = rule_problems(draft, known, kept_actions=kept)
    return {name: str(one.sentence) for name, one in fields_of(problems).items()}


async def _form_page(
    request: MemberRequest, database: Database, draft: RuleDraft, rule: AutomationRule | None
) -> Template:
    async with database.transaction() as tx:
        known = await known_of(tx, request.user.account_id)
        variables = await variables_of(tx, request.user.account_id)
        doubts = await doubts_of_draft(tx, request.user.account_id, draft, rule, known)
    return show_form(request, ShownForm(draft, known, variables, rule, {}, doubts=doubts))


def show_form(request: MemberRequest, form: ShownForm, *, status_code: int = 200) -> Template:
    """The form, alone for htmx."""
    draft = form.draft
    zone = (draft.control.get("hours") or {}).get("time_zone") or request.user.account.time_zone
    return page(
        request,
        "automation/_form.html" if is_fragment_wanted(request) else "automation/form.html",
        status_code=status_code,
        draft=draft,
        rows=rows_of(draft, form.known),
        rule=form.rule,
        errors=form.errors,
        focus=form.focus,
        is_checked=form.is_checked,
        is_redrawn=form.is_redrawn,
        labels=_labels(form.errors),
        trial=form.trial,
        collision=form.collision,
        opened=form.opened or (form.rule.version if form.rule else ""),
        doubts=form.doubts,
        weekdays=weekdays(),
        zone=zone,
        time_zones=time_zones(zone),
        events=EVENT_LABELS,
        sentence=rule_sentence(
            draft.event_name,
            draft.conditions,
            draft.effects,
            form.known,
            delay=draft.delay_minutes,
        ),
        event_choices=event_choices(),
        wait=wait_of(draft),
        wait_units=WAIT_UNITS,
        has_actions=any(one.is_active for one in form.known.custom_actions.values()),
        most_effects=MOST_EFFECTS,
        variables=variables_island(form.variables),
    )


_CONTROL_LABELS: Final = {
    "execution_delay": say("How long"),
    "cool_down": say("Pause after it fired, in minutes"),
    "days": say("Days"),
    "from": say("From"),
    "to": say("To"),
    "time_zone": say("Time zone"),
}


def _labels(errors: Mapping[str, str]) -> dict[str, Sentence]:
    """What the summary of errors calls each field."""
    names = {"name": say("Name"), "event_name": say("Event"), **_CONTROL_LABELS}
    for field in errors:
        what, _, rest = field.partition("-")
        number = int(re.split("[-_]", rest)[0]) + 1 if rest else 0
        if number and what == "conditions":
            names[field] = say("Condition %(number)s", number=number)
        elif number:
            names[field] = say("Action %(number)s", number=number)
    return names


async def sent_by(request: MemberRequest) -> dict[str, list[str]]:
    """Everything the form sent, by field."""
    form = await request.form()
    return {name: [one for one in form.getall(name) if isinstance(one, str)] for name in set(form)}


async def rule_of_form(
    tx: Transaction, request: MemberRequest, sent: Mapping[str, list[str]]
) -> AutomationRule | None:
    """The saved rule that the form edits; None for a new one."""
    rule_id = number_in(first_of(sent, "rule_id"))
    return None if rule_id is None else found(await find_rule(tx, request.user.account_id, rule_id))


handlers: list[Any] = [
    show_rules, show_new_rule, add_rule, show_edit_rule, change_rule, redraw_form, turn_rule,
    copy_rule, ask_before_deleting, remove_rule, show_rules_using, show_rule,
]  # fmt: skip
