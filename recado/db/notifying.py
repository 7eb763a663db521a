"""Telling other processes, at commit, that something changed: PostgreSQL's NOTIFY.

A notification is a hint, never the only copy of anything: whoever misses one finds the rows.
"""

from typing import Any

import orjson
from sqlalchemy import text

from recado.db.database import Transaction

LIVE_CHANNEL = "recado_live"  # what open pages show has changed


async def notify(tx: Transaction, channel: str, payload: str = "") -> None:
    """Wake whoever listens on `channel` once the transaction commits; at most 7,999 bytes.

    The same twice costs nothing: PostgreSQL would tell it once. What is rolled back with a
    savepoint is forgotten with it.
    """
    told = tx.info.setdefault("told", set())
    levels = (None, tx.get_nested_transaction())
    if any((level, channel, payload) in told for level in levels):
        return
    told.add((levels[-1], channel, payload))
    await tx.execute(
        text("select pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload}
    )


async def notify_pages(tx: Transaction, account_id: int, what: str, **about: Any) -> None:
    """Tell the account's open pages that `what` changed: "conversation", "delivery", "action"."""
    payload = {"account": account_id, "what": what, **about}
    await notify(tx, LIVE_CHANNEL, orjson.dumps(payload).decode())
