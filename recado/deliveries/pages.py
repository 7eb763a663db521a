"""The delivery log: what was sent, what came back, what happens next, and sending again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

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
from recado.db.database import Database, Transaction
from recado.deliveries.explaining import Explanation, explain, explain_trouble
from recado.deliveries.finding import (
    LogFilter,
    actions_in_log,
    deliveries_page,
    find_delivery,
    newer_count,
    paused_lanes,
    rules_in_log,
    state_counts,
    still_there,
)
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.requests import completed, request_from, shown
from recado.deliveries.resending import resend_problem, send_again
from recado.deliveries.showing import (
    STATE_PILLS,
    TROUBLE_LABELS,
    Phase,
    ShownBody,
    milliseconds,
    phases_of,
    shown_response,
    shown_text,
    uses_of,
)
from recado.deliveries.states import State
from recado.lib.curl import as_curl
from recado.lib.languages import Sentence, say
from recado.lib.outcomes import Trouble

_OF_CONVERSATION: Final = 10  # deliveries at the side of a conversation
_TESTS: Final = {"without": False, "only": True}


@dataclass(frozen=True, slots=True)
class ShownAttempt:
    """An attempt with everything its part of the page needs."""

    attempt: Attempt
    explanation: Explanation | None  # None: it succeeded
    label: Sentence | None
    phases: list[Phase]
    body: ShownBody
    headers: list[dict[str, str]]  # of the request, as sent


@get("/app/deliveries", guards=[administrators_only])
async def show_log(request: MemberRequest, database: Database) -> Template:
    chosen = _chosen(request.query_params)
    wanted = _filter(chosen)
    newest = _id(request.query_params.get("newest"))
    account_id = request.user.account_id
    async with database.transaction() as tx:
        bounded = replace(wanted, before=wanted.before or (newest + 1 if newest else None))
        deliveries, cursor = await deliveries_page(tx, account_id, bounded)
        newer = await newer_count(tx, account_id, replace(wanted, before=None), newest or 0)
        context: dict[str, Any] = {
            "deliveries": deliveries,
            "counts": await state_counts(tx, account_id, wanted),
            "actions": await actions_in_log(tx, account_id),
            "rules": await rules_in_log(tx, account_id),
            "paused": await paused_lanes(tx, account_id),
        }
    first = not wanted.before
    top = newest or (deliveries[0].id if deliveries else 0)
    return page(
        request,
        "deliveries/_log.html" if is_fragment_wanted(request) else "deliveries/log.html",
        **context,
        **_words(),
        chosen=chosen,
        query=lambda **changes: _query(chosen, changes),
        older=_query(chosen, {"before": cursor}) if cursor else "",
        newest=_query(chosen, {"before": ""}) if not first else "",
        refresh=_query(chosen, {"newest": top}) if first else _query(chosen, {}),
        newer=newer if first and newest else 0,
    )


@get("/app/deliveries/of", guards=[administrators_only])
async def show_deliveries_of(request: MemberRequest, database: Database) -> Template:
    """The calls of one conversation, for its side panel."""
    number = found(_id(request.query_params.get("conversation")))
    wanted = LogFilter(conversation_id=number)
    async with database.transaction() as tx:
        deliveries, more = await deliveries_page(
            tx, request.user.account_id, wanted, limit=_OF_CONVERSATION
        )
    return page(
        request,
        "deliveries/_of_conversation.html",
        deliveries=deliveries,
        number=number,
        is_more=more is not None,
        **_words(),
    )


@get("/app/deliveries/{delivery_id:int}", guards=[administrators_only])
async def show_delivery(
    request: MemberRequest, database: Database, delivery_id: int
) -> Template | Response[bytes]:
    async with database.transaction() as tx:
        delivery = found(await find_delivery(tx, request.user.account_id, delivery_id))
        context = await _about(tx, delivery)
    if request.query_params.get("seen") == context["mark"]:
        return Response(b"", status_code=204)  # nothing new: what is open stays open
    is_fragment = is_fragment_wanted(request)
    template = "deliveries/_delivery.html" if is_fragment else "deliveries/delivery.html"
    return page(request, template, **context)


@post("/app/deliveries/{delivery_id:int}/retry", status_code=200, guards=[administrators_only])
async def retry_delivery(
    request: MemberRequest, database: Database, delivery_id: int
) -> Template | Response[Any]:
    """Send again, once: a second press finds that the first has changed the delivery."""
    form = await request.form()
    async with database.transaction() as tx:
        delivery = found(
            await find_delivery(tx, request.user.account_id, delivery_id, for_change=True)
        )
        problem = _problem(delivery, await still_there(tx, delivery))
        if problem is None and form.get("seen", _mark(delivery)) == _mark(delivery):
            await send_again(tx, delivery, request.user.user.name, now=datetime.now(UTC))
        context = await _about(tx, delivery)
    if is_fragment_wanted(request):
        return page(request, "deliveries/_delivery.html", **context)
    return go_to(request, f"/app/deliveries/{delivery_id}")


async def _about(tx: Transaction, delivery: Delivery) -> dict[str, Any]:
    attempts = [_shown(delivery, one) for one in reversed(delivery.attempts)]
    exists = await still_there(tx, delivery)
    return {
        "delivery": delivery,
        "explanation": explain(State(delivery.state), delivery.reason),
        "attempts": attempts,
        "request_": shown(delivery.request),
        "request_body": shown_text(delivery.request.get("body") or ""),
        "curl": _curl(delivery),
        "problem": _problem(delivery, exists),
        "exists": exists,
        "paused": await paused_lanes(tx, delivery.account_id),
        "uses": uses_of(delivery.answered),
        "mark": _mark(delivery),
        **_words(),
    }


def _problem(delivery: Delivery, exists: Mapping[str, bool]) -> Sentence | None:
    """Why it cannot be sent again; an action that is off sends nothing, by hand neither."""
    if exists["off"]:
        return say("The custom action is not active. Switch it on, then send this again.")
    return resend_problem(delivery)


def _shown(delivery: Delivery, attempt: Attempt) -> ShownAttempt:
    reason = {"status": attempt.status, "detail": attempt.detail}
    trouble = Trouble(attempt.trouble) if attempt.trouble else None
    sent = completed(request_from(delivery.request), delivery.webhook_id, now=attempt.started_at)
    headers = [[one.name, one.value, one.secret_id] for one in sent.headers]
    return ShownAttempt(
        attempt=attempt,
        explanation=explain_trouble(trouble, reason) if trouble else None,
        label=TROUBLE_LABELS[trouble] if trouble else None,
        phases=phases_of(attempt.timing),
        body=shown_response(attempt),
        headers=shown({"headers": headers})["headers"],
    )


def _curl(delivery: Delivery) -> str:
    if not delivery.request:
        return ""
    at = delivery.attempts[-1].started_at if delivery.attempts else delivery.created_at
    return as_curl(completed(request_from(delivery.request), delivery.webhook_id, now=at))


def _mark(delivery: Delivery) -> str:
    """Changes whenever something happens to the delivery."""
    due = int(delivery.due_at.timestamp()) if delivery.due_at else 0
    return f"{delivery.state}-{delivery.attempts_count}-{delivery.claim is not None}-{due}-{len(delivery.answered)}"


def _words() -> dict[str, Any]:
    return {"pills": STATE_PILLS, "troubles": TROUBLE_LABELS, "milliseconds": milliseconds}


def _chosen(params: Mapping[str, str]) -> dict[str, str]:
    """What the filter's controls show: only what makes sense, as text."""
    chosen = {
        name: str(_id(params.get(name)) or "")
        for name in ("action", "rule", "conversation", "before")
    }
    chosen["state"] = params.get("state", "") if params.get("state") in set(State) else ""
    chosen["tests"] = params.get("tests", "") if params.get("tests") in _TESTS else ""
    return chosen


def _filter(chosen: Mapping[str, str]) -> LogFilter:
    return LogFilter(
        action_id=_id(chosen["action"]),
        rule_id=_id(chosen["rule"]),
        conversation_id=_id(chosen["conversation"]),
        state=State(chosen["state"]) if chosen["state"] else None,
        is_test=_TESTS.get(chosen["tests"]),
        before=_id(chosen["before"]),
    )


def _query(chosen: Mapping[str, str], changes: Mapping[str, object]) -> str:
    """The log's address with some of its filters changed; another filter begins at the top."""
    start = {} if changes else {"before": chosen["before"]}
    kept = {name: value for name, value in chosen.items() if name != "before"}
    given = {name: str(value) for name, value in {**kept, **start, **changes}.items() if value}
    return "/app/deliveries" + (f"?{urlencode(given)}" if given else "")


def _id(text: str | None) -> int | None:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
    return number or None


handlers: list[Any] = [show_log, show_deliveries_of, show_delivery, retry_delivery]
