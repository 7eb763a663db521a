"""The delivery log: what was sent, what came back, what happens next, and sending again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from litestar import get, post
from litestar.response import Redirect, Response, Stream, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    is_fragment_wanted,
    page,
)
from recado.db.database import Database, Transaction
from recado.deliveries.explaining import Explanation, explain, explain_notice, explain_trouble
from recado.deliveries.exporting import MOST_EXPORTED, export_csv, export_json
from recado.deliveries.filtering import (
    LogFilter,
    filter_from,
    host_of,
    no_states_in,
    words_in,
)
from recado.deliveries.finding import (
    FAILING,
    actions_in_log,
    failing_actions,
    find_delivery,
    hosts_in_log,
    paused_lanes,
    rules_in_log,
    still_there,
    stopped_actions,
)
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.requests import completed, is_dropped, is_erased, request_from, shown
from recado.deliveries.resending import cancel, cancel_problem, resend_problem, send_again
from recado.deliveries.resting import resting_lanes
from recado.deliveries.searching import (
    MOST_COUNTED,
    around,
    deliveries_page,
    log_view,
    neighbours,
    newer_count,
)
from recado.deliveries.showing import (
    ERASED,
    STATE_PILLS,
    TROUBLE_LABELS,
    Phase,
    ShownBody,
    attempts_text,
    cause_of,
    doubt_of,
    milliseconds,
    phases_of,
    proposal_of,
    shown_request,
    shown_response,
    uses_of,
    wait_before,
)
from recado.deliveries.states import State
from recado.deliveries.waiting import wait_of
from recado.lib.authorizing import displayed
from recado.lib.curl import as_curl
from recado.lib.languages import Sentence, language, say
from recado.lib.numbers import number_in
from recado.lib.outcomes import Trouble

_OF_CONVERSATION: Final = 10  # deliveries at the side of a conversation


@dataclass(frozen=True, slots=True)
class ShownAttempt:
    """An attempt with everything its part of the page needs."""

    attempt: Attempt
    explanation: Explanation | None  # None: it succeeded
    label: Sentence | None
    phases: list[Phase]
    body: ShownBody
    headers: list[dict[str, str]]  # of the request, as sent
    cause: Sentence
    wait: str  # until the next attempt, in words; "" where there is none


@get("/app/deliveries", guards=[administrators_only])
async def show_log(request: MemberRequest, database: Database) -> Template:
    params = request.query_params
    words, before, newest = (
        words_in(params),
        number_in(params.get("before")),
        number_in(params.get("newest")),
    )
    wanted, account_id = _filter(request, words), request.user.account_id
    bound = before or (newest + 1 if newest else None)
    async with database.transaction() as tx:
        view = await log_view(tx, account_id, wanted, before=bound)
        newer = await newer_count(tx, account_id, wanted, newest) if newest and not before else 0
        resting = await resting_lanes(tx, account_id, now=datetime.now(UTC))
        context: dict[str, Any] = {
            "actions": await actions_in_log(tx, account_id),
            "rules": await rules_in_log(tx, account_id),
            "hosts": [(host, host) for host in await hosts_in_log(tx, account_id)],
            "paused": (paused := await paused_lanes(tx, account_id)),
            "resting": [(host_of(lane), one) for lane, one in resting.items()],
            "rests": paused | {lane: one.rests_until for lane, one in resting.items()},
        }
    address = _Address(words, is_live=params.get("live") != "off")
    top = newest or (view.deliveries[0].id if view.deliveries else 0)
    return page(
        request,
        "deliveries/_log.html" if is_fragment_wanted(request) else "deliveries/log.html",
        **context,
        **_words(),
        deliveries=view.deliveries,
        counts=view.counts,
        is_counted=sum(view.counts.values()) < MOST_COUNTED,
        chosen=words,
        no_states=no_states_in(params),
        address=address,
        older=address.of(before=view.cursor) if view.cursor else "",
        newest=address.of() if before else "",
        refresh=address.of(before=before) if before else address.of(newest=top),
        newer=newer,
        most_exported=format_decimal(MOST_EXPORTED, locale=language()),
    )


@dataclass(frozen=True, slots=True)
class _Address:
    """The log's addresses: this filter with some of it changed, which begins at the top."""

    words: Mapping[str, str]
    is_live: bool = True

    def of(self, **changes: object) -> str:
        live = {} if self.is_live else {"live": "off"}
        given = {
            name: str(value) for name, value in {**self.words, **live, **changes}.items() if value
        }
        return "/app/deliveries" + (f"?{urlencode(given)}" if given else "")

    def other(self, path: str) -> str:
        """Another page about what this filter finds."""
        given = urlencode({name: value for name, value in self.words.items() if value})
        return path + (f"?{given}" if given else "")

    def to(self, delivery_id: int, verb: str = "", **also: str) -> str:
        """A delivery that knows the filter it was found by, so that its neighbours are next."""
        given = {name: value for name, value in {**self.words, **also}.items() if value}
        path = f"/app/deliveries/{delivery_id}{verb}"
        return path + (f"?{urlencode(given)}" if given else "")


@get(
    ["/app/deliveries/export.csv", "/app/deliveries/export.json"],
    guards=[administrators_only],
    sync_to_thread=False,
)
def export_log(request: MemberRequest, database: Database) -> Stream:
    """What the filter finds as a file."""
    kind = request.url.path.rpartition(".")[2]
    wanted = _filter(request, words_in(request.query_params))
    about = (database, request.user.account_id, wanted, language())
    zone = ZoneInfo(request.user.account.time_zone)
    parts = export_csv(*about, zone) if kind == "csv" else export_json(*about)
    headers = {"Content-Disposition": f'attachment; filename="recado-deliveries.{kind}"'}
    return Stream(parts, media_type=_MEDIA_TYPES[kind], headers=headers)


_MEDIA_TYPES: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@get("/app/deliveries/failing", guards=[administrators_only])
async def show_failing(request: MemberRequest, database: Database) -> Template:
    """A notice about every action whose last calls all failed, or that Recado switched off; nothing
    where there is none.
    """
    async with database.transaction() as tx:
        actions = await failing_actions(tx, request.user.account_id)
        stopped = await stopped_actions(tx, request.user.account_id)
    failing = [(one, explain(State(one.state), one.reason)) for one in actions]
    told = [(one, explain_notice(one.notice)) for one in stopped]
    template = "deliveries/_failing.html"
    return page(request, template, failing=failing, stopped=told, number=FAILING)


@get("/app/deliveries/of", guards=[administrators_only])
async def show_deliveries_of(request: MemberRequest, database: Database) -> Template:
    """The calls of one conversation, for its side panel, or of one contact, for their page."""
    params = request.query_params
    contact, number = number_in(params.get("contact")), number_in(params.get("conversation"))
    found(contact or number)
    wanted = LogFilter(conversation_id=number, contact_id=contact)
    async with database.transaction() as tx:
        deliveries, more = await deliveries_page(
            tx, request.user.account_id, wanted, limit=_OF_CONVERSATION
        )
    return page(
        request,
        "deliveries/_of_conversation.html",
        deliveries=deliveries,
        query=f"contact={contact}" if contact else f"conversation={number}",
        heard="deliveries" if contact else f"calls:{number} calls",
        is_more=more is not None,
        **_words(),
    )


@get("/app/deliveries/{delivery_id:int}", guards=[administrators_only])
async def show_delivery(
    request: MemberRequest, database: Database, delivery_id: int
) -> Template | Response[bytes]:
    async with database.transaction() as tx:
        delivery = found(await find_delivery(tx, request.user.account_id, delivery_id))
        context = await _about(tx, request, delivery)
        if request.query_params.get("seen") == context["mark"]:
            return Response(b"", status_code=204)  # nothing new: what is open stays open
        if is_fragment_wanted(request):
            return page(request, "deliveries/_delivery.html", **context)
        beside = await _beside(tx, request, delivery)
    return page(request, "deliveries/delivery.html", **context, **beside)


@get("/app/deliveries/{delivery_id:int}/beside", guards=[administrators_only])
async def show_beside(
    request: MemberRequest, database: Database, delivery_id: int
) -> Template | Redirect:
    """The list beside a delivery, for a page that has heard of a change."""
    address = _Address(words_in(request.query_params))
    async with database.transaction() as tx:
        delivery = found(await find_delivery(tx, request.user.account_id, delivery_id))
        if not is_fragment_wanted(request):
            return Redirect(address.to(delivery_id))
        beside = await _beside(tx, request, delivery)
    return page(
        request, "deliveries/_beside.html", delivery=delivery, address=address, **_words(), **beside
    )


async def _beside(tx: Transaction, request: MemberRequest, delivery: Delivery) -> dict[str, Any]:
    wanted = _filter(request, words_in(request.query_params))
    return {"beside": await around(tx, delivery.account_id, wanted, delivery)}


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
        context = await _about(tx, request, delivery)
    if is_fragment_wanted(request):
        return page(request, "deliveries/_delivery.html", **context)
    return go_to(request, context["address"].to(delivery_id))


@post("/app/deliveries/{delivery_id:int}/cancel", status_code=200, guards=[administrators_only])
async def cancel_delivery(
    request: MemberRequest, database: Database, delivery_id: int
) -> Template | Response[Any]:
    async with database.transaction() as tx:
        delivery = found(
            await find_delivery(tx, request.user.account_id, delivery_id, for_change=True)
        )
        if cancel_problem(delivery) is None:
            await cancel(tx, delivery, request.user.user.name, now=datetime.now(UTC))
        context = await _about(tx, request, delivery)
    if is_fragment_wanted(request):
        return page(request, "deliveries/_delivery.html", **context)
    return go_to(request, context["address"].to(delivery_id))


async def _about(tx: Transaction, request: MemberRequest, delivery: Delivery) -> dict[str, Any]:
    words = words_in(request.query_params)
    wanted = _filter(request, words)
    newer, older = await neighbours(tx, delivery.account_id, wanted, delivery.id)
    attempts = [_shown(delivery, number) for number in reversed(range(len(delivery.attempts)))]
    exists = await still_there(tx, delivery)
    return {
        "delivery": delivery,
        "explanation": explain(State(delivery.state), delivery.reason),
        "attempts": attempts,
        "request_": shown(delivery.request),
        "is_erased": is_erased(delivery.request),
        "request_body": shown_request(delivery.request),
        "curl": _curl(delivery),
        "problem": _problem(delivery, exists),
        "may_cancel": cancel_problem(delivery) is None,
        "exists": exists,
        "doubt": doubt_of(delivery),
        "proposal": proposal_of(delivery) if exists["action"] else None,
        "paused": await paused_lanes(tx, delivery.account_id),
        "uses": uses_of(delivery.answered),
        "wait": await wait_of(tx, delivery, now=datetime.now(UTC)),
        "forgotten_at": _forgotten_at(delivery),
        "mark": _mark(delivery),
        "address": _Address(words),
        "newer": newer,
        "older": older,
        **_words(),
    }


def _problem(delivery: Delivery, exists: Mapping[str, bool]) -> Sentence | None:
    """Why it cannot be sent again; an action that is off sends nothing, by hand neither."""
    if exists["off"]:
        return say("The custom action is not active. Switch it on, then send this again.")
    return resend_problem(delivery)


def _shown(delivery: Delivery, index: int) -> ShownAttempt:
    attempt = delivery.attempts[index]
    before, after = delivery.attempts[:index][-1:], delivery.attempts[index + 1 :][:1]
    reason = {"status": attempt.status, "detail": attempt.detail}
    trouble = Trouble(attempt.trouble) if attempt.trouble else None
    request = request_from(delivery.request)
    sent = displayed(completed(request, delivery.webhook_id, now=attempt.started_at))
    headers = [[one.name, one.value, one.secret_id] for one in sent.headers]
    return ShownAttempt(
        attempt=attempt,
        explanation=explain_trouble(trouble, reason) if trouble else None,
        label=TROUBLE_LABELS[trouble] if trouble else None,
        phases=phases_of(attempt.timing),
        body=ERASED if is_erased(delivery.request) else shown_response(attempt),
        headers=shown({"headers": headers})["headers"],
        cause=cause_of(attempt, before[0] if before else None),
        wait=wait_before(after[0], attempt) if after else "",
    )


def _curl(delivery: Delivery) -> str:
    if not delivery.request or is_dropped(delivery.request):
        return ""
    at = delivery.attempts[-1].started_at if delivery.attempts else delivery.created_at
    return as_curl(
        displayed(completed(request_from(delivery.request), delivery.webhook_id, now=at))
    )


def _forgotten_at(delivery: Delivery) -> datetime | None:
    """When the log forgets it; None while it has not ended."""
    ended_at = delivery.finished_at
    return ended_at + timedelta(days=delivery.keep_days) if ended_at else None


def _mark(delivery: Delivery) -> str:
    """Changes whenever something happens to the delivery."""
    due = int(delivery.due_at.timestamp()) if delivery.due_at else 0
    return f"{delivery.state}-{delivery.attempts_count}-{delivery.lease is not None}-{due}-{len(delivery.answered)}"


def _words() -> dict[str, Any]:
    return {
        "pills": STATE_PILLS,
        "troubles": TROUBLE_LABELS,
        "milliseconds": milliseconds,
        "attempts_text": attempts_text,
    }


def _filter(request: MemberRequest, words: Mapping[str, str]) -> LogFilter:
    zone = ZoneInfo(request.user.account.time_zone)
    return filter_from(words, zone=zone, now=datetime.now(UTC))


handlers: list[Any] = [
    show_failing,
    show_log,
    export_log,
    show_deliveries_of,
    show_delivery,
    show_beside,
    retry_delivery,
    cancel_delivery,
]
