"""The test page of a custom action: its data, the request to be, what came of it, and the last tests."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    has_left,
    is_fragment_wanted,
    page,
)
from recado.actions.answers_showing import answer_of_test
from recado.actions.comparing import between_tests
from recado.actions.models import ActionState, CustomAction
from recado.actions.pages import found_action
from recado.actions.rehearsing import Occasion, rehearse
from recado.actions.saving import activate
from recado.actions.showing import preview_of
from recado.actions.trying import Trial, Wish, prepare_trial, wish_in
from recado.actions.watching_fields import vanished_fields
from recado.conversations.offering import conversations_offered
from recado.conversations.viewing import find_visible
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.explaining import explain
from recado.deliveries.finding import find_delivery, last_tests
from recado.deliveries.models import Delivery
from recado.deliveries.showing import (
    STATE_PILLS,
    TROUBLE_LABELS,
    doubt_of,
    milliseconds,
    phases_of,
    proposal_of,
    shown_response,
)
from recado.deliveries.states import State
from recado.lib.numbers import number_in


@get("/app/actions/{action_id:int}/test", guards=[administrators_only])
async def show_test(request: MemberRequest, database: Database, action_id: int) -> Template:
    chosen = request.query_params
    number = chosen.get("conversation")
    is_real = chosen.get("source", "conversation" if number else "sample") == "conversation"
    wish = Wish((number or "") if is_real else None)
    async with database.transaction() as tx:
        action = await found_action(tx, request, action_id)
        context = await _trial(tx, request, action, wish)
        context |= await _choices(tx, request, wish, context["trial"])
        vanished = (await vanished_fields(tx, [action])).get(action.id, [])
        context |= await _tests(tx, action)
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
        action = await found_action(tx, request, action_id)
        context = await _trial(tx, request, action, wish)
    return page(request, "actions/_preview.html", **context)


@post("/app/actions/{action_id:int}/test", guards=[administrators_only], status_code=200)
async def send_test(
    request: MemberRequest, database: Database, outbound: Outbound, action_id: int
) -> Template:
    """The call itself. A browser that gives the request up stops it."""
    wish = wish_in(dict(await request.form()))
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        action = await found_action(tx, request, action_id)
        context = await _trial(tx, request, action, wish)
    trial: Trial = context["trial"]
    delivery = None
    if trial.is_ready:
        occasion = Occasion(trial.number, partial(has_left, request))
        delivery = await rehearse(
            database, action, trial.facts, outbound, now=now, occasion=occasion
        )
    template = "actions/_trial.html" if is_fragment_wanted(request) else "actions/test.html"
    status = 200 if trial.is_ready else 422
    context |= {"is_told": True, "is_refused": not trial.is_ready, "delivery": delivery}
    context |= _result(delivery)
    async with database.transaction() as tx:
        context |= await _choices(tx, request, wish, trial)
        context |= await answer_of_test(tx, action, context.get("attempt"))
        context |= await _tests(tx, action)
    return page(request, template, status_code=status, **context)


@post("/app/actions/{action_id:int}/save", guards=[administrators_only])
async def finish_action(
    request: MemberRequest, database: Database, action_id: int
) -> Response[Any]:
    """The end of the tutorial: a draft becomes active. One that was switched off stays off."""
    async with database.transaction() as tx:
        action = await found_action(tx, request, action_id, for_change=True)
        if action.state == ActionState.DRAFT:
            await activate(tx, action, now=datetime.now(UTC))
    return go_to(request, f"/app/actions?saved={action.id}")


@get("/app/actions/{action_id:int}/tests", guards=[administrators_only])
async def show_tests(request: MemberRequest, database: Database, action_id: int) -> Template:
    """The last tests, and what differs between two of them."""
    async with database.transaction() as tx:
        action = await found_action(tx, request, action_id)
        context = await _tests(tx, action)
        chosen = [
            await _a_test(tx, action, one) for one in request.query_params.getall("test", [])[:2]
        ]
    if len(chosen) == 2:
        older, newer = sorted(chosen, key=lambda one: one.id)
        context |= {"older": older, "newer": newer, "differences": between_tests(older, newer)}
    is_fragment = is_fragment_wanted(request)
    template = "actions/_tests.html" if is_fragment else "actions/tests.html"
    return page(request, template, action=action, **context)


async def _a_test(tx: Transaction, action: CustomAction, number: str) -> Delivery:
    """A test of this action; whatever else is not found."""
    delivery = await find_delivery(tx, action.account_id, number_in(number) or 0)
    is_ours = delivery is not None and delivery.is_test and delivery.action_id == action.id
    return found(delivery if is_ours else None)


async def _tests(tx: Transaction, action: CustomAction) -> dict[str, Any]:
    return {
        "tests": await last_tests(tx, action.account_id, action.id),
        "differences": None,
        "pills": STATE_PILLS,
        "milliseconds": milliseconds,
    }


async def _trial(
    tx: Transaction, request: MemberRequest, action: CustomAction, wish: Wish
) -> dict[str, Any]:
    member = request.user
    trial = await prepare_trial(tx, member, action.template, wish, now=datetime.now(UTC))
    return {
        "action": action,
        "trial": trial,
        "preview": preview_of(action, trial.facts),
        "is_real": wish.conversation is not None,
    }


async def _choices(
    tx: Transaction, request: MemberRequest, wish: Wish, trial: Trial
) -> dict[str, Any]:
    """The conversations to choose from: those looked for, else the latest, and the chosen one."""
    if wish.conversation is None:
        return {"offered": []}
    offered = await conversations_offered(tx, request.user, _looked_for(request, trial))
    if trial.number and trial.number not in {one.display_id for one in offered}:
        chosen = await find_visible(tx, request.user, trial.number)
        offered = [*([chosen] if chosen else []), *offered]
    return {"offered": offered}


def _looked_for(request: MemberRequest, trial: Trial) -> str:
    """What was typed into the search, or in place of a number."""
    is_no_number = bool(trial.problem) and not trial.number
    return request.query_params.get("find") or (trial.conversation if is_no_number else "")


def _result(delivery: Delivery | None) -> dict[str, Any]:
    """What came of a test."""
    if delivery is None:
        return {}
    attempt = delivery.attempts[-1] if delivery.attempts else None
    return {
        "attempt": attempt,
        "explanation": explain(State(delivery.state), delivery.reason),
        "proposal": proposal_of(delivery),
        "phases": phases_of(attempt.timing) if attempt else [],
        "answer_body": shown_response(attempt) if attempt else None,
        "doubt": doubt_of(delivery),
        "pills": STATE_PILLS,
        "troubles": TROUBLE_LABELS,
        "milliseconds": milliseconds,
    }


handlers: list[Any] = [show_test, show_preview, send_test, finish_action, show_tests]
