"""The URL of an action: fixed scheme, host and port; placeholders in path and query only.

A value is percent-encoded whole, so a "/", "?" or "&" in it stays inside its place. A path can
neither climb (a part "." or "..") nor lose a part because a value is missing.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from recado.lib.addresses import NOT_PUBLIC, Refuses, lane_of, url_problem
from recado.lib.dialect import Placeholder
from recado.lib.facts import Facts
from recado.lib.languages import Sentence, say
from recado.lib.templating import Part, TemplateError, Text, error_at, parse
from recado.lib.values import text_of

_START: Final = re.compile(r"[^/?#]*(?://[^/?#]*)?")  # scheme, host and port
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
_DOTS: Final = re.compile(r"(\.|%2e){1,2}", re.IGNORECASE)


class UrlTemplate:
    """An action's URL, read and ready. TemplateError if it is wrong."""

    def __init__(self, source: str) -> None:
        _refuse_early_placeholders(source)
        self._template = parse(source)
        for place in self._template.placeholders():
            place.show = _encoded
        stand_in = "".join(_stand_in(part) for part in self._template.parts)
        _refuse_problems(stand_in)
        self._shape = _segments(stand_in) if self._template.is_flat else []

    def render(self, facts: Facts) -> str:
        """The URL; TemplateError if these values make none that may be sent."""
        url = self._template.render(facts)
        for made, meant in zip(_segments(url), self._shape, strict=False):  # tags have no shape
            if meant and not made:
                raise TemplateError(
                    say("A variable in the path of the URL has no value, so a part of it is lost.")
                )
        _refuse_problems(url)
        return url if url.isascii() else _escaped(url)


def lane_of_template(source: str) -> str:
    """scheme://host:port, which holds no placeholders; ValueError where there is no such start."""
    return lane_of(source[: _start_length(source)])


@lru_cache(maxsize=4096)  # addresses: what offers actions names the host of each
def host_of_template(source: str) -> str:
    """The host alone, as lists show it."""
    return lane_of_template(source).split("://", 1)[1].rsplit(":", 1)[0]


def address_problem(source: str, refuses: Refuses) -> Sentence | None:
    """That nothing may be sent where a URL without problems leads. Told where it is written, not
    refused on saving: whoever runs the server may allow the network afterwards.
    """
    return NOT_PUBLIC if refuses(start_of(source)[0]) else None


def start_of(url: str) -> tuple[str, str]:
    """A URL, or a template of one, in two: scheme, host and port; and what follows."""
    length = _start_length(url)
    return url[:length], url[length:]


def _refuse_early_placeholders(source: str) -> None:
    brace = re.search(r"\{[{%]", source)
    if brace and brace.start() < _start_length(source):
        raise error_at(
            say("Variables may stand only in the path and query; write scheme, host and port out."),
            source,
            brace.start(),
        )


def _start_length(source: str) -> int:
    found = _START.match(source)
    return found.end() if found else 0


def _refuse_problems(url: str) -> None:
    problem = url_problem(url)
    if problem is None and "#" in url:
        problem = say("The URL must not have a part after “#”: it is never sent.")
    if problem is None and any(_DOTS.fullmatch(part) for part in _segments(url)):
        problem = say("The path of the URL must not have the parts “.” or “..”.")
    if problem is not None:
        raise TemplateError(problem)


def _escaped(url: str) -> str:
    """Other characters than ASCII in path and query percent-encoded; the host is DNS's matter."""
    length = _start_length(url)
    return url[:length] + quote(url[length:], safe=_ASCII)


def _segments(url: str) -> list[str]:
    return url.partition("?")[0].split("/")


def _encoded(value: object) -> str:
    return quote(text_of(value), safe="")


def _stand_in(part: Part) -> str:
    return part.text if isinstance(part, Text) else "x" * isinstance(part, Placeholder)
