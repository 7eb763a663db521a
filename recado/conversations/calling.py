"""What was told to other systems about a conversation, as lines of its thread."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from recado.conversations.models import Conversation, Message
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.reading import made
from recado.deliveries.models import Delivery
from recado.deliveries.resending import resend_problem
from recado.deliveries.showing import STATE_PILLS, TROUBLE_LABELS, StatePill
from recado.deliveries.states import State
from recado.lib.languages import Sentence

_MOST: Final = 200  # of one thread, the newest
_OF_DELIVERY: Final = (
    "id", "action_name", "state", "is_test", "attempts_count", "due_at", "created_at", "request",
)  # fmt: skip
_AGAIN: Final = frozenset({State.FAILED, State.UNKNOWN, State.EXPIRED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Call:
    """A delivery as a line: what, how it stands, and what the last answer was."""

    id: int
    name: str
    pill: StatePill
    answer: str | Sentence  # "" before the first
    at: datetime
    due_at: datetime | None
    rests_until: datetime | None  # where its destination takes nothing for now
    may_retry: bool


async def calls_between(
    tx: Transaction,
    conversation: Conversation,
    messages: Sequence[Message],
    *,
    now: datetime,
    is_to_end: bool = True,
) -> Mapping[int, list[Call]]:
    """The calls about these messages, by the message below which they stand; no tests."""
    if not messages:
        return {}
    rows = await _CALLS.rows(
        tx, account_id=conversation.account_id, number=conversation.display_id, most=_MOST,
        since=messages[0].created_at, until=None if is_to_end else messages[-1].created_at,
        again=[*_AGAIN],
    )  # fmt: skip
    moments = [one.created_at for one in messages]
    calls: dict[int, list[Call]] = defaultdict(list)
    for row in reversed(rows):
        above = messages[max(0, bisect_right(moments, row["created_at"]) - 1)]
        calls[above.id].append(_call(row, now))
    return dict(calls)


# Requests are large: only those are read that may be sent again.
_CALLS: Final = Direct("""
    select deliveries.id, action_name, state, is_test, attempts_count, due_at, created_at,
        case when state = any(:again::text[]) then request end as request, last.status, last.trouble,
        case when leases.claim is null then greatest(lanes.open_until, lane_limits.rests_until) end
            as rests_until
    from deliveries left join lateral (
        select status, trouble from attempts where delivery_id = deliveries.id order by number desc limit 1
    ) as last on true
    left join leases on leases.delivery_id = deliveries.id
    left join lanes on lanes.lane = deliveries.lane and state = 'pending'
    left join lane_limits on lane_limits.account_id = deliveries.account_id
        and lane_limits.lane = deliveries.lane and state = 'pending'
    where deliveries.account_id = :account_id and conversation_id = :number and created_at >= :since
        and created_at <= coalesce(:until::timestamptz, 'infinity') and not is_test
    order by deliveries.id desc limit :most
""")


def _call(row: Mapping[str, Any], now: datetime) -> Call:
    answer: str | Sentence = ""
    if row["status"] is not None:
        answer = str(row["status"])
    elif row["trouble"] is not None:
        answer = TROUBLE_LABELS[row["trouble"]]
    delivery = made(Delivery, {key: row[key] for key in _OF_DELIVERY})
    rests = row["rests_until"]
    return Call(
        id=delivery.id,
        name=delivery.action_name,
        pill=STATE_PILLS[delivery.state],
        answer=answer,
        at=delivery.created_at,
        due_at=delivery.due_at if delivery.attempts_count else None,
        rests_until=rests if rests and rests > now else None,
        may_retry=delivery.state in _AGAIN and resend_problem(delivery) is None,
    )
