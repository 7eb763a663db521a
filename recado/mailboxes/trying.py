"""Trying both servers of a mailbox before anything is saved: signing in and leaving, at once or not at all."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from recado.lib.dialing import Dialer, Line, on_line
from recado.lib.imap import SESSION_ERRORS, ImapServer, Session, Trouble, trouble_of
from recado.lib.mail_servers import MailServer
from recado.lib.mailing import Answer, MailTrouble, knock

TRY_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class TriedBoth:
    """What came of it; None where no server was named. No trouble: it works."""

    imap: Trouble | None = None
    smtp: Answer | None = None
    has_imap: bool = False


async def try_both(dialer: Dialer, imap: ImapServer | None, smtp: MailServer | None) -> TriedBoth:
    """Sign in at both, side by side."""
    threads = ThreadPoolExecutor(2, thread_name_prefix="trying")
    try:
        read, sent = await asyncio.gather(
            _try_imap(dialer, threads, imap), _try_smtp(dialer, threads, smtp)
        )
    finally:
        threads.shutdown(wait=False)
    return TriedBoth(read, sent, imap is not None)


async def _try_imap(
    dialer: Dialer, threads: ThreadPoolExecutor, server: ImapServer | None
) -> Trouble | None:
    if server is None:
        return None
    line = dialer.line()
    try:
        await on_line(line, threads, partial(_visit, Session(server, line)), seconds=TRY_SECONDS)
    except SESSION_ERRORS as error:
        return trouble_of(error, server)
    return None


def _visit(session: Session) -> None:
    try:
        session.open()
    finally:
        session.close()


async def _try_smtp(
    dialer: Dialer, threads: ThreadPoolExecutor, server: MailServer | None
) -> Answer | None:
    if server is None:
        return None
    line = dialer.line()
    try:
        return await on_line(line, threads, partial(_knock, server, line), seconds=TRY_SECONDS)
    except TimeoutError:
        return Answer(MailTrouble.UNREACHABLE, "the server took too long")


def _knock(server: MailServer, line: Line) -> Answer:
    try:
        return knock(server, line.tls, line)
    finally:
        line.close()
