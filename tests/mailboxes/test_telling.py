"""Administrators are told of a mailbox that cannot be read: once, until it is read again."""

from datetime import UTC, datetime

from sqlalchemy import select

from recado.mailboxes.models import Mailbox
from recado.notifications.failing_inboxes import PATIENCE, notify_failing_inbox
from recado.notifications.models import Notification
from recado.notifications.wording import path_of
from tests.browser import Browser
from tests.imap_server import PASSWORD, MailServer
from tests.mailboxes.conftest import Place
from tests.people import Cast


async def fail(place: Place, times: int) -> list[Notification]:
    """So many visits, each followed by what the worker tells; what waits for people then."""
    for _ in range(times):
        await place.visit()
        async with place.database.transaction() as tx:
            mailbox = await tx.get_one(Mailbox, place.inbox.id)
            await notify_failing_inbox(tx, mailbox, now=datetime.now(UTC))
    async with place.database.transaction() as tx:
        return list(await tx.scalars(select(Notification)))


async def test_a_server_that_restarts_is_no_news(place: Place, imap: MailServer) -> None:
    imap.password = "another"
    assert await fail(place, PATIENCE - 1) == []


async def test_administrators_are_told_once(
    ana: Browser, place: Place, imap: MailServer, cast: Cast
) -> None:
    imap.password = "another"
    [told] = await fail(place, PATIENCE + 3)
    assert (told.user_id, told.inbox_id, told.times) == (cast.ana.user_id, place.inbox.id, 1)
    page = await ana.get("/app/notifications")
    assert "The mailbox of “Mail” cannot be read" in page.text
    assert path_of(told) == f"/app/inboxes/{place.inbox.id}/mailbox"


async def test_after_it_was_well_they_are_told_again(place: Place, imap: MailServer) -> None:
    imap.password = "another"
    await fail(place, PATIENCE)
    imap.password = PASSWORD
    await fail(place, 1)
    imap.password = "another"
    [told] = await fail(place, PATIENCE)
    assert told.times == 2
