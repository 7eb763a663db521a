"""By which headers a program shows whose it is: a token alone, or the four of a sign-in."""

from dataclasses import dataclass
from typing import Any

from litestar import Request

from recado.accounts.models import User
from recado.accounts.signing_in_programs import client_of


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token, "" for none; and who the program says it is, where it has signed in."""

    token: str
    uid: str | None = None

    def are_of(self, person: User | None) -> bool:
        """Whether the program is who it says."""
        return self.uid is None or (person is not None and self.uid == person.email)


NOBODY = Credentials("")


def credentials_of(request: Request[Any, Any, Any]) -> Credentials:
    """From `api_access_token` in any case, `_` or `-`, else from the headers of a sign-in.

    `Authorization` beside them is not read.
    """
    told = {name.lower().replace("_", "-"): one.strip() for name, one in request.headers.items()}
    if "api-access-token" in told:
        return Credentials(told["api-access-token"])
    token = told.get("access-token", "")
    if not token or told.get("client") != client_of(token):
        return NOBODY
    return Credentials(token, told.get("uid", "").lower())
