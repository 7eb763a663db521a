"""Headers of an action: names are fixed, values are templates.

Values go out as UTF-8. A line break in a value is an error rather than taken out in silence: it
would otherwise begin a header of the contact's choosing.
"""

import re
from collections.abc import Sequence
from typing import Final

from recado.lib.facts import Facts
from recado.lib.headers import FRAMING_HEADERS
from recado.lib.languages import Sentence, say
from recado.lib.templating import TemplateError, Text, parse

_OWN: Final = frozenset(
    ["webhook-id", "webhook-timestamp", "webhook-signature", "idempotency-key"]
)  # set on every delivery, so that receivers can rely on them
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, 5.6.2
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # what no header may hold; a tab may


def name_problem(name: str, earlier: Sequence[str]) -> Sentence | None:
    """Why a header cannot have this name, given the names before it; None if it can."""
    lower = name.lower()
    if not name:
        return say("Enter the header's name, or remove this pair.")
    if not _TOKEN.fullmatch(name):
        return say("A header's name has only letters, digits and signs such as “-”; no spaces.")
    if lower in FRAMING_HEADERS:
        return say("Recado sets the header %(name)s itself, as the connection needs it.", name=name)
    if lower in _OWN:
        return say(
            "Recado sets the header %(name)s itself, so that receivers can rely on it.", name=name
        )
    if lower in (one.strip().lower() for one in earlier):
        return say("The header %(name)s is there already.", name=name)
    return None


class HeaderValue:
    """A header's value, read and ready. TemplateError if it is wrong.

    `is_prefix` keeps the space at its end, since a secret follows.
    """

    def __init__(self, name: str, source: str, *, is_prefix: bool = False) -> None:
        self._name = name
        self._is_prefix = is_prefix
        self._template = parse(source)
        for part in self._template.parts:
            if isinstance(part, Text):
                self._refuse_control(part.text)

    def render(self, facts: Facts) -> str:
        """The value; TemplateError if it holds what no header may."""
        value = self._template.render(facts)
        self._refuse_control(value)
        return value.lstrip(" \t") if self._is_prefix else value.strip(" \t")

    def _refuse_control(self, value: str) -> None:
        found = _CONTROL.search(value)
        if found is None:
            return
        if found.group() in "\r\n":
            raise TemplateError(say("The header %(name)s contains a line break.", name=self._name))
        raise TemplateError(
            say("The header %(name)s contains a control character.", name=self._name)
        )
