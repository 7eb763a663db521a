"""Replays: sending many deliveries again, as they were or made anew."""

from typing import Annotated, Any

from litestar import get, post
from msgspec import UNSET, Meta, Struct

from recado.accounts.doors import found
from recado.api.deliveries import DeliveryQuery, filter_of
from recado.api.door import ROOT, ApiRequest, administrators, invalid, iso, now
from recado.api.fields import Flag, Words, text_or
from recado.api.reading import read
from recado.db.database import Database
from recado.replays.models import Mode, Replay
from recado.replays.repeating import How
from recado.replays.running import (
    USUAL_RATE,
    cancel_replay,
    find_replay,
    replays_of,
    start_replay,
)


class ReplayBody(DeliveryQuery):
    """The filter of the list, and how to send: `mode` is as_it_was, action_now, data_now or all_now."""

    mode: Words = UNSET
    includes_delivered: Flag = UNSET
    per_minute: Annotated[int, Meta(ge=1, le=6_000)] = USUAL_RATE


class ReplayJson(Struct):
    """How far a replay is; `left_out` counts by reason, in English."""

    id: int
    state: str
    mode: str
    who: str
    per_minute: int
    total: int
    sent: int
    left_out: dict[str, int]
    created_at: str | None
    finished_at: str | None


class Replays(Struct):
    """The last replays, newest first."""

    payload: list[ReplayJson]


_REPLAY = f"{ROOT}/replays/{{replay_id:int}}"


@get(f"{ROOT}/replays", guards=[administrators])
async def list_replays(request: ApiRequest, database: Database) -> Replays:
    """List the last 50 replays."""
    async with database.transaction() as tx:
        found = await replays_of(tx, request.user.account_id)
    return Replays([replay_json(one) for one in found])


@post(f"{ROOT}/replays", status_code=200, guards=[administrators], opt={"takes": ReplayBody})
async def add_replay(request: ApiRequest, database: Database) -> ReplayJson:
    """Send every delivery that matches again; the worker does it, at `per_minute`."""
    given = await read(request, ReplayBody)
    mode = text_or(given.mode) or Mode.AS_IT_WAS
    if mode not in tuple(Mode):
        raise invalid({"mode": f"Choose one of: {', '.join(Mode)}."})
    how = How(Mode(mode), given.includes_delivered is True, request.user.user.name)
    async with database.transaction() as tx:
        replayed = await start_replay(
            tx, request.user.account_id, filter_of(given), how,
            per_minute=given.per_minute, now=now(),
        )  # fmt: skip
        return replay_json(replayed)


@get(_REPLAY, guards=[administrators])
async def show_replay(request: ApiRequest, database: Database, replay_id: int) -> ReplayJson:
    """Show how far a replay is."""
    async with database.transaction() as tx:
        replayed = found(await find_replay(tx, request.user.account_id, replay_id))
        return replay_json(replayed)


@post(f"{_REPLAY}/cancel", status_code=200, guards=[administrators])
async def stop_replay(request: ApiRequest, database: Database, replay_id: int) -> ReplayJson:
    """Send no more of it; what was sent again stays sent."""
    async with database.transaction() as tx:
        replayed = found(await find_replay(tx, request.user.account_id, replay_id, for_change=True))
        await cancel_replay(tx, replayed, now=now())
        return replay_json(replayed)


def replay_json(replayed: Replay) -> ReplayJson:
    """A replay as the API shows it."""
    return ReplayJson(
        id=replayed.id, state=replayed.state, mode=replayed.mode, who=replayed.who,
        per_minute=replayed.per_minute, total=replayed.total, sent=replayed.sent_count,
        left_out=dict(replayed.left_out), created_at=iso(replayed.created_at),
        finished_at=iso(replayed.finished_at),
    )  # fmt: skip


handlers: list[Any] = [list_replays, add_replay, show_replay, stop_replay]
