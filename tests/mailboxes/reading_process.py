"""A worker's loop of mailboxes in a process of its own, to be killed: DATABASE AUTHORITY FILES."""

import asyncio
import sys
from pathlib import Path

from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.addresses import AddressGuard, parse_networks
from recado.lib.sending import Sender
from recado.lib.storing import DiskStore
from recado.worker.looping import loop
from recado.worker.reading_mail import MailboxLoop
from tests.people import VAULT


async def read(url: str, authority: str, files: str) -> None:
    guard = AddressGuard(parse_networks("127.0.0.0/8"))
    database = Database(url, pool_size=5)
    sender = Sender(guard=guard, user_agent="t", ca_file=authority, lookup=lambda *_: ["127.0.0.1"])
    async with sender:
        boxes = MailboxLoop(database, Outbound(sender, VAULT), DiskStore(Path(files)))
        await loop("mailboxes", boxes.turn, boxes.wake, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(read(*sys.argv[1:4]))
