"""Sending many again: what is taken, left out, made anew, how fast, and what stops it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from recado.actions.models import CustomAction
from recado.actions.saving import switch_off
from recado.contacts.models import Contact
from recado.db.database import Transaction
from recado.deliveries.filtering import LogFilter, filter_as_json, filter_from_json
from recado.deliveries.models import Delivery
from recado.deliveries.recording import record
from recado.deliveries.states import State
from recado.replays.models import Mode, Replay
from recado.replays.repeating import How
from recado.replays.running import advance_replays, cancel_replay, start_replay
from tests.deliveries.rows import a_delivery, answered, broken_rules, claim, fresh, tried
from tests.people import NOW, Cast, gather
from tests.replays.stories import failed_story

AS_IT_WAS = How(Mode.AS_IT_WAS, includes_delivered=False, who="Ana")
LATER = NOW + timedelta(hours=1)
EVERYTHING = LogFilter(is_test=False)


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


async def ended(tx: Transaction, cast: Cast, status: int, **about: Any) -> Delivery:
    made = await a_delivery(tx, cast.account.id, **about)
    [mine] = await claim(tx)
    await record(tx, [tried(mine, answered(status))], now=NOW)
    await tx.refresh(made)
    return made


async def run(tx: Transaction, replayed: Replay) -> int:
    """Every step until it ends; how many there were."""
    steps, now = 0, LATER
    while replayed.is_running and steps < 50:
        steps += await advance_replays(tx, now=now)
        now = max(now, replayed.next_at)
    return steps


async def test_what_failed_goes_again_and_the_rest_is_left_out(
    tx: Transaction, people: Cast
) -> None:
    failed = [await ended(tx, people, 404) for _ in range(3)]
    delivered = await ended(tx, people, 200)
    replayed = await start_replay(tx, people.account.id, EVERYTHING, AS_IT_WAS, now=LATER)
    later = await ended(tx, people, 404)  # after the start
    theirs = await a_delivery(tx, people.other_account.id)
    await run(tx, replayed)
    for one in [*failed, delivered, later, theirs]:
        await tx.refresh(one)
    assert [one.state for one in failed] == [State.PENDING] * 3
    assert (delivered.state, later.state) == (State.DELIVERED, State.FAILED)
    assert (replayed.total, replayed.sent_count, replayed.state) == (4, 3, "done")
    assert replayed.left_out == {"Delivered already.": 1}
    assert len(await claim(tx, now=LATER + timedelta(hours=1))) == 4  # with theirs, untouched
    assert theirs.reason == {}
    assert await broken_rules(tx) == {}


async def test_the_delivered_go_too_when_asked_for(tx: Transaction, people: Cast) -> None:
    made = await ended(tx, people, 200)
    how = How(Mode.AS_IT_WAS, includes_delivered=True, who="Ana")
    replayed = await start_replay(tx, people.account.id, LogFilter(), how, now=LATER)
    await run(tx, replayed)
    await tx.refresh(made)
    assert (made.state, made.reason["who"]) == (State.PENDING, "Ana")


async def test_it_keeps_to_its_pace_and_goes_on_where_it_was(tx: Transaction, people: Cast) -> None:
    for _ in range(5):
        await ended(tx, people, 404)
    replayed = await start_replay(
        tx, people.account.id, EVERYTHING, AS_IT_WAS, per_minute=60, now=LATER
    )
    assert await advance_replays(tx, now=LATER)
    assert replayed.sent_count == 2  # of 60 a minute, in a step of two seconds
    assert not await advance_replays(tx, now=LATER)  # not yet
    assert await advance_replays(tx, now=LATER + timedelta(seconds=2))
    assert replayed.sent_count == 4


async def test_stopped_it_sends_no_more(tx: Transaction, people: Cast) -> None:
    for _ in range(5):
        await ended(tx, people, 404)
    replayed = await start_replay(
        tx, people.account.id, EVERYTHING, AS_IT_WAS, per_minute=60, now=LATER
    )
    await advance_replays(tx, now=LATER)
    await cancel_replay(tx, replayed, now=LATER)
    assert not await advance_replays(tx, now=LATER + timedelta(days=1))
    assert (replayed.state, replayed.sent_count) == ("cancelled", 2)


async def test_a_text_is_replayed_through_every_stretch(
    tx: Transaction, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recado.deliveries.searching.STRETCH", 2)
    wanted = [await ended(tx, people, 404, body='"here"')]
    for _ in range(5):
        await ended(tx, people, 404)
    wanted.append(await ended(tx, people, 404, body='"here"'))
    replayed = await start_replay(
        tx, people.account.id, LogFilter(text="here"), AS_IT_WAS, now=LATER
    )
    await run(tx, replayed)
    ids = list(await tx.scalars(select(Delivery.id).where(Delivery.state == State.PENDING)))
    assert sorted(ids) == [one.id for one in wanted]


@pytest.fixture
async def story(tx: Transaction, people: Cast) -> tuple[CustomAction, Delivery, Contact]:
    return await failed_story(tx, people)


@pytest.mark.parametrize(
    ("mode", "body"),
    [
        (Mode.ACTION_NOW, '{"name": "Maria"}'),
        (Mode.ALL_NOW, '{"name": "Maria Souza"}'),
        (Mode.DATA_NOW, '{"n": "Maria Souza"}'),
    ],
)
async def test_it_is_made_anew_by_the_action_and_the_data_chosen(
    tx: Transaction,
    people: Cast,
    story: tuple[CustomAction, Delivery, Contact],
    mode: Mode,
    body: str,
) -> None:
    _, made, _ = story
    how = How(mode, includes_delivered=False, who="Ana")
    replayed = await start_replay(tx, people.account.id, EVERYTHING, how, now=LATER)
    await run(tx, replayed)
    again = (await tx.scalars(select(Delivery).where(Delivery.repeats_id == made.id))).one()
    assert (again.request["body"], again.state) == (body, State.PENDING)
    assert again.webhook_id != made.webhook_id
    assert (again.conversation_id, again.rule_id) == (made.conversation_id, made.rule_id)
    assert again.action_version == (2 if mode.has_action_of_now else 1)
    assert (await fresh(tx, made.id)).state == State.FAILED  # what happened stays told
    assert replayed.sent_count == 1


async def test_an_action_that_is_off_sends_nothing(
    tx: Transaction, people: Cast, story: tuple[CustomAction, Delivery, Contact]
) -> None:
    await switch_off(tx, story[0], now=NOW)
    replayed = await start_replay(tx, people.account.id, EVERYTHING, AS_IT_WAS, now=LATER)
    await run(tx, replayed)
    assert replayed.left_out == {"The custom action is not active.": 1}


async def test_data_that_are_no_longer_kept_are_said_so(
    tx: Transaction, people: Cast, story: tuple[CustomAction, Delivery, Contact]
) -> None:
    await tx.execute(update(Delivery).values(event_id=0))
    how = How(Mode.ACTION_NOW, includes_delivered=False, who="Ana")
    replayed = await start_replay(tx, people.account.id, EVERYTHING, how, now=LATER)
    await run(tx, replayed)
    assert replayed.left_out == {"The data of then are no longer kept.": 1}


async def test_an_action_whose_version_is_not_kept_is_said_so(
    tx: Transaction, people: Cast, story: tuple[CustomAction, Delivery, Contact]
) -> None:
    await tx.execute(update(Delivery).values(action_version=None))  # made before versions
    how = How(Mode.DATA_NOW, includes_delivered=False, who="Ana")
    replayed = await start_replay(tx, people.account.id, EVERYTHING, how, now=LATER)
    await run(tx, replayed)
    assert replayed.left_out == {"How the custom action was then is not kept.": 1}


@pytest.mark.parametrize(
    ("action_now", "data_now", "mode"),
    [
        (False, False, Mode.AS_IT_WAS),
        (True, False, Mode.ACTION_NOW),
        (False, True, Mode.DATA_NOW),
        (True, True, Mode.ALL_NOW),
    ],
)
def test_a_mode_is_an_action_and_data(action_now: bool, data_now: bool, mode: Mode) -> None:
    assert Mode.of(action_now=action_now, data_now=data_now) == mode
    assert (mode.has_action_of_now, mode.has_data_of_now) == (action_now, data_now)


def test_a_filter_survives_its_row() -> None:
    wanted = LogFilter(
        action_id=1,
        states=(State.FAILED, State.EXPIRED),
        since=NOW,
        status="5xx",
        text="x",
        ids=(1, 2),
        is_test=False,
    )
    assert filter_from_json(filter_as_json(wanted)) == wanted
    assert filter_from_json(filter_as_json(LogFilter())) == LogFilter()
    older = {"action_id": 1, "state": "failed"}  # as it was written before there were several
    assert filter_from_json(older) == LogFilter(action_id=1, states=(State.FAILED,))
