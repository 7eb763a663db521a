"""The form of a rule: new, changed, drawn anew while somebody types."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.colliding import OPENED, Collision
from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    is_fragment_wanted,
    page,
)
from recado.actions.variables import variables_of
from recado.automation.captions import EVENT_LABELS
from recado.automation.doubting import Doubt
from recado.automation.effect_names import MOST_EFFECTS
from recado.automation.forms import draft_from, fields_of, first_of, flattened, new_draft, stepped
from recado.automation.judging import Trial
from recado.automation.knowing import known_of
from recado.automation.known import Known
from recado.automation.models import AutomationRule
from recado.automation.reviewing import doubts_of_draft
from recado.automation.rows import (
    WAIT_UNITS,
    event_choices,
    rows_of,
    wait_of,
)
from recado.automation.saving import (
    RuleDraft,
    actions_used,
    create_rule,
    draft_of,
    find_rule,
    rule_problems,
    update_rule,
)
from recado.automation.versions import keep_rule_version, rule_collision
from recado.automation.wording import rule_sentence
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.lib.calendars import time_zones, weekdays
from recado.lib.facts import Variable
from recado.lib.languages import Sentence, say
from recado.lib.numbers import number_in
from recado.lib.picking import variables_island


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
        rule = None
        if rule_id is not None:
            rule = found(await find_rule(tx, account_id, rule_id, for_change=True))
        known = await known_of(tx, account_id, outbound.sender.is_surely_refused)
        draft = draft_from(sent, known)
        errors, collision = _errors(draft, known, rule), None
        if rule is not None and not errors:
            collision = await rule_collision(tx, rule, sent, draft, known)
        if not errors and collision is None:
            await _keep(tx, request, rule, draft)
            return go_to(request, "/app/automation", "saved")
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


handlers: list[Any] = [show_new_rule, add_rule, show_edit_rule, change_rule, redraw_form]
