"""Deliveries for tests, and what must be true of all of them after every test."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import selectinload

from recado.db.database import Database, Transaction
from recado.deliveries.claiming import Room, claim_due
from recado.deliveries.claims import Claimed
from recado.deliveries.delivering import Tried
from recado.deliveries.models import Delivery
from recado.deliveries.queueing import NotSent, Origin, queue_delivery
from recado.lib.outcomes import Failure, Outcome, Request, RequestHeader, Response, Timing, Trouble
from tests.people import NOW

LEASE = timedelta(seconds=60)
ROOM = Room(limit=100, per_lane=100, in_flight={})
TIMING = Timing(total=12.5, connect=1.0)


def answered(status: int, headers: Sequence[tuple[str, str]] = (), body: bytes = b"") -> Response:
    return Response(status, tuple(headers), body, len(body), is_cut=False, timing=TIMING)


def failed(trouble: Trouble, detail: str = "") -> Failure:
    return Failure(trouble, TIMING, detail=detail)


async def a_delivery(
    tx: Transaction,
    account_id: int,
    url: str = "https://crm.example/contacts",
    *,
    headers: tuple[RequestHeader, ...] = (),
    body: str | None = '{"a": 1}',
    not_sent: NotSent | None = None,
    due_at: datetime | None = None,
    **origin: Any,
) -> Delivery:
    """A delivery due at NOW, of an action that need not exist."""
    told = {"action_id": 1, "action_name": "CRM", **origin}
    request = Request("POST", url, headers, body)
    return await queue_delivery(
        tx, Origin(account_id, **told), request, now=NOW, not_sent=not_sent, due_at=due_at
    )


async def claim(tx: Transaction, *, now: datetime = NOW, room: Room = ROOM) -> list[Claimed]:
    return (await claim_due(tx, room, lease=LEASE, now=now)).claimed


def tried(claimed: Claimed, outcome: Outcome, *, now: datetime = NOW) -> Tried:
    return Tried(claimed, now, outcome)


async def fresh(tx: Transaction, delivery_id: int) -> Delivery:
    """A delivery with its attempts as the database has them now."""
    query = select(Delivery).where(Delivery.id == delivery_id)
    query = query.options(selectinload(Delivery.attempts), selectinload(Delivery.lease))
    return (await tx.scalars(query.execution_options(populate_existing=True))).one()


_BROKEN_RULES = {
    "an end without its time": """
        select id from deliveries where state not in ('pending', 'held') and finished_at is null""",
    "an end without its reason": """
        select id from deliveries where state not in ('pending', 'held') and reason = '{}'""",
    "an end that is due": """
        select id from deliveries where state not in ('pending', 'held') and due_at is not null""",
    "an end that somebody holds": """
        select delivery_id from leases join deliveries on id = delivery_id where state <> 'pending'""",
    "a wait without a time": "select id from deliveries where state = 'pending' and due_at is null",
    "a wait that has ended": """
        select id from deliveries where state in ('pending', 'held') and finished_at is not null""",
    "a gap in the numbers of attempts": """
        select d.id from deliveries d left join attempts a on a.delivery_id = d.id
        group by d.id, d.attempts_count
        having coalesce(array_agg(a.number order by a.number) filter (where a.id is not null), '{}')
            <> array(select generate_series(1, d.attempts_count))""",
    "more tries than attempts": "select id from deliveries where tries_count > attempts_count",
}


async def broken_rules(tx: Transaction) -> dict[str, list[int]]:
    """Which of the rules that hold for all deliveries at all times are broken, and by which."""
    found = {}
    for rule, query in _BROKEN_RULES.items():
        if ids := list(await tx.scalars(text(query))):
            found[rule] = ids
    return found


async def every_row(database: Database) -> dict[str, str]:
    """All tables as text, bytes readable as far as they are text."""
    query = "select tablename from pg_tables where schemaname = 'public'"
    found = {}
    async with database.transaction() as tx:
        for name in list(await tx.scalars(text(query))):
            rows = (await tx.execute(text(f"select * from {name}"))).all()  # noqa: S608
            found[name] = "\n".join(_readable(value) for row in rows for value in row)
    return found


def _readable(value: object) -> str:
    """Each text for itself, so that nothing is hidden by escapes of ours."""
    if isinstance(value, bytes):
        return value.decode("latin-1") + "\n" + value.replace(b"\0", b"").decode("utf-8", "replace")
    if isinstance(value, dict):
        return "\n".join(_readable(one) for pair in value.items() for one in pair)
    if isinstance(value, list | tuple):
        return "\n".join(map(_readable, value))
    return str(value)
