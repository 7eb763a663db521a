"""Pages about inboxes besides their own."""

from recado.inboxes.doors import bots

handlers = [*bots.handlers]
