"""Where the server tells of what comes in, a letter is read when it arrives, by one worker at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from recado.deliveries.delivering import Outbound
from recado.mailboxes import visiting
from recado.mailboxes.claiming import SPELL
from recado.mailboxes.models import Mailbox
from recado.worker import reading_mail
from recado.worker.looping import loop
from recado.worker.reading_mail import MailboxLoop
from tests.imap_server import MailServer
from tests.mailboxes.conftest import Place, a_letter
from tests.mailboxes.test_worker import all_due, until

pytestmark = pytest.mark.timeout(60)


@asynccontextmanager
async def working(place: Place, outbound: Outbound) -> AsyncIterator[None]:
    """A worker's loop of mailboxes, until the block ends."""
    boxes, stop = MailboxLoop(place.database, outbound, place.store), asyncio.Event()
    running = asyncio.create_task(loop("mailboxes", boxes.turn, boxes.wake, stop))
    try:
        yield
    finally:
        stop.set()
        await running
        await boxes.finish()


async def happens(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so, or for the test's time-out."""
    while not await is_so():  # noqa: ASYNC110 - it happens elsewhere
        await asyncio.sleep(0.02)


async def listens(imap: MailServer) -> None:
    async def is_listened_to() -> bool:
        return imap.listening > 0

    await happens(is_listened_to)


async def said(place: Place) -> list[str | None]:
    return [one.content for one in await place.messages()]


@pytest.fixture
def telling(imap: MailServer) -> MailServer:
    imap.offers_idle = True
    return imap


async def test_a_letter_is_read_when_it_comes_not_at_the_next_visit(
    place: Place, telling: MailServer, outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visiting, "SPELL", SPELL * 60)  # nothing but the server's word ends a spell
    monkeypatch.setattr(visiting, "SHORT_SPELL", SPELL * 60)
    await all_due(place)
    connections = telling.connections
    async with working(place, outbound):
        for number in range(3):
            await listens(telling)
            telling.folder.add(a_letter(f"letter {number}"))
            await until(place, number + 1)
    assert await said(place) == ["letter 0", "letter 1", "letter 2"]
    assert telling.connections == connections + 1  # the same visit


async def test_what_the_server_does_not_tell_is_read_after_a_spell(
    place: Place, telling: MailServer, outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visiting, "SPELL", SPELL / 600)
    await all_due(place)
    async with working(place, outbound):
        await listens(telling)
        telling.folder.letters[7] = a_letter("untold")
        await until(place, 1)
    assert await said(place) == ["untold"]


async def test_a_server_that_offers_nothing_is_visited_every_minute(
    place: Place, imap: MailServer, outbound: Outbound
) -> None:
    imap.folder.add(a_letter("polled"))
    await all_due(place)
    before = datetime.now(UTC)
    async with working(place, outbound):
        await until(place, 1)

        async def has_left() -> bool:
            return imap.open_now == 0

        await happens(has_left)
        state = await place.state()
    assert "IDLE" not in imap.commands
    assert state.due_at > before


async def test_a_connection_that_breaks_is_no_trouble_and_the_next_visit_goes_on(
    place: Place, telling: MailServer, outbound: Outbound
) -> None:
    await all_due(place)
    async with working(place, outbound):
        await listens(telling)
        telling.breaks_off.set()

        async def is_over() -> bool:
            return telling.open_now == 0

        await happens(is_over)
        telling.breaks_off.clear()
        telling.folder.add(a_letter("after the break"))
        state = await place.state()
        assert (state.trouble, state.failures) == (None, 0)

        async def is_read() -> bool:
            await all_due(place)  # the end of the broken visit is written down meanwhile
            return bool(await place.messages())

        await happens(is_read)
    assert await said(place) == ["after the break"]


async def test_whoever_stops_leaves_the_mailbox_to_the_next_at_once(
    place: Place, telling: MailServer, outbound: Outbound
) -> None:
    await all_due(place)
    async with working(place, outbound):
        await listens(telling)
        assert (await place.state()).due_at > datetime.now(UTC)  # nobody else takes it
    assert (await place.state()).due_at <= datetime.now(UTC)
    async with working(place, outbound):
        await listens(telling)
        telling.folder.add(a_letter("to the second"))
        await until(place, 1)
    assert await said(place) == ["to the second"]


async def test_two_workers_read_each_letter_once(
    place: Place, telling: MailServer, outbound: Outbound
) -> None:
    await all_due(place)
    async with working(place, outbound), working(place, outbound):
        for number in range(4):
            await listens(telling)
            telling.folder.add(a_letter(f"letter {number}"))
            await until(place, number + 1)
        assert telling.listening <= 1
    assert await said(place) == [f"letter {number}" for number in range(4)]


async def test_whose_mailbox_was_changed_writes_nothing_any_more(
    place: Place, telling: MailServer, outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visiting, "SPELL", SPELL / 600)
    await all_due(place)
    async with working(place, outbound):
        await listens(telling)
        async with place.database.transaction() as tx:
            await tx.execute(update(Mailbox).values(is_active=False))

        async def has_left() -> bool:
            return telling.open_now == 0

        await happens(has_left)
        telling.folder.add(a_letter("to nobody"))
    assert await said(place) == []


async def test_a_visit_that_rests_takes_nobodys_place(
    place: Place, telling: MailServer, outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_mail, "MOST_AT_ONCE", 1)
    await all_due(place)
    boxes = MailboxLoop(place.database, outbound, place.store)
    assert await boxes.turn()
    await listens(telling)

    async def is_taken() -> bool:
        await all_due(place)  # that it listens is written down meanwhile
        return await boxes.turn()

    await happens(is_taken)
    await boxes.finish()
