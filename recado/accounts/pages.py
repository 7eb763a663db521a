"""Pages of people, teams, tokens and the own profile."""

from typing import Any

handlers: list[Any] = []
