"""Files whose contact, inbox or account is gone are gone too, and no others."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from recado.accounts.models import Account
from recado.contacts.models import Contact
from recado.contacts.saving import delete_contact
from recado.conversations.posting import StoredFile
from recado.conversations.uploading import keep_upload
from recado.db.database import Database, Transaction
from recado.inboxes.models import Inbox
from recado.inboxes.opening import close_inbox
from recado.lib.files import file_draft
from recado.lib.storing import DiskStore, FileStore
from recado.worker.sweeping import FRESH, Sweeping, sweep
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

NOTHING = timedelta()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return DiskStore(tmp_path)


async def is_there(store: FileStore, key: str) -> bool:
    return await store.open(key, start=0, stop=1) is not None


async def stored(store: FileStore) -> StoredFile:
    return StoredFile(await store.keep(b"x"), file_draft("a.png", "image/png", 1))


async def a_file(tx: Transaction, cast: Cast, store: FileStore) -> tuple[Contact, str]:
    """Maria has sent it."""
    contact, file = await a_contact(tx, cast.account), await stored(store)
    await a_message(tx, await a_conversation(tx, cast.inbox, contact), files=(file,))
    return contact, file.key


async def contact_goes(tx: Transaction, contact: Contact, _: Cast) -> None:
    await delete_contact(tx, await tx.merge(contact))


async def inbox_goes(tx: Transaction, _: Contact, cast: Cast) -> None:
    await close_inbox(tx, await tx.get_one(Inbox, cast.inbox.id))


async def account_goes(tx: Transaction, _: Contact, cast: Cast) -> None:
    await tx.execute(delete(Account).where(Account.id == cast.account.id))


@pytest.mark.parametrize("gone", [contact_goes, inbox_goes, account_goes])
async def test_a_file_goes_with_what_held_it(
    gone: Callable[[Transaction, Contact, Cast], Awaitable[None]],
    store: FileStore, database: Database, cast: Cast,
) -> None:  # fmt: skip
    async with database.transaction() as tx:
        contact, key = await a_file(tx, cast, store)
    await sweep(database, store, fresh=NOTHING)
    assert await is_there(store, key)
    async with database.transaction() as tx:
        await gone(tx, contact, cast)
    await sweep(database, store, fresh=NOTHING)
    assert not await is_there(store, key)
    assert await store.keys_aside() == [key]
    await sweep(database, store, aside=NOTHING)
    assert await store.keys_aside() == []


async def test_a_file_that_is_known_again_is_back(
    store: FileStore, database: Database, cast: Cast
) -> None:
    file = await stored(store)
    await sweep(database, store, fresh=NOTHING)
    assert not await is_there(store, file.key)
    async with database.transaction() as tx:
        await keep_upload(tx, cast.account.id, file, now=NOW)
    await sweep(database, store, aside=NOTHING)
    assert await is_there(store, file.key)


async def test_a_file_that_has_just_come_stays(store: FileStore, database: Database) -> None:
    file = await stored(store)
    assert timedelta(minutes=10) < FRESH
    await Sweeping(database, store).turn()
    assert await is_there(store, file.key)
