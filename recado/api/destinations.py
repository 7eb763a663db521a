"""Destinations: the servers that calls go to, each with its pace, its breaker and its rate limit."""

from typing import Annotated, Any

from litestar import get, put
from msgspec import Meta, Struct

from recado.accounts.doors import found
from recado.api.door import ROOT, ApiRequest, administrators, invalid, iso, now
from recado.api.fields import Words, text_or
from recado.api.reading import read
from recado.db.database import Database
from recado.deliveries.destinations import Destination, destinations_of, find_destination
from recado.deliveries.explaining_lanes import outlook_of
from recado.deliveries.limiting import Limit, limit_lane
from recado.deliveries.policies import Per


class LimitBody(Struct):
    """`destination` as the list has it; at most `most_calls` (null lifts the limit) in each
    `most_calls_per`: second, minute (unless told otherwise) or hour.
    """

    destination: str
    most_calls: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    most_calls_per: Words = Per.MINUTE


class DestinationJson(Struct):
    """A destination. `state` is free, slowed, limited, resting (put aside by hand), paused (its breaker is open)
    or probing;
    `reason` says it in the language of the token's person, `until` when it changes by itself.

    `concurrency` is how many calls it gets at once, `waiting` is counted to 1,000; the milliseconds
    are of the attempts of the last 200 deliveries.
    """

    destination: str
    state: str
    reason: str
    until: str | None
    concurrency: int
    waiting: int
    in_flight: int
    recent_attempts: int
    recent_failures: int
    p50_milliseconds: float | None
    p99_milliseconds: float | None
    most_calls: int | None
    most_calls_per: str | None


class Destinations(Struct):
    """Every destination that the delivery log tells of."""

    payload: list[DestinationJson]


@get(f"{ROOT}/destinations", guards=[administrators])
async def list_destinations(request: ApiRequest, database: Database) -> Destinations:
    """List the destinations, each with what is going on."""
    async with database.transaction() as tx:
        known = await destinations_of(tx, request.user.account_id, now=now())
    return Destinations([destination_json(one) for one in known])


@put(f"{ROOT}/destinations", guards=[administrators], opt={"takes": LimitBody})
async def limit_destination(request: ApiRequest, database: Database) -> DestinationJson:
    """Set or lift the rate limit of a destination."""
    given = await read(request, LimitBody)
    per = text_or(given.most_calls_per) or Per.MINUTE
    if per not in tuple(Per):
        raise invalid({"most_calls_per": f"Choose one of: {', '.join(Per)}."})
    limit = Limit(given.most_calls, Per(per)) if given.most_calls else None
    async with database.transaction() as tx:
        account_id = request.user.account_id
        found(await find_destination(tx, account_id, given.destination, now=now()))
        await limit_lane(tx, account_id, given.destination, limit)
        known = found(await find_destination(tx, account_id, given.destination, now=now()))
        return destination_json(known)


def destination_json(one: Destination) -> DestinationJson:
    """A destination as the API shows it."""
    outlook, limit = outlook_of(one, now=now()), one.limit
    return DestinationJson(
        destination=one.lane, state=outlook.code, reason=str(outlook.happens),
        until=iso(outlook.until), concurrency=int(one.concurrency), waiting=one.waiting,
        in_flight=one.in_flight, recent_attempts=one.calls, recent_failures=one.failures,
        p50_milliseconds=one.p50, p99_milliseconds=one.p99,
        most_calls=limit.calls if limit else None, most_calls_per=limit.per if limit else None,
    )  # fmt: skip


handlers: list[Any] = [list_destinations, limit_destination]
