"""Pages of conversations: the desk, and the words and texts that people use again."""

from typing import Any

from recado.conversations.pages import (
    canned,
    composing,
    desk,
    following,
    labels,
    log_views,
    merging,
    snoozing,
    starting,
    transcript,
    undoing,
    views,
    watching,
)

handlers: list[Any] = [
    *desk.handlers,
    *composing.handlers,
    *snoozing.handlers,
    *starting.handlers,
    *canned.handlers,
    *labels.handlers,
    *transcript.handlers,
    *views.handlers,
    *log_views.handlers,
    *merging.handlers,
    *watching.handlers,
    *following.handlers,
    *undoing.handlers,
]
