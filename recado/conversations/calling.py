"""What was told to other systems about a conversation, as lines of its thread."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, true
from sqlalchemy.dialects.postgresql import distinct_on

from recado.conversations.models import Conversation, Message
from recado.db.database import Transaction
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.resending import resend_problem
from recado.deliveries.showing import STATE_PILLS, TROUBLE_LABELS, StatePill
from recado.deliveries.states import State
from recado.lib.languages import Sentence

_MOST: Final = 200  # of one thread, the newest
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
    may_retry: bool


async def calls_between(
    tx: Transaction,
    conversation: Conversation,
    messages: Sequence[Message],
    *,
    is_to_end: bool = True,
) -> Mapping[int, list[Call]]:
    """The calls about these messages, by the message below which they stand; no tests."""
    if not messages:
        return {}
    query = (
        select(Delivery)
        .where(
            Delivery.account_id == conversation.account_id,
            Delivery.conversation_id == conversation.display_id,
            Delivery.created_at >= messages[0].created_at,
            true() if is_to_end else Delivery.created_at <= messages[-1].created_at,
            ~Delivery.is_test,
        )
        .order_by(Delivery.id.desc())
        .limit(_MOST)
    )
    deliveries = list(await tx.scalars(query))[::-1]
    last = await _last_attempts(tx, deliveries)
    moments = [one.created_at for one in messages]
    calls: dict[int, list[Call]] = defaultdict(list)
    for one in deliveries:
        above = messages[max(0, bisect_right(moments, one.created_at) - 1)]
        calls[above.id].append(_call(one, last.get(one.id)))
    return dict(calls)


async def _last_attempts(tx: Transaction, deliveries: Sequence[Delivery]) -> dict[int, Attempt]:
    if not deliveries:
        return {}
    query = (
        select(Attempt)
        .where(Attempt.delivery_id.in_([one.id for one in deliveries]))
        .ext(distinct_on(Attempt.delivery_id))
        .order_by(Attempt.delivery_id, Attempt.number.desc())
    )
    return {one.delivery_id: one for one in await tx.scalars(query)}


def _call(delivery: Delivery, last: Attempt | None) -> Call:
    answer: str | Sentence = ""
    if last is not None and last.status is not None:
        answer = str(last.status)
    elif last is not None and last.trouble is not None:
        answer = TROUBLE_LABELS[last.trouble]
    return Call(
        id=delivery.id,
        name=delivery.action_name,
        pill=STATE_PILLS[delivery.state],
        answer=answer,
        at=delivery.created_at,
        due_at=delivery.due_at if delivery.attempts_count else None,
        may_retry=delivery.state in _AGAIN and resend_problem(delivery) is None,
    )
