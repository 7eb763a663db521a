"""A delivery that a worker holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recado.deliveries.policies import DEFAULT_POLICY, Policy
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
    awaits_answer: bool = False
    policy: Policy = DEFAULT_POLICY
    expires_at: datetime | None = None
    told_by: str | None = None  # who tells it, if no action does
    told_by_id: int | None = None
    message_id: int | None = None
    called_off: Why | None = None  # decided against while an earlier worker was sending it

    @property
    def may_repeat(self) -> bool:
        """Whether to send again when nobody knows if it arrived."""
        return self.policy.may_repeat(str(self.request.get("method")))

    def is_expired(self, now: datetime) -> bool:
        """Whether it is too late for another try."""
        return self.expires_at is not None and now >= self.expires_at
