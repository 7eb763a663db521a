"""A webhook comes in: who sent it is checked, and it is written down before it is answered.

What it tells is mirrored by the worker. Its sender does not try twice, so nothing here may take long
or fail for reasons of our own.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from recado.chatwoot.connecting import secrets_of
from recado.chatwoot.models import ChatwootArrival, ChatwootServer
from recado.db.database import Transaction
from recado.db.notifying import notify
from recado.lib.secrets import Vault
from recado.lib.signing import chatwoot_signature

CHANNEL: Final = "recado_chatwoot"  # NOTIFY: something has come in
_OLDEST: Final = timedelta(minutes=5)  # a signature older than this may be a replay
_LONGEST_ID: Final = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """A request to the address of a connection."""

    body: bytes
    timestamp: str
    signature: str
    unique_id: str


async def server_of_key(tx: Transaction, key: str) -> ChatwootServer | None:
    """The connection whose address ends in this key."""
    return await tx.scalar(select(ChatwootServer).where(ChatwootServer.key == key))


async def hear(
    tx: Transaction, server: ChatwootServer, heard: Heard, *, vault: Vault, now: datetime
) -> bool:
    """Keep what came; False where it is not signed as it must be, or says nothing.

    One that came before is not kept twice. A desk that signs nothing (before 4.13) has only the key.
    """
    if server.signing_id is not None:
        key = (await secrets_of(tx, server, vault)).get(server.signing_id)
        if key is None or not is_signed(heard, key, now=now):
            return False
    try:
        body = orjson.loads(heard.body)
    except orjson.JSONDecodeError:
        return False
    if not isinstance(body, dict):
        return False
    row = insert(ChatwootArrival).values(
        server_id=server.id, unique_id=heard.unique_id[:_LONGEST_ID] or None,
        body=without_nul(body), trouble="", received_at=now,
    )  # fmt: skip
    await tx.execute(row.on_conflict_do_nothing())
    server.seen_at = now
    await notify(tx, CHANNEL)
    return True


def is_signed(heard: Heard, key: str, *, now: datetime) -> bool:
    """Whether somebody who knows the secret sent exactly this, not long ago."""
    stamp = heard.timestamp
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        return False
    if abs(now.timestamp() - int(stamp)) > _OLDEST.total_seconds():
        return False
    expected = chatwoot_signature(int(stamp), heard.body, key)
    return hmac.compare_digest(expected.encode(), heard.signature.encode("utf-8", "replace"))


def without_nul(body: dict[str, object]) -> object:
    """As the database takes it: jsonb keeps no U+0000."""
    return orjson.loads(orjson.dumps(body).replace(b"\\u0000", b"\\ufffd"))
