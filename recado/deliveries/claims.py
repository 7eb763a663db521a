"""A delivery that a worker holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recado.deliveries.states import Why


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to send until the lease ends."""

    id: int
    claim: int
    account_id: int
    webhook_id: str
    request: Mapping[str, Any]
    lane: str
    is_test: bool
    conversation_id: int | None
    action_id: int | None
    attempts_count: int
    tries_count: int
    interruptions_count: int
    called_off: Why | None = None  # decided against while an earlier worker was sending it
