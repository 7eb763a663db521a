"""Pages that need several rooms at once: who is in an account, and how they come in."""

from typing import Any

from recado.web.doors import (
    agents,
    audit,
    code,
    invitation,
    new_password,
    second_step,
    signing_in_again,
)

handlers: list[Any] = [
    *agents.handlers, *invitation.handlers, *code.handlers, *second_step.handlers, *audit.handlers,
    *signing_in_again.handlers, *new_password.handlers,
]  # fmt: skip
