"""Headers: what may be sent, secrets filled in at the last moment, and one of those that came.

Values go out as UTF-8; only control characters cannot.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from recado.lib.outcomes import RequestHeader

# Headers that say how a message is framed; a request that names one could be read as two.
FRAMING_HEADERS: Final = frozenset(
    [
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_UNSENDABLE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class SecretUnusable(Exception):
    """A secret is missing or cannot stand in a header."""


def header_of(headers: Sequence[Any], wanted: str) -> str:
    """The first value of a header, ignoring case; "" where it is missing."""
    return next((str(value) for name, value in headers if name.lower() == wanted), "")


def header_as_sent(header: RequestHeader, secrets: Mapping[int, str]) -> tuple[str, str]:
    """The header's name and its value followed by its secret, so a value may hold a prefix.

    ValueError for what the template's maker should have refused; no error holds a value, which may
    be a secret itself.
    """
    name = header.name
    if not _TOKEN.fullmatch(name) or name.lower() in FRAMING_HEADERS:
        raise ValueError(f"the header {name!r} cannot be sent")
    if _UNSENDABLE.search(header.value):
        raise ValueError(f"the header {name} contains a line break or control character")
    if header.secret_id is None:
        return name, header.value
    secret = secrets.get(header.secret_id)
    if secret is None:
        raise SecretUnusable(f"the secret of the header {name} is missing")
    if _UNSENDABLE.search(secret):
        raise SecretUnusable(f"the secret of the header {name} contains a control character")
    return name, header.value + secret
