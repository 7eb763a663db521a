"""Destinations: the state of each, and how many calls it may have."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.exceptions import ClientException
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    is_fragment_wanted,
    page,
    spoken,
)
from recado.db.database import Database, Transaction
from recado.deliveries.destinations import (
    MOST_WAITING,
    RECENT,
    Destination,
    destinations_of,
    find_destination,
)
from recado.deliveries.explaining_lanes import outlook_of
from recado.deliveries.limiting import Limit, limit_lane
from recado.deliveries.policies import Per, policy_problems
from recado.deliveries.resting import RESTS, rest_lane, rest_of, wake_lane
from recado.deliveries.showing import milliseconds
from recado.lib.languages import Sentence


@get("/app/destinations", guards=[administrators_only])
async def show_destinations(request: MemberRequest, database: Database) -> Template:
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        known = await destinations_of(tx, request.user.account_id, now=now)
    name = "_destinations" if is_fragment_wanted(request) else "destinations"
    return page(
        request, f"deliveries/{name}.html",
        destinations=[(one, outlook_of(one, now=now)) for one in known],
        milliseconds=milliseconds, recent=RECENT, most_waiting=MOST_WAITING,
    )  # fmt: skip


@get("/app/destinations/limit", guards=[administrators_only])
async def ask_for_limit(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        one = await _found(tx, request, request.query_params.get("lane", ""))
    typed = {"most_calls": one.limit.calls, "most_calls_per": one.limit.per} if one.limit else {}
    return _form(request, one, typed, {})


@post("/app/destinations/limit", guards=[administrators_only], status_code=200)
async def set_limit(request: MemberRequest, database: Database) -> Template | Response[Any]:
    form = {name: str(value).strip() for name, value in (await request.form()).items()}
    calls = form.get("most_calls", "")
    typed = {
        "most_calls": int(calls) if calls.isascii() and calls.isdigit() else calls or None,
        "most_calls_per": form.get("most_calls_per") or Per.MINUTE,
    }
    async with database.transaction() as tx:
        one = await _found(tx, request, form.get("lane", ""))
        if problems := policy_problems(typed):
            return _form(request, one, typed, problems)
        limit = Limit(int(calls), Per(str(typed["most_calls_per"]))) if calls else None
        await limit_lane(tx, request.user.account_id, one.lane, limit)
    return go_to(request, "/app/destinations", "saved")


@get("/app/destinations/rest", guards=[administrators_only])
async def ask_how_long(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        one = await _found(tx, request, request.query_params.get("lane", ""))
    return page(request, "deliveries/rest.html", destination=one, rests=RESTS)


@post("/app/destinations/rest", guards=[administrators_only], status_code=200)
async def put_aside(request: MemberRequest, database: Database) -> Response[Any]:
    """Until when its calls wait; they go on by themselves."""
    form = await request.form()
    lasts = rest_of(str(form.get("minutes", "")))
    if lasts is None:
        raise ClientException("There is no such choice.")
    member = request.user
    async with database.transaction() as tx:
        one = await _found(tx, request, str(form.get("lane", "")))
        until = datetime.now(UTC) + lasts
        await rest_lane(tx, member.account_id, one.lane, member.user.name, until=until)
    return go_to(request, "/app/destinations")


@post("/app/destinations/wake", guards=[administrators_only], status_code=200)
async def let_go_on(request: MemberRequest, database: Database) -> Response[Any]:
    lane = str((await request.form()).get("lane", ""))
    async with database.transaction() as tx:
        one = await _found(tx, request, lane)
        await wake_lane(tx, request.user.account_id, one.lane, now=datetime.now(UTC))
    return go_to(request, "/app/destinations")


async def _found(tx: Transaction, request: MemberRequest, lane: str) -> Destination:
    now = datetime.now(UTC)
    return found(await find_destination(tx, request.user.account_id, lane, now=now))


def _form(
    request: MemberRequest,
    one: Destination,
    typed: Mapping[str, Any],
    problems: dict[str, Sentence],
) -> Template:
    return page(
        request, "deliveries/limit.html", status_code=422 if problems else 200,
        destination=one, typed=typed, errors=spoken(problems),
    )  # fmt: skip


handlers: list[Any] = [
    show_destinations, ask_for_limit, set_limit, ask_how_long, put_aside, let_go_on,
]  # fmt: skip
