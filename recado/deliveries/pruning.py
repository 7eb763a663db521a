"""Forgetting old deliveries, a few at a time, so that claiming never waits for it.

Each is kept for as long as its action wanted when it was made; of some only the bodies go, at once.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, case, literal, select, text, update
from sqlalchemy.dialects.postgresql import JSONB

from recado.db.database import Transaction
from recado.deliveries.models import Attempt, Delivery

_BATCH: Final = 500  # rows changed in one transaction, with their attempts
# One look into the index for each number of days there may be: what is kept for longer is not read.
# Materialized: within `in (…)` a plan may ask again for each row, and find the next one each time.
_PRUNE: Final = text("""
    with old as materialized (
        select one.id from generate_series(1, 365) as kept(days)
        cross join lateral (
            select id from deliveries
            where keep_days = kept.days and finished_at is not null
                and finished_at < cast(:now as timestamptz) - make_interval(days => kept.days)
            order by finished_at limit :batch
            for update skip locked
        ) as one
        limit :batch
    )
    delete from deliveries where id in (select id from old) returning id
""").bindparams(bindparam("batch", _BATCH))


async def prune_deliveries(tx: Transaction, *, now: datetime) -> int:
    """Delete deliveries that ended over `keep_days` ago; how many, at most a batch."""
    return len((await tx.execute(_PRUNE, {"now": now})).all())


async def drop_bodies(tx: Transaction, *, now: datetime) -> int:
    """Forget the bodies of what ended and shall not keep them; how many deliveries, at most a batch.

    Not before its answer was used, where its action wants to.
    """
    ended = (
        select(Delivery.id)
        .where(
            text("drops_bodies and finished_at is not null"),
            Delivery.finished_at <= now,
            ~Delivery.awaits_answer,
        )
        .order_by(Delivery.id)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = list(await tx.scalars(ended))
    request = case(
        (
            Delivery.request["body"].as_string().is_not(None),
            Delivery.request.op("||")(literal({"body": None, "is_dropped": True}, JSONB)),
        ),
        else_=Delivery.request,
    )
    await tx.execute(
        update(Delivery).where(Delivery.id.in_(ids)).values(request=request, drops_bodies=False)
    )
    await tx.execute(update(Attempt).where(Attempt.delivery_id.in_(ids)).values(response_body=None))
    return len(ids)
