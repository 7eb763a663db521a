"""Deliveries: every telling of a custom action, what was sent, what came back, what is next."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from litestar import get, post
from msgspec import Struct

from recado.accounts.doors import found
from recado.api.door import (
    ROOT,
    ApiRequest,
    administrators,
    english,
    invalid,
    iso,
    now,
    unacceptable,
)
from recado.api.fields import UNSET, Flag, MaybeId, Words, id_or_none, text_or
from recado.api.reading import asked
from recado.db.database import Database, Transaction
from recado.deliveries.explaining import explain
from recado.deliveries.filtering import LogFilter, filter_from, is_status
from recado.deliveries.finding import find_delivery
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.requests import shown
from recado.deliveries.resending import cancel, cancel_problem, resend_problem, send_again
from recado.deliveries.searching import deliveries_page
from recado.deliveries.showing import proposal_of
from recado.deliveries.states import State
from recado.lib.answers import text_of


class Header(Struct):
    """A header as it was sent or came back; secrets are masked."""

    name: str
    value: str


class RequestJson(Struct):
    """A request as it was rendered; nulls where none could be made."""

    method: str | None
    url: str | None
    headers: list[Header]
    body: str | None


class ResponseJson(Struct):
    """What came back, up to 64 KiB."""

    headers: list[Header]
    body: str


class AttemptJson(Struct):
    """One try; `response` is null where none came, `asked_by` who pressed "send again" for it.

    `address` is where the name of the host led; null where nothing may be sent, or nothing was.
    """

    number: int
    started_at: str | None
    milliseconds: float
    status: int | None
    trouble: str | None
    asked_by: str | None
    address: str | None
    response: ResponseJson | None


class ProposalJson(Struct):
    """An edit of the custom action: its `field` (method, url, content_type, auth) and the new value.

    Of auth the value is a kind of authentication, empty where the answer does not say which.
    """

    field: str
    value: str
    sentence: str


class DeliveryJson(Struct, kw_only=True):
    """A delivery; `reason` is a sentence in the language of the token's person.

    `proposal` is the edit of the custom action that would mend it, null where none is known.
    `conversation_id` is its number in the account; times in ISO 8601.
    """

    id: int
    state: str
    reason: str
    proposal: ProposalJson | None
    custom_action_id: int | None
    custom_action_name: str
    rule_id: int | None
    rule_name: str | None
    rule_version: int | None
    custom_action_version: int | None
    conversation_id: int | None
    event: str | None
    is_test: bool
    webhook_id: str
    request: RequestJson
    attempts: list[AttemptJson]
    due_at: str | None
    created_at: str | None
    finished_at: str | None


class Cursor(Struct):
    """Where the next page begins; null at the end."""

    next_cursor: str | None


class Deliveries(Struct):
    """A page of deliveries, newest first."""

    payload: list[DeliveryJson]
    meta: Cursor


class DeliveryQuery(Struct):
    """Which deliveries; `cursor` is the `next_cursor` of the page before.

    `status` is "404", "4xx" or "none" (no answer); `contact` an id or a part of name, e-mail address
    or phone number; `since` and `until` in ISO 8601; `q` is looked for in ids, request and answers.
    """

    custom_action_id: MaybeId = UNSET
    rule_id: MaybeId = UNSET
    conversation_id: MaybeId = UNSET
    state: Words = UNSET
    is_test: Flag = UNSET
    host: Words = UNSET
    status: Words = UNSET
    contact: Words = UNSET
    since: Words = UNSET
    until: Words = UNSET
    q: Words = UNSET
    cursor: MaybeId = UNSET


_DELIVERY = f"{ROOT}/deliveries/{{delivery_id:int}}"


@get(f"{ROOT}/deliveries", guards=[administrators], opt={"asks": DeliveryQuery})
async def list_deliveries(request: ApiRequest, database: Database) -> Deliveries:
    """List deliveries, newest first."""
    query = await asked(request, DeliveryQuery)
    async with database.transaction() as tx:
        found, following = await deliveries_page(tx, request.user.account_id, filter_of(query))
    cursor = Cursor(str(following) if following else None)
    return Deliveries([delivery_json(one) for one in found], cursor)


@get(_DELIVERY, guards=[administrators])
async def show_delivery(request: ApiRequest, database: Database, delivery_id: int) -> DeliveryJson:
    """Show a delivery with all its attempts."""
    async with database.transaction() as tx:
        return delivery_json(await _find(tx, request, delivery_id))


@post(f"{_DELIVERY}/retry", status_code=200, guards=[administrators])
async def retry_delivery(request: ApiRequest, database: Database, delivery_id: int) -> DeliveryJson:
    """Send a delivery again: the same request, the same `webhook-id`."""
    async with database.transaction() as tx:
        delivery = await _find(tx, request, delivery_id, for_change=True)
        if problem := resend_problem(delivery):
            raise unacceptable(english({"delivery": problem})["delivery"])
        await send_again(tx, delivery, request.user.user.name, now=now())
        return delivery_json(delivery)


@post(f"{_DELIVERY}/cancel", status_code=200, guards=[administrators])
async def cancel_delivery(
    request: ApiRequest, database: Database, delivery_id: int
) -> DeliveryJson:
    """Cancel a delivery that waits or is held."""
    async with database.transaction() as tx:
        delivery = await _find(tx, request, delivery_id, for_change=True)
        if problem := cancel_problem(delivery):
            raise unacceptable(english({"delivery": problem})["delivery"])
        await cancel(tx, delivery, request.user.user.name, now=now())
        return delivery_json(delivery)


def delivery_json(delivery: Delivery) -> DeliveryJson:
    """A delivery, its attempts loaded, as the API shows it."""
    return DeliveryJson(
        id=delivery.id, state=delivery.state,
        reason=str(explain(State(delivery.state), delivery.reason)),
        proposal=_proposal_json(delivery),
        custom_action_id=delivery.action_id, custom_action_name=delivery.action_name,
        rule_id=delivery.rule_id, rule_name=delivery.rule_name,
        rule_version=delivery.rule_version, custom_action_version=delivery.action_version,
        conversation_id=delivery.conversation_id, event=delivery.event, is_test=delivery.is_test,
        webhook_id=delivery.webhook_id, request=request_json(delivery.request),
        attempts=[_attempt_json(one) for one in delivery.attempts], due_at=iso(delivery.due_at),
        created_at=iso(delivery.created_at), finished_at=iso(delivery.finished_at),
    )  # fmt: skip


def request_json(kept: Mapping[str, Any]) -> RequestJson:
    """A kept request, its secrets masked."""
    told = shown(kept)
    headers = [Header(one["name"], one["value"]) for one in told["headers"]]
    return RequestJson(told["method"], told["url"], headers, told["body"])


def headers_json(kept: Sequence[Any] | None) -> list[Header]:
    """Headers as the row keeps them: pairs."""
    return [Header(name, value) for name, value in kept or ()]


def trouble_of(reason: Mapping[str, Any]) -> str | None:
    """The name of the trouble, if it was one."""
    trouble = reason.get("trouble")
    return str(trouble) if trouble else None


def filter_of(query: DeliveryQuery) -> LogFilter:
    """What a query means; 422 for what makes no sense."""
    names = ("state", "host", "status", "contact", "since", "until", "q")
    words = {name: (text_or(getattr(query, name)) or "").strip() for name in names}
    if words["state"] and not set(words["state"].split(",")) <= set(State):
        raise invalid(
            {"state": f"Choose one or more, with commas between them, of: {', '.join(State)}."}
        )
    if words["status"] and not is_status(words["status"]):
        raise invalid({"status": "Enter a code like 404, a class like 4xx, or none."})
    wanted = filter_from(words, zone=UTC, now=now())
    for name in ("since", "until"):
        if words[name] and getattr(wanted, name) is None:
            raise invalid({name: "Enter a time in ISO 8601, such as 2026-11-23T12:00:00Z."})
    return replace(
        wanted,
        action_id=id_or_none(query.custom_action_id),
        rule_id=id_or_none(query.rule_id),
        conversation_id=id_or_none(query.conversation_id),
        is_test=query.is_test if isinstance(query.is_test, bool) else None,
        before=id_or_none(query.cursor),
    )


def _proposal_json(delivery: Delivery) -> ProposalJson | None:
    told = proposal_of(delivery)
    return ProposalJson(told.field, told.value, str(told.sentence)) if told else None


def _attempt_json(attempt: Attempt) -> AttemptJson:
    response = None
    if attempt.status is not None:
        body = text_of(attempt.response_body or b"")
        response = ResponseJson(headers_json(attempt.response_headers), body)
    return AttemptJson(
        attempt.number, iso(attempt.started_at), attempt.milliseconds, attempt.status,
        attempt.trouble, attempt.asked_by, attempt.timing.get("address"), response,
    )  # fmt: skip


async def _find(
    tx: Transaction, request: ApiRequest, delivery_id: int, *, for_change: bool = False
) -> Delivery:
    return found(
        await find_delivery(tx, request.user.account_id, delivery_id, for_change=for_change)
    )


handlers: list[Any] = [list_deliveries, show_delivery, retry_delivery, cancel_delivery]
