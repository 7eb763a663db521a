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
REFERENCE: Final = "/app/profile"  # a page without a list: what a page costs with nothing on it


def paths(conversations: int) -> Mapping[str, str]:
    """The pages that are measured, by name."""
    middle = datetime.now(UTC) - timedelta(hours=_LENGTH / 2)
    return {
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
    return Report(
        "pages", rows, [f"Behind them: {behind} Budget: 50 ms.", f"Reference: {REFERENCE}."]
    )


async def row_of(desk: Desk, name: str, path: str) -> Row:
    """How long a page takes until its HTML is there, and how much of it there is; and how often as long as
    the reference, asked for in turns with it: so it holds on a busy machine too.
    """
    await desk.page(path)
    times: list[float] = []
    beside: list[float] = []
    size = 0
    for _ in range(_ROUNDS):
        beside.append((await _timed(desk, REFERENCE))[0])
        took, size = await _timed(desk, path)
        times.append(took)
    told = milliseconds(times)
    reference = milliseconds(beside)["p50_ms"]
    return {
        "page": name, **told, "reference_ms": reference,
        "times": round(told["p50_ms"] / max(reference, 0.1), 1), "html_kib": round(size / 1024, 1),
    }  # fmt: skip


async def _timed(desk: Desk, path: str) -> tuple[float, int]:
    """Seconds until a page is there, and its length."""
    began = time.perf_counter()
    size = len(await desk.page(path))
    return time.perf_counter() - began, size
