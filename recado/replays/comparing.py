"""Two requests side by side, line by line, so that one sees what is different. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import ndiff
from typing import Any

from recado.deliveries.requests import shown
from recado.lib.colouring import pretty_json


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a request: " " in both, "-" only in the old one, "+" only in the new one."""

    mark: str
    text: str


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Line]:
    """Two kept requests compared; secrets are masked in both."""
    lines = ndiff(lines_of(old), lines_of(new))
    return [Line(one[0], one[2:]) for one in lines if one[0] in " -+"]


def lines_of(kept: Mapping[str, Any]) -> list[str]:
    """A kept request as it would stand on paper."""
    if not kept:
        return []
    told = shown(kept)
    headers = [f"{one['name']}: {one['value']}" for one in told["headers"]]
    body = str(pretty_json(told["body"] or ""))
    return [
        f"{told['method']} {told['url']}",
        *headers,
        *(["", *body.splitlines()] if body else []),
    ]
