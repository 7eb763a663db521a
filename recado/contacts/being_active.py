"""When contacts were last heard of."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy.orm.attributes import set_committed_value

from recado.contacts.models import Contact
from recado.db.database import Transaction
from recado.db.direct import Direct

# A contact whose row another transaction holds is left out: it writes there in this moment too, and a
# message that waited for it would keep its conversation locked, and every message behind it waiting.
_ACTIVE: Final = Direct("""
    update contacts set last_activity_at = :now::timestamptz where id in (
        select id from contacts where id = any(:ids::bigint[]) order by id for no key update skip locked
    )
""")


async def was_active(tx: Transaction, contacts: Collection[Contact], *, now: datetime) -> None:
    """Note that these contacts have just written; never waits for anybody."""
    await _ACTIVE.later(tx, ids=[one.id for one in contacts], now=now)
    for one in contacts:
        set_committed_value(one, "last_activity_at", now)
