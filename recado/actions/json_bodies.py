"""JSON bodies: a template that is read as JSON before any value is put in.

No value can break the document: inside quotes it is escaped, alone it is written as the JSON it
is (text gets its quotes, a missing value is null). What the administrator wrote stays as it is,
spaces, order and all digits. Placeholders cannot be glued to other text outside of quotes.

Tags may stand inside quotes and around values (a loop over labels). They decide what is written,
so such a body is tried with sample values and without any when it is saved, and read again each
time it is made. A tag may not open or close quotes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import orjson

from recado.lib.dialect import Placeholder
from recado.lib.facts import Facts, sample_facts
from recado.lib.languages import Sentence, say
from recado.lib.templating import Block, Part, Template, TemplateError, Text, error_at, parse
from recado.lib.values import json_of, text_of

_QUOTES: Final = re.compile(r'\\.|"', re.DOTALL)
_BACKSLASHES: Final = re.compile(r"\\+\Z")
_BEFORE_VALUE: Final = tuple(" \t\r\n[,:{")
_AFTER_VALUE: Final = tuple(" \t\r\n,]}:")


class JsonBody:
    """A JSON body's template, read and ready. TemplateError if it is wrong."""

    def __init__(self, source: str) -> None:
        if not source.strip():
            raise TemplateError(say("Write the JSON, or choose a request without a body."))
        self._template = parse(source)
        if _outline(self._template.parts, source, _Place()).is_inside:
            raise error_at(say("A quote is opened and never closed."), source, source.rfind('"'))
        if self._template.is_flat:
            _read(self._template)

    def render(self, facts: Facts) -> str:
        """The body: valid JSON, or TemplateError."""
        body = self._template.render(facts)
        if not self._template.is_flat:
            _read_again(body)
        return body

    def try_out(self) -> None:
        """TemplateError where tags make no JSON of sample values, or when values are missing."""
        if not self._template.is_flat:
            self.render(sample_facts())
            self.render({})


def string_part(value: object) -> str:
    """A value as it stands between the quotes of a JSON string."""
    return orjson.dumps(text_of(value)).decode()[1:-1]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the reading of a template stands: inside quotes, and whether its loop began there."""

    is_inside: bool = False
    loop_is_inside: bool = False

    def after(self, part: Text, source: str) -> "_Place":
        return replace(self, is_inside=_ends_inside(part, source, is_inside=self.is_inside))


def _outline(parts: tuple[Part, ...], source: str, place: _Place) -> _Place:
    """Tell every placeholder whether it is inside quotes; where the parts end."""
    for index, part in enumerate(parts):
        if isinstance(part, Text):
            place = place.after(part, source)
        elif isinstance(part, Placeholder):
            part.show = string_part if place.is_inside else json_of
            if not place.is_inside:
                _refuse_glued(part, parts[max(index - 1, 0) : index + 2], source)
        else:
            _outline_block(part, source, place)
    return place


def _outline_block(block: Block, source: str, place: _Place) -> None:
    """Whichever way a tag is gone through, quotes must be as open after it as before."""
    inner = replace(place, loop_is_inside=place.is_inside) if block.tag == "for" else place
    is_even = all(
        _outline(one, source, inner).is_inside == place.is_inside for one in block.branches
    )
    leaves_loop = block.tag in ("break", "continue")
    if not is_even or (leaves_loop and place.is_inside != place.loop_is_inside):
        raise error_at(
            say("A quote is opened inside of a tag and closed outside, or the reverse."),
            source,
            block.index,
        )


def _ends_inside(part: Text, source: str, *, is_inside: bool) -> bool:
    for found in _QUOTES.finditer(part.text):
        if found.group() == '"':
            is_inside = not is_inside
    slashes = _BACKSLASHES.search(part.text) if is_inside else None
    end = part.index + len(part.text)
    if slashes and len(slashes.group()) % 2 and end < len(source):
        raise error_at(say("A backslash stands right before “{”."), source, end - 1)
    return is_inside


def _refuse_glued(place: Placeholder, around: Iterable[Part], source: str) -> None:
    for before, after in pairwise(around):
        if isinstance(before, Placeholder) and isinstance(after, Placeholder):
            raise _glued(f'"{before.written}{after.written}"', source, place)
        if isinstance(before, Text) and not before.text.endswith(_BEFORE_VALUE):
            raise _glued(f'"{_last_word(before.text)}{place.written}"', source, place)
        if isinstance(after, Text) and after.text.lstrip().startswith(":"):
            raise error_at(
                say("A name must stand in quotes: %(fix)s.", fix=f'"{place.written}"'),
                source,
                place.index,
            )
        if isinstance(after, Text) and not after.text.startswith(_AFTER_VALUE):
            raise _glued(f'"{place.written}{_first_word(after.text)}"', source, place)


def _glued(fix: str, source: str, place: Placeholder) -> TemplateError:
    return error_at(
        say("A variable is glued to something else. Put both in quotes: %(fix)s.", fix=fix),
        source,
        place.index,
    )


def _last_word(text: str) -> str:
    return re.split(r'[\s\[,:{"]', text)[-1]


def _first_word(text: str) -> str:
    return re.split(r'[\s\]},:"]', text)[0]


def _read(template: Template) -> None:
    """Read a template without tags as JSON, with stand-ins for its values."""
    text, places = "", []
    for part in template.parts:
        places.append((len(text), part.index))
        text += _stand_in(part)
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        start, index = max(place for place in places if place[0] <= error.pos)
        sentence = _sentence_about(error, text)
        raise error_at(sentence, template.source, index + error.pos - start) from error


def _stand_in(part: Part) -> str:
    if isinstance(part, Text):
        return part.text
    return "x" if isinstance(part, Placeholder) and part.show is string_part else "0"


def _read_again(body: str) -> None:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        near = body[max(error.pos - 20, 0) : error.pos + 20]
        raise TemplateError(
            say(
                "With these values the tags make no valid JSON near “%(near)s”: %(reason)s",
                near=near,
                reason=_sentence_about(error, body),
            )
        ) from error


def _sentence_about(error: orjson.JSONDecodeError, text: str) -> Sentence:
    """What is wrong with JSON, in words for people who do not write it every day."""
    at = text[error.pos : error.pos + 1]
    if at in _BY_CHARACTER:
        return _BY_CHARACTER[at]
    found = (sentence for words, sentence in _BY_REASON.items() if words in error.msg)
    return next(found, _UNREADABLE)


_STRAIGHT: Final = say("JSON needs straight double quotes: \".")  # fmt: skip
_BY_CHARACTER: Final = {
    "'": _STRAIGHT,
    "“": _STRAIGHT,
    "”": _STRAIGHT,
    "‘": _STRAIGHT,
    "’": _STRAIGHT,
    "/": say("JSON has no comments."),
}
_BY_REASON: Final = {
    "trailing comma": say("There is a comma too many before “]” or “}”."),
    "expected ',' or": say("A comma is missing here, or a bracket is not closed."),
    "expected ':'": say("A colon is missing after the name."),
    "expected a string key": say("Here must stand a name in double quotes, or “}”."),
    "expected a JSON value": say(
        "Here must stand a value: text in double quotes, a number, true, false, null, {…} or […]."
    ),
    "invalid literal": say("Only true, false and null stand without quotes. Put text in quotes."),
    "end of data": say("The JSON ends too early: a quote or a bracket is not closed."),
    "content after document": say("There is something after the end of the JSON."),
    "control character": say(
        "A text in quotes has a line break or another control character; write \\n for a line break."
    ),
    "escape": say(
        'After a backslash in quotes only " \\ / b f n r t and u with four digits may stand.'
    ),
    "surrogate": say("This \\u code is half of a character; the other half is missing."),
    "leading zero": say("A number must not begin with 0. Put it in quotes to keep the zero."),
    "number is infinity": say("This number is too large."),
    "digit after sign": say("This is not a number as JSON writes it."),
    "depth limit": say("The JSON is nested too deeply."),
}
_UNREADABLE: Final = say("This is not valid JSON.")
