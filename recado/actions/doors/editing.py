"""The form of a custom action: new, pasted, changed, corrected, drawn anew."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    is_fragment_wanted,
    page,
)
from recado.actions.answers import answers_from, attributes_missing
from recado.actions.answers_showing import answer_island, answers_of_form
from recado.actions.auth_form import auth_values
from recado.actions.forms import TypedForm, form_errors, pairs_of, pasted_over, read_form
from recado.actions.importing import Pasted, paste
from recado.actions.mending import Mend, mend
from recado.actions.models import CustomAction
from recado.actions.pages import found_action
from recado.actions.ready import ready_draft
from recado.actions.request import problems_in
from recado.actions.saving import (
    ActionDraft,
    action_named,
    action_problems,
    create_action,
    draft_of,
    template_of,
    update_action,
)
from recado.actions.sending_form import sending_of_form
from recado.actions.showing import FIELD_LABELS
from recado.actions.signing_form import signing_values
from recado.actions.variables import variables_of
from recado.actions.versions import action_collision, keep_action_version
from recado.conversations.offering import conversations_offered
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.finding import find_delivery
from recado.deliveries.showing import proposal_of
from recado.lib.facts import names_known
from recado.lib.languages import Sentence, say
from recado.lib.numbers import number_in
from recado.lib.picking import variables_island

_LIST: Final = "/app/actions"


@get("/app/actions/new", guards=[administrators_only])
async def new_action(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        context = await about_form(
            tx, request, None, TypedForm(ready_draft(request.query_params.get("ready", "")), {})
        )
    return page(request, "actions/form.html", **context)


@post("/app/actions/curl", guards=[administrators_only], status_code=200)
async def fill_in_action(request: MemberRequest, database: Database) -> Template:
    """The form filled in from a pasted curl command; nothing is saved yet. Pasted into a form that
    is being written, the rest of it stays.
    """
    form = dict(await request.form())
    pasted = paste(str(form.get("curl", "")))
    async with database.transaction() as tx:
        number = number_in(str(form.get("action_id", "")))
        action = await found_action(tx, request, number) if number else None
        typed = TypedForm(pasted.draft, {}, is_pasted=True)
        if is_fragment_wanted(request):
            typed = pasted_over(read_form(form, action), pasted)
        context = await about_form(tx, request, action, typed)
    context["pasted"] = pasted
    return page(request, _template(request), status_code=pasted.status, **context)


@post("/app/actions", guards=[administrators_only], status_code=200)
async def add_action(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template | Response[Any]:
    typed, account_id = read_form(dict(await request.form())), request.user.account_id
    async with database.transaction() as tx:
        problems = await action_problems(tx, account_id, typed.draft) | typed.problems
        if problems:
            refused = TypedForm(typed.draft, problems)
            return _refused(request, await about_form(tx, request, None, refused))
        now = datetime.now(UTC)
        action = await create_action(tx, account_id, typed.draft, vault=outbound.vault, now=now)
        await keep_action_version(tx, action, by=request.user.user_id, now=now)
    return go_to(request, f"{_LIST}/{action.id}/test")


@get(["/app/actions/{action_id:int}", "/app/actions/{action_id:int}/edit"], guards=[administrators_only])  # fmt: skip
async def edit_action(request: MemberRequest, database: Database, action_id: int) -> Template:
    async with database.transaction() as tx:
        action = await found_action(tx, request, action_id)
        wish = request.query_params.get("keep", "")
        draft, mending = draft_of(action), await _mend(tx, request, action)
        stale = {} if mending else await _stale(tx, action.account_id, draft)
        typed = TypedForm(mending.draft if mending else draft, stale)
        context = await about_form(tx, request, action, typed, wish)
    context["mending"] = mending
    return page(request, "actions/form.html", **context)


@post("/app/actions/{action_id:int}", guards=[administrators_only], status_code=200)
async def save_changes(
    request: MemberRequest, database: Database, outbound: Outbound, action_id: int
) -> Template | Response[Any]:
    form = dict(await request.form())
    async with database.transaction() as tx:
        action = await found_action(tx, request, action_id, for_change=True)
        typed = read_form(form, action)
        problems = await action_problems(tx, action.account_id, typed.draft, but=action.id)
        if problems := problems | typed.problems:
            refused = replace(typed, problems=problems)
            return _refused(request, await about_form(tx, request, action, refused))
        if collision := await action_collision(tx, action, form, typed.draft):
            return _refused(
                request,
                await _collided(tx, request, action, typed.draft) | {"collision": collision},
            )
        now = datetime.now(UTC)
        await update_action(tx, action, typed.draft, vault=outbound.vault, now=now)
        await keep_action_version(tx, action, by=request.user.user_id, now=now)
    return go_to(request, f"{_LIST}/{action.id}/test")


@post("/app/actions/draft", guards=[administrators_only], status_code=200)
async def redraw_action(request: MemberRequest, database: Database) -> Template:
    """The form with what was kept of it in somebody's browser; saves nothing."""
    form = dict(await request.form())
    async with database.transaction() as tx:
        number = number_in(str(form.get("action_id", "")))
        action = await found_action(tx, request, number) if number else None
        typed = replace(read_form(form, action), problems={})
        context = await about_form(tx, request, action, typed)
    return page(request, _template(request), **context)


async def _stale(tx: Transaction, account_id: int, draft: ActionDraft) -> dict[str, Sentence]:
    """What a saved action names that is gone since, by field: until it is changed it cannot be saved."""
    known = names_known(await variables_of(tx, account_id))
    lost = attributes_missing(answers_from(draft.answers), known)
    gone = say("The custom attribute was deleted.")
    return {one.field: one.sentence for one in problems_in(template_of(draft), known)} | {
        f"answers.fields.{at}.key": gone for at in lost
    }


async def _mend(tx: Transaction, request: MemberRequest, action: CustomAction) -> Mend | None:
    """The correction that a delivery of this action proposes, worked out again; none where it has
    arrived since. A delivery of something else is not found.
    """
    if "mend" not in request.query_params:
        return None
    number = found(number_in(request.query_params["mend"]))
    delivery = found(await find_delivery(tx, action.account_id, number))
    found(delivery if delivery.action_id == action.id else None)
    proposal = proposal_of(delivery)
    return mend(draft_of(action), proposal, delivery.request["url"]) if proposal else None


async def about_form(
    tx: Transaction,
    request: MemberRequest,
    action: CustomAction | None,
    typed: TypedForm,
    wish: str = "",
) -> dict[str, Any]:
    """What the form shows, for a new action (None) or for one that is there."""
    account_id = request.user.account_id
    variables = await variables_of(tx, account_id)
    about = await answers_of_form(tx, account_id, action, typed.draft.answers, wish)
    return {
        "action": action,
        "values": typed.draft,
        **sending_of_form(typed.draft.policy),
        "auth": auth_values(typed.draft.auth, is_pasted=typed.is_pasted),
        "signing": await signing_values(tx, request.user.account_id, typed.draft),
        "pasted": Pasted(),
        "mending": None,
        "pairs": pairs_of(typed.draft, is_pasted=typed.is_pasted),
        "opened": typed.opened or (action.version if action else ""),
        "collision": None,
        "is_typed": is_fragment_wanted(request),
        "namesake": await _namesake(tx, account_id, action, typed),
        **_told(form_errors(typed.problems, typed.draft)),
        "variables": variables_island(variables),
        "offered": await conversations_offered(tx, request.user, ""),
        "number": None,
        "answer_variables": answer_island(variables, about["seen_fields"]),
        **about,
    }


async def _namesake(
    tx: Transaction, account_id: int, action: CustomAction | None, typed: TypedForm
) -> CustomAction | None:
    """Who has the name already, where that is what is wrong."""
    if "name" not in typed.problems:
        return None
    return await action_named(tx, account_id, typed.draft.name, but=action.id if action else None)


async def _collided(
    tx: Transaction, request: MemberRequest, action: CustomAction, draft: ActionDraft
) -> dict[str, Any]:
    """The form as it was sent, marked with what is saved now: sent again, it is saved."""
    context = await about_form(tx, request, action, TypedForm(draft, {}))
    return context | _told(form_errors({}, draft, is_refused=True))


def _told(errors: dict[str, str]) -> dict[str, Any]:
    labels = {name: str(label) for name, label in FIELD_LABELS.items()}
    return {
        "errors": errors,
        "labels": {name: labels[name.partition("-")[0]] for name in errors},
    }


def _refused(request: MemberRequest, context: dict[str, Any]) -> Template:
    return page(request, _template(request), status_code=422, **context)


def _template(request: MemberRequest) -> str:
    return "actions/_form.html" if is_fragment_wanted(request) else "actions/form.html"


handlers: list[Any] = [
    new_action, fill_in_action, add_action, edit_action, save_changes, redraw_action,
]  # fmt: skip
