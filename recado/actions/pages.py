"""Pages of custom actions: the list, the form, the test page, switching and deleting."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template
from markupsafe import escape

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    answer,
    found,
    go_to,
    is_fragment_wanted,
    page,
)
from recado.actions.answers_showing import answer_island, answer_of_test, answers_of_form
from recado.actions.auth_form import auth_values
from recado.actions.forms import TypedForm, form_errors, pairs_of, read_form
from recado.actions.importing import Pasted, paste
from recado.actions.listing import listing_of
from recado.actions.models import ActionState, CustomAction
from recado.actions.ready import READY, ready_draft
from recado.actions.rehearsing import rehearse
from recado.actions.saving import (
    action_problems,
    actions_of,
    activate,
    create_action,
    delete_action,
    draft_of,
    find_action,
    hold_calls,
    switch_off,
    update_action,
)
from recado.actions.sending_form import sending_of_form, waits_outlook
from recado.actions.showing import FIELD_LABELS, findings_in, preview_of, variables_island
from recado.actions.signing_form import signing_values
from recado.actions.trying import Trial, Wish, prepare_trial, wish_in
from recado.actions.variables import variables_of
from recado.actions.versions import keep_action_version
from recado.actions.watching_fields import vanished_fields
from recado.conversations.finding import Filter, conversations_page
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.explaining import explain
from recado.deliveries.finding import last_deliveries
from recado.deliveries.models import Delivery
from recado.deliveries.showing import (
    STATE_PILLS,
    TROUBLE_LABELS,
    milliseconds,
    phases_of,
    shown_response,
)
from recado.deliveries.states import State
from recado.lib.facts import names_known
from recado.lib.languages import say

_LARGEST_ID: Final = 2**63 - 1
_LIST: Final = "/app/actions"


@get("/app/actions", guards=[administrators_only])
async def show_actions(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        actions = await actions_of(tx, request.user.account_id)
        listing = listing_of(actions, request.query_params)
        context = {**await _about(tx, listing.actions), "listing": listing, "ready": READY}
    is_fragment = is_fragment_wanted(request)
    template = "actions/_list.html" if is_fragment else "actions/list.html"
    off = _id(request.query_params.get("off"))
    context |= _switched(next((one for one in actions if one.id == off), None))
    return page(request, template, **context, flash=_flash(request, actions))


@get("/app/actions/results", guards=[administrators_only])
async def show_results(request: MemberRequest, database: Database) -> Template:
    """What came of the last deliveries of every action, each for its own place in the list."""
    async with database.transaction() as tx:
        context = await _about(tx, await actions_of(tx, request.user.account_id))
    return page(request, "actions/_all_results.html", **context)


@get("/app/actions/new", guards=[administrators_only])
async def new_action(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        context = await about_form(
            tx, request, None, TypedForm(ready_draft(request.query_params.get("ready", "")), {})
        )
    return page(request, "actions/form.html", **context)


@post("/app/actions/curl", guards=[administrators_only], status_code=200)
async def fill_in_action(request: MemberRequest, database: Database) -> Template:
    """The form filled in from a pasted curl command; nothing is saved yet."""
    pasted = paste(str((await request.form()).get("curl", "")))
    async with database.transaction() as tx:
        context = await about_form(tx, request, None, TypedForm(pasted.draft, {}, is_pasted=True))
    context["pasted"] = pasted
    return page(request, "actions/form.html", status_code=pasted.status, **context)


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
        action = await _find(tx, request, action_id)
        wish = request.query_params.get("keep", "")
        context = await about_form(tx, request, action, TypedForm(draft_of(action), {}), wish)
    return page(request, "actions/form.html", **context)


@post("/app/actions/{action_id:int}", guards=[administrators_only], status_code=200)
async def save_changes(
    request: MemberRequest, database: Database, outbound: Outbound, action_id: int
) -> Template | Response[Any]:
    form = dict(await request.form())
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id, for_change=True)
        typed = read_form(form, action)
        problems = await action_problems(tx, action.account_id, typed.draft, but=action.id)
        if problems := problems | typed.problems:
            refused = TypedForm(typed.draft, problems)
            return _refused(request, await about_form(tx, request, action, refused))
        now = datetime.now(UTC)
        await update_action(tx, action, typed.draft, vault=outbound.vault, now=now)
        await keep_action_version(tx, action, by=request.user.user_id, now=now)
    return go_to(request, f"{_LIST}/{action.id}/test")


@post("/app/actions/check", guards=[administrators_only], status_code=200)
async def check_body(request: MemberRequest, database: Database) -> list[dict[str, Any]]:
    """What the editor underlines while somebody types."""
    form = await request.form()
    async with database.transaction() as tx:
        known = names_known(await variables_of(tx, request.user.account_id))
    return findings_in(str(form.get("text", "")), str(form.get("language", "")), known)


@get("/app/actions/waits", guards=[administrators_only], media_type="text/html")
async def show_outlook(request: MemberRequest) -> str:
    """What own waits come to, while they are typed; a sentence without what anybody typed."""
    return str(escape(str(waits_outlook(request.query_params))))


@get("/app/actions/{action_id:int}/test", guards=[administrators_only])
async def show_test(request: MemberRequest, database: Database, action_id: int) -> Template:
    chosen = request.query_params
    number = chosen.get("conversation")
    is_real = chosen.get("source", "conversation" if number else "sample") == "conversation"
    wish = Wish((number or "") if is_real else None)
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id)
        context = await _trial(tx, request, action, wish)
        vanished = (await vanished_fields(tx, [action])).get(action.id, [])
    template = "actions/_trial.html" if is_fragment_wanted(request) else "actions/test.html"
    is_told = number is not None  # before there was a field for it, nothing was wrong
    status = 422 if is_told and context["trial"].problem else 200
    context |= {"is_told": is_told, "is_refused": False, "delivery": None, "vanished": vanished}
    return page(request, template, status_code=status, **context)


@post("/app/actions/{action_id:int}/preview", guards=[administrators_only], status_code=200)
async def show_preview(request: MemberRequest, database: Database, action_id: int) -> Template:
    """The request with the values as they are typed now; nothing is sent."""
    wish = wish_in(dict(await request.form()))
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id)
        context = await _trial(tx, request, action, wish)
    return page(request, "actions/_preview.html", **context)


@post("/app/actions/{action_id:int}/test", guards=[administrators_only], status_code=200)
async def send_test(
    request: MemberRequest, database: Database, outbound: Outbound, action_id: int
) -> Template:
    wish = wish_in(dict(await request.form()))
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id)
        context = await _trial(tx, request, action, wish)
    trial: Trial = context["trial"]
    delivery = None
    if trial.is_ready:
        delivery = await rehearse(
            database, action, trial.facts, outbound, now=now, conversation_id=trial.number
        )
    template = "actions/_trial.html" if is_fragment_wanted(request) else "actions/test.html"
    status = 200 if trial.is_ready else 422
    context |= {"is_told": True, "is_refused": not trial.is_ready, "delivery": delivery}
    context |= _result(delivery)
    async with database.transaction() as tx:
        context |= await answer_of_test(tx, action, context.get("attempt"))
    return page(request, template, status_code=status, **context)


@post("/app/actions/{action_id:int}/save", guards=[administrators_only])
async def finish_action(
    request: MemberRequest, database: Database, action_id: int
) -> Response[Any]:
    """The end of the tutorial: a draft becomes active. One that was switched off stays off."""
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id, for_change=True)
        if action.state == ActionState.DRAFT:
            await activate(tx, action, now=datetime.now(UTC))
    return go_to(request, f"{_LIST}?saved={action.id}")


@post("/app/actions/{action_id:int}/switch", guards=[administrators_only], status_code=200)
async def switch_action(
    request: MemberRequest, database: Database, action_id: int
) -> Template | Response[Any]:
    """On or off, as `to` says, so that two tabs do not undo each other; without it, the other way."""
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id, for_change=True)
        wanted = request.query_params.get("to") or ("off" if action.is_active else "active")
        skipped = None
        if wanted == "off":
            skipped = await switch_off(tx, action, now=now)
        elif not action.is_active:
            await activate(tx, action, now=now, skips_held="skip" in request.query_params)
        context = await _about(tx, [action])
    context |= _switched(action, skipped, is_swapped=True)
    row = page(request, "actions/_after_switch.html", action=action, **context)
    return answer(request, row, otherwise=f"{_LIST}?off={action.id}" if context["off"] else _LIST)


@post("/app/actions/{action_id:int}/hold", guards=[administrators_only], status_code=200)
async def hold_action(
    request: MemberRequest, database: Database, action_id: int
) -> Template | Response[Any]:
    """Of an action that is off: hold its calls until it is on again, instead of skipping them."""
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id, for_change=True)
        if action.state == ActionState.OFF:
            await hold_calls(tx, action, now=datetime.now(UTC))
        context = await _about(tx, [action])
    context |= _switched(action, is_swapped=True)
    row = page(request, "actions/_after_switch.html", action=action, **context)
    return answer(request, row, otherwise=f"{_LIST}?off={action.id}")


@get("/app/actions/{action_id:int}/delete", guards=[administrators_only])
async def ask_to_delete(request: MemberRequest, database: Database, action_id: int) -> Template:
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id)
    return page(request, "actions/delete.html", action=action, is_wrong=False)


@post("/app/actions/{action_id:int}/delete", guards=[administrators_only], status_code=200)
async def remove_action(
    request: MemberRequest, database: Database, action_id: int
) -> Template | Response[Any]:
    form = await request.form()
    async with database.transaction() as tx:
        action = await _find(tx, request, action_id, for_change=True)
        if str(form.get("name", "")).strip() != action.name:
            return page(
                request, "actions/delete.html", status_code=422, action=action, is_wrong=True
            )
        await delete_action(tx, action, now=datetime.now(UTC))
    return go_to(request, f"{_LIST}?deleted=1")


async def _find(
    tx: Transaction, request: MemberRequest, action_id: int, *, for_change: bool = False
) -> CustomAction:
    known = action_id if 0 < action_id <= _LARGEST_ID else 0
    return found(await find_action(tx, request.user.account_id, known, for_change=for_change))


async def _about(tx: Transaction, actions: Iterable[CustomAction]) -> dict[str, Any]:
    actions = list(actions)
    account_id = actions[0].account_id if actions else 0
    results = await last_deliveries(tx, account_id, [action.id for action in actions])
    vanished = await vanished_fields(tx, actions)
    return {"actions": actions, "results": results, "pills": STATE_PILLS, "vanished": vanished}


def _switched(
    action: CustomAction | None, skipped: int | None = None, *, is_swapped: bool = False
) -> dict[str, Any]:
    """What the list says of an action that is off now."""
    is_off = action is not None and action.state == ActionState.OFF
    return {"off": action if is_off else None, "skipped": skipped, "is_swapped": is_swapped}


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
    errors = form_errors(typed.problems, typed.draft)
    labels = {name: str(label) for name, label in FIELD_LABELS.items()}
    return {
        "action": action,
        "values": typed.draft,
        **sending_of_form(typed.draft.policy),
        "auth": auth_values(typed.draft.auth, is_pasted=typed.is_pasted),
        "signing": await signing_values(tx, request.user.account_id, typed.draft),
        "pasted": Pasted(),
        "pairs": pairs_of(typed.draft, is_pasted=typed.is_pasted),
        "errors": errors,
        "labels": {name: labels[name.partition("-")[0]] for name in errors},
        "variables": variables_island(variables),
        "answer_variables": answer_island(variables, about["seen_fields"]),
        **about,
    }


def _refused(request: MemberRequest, context: dict[str, Any]) -> Template:
    template = "actions/_form.html" if is_fragment_wanted(request) else "actions/form.html"
    return page(request, template, status_code=422, **context)


async def _trial(
    tx: Transaction, request: MemberRequest, action: CustomAction, wish: Wish
) -> dict[str, Any]:
    member = request.user
    trial = await prepare_trial(tx, member, action.template, wish, now=datetime.now(UTC))
    latest = await conversations_page(tx, member, Filter(status=None))
    return {
        "action": action,
        "trial": trial,
        "preview": preview_of(action, trial.facts),
        "latest": latest,
        "is_real": wish.conversation is not None,
    }


def _result(delivery: Delivery | None) -> dict[str, Any]:
    """What came of a test."""
    if delivery is None:
        return {}
    attempt = delivery.attempts[-1] if delivery.attempts else None
    return {
        "attempt": attempt,
        "explanation": explain(State(delivery.state), delivery.reason),
        "phases": phases_of(attempt.timing) if attempt else [],
        "answer_body": shown_response(attempt) if attempt else None,
        "pills": STATE_PILLS,
        "troubles": TROUBLE_LABELS,
        "milliseconds": milliseconds,
    }


def _flash(request: MemberRequest, actions: list[CustomAction]) -> dict[str, str] | None:
    """What the last step did, for the page that it leads to."""
    if "deleted" in request.query_params:
        told = say("The custom action was deleted. Its delivery log stays readable.")
        return {"text": str(told), "kind": "success"}
    saved = _id(request.query_params.get("saved"))
    action = next((one for one in actions if one.id == saved), None)
    if action is None:
        return None
    if action.is_active:
        told = say("“%(name)s” is saved and active: rules can use it.", name=action.name)
    else:
        told = say("“%(name)s” is saved. It is still switched off.", name=action.name)
    return {"text": str(told), "kind": "success"}


def _id(text: str | None) -> int | None:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
    return number or None


handlers: list[Any] = [
    show_actions, show_results, new_action, fill_in_action, add_action, edit_action, save_changes, check_body,
    show_outlook, show_test, show_preview, send_test, finish_action, switch_action, hold_action, ask_to_delete,
    remove_action,
]  # fmt: skip
