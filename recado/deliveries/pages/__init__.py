"""The pages of deliveries: the log, and the destinations."""

from typing import Any

from recado.deliveries.pages import destinations, log

handlers: list[Any] = [*destinations.handlers, *log.handlers]
