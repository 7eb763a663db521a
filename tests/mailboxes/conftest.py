"""A mailbox on this machine, with TLS, and everything that reads it."""

import ssl
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from sqlalchemy import select, update

from recado.conversations.finding import WITH_EVERYTHING, WITH_PARTS
from recado.conversations.models import Conversation, Message
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import InboxDraft, open_inbox, set_inbox_members
from recado.lib.dialing import Dialer
from recado.lib.storing import DiskStore
from recado.mailboxes.claiming import claim_mailbox, record_visit
from recado.mailboxes.models import Mailbox
from recado.mailboxes.servers import imap_lane, keep_password, smtp_lane
from recado.mailboxes.visiting import Reader, Visited, visit
from tests import post_office
from tests.imap_server import PASSWORD, USER, MailServer, imap_server
from tests.people import VAULT, Cast
from tests.post_office import PostOffice

ADDRESS = "support@acme.example"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture(scope="session")
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def dialer(outbound: Outbound, client_tls: ssl.SSLContext) -> Iterator[Dialer]:
    """Lines that lead to this machine only, whose servers this authority vouches for."""
    before = outbound.sender.dialer
    outbound.sender.dialer = replace(before, tls=client_tls, lookup=lambda *_: ["127.0.0.1"])
    yield outbound.sender.dialer
    outbound.sender.dialer = before


@pytest.fixture
async def imap(server_tls: ssl.SSLContext) -> AsyncIterator[MailServer]:
    async with imap_server(tls=server_tls) as server:
        yield server


@pytest.fixture
async def smtp(server_tls: ssl.SSLContext) -> AsyncIterator[PostOffice]:
    async with post_office.post_office(tls=server_tls, wants_password=True) as office:
        yield office


@dataclass
class Place:
    """An inbox with a mailbox, and who reads it."""

    database: Database
    reader: Reader
    inbox: Inbox
    mailbox: Mailbox
    store: DiskStore

    async def visit(self) -> Visited:
        """Look once, as the worker does; due or not."""
        async with self.database.transaction() as tx:
            past = datetime.now(UTC) - timedelta(seconds=1)
            await tx.execute(update(Mailbox).values(due_at=past))
            claimed = await claim_mailbox(tx, VAULT, now=datetime.now(UTC))
        assert claimed is not None
        visited = await visit(self.reader, claimed)
        async with self.database.transaction() as tx:
            await record_visit(
                tx, claimed, visited.trouble, is_more=visited.is_more, now=datetime.now(UTC)
            )
        return visited

    async def state(self) -> Mailbox:
        async with self.database.transaction() as tx:
            return await tx.get_one(Mailbox, self.inbox.id)

    async def messages(self) -> list[Message]:
        query = select(Message).where(Message.inbox_id == self.inbox.id).order_by(Message.id)
        async with self.database.transaction() as tx:
            return list(await tx.scalars(query.options(*WITH_PARTS)))

    async def conversations(self) -> list[Conversation]:
        query = select(Conversation).where(Conversation.inbox_id == self.inbox.id)
        async with self.database.transaction() as tx:
            found = await tx.scalars(query.order_by(Conversation.id).options(*WITH_EVERYTHING))
            return list(found)


@pytest.fixture
async def place(
    cast: Cast,
    database: Database,
    dialer: Dialer,
    imap: MailServer,
    smtp: PostOffice,
    tmp_path: Path,
) -> AsyncIterator[Place]:
    """An e-mail inbox of Acme, whose mailbox was empty when it was looked at first."""
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        inbox = await open_inbox(
            tx, cast.account.id, InboxDraft("Mail", Channel.EMAIL), vault=VAULT, now=now
        )
        await set_inbox_members(tx, inbox, {cast.beto.user_id})
        inbox.settings = {**inbox.settings, "email": ADDRESS}
        into, out = imap_lane("localhost", imap.port), smtp_lane("localhost", smtp.port)
        mailbox = Mailbox(
            inbox_id=inbox.id, account_id=cast.account.id, is_active=True, address=ADDRESS,
            sender_name="Acme Support", imap_host="localhost", imap_port=imap.port,
            imap_user=USER, smtp_host="localhost", smtp_port=smtp.port,
            smtp_user=post_office.USER, due_at=now, created_at=now,
            imap_secret_id=await keep_password(
                tx, cast.account.id, PASSWORD, into, vault=VAULT, now=now
            ),
            smtp_secret_id=await keep_password(
                tx, cast.account.id, post_office.PASSWORD, out, vault=VAULT, now=now
            ),
        )  # fmt: skip
        tx.add(mailbox)
    store = DiskStore(tmp_path / "files")
    with ThreadPoolExecutor(8) as threads:
        made = Place(database, Reader(database, store, dialer, threads), inbox, mailbox, store)
        await made.visit()
        yield made


def a_letter(
    text: str = "Hello", *, sender: str = "Maria Souza <maria@example.com>", **headers: str
) -> bytes:
    """An e-mail to the inbox; `in_reply_to` stands for In-Reply-To."""
    lines = [f"From: {sender}", f"To: {ADDRESS}"]
    given = {"subject": "A question", "message_id": f"<{abs(hash(text))}@example.com>", **headers}
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in given.items() if value]
    return "\r\n".join([*lines, "", text, ""]).encode("utf-8", "surrogateescape")
