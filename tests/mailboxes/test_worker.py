"""The worker's loop: hanging mailboxes hold up no others, and a killed worker loses and doubles nothing."""

import asyncio
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from sqlalchemy import func, select, update

from recado.conversations.models import Message
from recado.deliveries.delivering import Outbound
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from recado.mailboxes.models import Mailbox
from recado.mailboxes.servers import imap_lane, keep_password
from recado.worker.looping import loop
from recado.worker.reading_mail import MailboxLoop
from tests.imap_server import PASSWORD, USER, MailServer, imap_server
from tests.mailboxes.conftest import Place, a_letter
from tests.people import VAULT, Cast

LETTERS = 12


async def all_due(place: Place) -> None:
    async with place.database.transaction() as tx:
        await tx.execute(update(Mailbox).values(due_at=datetime.now(UTC)))


async def until(place: Place, number: int) -> None:
    """Wait for so many messages, or the test's time-out."""
    while True:
        async with place.database.transaction() as tx:
            if (await tx.scalar(select(func.count()).select_from(Message)) or 0) >= number:
                return
        await asyncio.sleep(0.02)


async def another_mailbox(place: Place, cast: Cast, server: MailServer) -> None:
    now = datetime.now(UTC)
    async with place.database.transaction() as tx:
        inbox = await open_inbox(
            tx, cast.account.id, InboxDraft("Hangs", Channel.EMAIL), vault=VAULT, now=now
        )
        lane = imap_lane("localhost", server.port)
        secret = await keep_password(tx, cast.account.id, PASSWORD, lane, vault=VAULT, now=now)
        tx.add(
            Mailbox(
                inbox_id=inbox.id, account_id=cast.account.id, is_active=True,
                address=f"hangs{inbox.id}@acme.example", imap_host="localhost",
                imap_port=server.port, imap_user=USER, imap_secret_id=secret, due_at=now,
                created_at=now,
            )
        )  # fmt: skip


@pytest.mark.timeout(60)
async def test_mailboxes_that_hang_hold_up_no_other(
    place: Place, cast: Cast, imap: MailServer, outbound: Outbound, server_tls: ssl.SSLContext
) -> None:
    async with imap_server(tls=server_tls) as hanging:
        hanging.hangs_at = "LOGIN"
        for _ in range(3):
            await another_mailbox(place, cast, hanging)
        imap.folder.add(a_letter("still read"))
        await all_due(place)
        boxes = MailboxLoop(place.database, outbound, place.store)
        stop = asyncio.Event()
        running = asyncio.create_task(loop("mailboxes", boxes.turn, boxes.wake, stop))
        await until(place, 1)
        stop.set()
        await running
        await boxes.finish()
        assert hanging.connections == 3


@pytest.mark.timeout(60)
async def test_a_worker_that_stops_in_the_middle_is_followed_by_one_that_goes_on(
    place: Place, imap: MailServer, outbound: Outbound
) -> None:
    for number in range(LETTERS):
        imap.folder.add(a_letter(f"letter {number}"))
    imap.slow_seconds = 0.02
    await all_due(place)
    boxes = MailboxLoop(place.database, outbound, place.store)
    await boxes.turn()
    await until(place, 2)
    await boxes.finish()
    imap.slow_seconds = 0.0
    await place.visit()
    found = [one.content for one in await place.messages()]
    assert found == [f"letter {number}" for number in range(LETTERS)]


@pytest.mark.faults
@pytest.mark.timeout(120)
async def test_a_worker_that_is_killed_loses_and_doubles_nothing(
    place: Place, imap: MailServer, authority: trustme.CA, database_url: str, tmp_path: Path
) -> None:
    for number in range(LETTERS):
        imap.folder.add(a_letter(f"letter {number}"))
    imap.slow_seconds = 0.03
    await all_due(place)
    ca_file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    for reached in (2, 6):
        await all_due(place)
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.mailboxes.reading_process", database_url, str(ca_file),
            str(tmp_path / "files"),
        )  # fmt: skip
        await until(place, reached)
        worker.kill()
        await worker.wait()
    imap.slow_seconds = 0.0
    await place.visit()
    found = [one.content for one in await place.messages()]
    assert found == [f"letter {number}" for number in range(LETTERS)]
