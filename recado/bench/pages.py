"""The pages that people open all day, with a million messages and a million calls behind them."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from recado.bench.desk import Desk, open_desk
from recado.bench.filling import MESSAGES_EACH, fill, lengthen
from recado.bench.printing import Report, Row, milliseconds
from recado.db.database import Database

_CONVERSATIONS: Final = 200_000
_ROUNDS: Final = 30
_LONG: Final = 2  # the number of a conversation of 10,000 messages
_LENGTH: Final = 10_000


def paths(conversations: int) -> Mapping[str, str]:
    """The pages that are measured, by name."""
    middle = datetime.now(UTC) - timedelta(hours=_LENGTH / 2)
    return {
        "reference: a page without a list": "/app/profile",
        "open conversations": "/app/conversations?tab=all",
        "resolved conversations": "/app/conversations?tab=all&status=resolved",
        "a conversation": f"/app/conversations/{conversations // 2}",
        f"a conversation of {_LENGTH:,} messages": f"/app/conversations/{_LONG}",
        "a day in the middle of it": f"/app/conversations/{_LONG}?day={middle.date()}",
        "as much of it as a page holds": f"/app/conversations/{_LONG}?from=1",
        "the log": "/app/deliveries",
        "a delivery": f"/app/deliveries/{conversations * MESSAGES_EACH // 2}",
        "the log, failed": "/app/deliveries?state=failed",
        "contacts": "/app/contacts",
        "search": "/app/search?q=Contact+17",
    }


async def pages(_seconds: float, _rate: float) -> Report:
    """Each page some times, one after the other, as one person's browser asks for its HTML."""
    async with open_desk(("web",)) as desk:
        inbox = await desk.create("inboxes", {"name": "Bench", "channel": {"type": "api"}})
        database = Database(desk.server.url, pool_size=2)
        try:
            await fill(database, inbox["id"], conversations=_CONVERSATIONS)
            await lengthen(database, _LONG, messages=_LENGTH)
        finally:
            await database.close()
        await desk.sign_in()
        rows = [await row_of(desk, name, path) for name, path in paths(_CONVERSATIONS).items()]
    behind = (
        f"{_CONVERSATIONS:,} conversations, {_CONVERSATIONS * MESSAGES_EACH:,} messages and calls."
    )
    return Report("pages", rows, [f"Behind them: {behind} Budget: 50 ms."])


async def row_of(desk: Desk, name: str, path: str) -> Row:
    """How long a page takes until its HTML is there, and how much of it there is."""
    await desk.page(path)
    times: list[float] = []
    size = 0
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        size = len(await desk.page(path))
        times.append(time.perf_counter() - began)
    return {"page": name, **milliseconds(times), "html_kib": round(size / 1024, 1)}
