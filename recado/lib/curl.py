"""A request as a curl command, for whoever wants to repeat it from a terminal.

The command is quoted for a POSIX shell and sends the same bytes; only secrets are masked, and the
reader puts their own in.
"""

from shlex import quote
from typing import Final

from recado.lib.outcomes import Request, RequestHeader

MASK: Final = "••••"
_GLOBBED: Final = frozenset("[]{}")  # curl would make several URLs of these


def as_curl(request: Request) -> str:
    """One command, an option on each line."""
    options = [f"curl --request {quote(request.method)}"]
    if _GLOBBED.intersection(request.url):
        options.append("--globoff")
    options.append(f"--url {quote(request.url)}")
    options += [f"--header {quote(_header(one))}" for one in request.headers]
    if request.body is not None:
        options.append(f"{_data_option(request.body)} {quote(request.body)}")
    return " \\\n  ".join(options)


def _header(header: RequestHeader) -> str:
    value = header.value + MASK if header.secret_id is not None else header.value
    return f"{header.name}: {value}" if value else f"{header.name};"  # ";" sends it empty


def _data_option(body: str) -> str:
    """Both send the body as it is, but the first would read a file named after an `@`."""
    return "--data-raw" if body.startswith("@") else "--data-binary"
