"""Calls to other systems as lines of the thread that they are about."""

from datetime import UTC, datetime, timedelta

import pytest

from recado.conversations.calling import Call, calls_between
from recado.conversations.finding import find_conversation, messages_page
from recado.conversations.models import Conversation
from recado.db.database import Database, Transaction
from recado.deliveries.models import Lane
from recado.deliveries.recording import record
from recado.deliveries.resting import rest_lane, wake_lane
from recado.lib.outcomes import Trouble
from tests.browser import Browser
from tests.deliveries.rows import a_delivery, answered, claim, failed, tried
from tests.people import NOW, Cast, a_contact, a_conversation, a_message, gather


@pytest.fixture
async def cast_in_tx(tx: Transaction) -> Cast:
    return await gather(tx)


async def a_story(tx: Transaction, cast: Cast, *, status: int = 422) -> Conversation:
    """Two messages, with a call after the first that was answered, and a test."""
    contact = await a_contact(tx, cast.account, name="Maria")
    talk = await a_conversation(tx, cast.inbox, contact)
    first = await a_message(tx, talk, "first")
    second = await a_message(tx, talk, "second")
    first.created_at = NOW - timedelta(minutes=1)
    second.created_at = NOW + timedelta(minutes=1)
    await a_delivery(tx, cast.account.id, conversation_id=talk.display_id)
    [mine] = await claim(tx)
    await record(tx, [tried(mine, answered(status))], now=NOW)
    await a_delivery(tx, cast.account.id, conversation_id=talk.display_id, is_test=True)
    await a_delivery(tx, cast.other_account.id, conversation_id=talk.display_id)
    return talk


async def test_a_call_stands_below_the_message_before_it(tx: Transaction, cast_in_tx: Cast) -> None:
    talk = await a_story(tx, cast_in_tx)
    conversation = await find_conversation(tx, cast_in_tx.account.id, talk.display_id)
    assert conversation is not None
    messages = await messages_page(tx, talk.id)
    [(above, [call])] = (await calls_between(tx, conversation, messages, now=NOW)).items()
    assert above == next(one.id for one in messages if one.content == "first")
    assert (call.name, call.answer, call.may_retry) == ("CRM", "422", True)
    assert await calls_between(tx, conversation, [], now=NOW) == {}


async def test_one_that_is_tried_again_says_when(tx: Transaction, cast_in_tx: Cast) -> None:
    talk = await a_story(tx, cast_in_tx, status=503)
    conversation = await find_conversation(tx, cast_in_tx.account.id, talk.display_id)
    assert conversation is not None
    messages = await messages_page(tx, talk.id)
    [[call]] = (await calls_between(tx, conversation, messages, now=NOW)).values()
    assert call.due_at is not None
    assert not call.may_retry
    again = await claim(tx, now=NOW + timedelta(minutes=5))
    await record(tx, [tried(one, failed(Trouble.DNS)) for one in again], now=NOW, dice=0.5)
    [[call]] = (await calls_between(tx, conversation, messages, now=NOW)).values()
    assert str(call.answer) == "No such host"


async def _the_call(tx: Transaction, cast: Cast, talk: Conversation) -> Call:
    conversation = await find_conversation(tx, cast.account.id, talk.display_id)
    assert conversation is not None
    messages = await messages_page(tx, talk.id)
    [[call]] = (await calls_between(tx, conversation, messages, now=NOW)).values()
    return call


async def test_one_whose_destination_rests_says_until_when(
    tx: Transaction, cast_in_tx: Cast
) -> None:
    talk, account_id = await a_story(tx, cast_in_tx, status=503), cast_in_tx.account.id
    lane, later = "https://crm.example:443", NOW + timedelta(minutes=15)
    assert (await _the_call(tx, cast_in_tx, talk)).rests_until is None
    await rest_lane(tx, cast_in_tx.other_account.id, lane, "Célia", until=later)
    assert (await _the_call(tx, cast_in_tx, talk)).rests_until is None
    await rest_lane(tx, account_id, lane, "Ana", until=later)
    assert (await _the_call(tx, cast_in_tx, talk)).rests_until == later
    broken = Lane(lane=lane, concurrency=1.0, open_until=later + timedelta(minutes=1))
    await tx.merge(broken)
    await tx.flush()
    assert (await _the_call(tx, cast_in_tx, talk)).rests_until == later + timedelta(minutes=1)
    await tx.merge(Lane(lane=lane, concurrency=1.0, open_until=NOW))  # one goes out to see
    await tx.flush()
    await wake_lane(tx, account_id, lane, now=NOW)
    assert (await _the_call(tx, cast_in_tx, talk)).rests_until is None


async def test_the_thread_says_that_a_destination_rests(
    ana: Browser, database: Database, cast: Cast
) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    async with database.transaction() as tx:
        talk = await a_story(tx, cast, status=503)
    path = f"/app/conversations/{talk.display_id}"
    assert "Next try:" in (await ana.get(path)).text
    async with database.transaction() as tx:
        await rest_lane(tx, cast.account.id, "https://crm.example:443", "Ana", until=until)
    text = (await ana.get(path)).text
    assert "Its destination rests until:" in text
    assert until.isoformat().replace("+00:00", "Z") in text
    assert "Next try:" not in text
    assert until.isoformat() in (await ana.get("/app/deliveries?q=1")).text


async def test_the_thread_shows_it_and_administrators_send_it_again(
    ana: Browser, beto: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        talk = await a_story(tx, cast)
    path = f"/app/conversations/{talk.display_id}"
    text = (await ana.get(path)).text
    assert f"calls:{talk.display_id}" in text
    assert text.index("first") < text.index('class="activity call"') < text.rindex("second")
    assert "/retry" in text.partition('class="activity call"')[2].partition("</div>")[0]
    seen = (await beto.get(path)).text.partition('class="activity call"')[2].partition("</div>")[0]
    assert "CRM" in seen
    assert "/retry" not in seen
