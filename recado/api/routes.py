"""Every route of the API."""

from typing import Any

handlers: list[Any] = []
