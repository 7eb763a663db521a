"""Searching the log by what was sent, where, when, to whom and with what result."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from recado.db.database import Transaction
from recado.deliveries import searching
from recado.deliveries.filtering import LogFilter
from recado.deliveries.finding import hosts_in_log
from recado.deliveries.models import Delivery
from recado.deliveries.recording import record
from recado.deliveries.searching import (
    deliveries_page,
    log_view,
    neighbours,
    newer_count,
    state_counts,
)
from recado.deliveries.states import State
from recado.lib.outcomes import Outcome, Trouble
from tests.deliveries.rows import a_delivery, answered, claim, failed, tried
from tests.people import NOW, Cast, a_contact, a_conversation, gather


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


async def ended(tx: Transaction, cast: Cast, outcome: Outcome, **about: Any) -> int:
    made = await a_delivery(tx, cast.account.id, **about)
    [mine] = await claim(tx)
    await record(tx, [tried(mine, outcome)], now=NOW, dice=0.5)
    return made.id


async def found(tx: Transaction, cast: Cast, **wanted: Any) -> list[int]:
    page, _ = await deliveries_page(tx, cast.account.id, LogFilter(**wanted))
    return [one.id for one in page]


async def test_by_status_code_class_and_no_answer(tx: Transaction, people: Cast) -> None:
    good = await ended(tx, people, answered(201))
    missing = await ended(tx, people, answered(404))
    gone = await ended(tx, people, answered(422))
    silent = await ended(tx, people, failed(Trouble.DNS))
    await a_delivery(tx, people.account.id)  # not sent yet: no answer is missing
    assert await found(tx, people, status="201") == [good]
    assert await found(tx, people, status="2xx") == [good]
    assert await found(tx, people, status="404") == [missing]
    assert await found(tx, people, status="4xx") == [gone, missing]
    assert await found(tx, people, status="5xx") == []
    assert await found(tx, people, status="none") == [silent]


async def test_by_host(tx: Transaction, people: Cast) -> None:
    plain = (await a_delivery(tx, people.account.id, "http://crm.example/a")).id
    safe = (await a_delivery(tx, people.account.id, "https://crm.example/a")).id
    odd = (await a_delivery(tx, people.account.id, "https://crm.example:8443/a")).id
    await a_delivery(tx, people.other_account.id, "https://theirs.example/a")
    assert await found(tx, people, host="crm.example") == [safe, plain]
    assert await found(tx, people, host="crm.example:8443") == [odd]
    assert await hosts_in_log(tx, people.account.id) == ["crm.example", "crm.example:8443"]


@pytest.mark.parametrize("sought", ["maria", "Souza", "maria@", "5511999"])
async def test_by_contact(tx: Transaction, people: Cast, sought: str) -> None:
    maria = await a_contact(
        tx, people.account, name="Maria Souza", email="maria@example.com", phone_number="+5511999990000"
    )  # fmt: skip
    talk = await a_conversation(tx, people.inbox, maria)
    wanted = await a_delivery(tx, people.account.id, conversation_id=talk.display_id)
    await a_delivery(tx, people.account.id, conversation_id=talk.display_id + 1)
    await a_delivery(tx, people.other_account.id, conversation_id=talk.display_id)
    assert await found(tx, people, contact=sought) == [wanted.id]
    assert await found(tx, people, contact=str(maria.id)) == [wanted.id]
    page, _ = await deliveries_page(tx, people.other_account.id, LogFilter(contact=sought))
    assert page == []  # her name finds nothing in another account, whatever the number


async def test_a_percent_sign_is_no_joker(tx: Transaction, people: Cast) -> None:
    contact = await a_contact(tx, people.account, name="Maria")
    talk = await a_conversation(tx, people.inbox, contact)
    await a_delivery(tx, people.account.id, conversation_id=talk.display_id)
    assert await found(tx, people, contact="%") == []
    assert await found(tx, people, text="%") == []


@pytest.mark.parametrize(
    "sought", ["pedido 5531", "PEDIDO 5531", "crm.example/PEDIDOS", "Ação um", "não há estoque"]
)
async def test_by_text_of_name_request_and_answer(
    tx: Transaction, people: Cast, sought: str
) -> None:
    wanted = await ended(
        tx, people, answered(200, (), "{\"erro\": \"não há estoque\"}".encode()),
        url="https://crm.example/pedidos", body='{"said": "Pedido 5531"}', action_name="Ação um",
    )  # fmt: skip
    await ended(tx, people, answered(200, (), b"ok"), body='{"said": "nothing"}')
    assert await found(tx, people, text=sought) == [wanted]
    assert await state_counts(tx, people.account.id, LogFilter(text=sought)) == {"delivered": 1}
    assert await newer_count(tx, people.account.id, LogFilter(text=sought), wanted - 1) == 1


async def test_by_its_ids(tx: Transaction, people: Cast) -> None:
    first = await a_delivery(tx, people.account.id)
    await a_delivery(tx, people.account.id)
    theirs = await a_delivery(tx, people.other_account.id)
    assert await found(tx, people, text=first.webhook_id) == [first.id]
    assert first.id in await found(tx, people, text=str(first.id))
    assert await found(tx, people, text=theirs.webhook_id) == []
    assert theirs.id not in await found(tx, people, text=str(theirs.id))


async def test_texts_are_looked_for_a_stretch_at_a_time(
    tx: Transaction, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "STRETCH", 3)
    wanted = await a_delivery(tx, people.account.id, body='"here"')
    others = [(await a_delivery(tx, people.account.id)).id for _ in range(3)]
    page, cursor = await deliveries_page(tx, people.account.id, LogFilter(text="here"))
    assert (page, cursor) == ([], others[0])
    page, cursor = await deliveries_page(
        tx, people.account.id, LogFilter(text="here", before=cursor)
    )
    assert ([one.id for one in page], cursor) == ([wanted.id], None)


@pytest.mark.parametrize(
    "wanted",
    [
        LogFilter(),
        LogFilter(text="here"),
        LogFilter(text="here", states=(State.FAILED,)),
        LogFilter(text="nowhere"),
        LogFilter(contact="maria"),
        LogFilter(contact="maria", text="here"),
        LogFilter(contact="nobody"),
        LogFilter(status="4xx", contact="maria"),
    ],
)
@pytest.mark.parametrize("most_named", [0, 100])
async def test_a_view_is_the_page_and_the_counts(
    tx: Transaction,
    people: Cast,
    wanted: LogFilter,
    most_named: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searching, "PAGE", 2)
    monkeypatch.setattr(searching, "_MOST_NAMED", most_named)
    talk = await a_conversation(tx, people.inbox, await a_contact(tx, people.account, name="Maria"))
    for status in (404, 200, 422, 503):
        for number, body in ((talk.display_id, '"here"'), (None, '"there"')):
            await ended(tx, people, answered(status), conversation_id=number, body=body)
    mine = people.account.id
    counts, before = await state_counts(tx, mine, wanted), None
    for _ in range(3):
        view = await log_view(tx, mine, wanted, before=before)
        page, cursor = await deliveries_page(tx, mine, replace(wanted, before=before), limit=2)
        assert [one.id for one in view.deliveries] == [one.id for one in page]
        assert (view.cursor, view.counts) == (cursor, counts)
        if (before := cursor) is None:
            break
    theirs = await log_view(tx, people.other_account.id, wanted)
    assert (theirs.deliveries, theirs.counts) == ([], {})


async def made_at(tx: Transaction, cast: Cast, moment: datetime) -> int:
    made = await a_delivery(tx, cast.account.id)
    await tx.execute(update(Delivery).where(Delivery.id == made.id).values(created_at=moment))
    return made.id


async def test_by_time_even_where_ids_and_clocks_disagree(tx: Transaction, people: Cast) -> None:
    minutes = (300, 180, 181, 182, 60)  # before NOW, in the order of their ids
    ids = [await made_at(tx, people, NOW - timedelta(minutes=one)) for one in minutes]
    since, until = NOW - timedelta(minutes=181), NOW - timedelta(minutes=180)
    assert await found(tx, people, since=since) == [ids[4], ids[2], ids[1]]
    assert await found(tx, people, until=since) == [ids[3], ids[0]]
    assert await found(tx, people, since=since, until=until) == [ids[2]]


async def test_states_are_counted_over_the_other_filters(tx: Transaction, people: Cast) -> None:
    await ended(tx, people, answered(404), action_id=2)
    await ended(tx, people, answered(200), action_id=2)
    await ended(tx, people, answered(200))
    wanted = LogFilter(action_id=2, states=(State.FAILED,))
    counts = await state_counts(tx, people.account.id, wanted)
    assert counts == {"failed": 1, "delivered": 1}
    assert await found(tx, people, action_id=2, states=(State.FAILED,), status="4xx") != []


async def test_several_states_are_asked_for_together(tx: Transaction, people: Cast) -> None:
    refused = await ended(tx, people, answered(404))
    arrived = await ended(tx, people, answered(200))
    waiting = (await a_delivery(tx, people.account.id)).id
    bad = (State.FAILED, State.EXPIRED)
    assert await found(tx, people, states=bad) == [refused]
    assert await found(tx, people, states=(*bad, State.PENDING)) == [waiting, refused]
    assert await found(tx, people, states=(*bad, State.DELIVERED)) == [arrived, refused]


async def test_neighbours_are_those_of_the_filter(tx: Transaction, people: Cast) -> None:
    ids = [(await a_delivery(tx, people.account.id, action_id=n % 2)).id for n in range(5)]
    await a_delivery(tx, people.other_account.id)
    wanted = LogFilter(action_id=0)
    assert await neighbours(tx, people.account.id, wanted, ids[2]) == (ids[4], ids[0])
    assert await neighbours(tx, people.account.id, LogFilter(), ids[4]) == (None, ids[3])
    assert await neighbours(tx, people.account.id, LogFilter(), ids[0]) == (ids[1], None)
