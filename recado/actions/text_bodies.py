"""Bodies that are no JSON: form fields and plain text.

A form body has one field a line, `name = value`, split at the first `=`. The value may hold
placeholders and tags, each line for itself; spaces around both are dropped and empty lines are
skipped. It goes out as application/x-www-form-urlencoded. Plain text goes out as it is written.
"""

from urllib.parse import quote_plus

from recado.lib.facts import Facts
from recado.lib.languages import say
from recado.lib.templating import Template, TemplateError, parse


class TextBody:
    """Any text, XML for one. TemplateError if its template is wrong."""

    def __init__(self, source: str) -> None:
        self._template = parse(source)

    def render(self, facts: Facts) -> str:
        """The text; TemplateError if it holds the character NUL, which many systems stumble over."""
        body = self._template.render(facts)
        if "\0" in body:
            raise TemplateError(say("The body contains the character NUL."))
        return body


class FormBody:
    """The fields of a form. TemplateError, with the line, if one is wrong."""

    def __init__(self, source: str) -> None:
        numbered = enumerate(source.splitlines(), start=1)
        self._fields = [_field(line, number) for number, line in numbered if line.strip()]
        if not self._fields:
            raise TemplateError(say("Write a field as “name = value”, or choose no body."))

    def render(self, facts: Facts) -> str:
        """The fields in order, percent-encoded."""
        return "&".join(f"{name}={_encoded(value, facts, at)}" for name, value, at in self._fields)


def _field(line: str, number: int) -> tuple[str, Template, int]:
    name, equals, value = line.partition("=")
    if not equals or not name.strip() or "{" in name:
        raise TemplateError(say("Write each line as “name = value”."), (number, 1))
    try:
        return quote_plus(name.strip()), parse(value.strip()), number
    except TemplateError as error:
        raise _on_line(error, number, line.index(value.strip(), len(name) + 1)) from error


def _encoded(value: Template, facts: Facts, number: int) -> str:
    try:
        return quote_plus(value.render(facts))
    except TemplateError as error:
        raise _on_line(error, number, 0) from error


def _on_line(error: TemplateError, number: int, offset: int) -> TemplateError:
    column = error.position[1] if error.position else 1
    return TemplateError(error.sentence, (number, column + offset))
