"""Sending again: choosing how, seeing the difference first, the progress, and calling it off."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

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
from recado.actions.saving import find_action
from recado.db.database import Database, Transaction
from recado.deliveries.filtering import LogFilter, filter_from, words_in
from recado.deliveries.models import Delivery
from recado.deliveries.requests import frozen
from recado.deliveries.searching import MOST_REPLAYED, count_matching, deliveries_page, state_counts
from recado.deliveries.showing import STATE_PILLS
from recado.deliveries.states import State
from recado.lib.languages import Sentence
from recado.replays.comparing import Line, difference
from recado.replays.models import Mode, Replay
from recado.replays.remaking import remade
from recado.replays.repeating import How
from recado.replays.running import (
    RATES,
    USUAL_RATE,
    cancel_replay,
    find_replay,
    replays_of,
    start_replay,
)

_MADE_ANEW: Final = (Mode.ACTION_NOW, Mode.DATA_NOW, Mode.ALL_NOW)


@get("/app/replays", guards=[administrators_only])
async def show_replays(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        replays = await replays_of(tx, request.user.account_id)
    return page(request, "replays/list.html", replays=replays)


@get("/app/replays/new", guards=[administrators_only])
async def new_replay(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        context = await _choice(tx, request, _words(request))
    return page(request, "replays/new.html", **context)


@get("/app/replays/cancel", guards=[administrators_only])
async def ask_to_cancel(request: MemberRequest, database: Database) -> Template:
    """How many wait, before they are called off."""
    words = _words(request)
    wanted, account_id = _filter(request, words), request.user.account_id
    states = wanted.states or (State.PENDING, State.HELD)
    async with database.transaction() as tx:
        counts = {
            one: await count_matching(tx, account_id, replace(wanted, states=(one,)))
            for one in states
            if not one.is_end
        }
    return page(
        request, "replays/cancel.html",
        words=_said(words), back=_back(words), counts=counts, total=sum(counts.values()),
        pills=STATE_PILLS,
    )  # fmt: skip


@post("/app/replays", guards=[administrators_only], status_code=200)
async def add_replay(request: MemberRequest, database: Database) -> Response[Any]:
    form = {name: str(value) for name, value in (await request.form()).items()}
    rate = form.get("per_minute", "")
    how = How(
        mode=Mode.CANCEL
        if "cancel" in form
        else Mode.of(
            action_now=form.get("with_action") == "now", data_now=form.get("with_data") == "now"
        ),
        includes_delivered="includes_delivered" in form,
        who=request.user.user.name,
    )
    async with database.transaction() as tx:
        replayed = await start_replay(
            tx,
            request.user.account_id,
            _filter(request, words_in(form)),
            how,
            per_minute=int(rate) if rate in map(str, RATES) else USUAL_RATE,
            now=datetime.now(UTC),
        )
    return go_to(request, f"/app/replays/{replayed.id}")


@get("/app/replays/{replay_id:int}", guards=[administrators_only])
async def show_replay(request: MemberRequest, database: Database, replay_id: int) -> Template:
    async with database.transaction() as tx:
        replayed = found(await find_replay(tx, request.user.account_id, replay_id))
    return _shown(request, replayed)


@post("/app/replays/{replay_id:int}/cancel", guards=[administrators_only], status_code=200)
async def stop_replay(
    request: MemberRequest, database: Database, replay_id: int
) -> Template | Response[Any]:
    async with database.transaction() as tx:
        replayed = found(await find_replay(tx, request.user.account_id, replay_id, for_change=True))
        await cancel_replay(tx, replayed, now=datetime.now(UTC))
    if is_fragment_wanted(request):
        return _shown(request, replayed)
    return go_to(request, f"/app/replays/{replay_id}")


def _shown(request: MemberRequest, replayed: Replay) -> Template:
    template = "replays/_replay.html" if is_fragment_wanted(request) else "replays/replay.html"
    left_out = [(Sentence(words, {}), count) for words, count in replayed.left_out.items()]
    return page(request, template, replay=replayed, left_out=left_out)


async def _choice(
    tx: Transaction, request: MemberRequest, words: Mapping[str, str]
) -> dict[str, Any]:
    wanted, account_id = _filter(request, words), request.user.account_id
    newest, _ = await deliveries_page(tx, account_id, wanted, limit=1)
    sample = newest[0] if newest else None
    total = await count_matching(tx, account_id, wanted)
    counts = await state_counts(tx, account_id, wanted.in_any_state())
    return {
        "words": _said(words),
        "back": _back(words),
        "total": total,
        "is_counted": total < MOST_REPLAYED,
        "counts": counts if len(wanted.states) != 1 else {},
        "pills": STATE_PILLS,
        "sample": sample,
        "differences": await _differences(tx, sample) if sample else {},
        "rates": RATES,
        "usual_rate": USUAL_RATE,
        "is_delivered": wanted.states == (State.DELIVERED,) or _is_delivered(wanted, sample),
    }


def _words(request: MemberRequest) -> dict[str, str]:
    """The filter in the address; rows that were ticked come one by one."""
    params = request.query_params
    return words_in({**dict(params.items()), "ids": ",".join(params.getall("ids", []))})


def _said(words: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in words.items() if value}


def _back(words: Mapping[str, str]) -> str:
    """The log as it was looked at; rows that were ticked there narrow it no more."""
    query = urlencode({name: value for name, value in _said(words).items() if name != "ids"})
    return "/app/deliveries" + (f"?{query}" if query else "")


def _is_delivered(wanted: LogFilter, sample: Delivery | None) -> bool:
    """Whether exactly one was asked for, and it arrived: then that is what shall be repeated."""
    return len(wanted.ids) == 1 and sample is not None and sample.state == State.DELIVERED


async def _differences(tx: Transaction, sample: Delivery) -> dict[str, list[Line] | Sentence]:
    """What each choice would change in the newest that matches, or why it cannot be made."""
    action = None
    if sample.action_id is not None:
        action = await find_action(tx, sample.account_id, sample.action_id)
    if action is None:
        return {}
    told: dict[str, list[Line] | Sentence] = {}
    for mode in _MADE_ANEW:
        request = await remade(tx, action, sample, mode, now=datetime.now(UTC))
        if isinstance(request, Sentence):
            told[mode] = request
        else:
            told[mode] = difference(sample.request, frozen(request))
    return told


def _filter(request: MemberRequest, words: Mapping[str, str]) -> LogFilter:
    """As the log means it; tests are never sent again."""
    zone = ZoneInfo(request.user.account.time_zone)
    wanted = filter_from(words, zone=zone, now=datetime.now(UTC))
    return wanted if wanted.is_test else replace(wanted, is_test=False)


handlers: list[Any] = [
    show_replays, new_replay, ask_to_cancel, add_replay, show_replay, stop_replay,
]  # fmt: skip
