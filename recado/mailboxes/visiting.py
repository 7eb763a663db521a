"""A visit to a mailbox: what is new in it, letter by letter, each with its place in one transaction.

Whoever dies in the middle has written whole letters only; the next visit goes on behind the last one.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from recado.conversations.posting import StoredFile
from recado.db.database import Database, database_now
from recado.db.surviving import mistake_in
from recado.inboxes.models import Inbox
from recado.lib.dialing import Dialer, Line, on_line
from recado.lib.files import LARGEST, file_draft
from recado.lib.imap import SESSION_ERRORS, ImapServer, Opened, Raw, Session, Trouble, trouble_of
from recado.lib.storing import FileStore
from recado.mailboxes.arriving import Arriving, is_known, take_letter
from recado.mailboxes.claiming import (
    NO_PASSWORD,
    SHORT_SPELL,
    SPELL,
    Claimed,
    ClaimLost,
    held,
    record_stay,
)
from recado.mailboxes.reading import File, Letter, letter_from

_LOG = logging.getLogger("recado.mail")
MOST: Final = 50  # letters of one visit; more are fetched by the next, which is due at once
STEP_SECONDS: Final = 60.0
LETTER_SECONDS: Final = 180.0  # less than the lease
_PAUSE_SECONDS: Final = 2.0  # after a server told of nothing that can be read
_OVERLAP: Final = timedelta(days=2)  # looked at again when the server numbers its letters anew
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Reader:
    """What visits need: made once for all of them."""

    database: Database
    store: FileStore
    dialer: Dialer
    threads: Executor


@dataclass(frozen=True, slots=True)
class Visited:
    """How a visit ended, and whether more letters wait."""

    trouble: Trouble | None = None
    is_more: bool = False


class _Away(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.trouble)
        self.trouble = trouble


# In which a visit waits for what comes in; others may read meanwhile.
Resting = Callable[[], AbstractAsyncContextManager[None]]


async def visit(reader: Reader, claimed: Claimed, resting: Resting | None = None) -> Visited:
    """Read what is new. Raises ClaimLost, and what the database will get over.

    Given where to rest, it stays where the server tells of what comes in, and reads that too, until
    the connection breaks.
    """
    server = claimed.servers.imap
    if server is None:
        return Visited(NO_PASSWORD)
    call = _Call(reader, reader.dialer.line(), server)
    session = Session(server, call.line)
    try:
        opened = await call.ask(session.open, STEP_SECONDS)
        after = await _place(reader.database, claimed, opened, session, call)
        new = await _read_new(call, session, claimed, after)
        if resting is not None and not new.is_more:
            new = await _stay(call, session, claimed, new, resting)
        return Visited(is_more=new.is_more)
    except _Away as away:
        return Visited(away.trouble)
    finally:
        with suppress(_Away):
            await call.ask(session.close, seconds=5.0)


@dataclass(frozen=True, slots=True)
class _Call:
    """A session's line, and who waits at it."""

    reader: Reader
    line: Line
    server: ImapServer

    async def ask(self, work: Callable[[], _T], seconds: float) -> _T:
        """What a step of the session answers; _Away for what the server or the network does."""
        try:
            return await on_line(self.line, self.reader.threads, work, seconds=seconds)
        except SESSION_ERRORS as error:
            raise _Away(trouble_of(error, self.server)) from error


@dataclass(frozen=True, slots=True)
class _New:
    """The last letter that was read, and whether more wait."""

    uid: int
    is_more: bool


async def _read_new(call: _Call, session: Session, claimed: Claimed, after: int) -> _New:
    uids = await call.ask(partial(session.uids_after, after), STEP_SECONDS)
    for uid in uids[:MOST]:
        raw = await call.ask(partial(session.letter, uid), LETTER_SECONDS)
        await _take(call.reader, claimed, uid, raw)
    return _New(max(uids[:MOST], default=after), is_more=len(uids) > MOST)


async def _stay(
    call: _Call, session: Session, claimed: Claimed, new: _New, resting: Resting
) -> _New:
    """Listen, and read what comes. A connection that breaks is no trouble: the next visit will tell.

    Read it does after each spell, whatever it heard: what comes in just before a server is listened
    to may be told by none of its words, so the spell after a letter is short.
    """
    spell = SHORT_SPELL
    with suppress(_Away):
        while not new.is_more and await call.ask(session.listen, STEP_SECONDS):
            async with call.reader.database.transaction() as tx:
                await record_stay(tx, claimed, now=await database_now(tx))
            async with resting():
                is_told = await call.line.is_readable_within(spell.total_seconds())
            await call.ask(session.hush, STEP_SECONDS)
            before, new = new, await _read_new(call, session, claimed, new.uid)
            is_nothing = new.uid == before.uid
            spell = SPELL if is_nothing else SHORT_SPELL
            if is_told and is_nothing:  # some say that they are still there; none may keep us busy
                async with resting():
                    await asyncio.sleep(_PAUSE_SECONDS)
    return new


async def _place(
    database: Database, claimed: Claimed, opened: Opened, session: Session, call: _Call
) -> int:
    """Behind which letter to go on. A new mailbox begins with what comes from now on.

    A server that numbers anew, as after a restore, is looked at from two days before the last visit
    on: what is known already is not read twice.
    """
    async with database.transaction() as tx:
        mailbox = await held(tx, claimed, now=await database_now(tx))
        if mailbox.validity == opened.validity:
            return mailbox.last_uid
        is_new = mailbox.validity is None
        since = (mailbox.read_at or mailbox.created_at) - _OVERLAP
    if is_new:
        return await _begin(database, claimed, opened.validity, opened.next_uid - 1)
    uids = await call.ask(partial(session.uids_since, imap_day(since)), STEP_SECONDS)
    first = uids[0] if uids else opened.next_uid
    _LOG.warning("mailbox inbox=%s is numbered anew", claimed.inbox_id)
    return await _begin(database, claimed, opened.validity, first - 1)


async def _begin(database: Database, claimed: Claimed, validity: int, uid: int) -> int:
    async with database.transaction() as tx:
        mailbox = await held(tx, claimed, now=await database_now(tx))
        mailbox.validity, mailbox.last_uid = validity, uid
    return uid


def imap_day(at: datetime) -> str:
    """A day as IMAP writes it, whatever the language here."""
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return f"{at.day:02d}-{months[at.month - 1]}-{at.year}"


async def _take(reader: Reader, claimed: Claimed, uid: int, raw: Raw | None) -> None:
    """Write a letter down, and that it was read. One that we fail at is kept as a file, once more
    failing only in the log: the letters behind it are not held up.
    """
    if raw is None:  # gone before we came to it
        await _pass(reader.database, claimed, uid)
        return
    letter = await asyncio.to_thread(letter_from, raw.content, is_cut=raw.is_cut)
    if letter.is_cut and not raw.is_cut:
        letter = _as_file(letter, raw)
    for attempt in (letter, letter, _as_file(letter, raw)):  # the second: somebody was faster
        if await _is_written(reader, claimed, uid, attempt):
            return
    await _pass(reader.database, claimed, uid)


def _as_file(letter: Letter, raw: Raw) -> Letter:
    """A letter that says nothing itself, with its bytes as they came."""
    name = f"{letter.subject[:100] or 'e-mail'}.eml"
    file = File(name, "message/rfc822", raw.content)
    fits = 0 < len(raw.content) <= LARGEST and not raw.is_cut
    return replace(letter, is_cut=True, returned=None, files=(file,) if fits else ())


async def _pass(database: Database, claimed: Claimed, uid: int) -> None:
    async with database.transaction() as tx:
        (await held(tx, claimed, now=await database_now(tx))).last_uid = uid


async def _is_written(reader: Reader, claimed: Claimed, uid: int, letter: Letter) -> bool:
    """Whether a letter is dealt with; False where we failed at it. What passes by itself is raised."""
    is_own = letter.sender.address == claimed.address.lower() and not letter.returned
    async with reader.database.transaction() as tx:
        is_old = await is_known(tx, claimed.inbox_id, letter)
    if is_own or is_old:
        await _pass(reader.database, claimed, uid)
        return True
    files = await _stored(reader.store, letter.files)  # what fails here fails for all letters
    mistake = await mistake_in(_write(reader.database, claimed, uid, Arriving(letter, files)))
    if isinstance(mistake, ClaimLost):
        raise mistake
    if mistake is not None:
        _LOG.error("Letter %s of inbox %s failed", uid, claimed.inbox_id, exc_info=mistake)
    return mistake is None


async def _write(database: Database, claimed: Claimed, uid: int, arriving: Arriving) -> None:
    async with database.transaction() as tx:
        now = await database_now(tx)
        mailbox = await held(tx, claimed, now=now)
        inbox = await tx.get_one(Inbox, claimed.inbox_id)
        await take_letter(tx, inbox, arriving, now=now)
        mailbox.last_uid = uid
    _LOG.info("letter inbox=%s uid=%s files=%s", claimed.inbox_id, uid, len(arriving.files))


async def _stored(store: FileStore, files: Sequence[File]) -> tuple[StoredFile, ...]:
    """Put files into the store; what no message holds in the end is swept away."""
    return tuple(
        [
            StoredFile(
                await store.keep(one.content),
                file_draft(one.name, one.content_type, len(one.content)),
            )
            for one in files
        ]
    )
