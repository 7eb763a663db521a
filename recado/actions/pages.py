"""Pages of custom actions: the list, switching and deleting."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    answer,
    flash_of,
    found,
    go_to,
    is_fragment_wanted,
    page,
)
from recado.accounts.undoing import Undo, undo_switch
from recado.actions.answers import answers_from, attributes_missing
from recado.actions.listing import listing_of
from recado.actions.models import ActionState, CustomAction
from recado.actions.ready import READY
from recado.actions.request import names_missing
from recado.actions.saving import (
    actions_of,
    activate,
    delete_action,
    draft_of,
    find_action,
    hold_calls,
    switch_off,
    template_of,
)
from recado.actions.variables import variables_of
from recado.actions.watching_fields import vanished_fields
from recado.db.database import Database, Transaction
from recado.deliveries.explaining import explain_notice
from recado.deliveries.finding import failing_actions, last_deliveries
from recado.deliveries.lately import lately
from recado.deliveries.lingering import longest_waiting
from recado.deliveries.showing import STATE_PILLS
from recado.lib.facts import names_known
from recado.lib.languages import say
from recado.lib.numbers import number_in

_LIST: Final = "/app/actions"
_LATE: Final = timedelta(minutes=1)  # a call that waits longer is told in the list


@get("/app/actions", guards=[administrators_only])
async def show_actions(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        actions = await actions_of(tx, request.user.account_id)
        listing = listing_of(actions, request.query_params)
        context = {**await _rows(tx, listing.actions), "listing": listing, "ready": READY}
    is_fragment = is_fragment_wanted(request)
    template = "actions/_list.html" if is_fragment else "actions/list.html"
    off = number_in(request.query_params.get("off"))
    context |= _switched(next((one for one in actions if one.id == off), None))
    return page(request, template, **context, flash=_flash(request, actions))


@get("/app/actions/results", guards=[administrators_only])
async def show_results(request: MemberRequest, database: Database) -> Template:
    """What came of the last deliveries of a page's actions, each for its own place in the list."""
    async with database.transaction() as tx:
        actions = await actions_of(tx, request.user.account_id)
        context = await _about(tx, listing_of(actions, request.query_params).actions)
    return page(request, "actions/_all_results.html", **context)


@post("/app/actions/{action_id:int}/switch", guards=[administrators_only], status_code=200)
async def switch_action(
    request: MemberRequest, database: Database, action_id: int
) -> Template | Response[Any]:
    """On or off, as `to` says, so that two tabs do not undo each other; without it, the other way."""
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        action = await found_action(tx, request, action_id, for_change=True)
        wanted = request.query_params.get("to") or ("off" if action.is_active else "active")
        skipped = None
        if wanted == "off":
            skipped = await switch_off(tx, action, now=now)
        elif not action.is_active:
            await activate(tx, action, now=now, skips_held="skip" in request.query_params)
        context = await _rows(tx, [action])
    context |= _switched(action, skipped, is_swapped=True)
    undo = None if "undone" in request.query_params else _undo(action)
    row = page(request, "actions/_after_switch.html", action=action, undo=undo, **context)
    return answer(request, row, otherwise=f"{_LIST}?off={action.id}" if context["off"] else _LIST)


@post("/app/actions/{action_id:int}/hold", guards=[administrators_only], status_code=200)
async def hold_action(
    request: MemberRequest, database: Database, action_id: int
) -> Template | Response[Any]:
    """Of an action that is off: hold its calls until it is on again, instead of skipping them."""
    async with database.transaction() as tx:
        action = await found_action(tx, request, action_id, for_change=True)
        if action.state == ActionState.OFF:
            await hold_calls(tx, action, now=datetime.now(UTC))
        context = await _rows(tx, [action])
    context |= _switched(action, is_swapped=True)
    row = page(request, "actions/_after_switch.html", action=action, undo=None, **context)
    return answer(request, row, otherwise=f"{_LIST}?off={action.id}")


@get("/app/actions/{action_id:int}/delete", guards=[administrators_only])
async def ask_to_delete(request: MemberRequest, database: Database, action_id: int) -> Template:
    async with database.transaction() as tx:
        action = await found_action(tx, request, action_id)
    return page(request, "actions/delete.html", action=action, is_wrong=False)


@post("/app/actions/{action_id:int}/delete", guards=[administrators_only], status_code=200)
async def remove_action(
    request: MemberRequest, database: Database, action_id: int
) -> Template | Response[Any]:
    form = await request.form()
    async with database.transaction() as tx:
        action = await found_action(tx, request, action_id, for_change=True)
        if str(form.get("name", "")).strip() != action.name:
            return page(
                request, "actions/delete.html", status_code=422, action=action, is_wrong=True
            )
        await delete_action(tx, action, now=datetime.now(UTC))
    return go_to(request, f"{_LIST}?deleted=1")


async def found_action(
    tx: Transaction, request: MemberRequest, action_id: int, *, for_change: bool = False
) -> CustomAction:
    """The reader's action; for strangers there is none."""
    return found(await find_action(tx, request.user.account_id, action_id, for_change=for_change))


async def _about(tx: Transaction, actions: Iterable[CustomAction]) -> dict[str, Any]:
    actions = list(actions)
    account_id = actions[0].account_id if actions else 0
    results = await last_deliveries(tx, account_id, [action.id for action in actions])
    vanished = await vanished_fields(tx, actions)
    failing = {one.id for one in await failing_actions(tx, account_id)}
    waiting = await longest_waiting(tx, account_id, [action.id for action in actions])
    now = datetime.now(UTC)
    return {
        "actions": actions,
        "results": results,
        "lately": await lately(tx, account_id, list(results), now=now),
        "late": {key: one for key, one in waiting.items() if one.since < now - _LATE},
        "pills": STATE_PILLS,
        "vanished": vanished,
        "failing": failing,
        "explain_notice": explain_notice,
    }


async def _rows(tx: Transaction, actions: Iterable[CustomAction]) -> dict[str, Any]:
    """What whole rows say: also what an action prints, or keeps values in, and is gone."""
    context = await _about(tx, actions)
    shown: list[CustomAction] = context["actions"]
    known = names_known(await variables_of(tx, shown[0].account_id)) if shown else frozenset()
    gone = {one.id: names_missing(template_of(draft_of(one)), known) for one in shown}
    lost = {one.id: attributes_missing(answers_from(one.answers), known) for one in shown}
    return context | {"gone": gone, "lost": lost}


def _switched(
    action: CustomAction | None, skipped: int | None = None, *, is_swapped: bool = False
) -> dict[str, Any]:
    """What the list says of an action that is off now."""
    is_off = action is not None and action.state == ActionState.OFF
    return {"off": action if is_off else None, "skipped": skipped, "is_swapped": is_swapped}


def _undo(action: CustomAction) -> Undo:
    path, target = f"{_LIST}/{action.id}/switch", f"#action-{action.id}"
    return undo_switch(action.name, path, target, is_on=action.is_active, on="active")


def _flash(request: MemberRequest, actions: list[CustomAction]) -> dict[str, str] | None:
    """What the last step did, for the page that it leads to."""
    if "deleted" in request.query_params:
        told = say("The custom action was deleted. Its delivery log stays readable.")
        return flash_of(told)
    saved = number_in(request.query_params.get("saved"))
    action = next((one for one in actions if one.id == saved), None)
    if action is None:
        return None
    if action.is_active:
        told = say("“%(name)s” is saved and active: rules can use it.", name=action.name)
    else:
        told = say("“%(name)s” is saved. It is still switched off.", name=action.name)
    return flash_of(told)


handlers: list[Any] = [
    show_actions, show_results, switch_action, hold_action, ask_to_delete, remove_action,
]  # fmt: skip
