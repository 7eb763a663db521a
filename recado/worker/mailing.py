"""The e-mails' loop: hands in what is due, and records what the mail server said."""

import asyncio
import logging
import ssl
from dataclasses import dataclass

from recado.db.database import Database, database_now
from recado.lib.mail_servers import MailServer
from recado.lib.mailing import hand_in
from recado.mail.sending import claim_emails, record_emails

_LOG = logging.getLogger("recado.mail")


@dataclass(slots=True)
class Post:
    """The operator's mail server and what makes the way to it safe."""

    server: MailServer
    tls: ssl.SSLContext


@dataclass(slots=True)
class MailLoop:
    """Takes a batch at a turn; without a mail server nothing is due."""

    database: Database
    post: Post | None

    async def turn(self) -> bool:
        """Send what is due; whether there may be more."""
        if self.post is None:
            return False
        async with self.database.transaction() as tx:
            claimed = await claim_emails(tx, now=await database_now(tx))
        if not claimed:
            return False
        letters = [one.letter for one in claimed]
        answers = await asyncio.to_thread(hand_in, self.post.server, letters, self.post.tls)
        tried = list(zip(claimed, answers, strict=True))
        async with self.database.transaction() as tx:
            await record_emails(tx, tried, now=await database_now(tx))
        for one, answer in tried:
            if answer is not None:
                result = answer.trouble or "sent"
                _LOG.info("email id=%s try=%s result=%s", one.email_id, one.tries, result)
        return True
