"""Telling other processes, at commit, that something changed: PostgreSQL's NOTIFY.

A notification is a hint, never the only copy of anything: whoever misses one finds the rows.
"""

from typing import Any

import orjson

from recado.db.database import NOTICES, Transaction

LIVE_CHANNEL = "recado_live"  # what open pages show has changed


async def notify(tx: Transaction, channel: str, payload: str = "") -> None:
    """Wake whoever listens on `channel` once the transaction commits; at most 7,999 bytes.

    All of a transaction go out in one statement at its end; the same twice goes out once.
    """
    tx.info.setdefault(NOTICES, {})[channel, payload] = None


def forget_notice(tx: Transaction, channel: str) -> None:
    """Wake nobody on `channel` after all: what they were to be told of is done."""
    notices: dict[tuple[str, str], None] = tx.info.get(NOTICES, {})
    notices.pop((channel, ""), None)


async def notify_pages(tx: Transaction, account_id: int, what: str, **about: Any) -> None:
    """Tell the account's open pages that `what` changed: "conversation", "delivery", "action"."""
    payload = {"account": account_id, "what": what, **about}
    await notify(tx, LIVE_CHANNEL, orjson.dumps(payload).decode())
