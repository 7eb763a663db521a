"""The states of a delivery, and the reasons that are no trouble of the network."""

from enum import StrEnum


class State(StrEnum):
    """Where a delivery stands: the first two wait, each other is an end."""

    PENDING = "pending"
    HELD = "held"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"  # sent, no answer, and the action asked not to repeat when unsure
    EXPIRED = "expired"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def is_end(self) -> bool:
        """Whether nothing more happens by itself."""
        return self not in {State.PENDING, State.HELD}


class Why(StrEnum):
    """Why a delivery was not sent, where nothing went wrong on the way."""

    ACTION_OFF = "action_off"
    ACTION_DRAFT = "action_draft"
    ACTION_DELETED = "action_deleted"
    BY_PERSON = "by_person"
    EXPIRED = "expired"
    CLOSED = "closed"  # sent only while the conversation is open
    GONE = "gone"  # the receiver answered 410, which switched the action off
    SURGE = "surge"  # far more calls than usual, which paused the action
    REPLACED = "replaced"  # a newer call of its conversation takes its place
    SAME = "same"  # the same call of its conversation was made just before
    UNKNOWN_THERE = "unknown_there"  # the desk it would be written to does not know what it names
    ERASED = "erased"  # whom it told of was erased
    AGAIN = "again"  # waits because somebody pressed "send again"
