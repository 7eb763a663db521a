"""Pages of teams, tokens and the own profile."""

from typing import Any

from recado.accounts.pages import profile, teams, tokens

handlers: list[Any] = [*teams.handlers, *tokens.handlers, *profile.handlers]
