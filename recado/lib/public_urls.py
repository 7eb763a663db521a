"""Addresses of this server as the outside world knows them. Set when a process starts."""

from urllib.parse import quote

_base = "http://127.0.0.1:3000"


def set_public_url(url: str) -> None:
    """Say how people reach this server, without a slash at the end."""
    global _base
    _base = url


def public_url(*steps: str) -> str:
    """The absolute address of a path, each step escaped."""
    return "/".join([_base, *(quote(step, safe="") for step in steps)])
