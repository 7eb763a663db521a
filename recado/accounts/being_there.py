"""Who is there: a page of theirs is open. One small statement for everybody of a process, no row a page."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, text, update
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT

from recado.accounts.models import PRESENT, Availability, Membership
from recado.db.database import Transaction
from recado.db.notifying import notify_pages

# Locked in one order, so that two processes never wait for each other.
_SEEN: Final = text("""
    with before as (
        select m.account_id, m.user_id, m.seen_at from memberships m
        join unnest(:account_ids, :user_ids) as here(account_id, user_id)
            on m.account_id = here.account_id and m.user_id = here.user_id
        order by m.account_id, m.user_id for no key update of m
    )
    update memberships m set seen_at = :now from before
    where m.account_id = before.account_id and m.user_id = before.user_id
    returning before.account_id, before.user_id, before.seen_at
""").bindparams(
    bindparam("account_ids", type_=ARRAY(BIGINT)), bindparam("user_ids", type_=ARRAY(BIGINT))
)


async def are_there(
    tx: Transaction, whom: Collection[tuple[int, int]], *, now: datetime
) -> list[tuple[int, int]]:
    """Remember that these people of these accounts have a page open; who of them has just come."""
    if not whom:
        return []
    accounts, people = ([one[at] for one in whom] for at in (0, 1))
    rows = await tx.execute(_SEEN, {"account_ids": accounts, "user_ids": people, "now": now})
    come = [
        (row.account_id, row.user_id)
        for row in rows
        if row.seen_at is None or row.seen_at < now - PRESENT
    ]
    for account_id, user_id in come:
        await notify_pages(tx, account_id, "person", id=user_id)
    return come


async def say_availability(
    tx: Transaction,
    member: Membership,
    availability: Availability | None = None,
    *,
    auto_offline: bool | None = None,
) -> None:
    """Let a person say whether they are available; None stays as it is. Open pages hear of it."""
    values: dict[str, object] = {}
    if availability is not None:
        values["availability"] = availability
    if auto_offline is not None:
        values["auto_offline"] = auto_offline
    if not values:
        return
    await tx.execute(
        update(Membership)
        .where(Membership.account_id == member.account_id, Membership.user_id == member.user_id)
        .values(values),
    )
    await notify_pages(tx, member.account_id, "person", id=member.user_id)
