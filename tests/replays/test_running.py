"""Sending many again: what is taken, left out, made anew, how fast, and what stops it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from recado.actions.firing import FiredBy, fire
from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import ActionDraft, create_action, draft_of, switch_off, update_action
from recado.contacts.models import Contact
from recado.conversations.describing import facts_about
from recado.conversations.finding import find_conversation
from recado.db.database import Transaction
from recado.deliveries.filtering import LogFilter, filter_as_json, filter_from_json
from recado.deliveries.models import Delivery
from recado.deliveries.recording import record
from recado.deliveries.states import State
from recado.events.models import Event
from recado.lib.secrets import Vault
from recado.replays.models import Mode, Replay
from recado.replays.repeating import How
from recado.replays.running import advance_replays, cancel_replay, start_replay
from tests.conftest import KEY
from tests.deliveries.rows import a_delivery, answered, broken_rules, claim, fresh, tried
from tests.people import NOW, Cast, a_contact, a_conversation, gather

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
    """An action that failed on what Maria was called then."""
    action = await create_action(
        tx, people.account.id, ActionDraft("CRM", url="https://crm.example/", body='{"n": "{{ contact.name }}"}'),
        vault=Vault(KEY), now=NOW, state=ActionState.ACTIVE,
    )  # fmt: skip
    contact = await a_contact(tx, people.account, name="Maria")
    talk = await a_conversation(tx, people.inbox, contact)
    conversation = await find_conversation(tx, people.account.id, talk.display_id)
    assert conversation is not None
    facts = {**facts_about(conversation), "event": {"name": "message_created", "at": "then"}}
    event = Event(
        account_id=people.account.id, name="message_created", conversation_id=talk.id, lane=0,
        facts=facts, cause={},
        created_at=NOW, processed_at=NOW,
    )  # fmt: skip
    tx.add(event)
    await tx.flush()
    made = await fire(tx, action, facts, FiredBy(1, "Rule", event.id), now=NOW)
    await tx.flush()
    [mine] = await claim(tx)
    await record(tx, [tried(mine, answered(422))], now=NOW)
    contact.name = "Maria Souza"
    draft = replace(draft_of(action), body='{"name": "{{ contact.name }}"}')
    await update_action(tx, action, draft, vault=Vault(KEY), now=NOW)
    await tx.refresh(made)
    return action, made, contact


@pytest.mark.parametrize(
    ("mode", "body"),
    [(Mode.ACTION_NOW, '{"name": "Maria"}'), (Mode.ALL_NOW, '{"name": "Maria Souza"}')],
)
async def test_it_is_made_anew_by_the_corrected_action(
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


def test_a_filter_survives_its_row() -> None:
    wanted = LogFilter(
        action_id=1,
        state=State.FAILED,
        since=NOW,
        status="5xx",
        text="x",
        ids=(1, 2),
        is_test=False,
    )
    assert filter_from_json(filter_as_json(wanted)) == wanted
    assert filter_from_json(filter_as_json(LogFilter())) == LogFilter()
