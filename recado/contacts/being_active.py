"""When contacts were last heard of."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm.attributes import set_committed_value

from recado.contacts.models import Contact
from recado.db.database import Transaction

# A contact whose row another transaction holds is left out: it writes there in this moment too, and a
# message that waited for it would keep its conversation locked, and every message behind it waiting.
_ACTIVE = text("""
    update contacts set last_activity_at = :now where id in (
        select id from contacts where id = any(:ids) order by id for no key update skip locked
    )
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))


async def was_active(tx: Transaction, contacts: Collection[Contact], *, now: datetime) -> None:
    """Note that these contacts have just written; never waits for anybody."""
    await tx.execute(_ACTIVE, {"ids": [one.id for one in contacts], "now": now})
    for one in contacts:
        set_committed_value(one, "last_activity_at", now)
