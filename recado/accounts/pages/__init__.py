"""Pages of teams, tokens and the own profile."""

from typing import Any

from recado.accounts.pages import account, profile, teams, tokens

handlers: list[Any] = [*account.handlers, *teams.handlers, *tokens.handlers, *profile.handlers]
