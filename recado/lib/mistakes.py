"""What is wrong with a template: a sentence for people and the place, as a value.

`mistake_in` looks at the source before Liquid's parser does. It finds the commonest mistakes with
better words than a parser has, and those sources on which the parser's regular expressions would
take quadratic time (what is opened and never closed); it takes linear time itself.
`mistake_behind` puts Liquid's own errors into words.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from liquid.exceptions import (
    BlockNestingError,
    ContextDepthError,
    FilterArgumentError,
    FilterError,
    FilterItemTypeError,
    FilterValueError,
    LiquidError,
    LiquidTypeError,
    LocalNamespaceLimitError,
    LoopIterationLimitError,
    OutputStreamLimitError,
)

from recado.lib.languages import Sentence, say

SOURCE_LIMIT: Final = 256 * 1024  # characters of a template
OUTPUT_LIMIT: Final = 256 * 1024  # characters of a rendered text
LOOP_LIMIT: Final = 10_000  # rounds of all loops of a template together
BLOCKS: Final = ("if", "unless", "case", "for", "capture", "comment")
_INNER = ("else", "elsif", "when", "break", "continue", "assign", "raw", "endraw", "#")
TAGS: Final = frozenset((*BLOCKS, *(f"end{name}" for name in BLOCKS), *_INNER))
SHOWN = 60  # characters of a template that a sentence quotes

_OPENING = re.compile(r"\{[{%]")
_TAG = re.compile(r"\{%-?\s*(#|\w+)")
_ENDRAW = re.compile(r"\{%-?\s*endraw\s*-?%\}")

TOO_LONG: Final = say("The text becomes longer than 256 KiB.")
INCOMPARABLE: Final = say("Values of different kinds cannot be compared here.")
UNSHOWABLE: Final = say("A value is too large or no number, so it cannot be written here.")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and where in the source; `index` is -1 where no place is to blame."""

    sentence: Sentence
    index: int = -1


def mistake_in(source: str) -> Mistake | None:
    """The first mistake that can be seen without parsing; None says nothing about the rest."""
    if len(source) > SOURCE_LIMIT:
        return Mistake(say("The template is longer than 256 KiB."))
    at = 0
    while opening := _OPENING.search(source, at):
        found = _after(source, opening.start())
        if isinstance(found, Mistake):
            return found
        at = found
    return None


def _after(source: str, start: int) -> int | Mistake:
    """Where the placeholder or tag that starts here ends, or what is wrong with it."""
    if source.startswith("{%", start):
        return _after_tag(source, start)
    end = source.find("}}", start + 2)
    if end < 0:
        return Mistake(say("“{{” is never closed: “}}” is missing."), start)
    inside = source[start + 2 : end]
    if not inside.strip(" \t\r\n-"):
        return Mistake(say("There is nothing between “{{” and “}}”."), start)
    if '\\"' in inside or "\\'" in inside:
        sentence = say("Inside “{{ }}” quotes are written without a backslash.")
        return Mistake(sentence, source.find("\\", start))
    return end + 2


def _after_tag(source: str, start: int) -> int | Mistake:
    end = source.find("%}", start + 2)
    if end < 0:
        return Mistake(say("“{%” is never closed: “%}” is missing."), start)
    named = _TAG.match(source, start, end)
    if named is None:
        return Mistake(say("There is no tag name after “{%”."), start)
    name = named.group(1)
    if name not in TAGS:
        return Mistake(_no_such_tag(name), start)
    if name != "raw":
        return end + 2
    closing = _ENDRAW.search(source, end)
    return closing.end() if closing else Mistake(_never_closed("raw"), start)


def _no_such_tag(name: str) -> Sentence:
    near = get_close_matches(name, TAGS, n=1)
    if near:
        return say("There is no tag “%(name)s”. Did you mean “%(near)s”?", name=name, near=near[0])
    return say("There is no tag “%(name)s”.", name=name)


def _never_closed(name: str) -> Sentence:
    return say("The tag “%(name)s” is never closed: “{%% end%(name)s %%}” is missing.", name=name)


def mistake_behind(error: Exception, source: str) -> Mistake:
    """What Liquid complains about, or that a value could not be written."""
    if isinstance(error, TypeError):
        return Mistake(INCOMPARABLE)
    if not isinstance(error, LiquidError):
        return Mistake(UNSHOWABLE)
    index = error.token.start_index if error.token else -1
    limit = _LIMITS.get(type(error))
    if limit is not None:
        return Mistake(limit, index)
    if isinstance(error, _FILTER_ERRORS):
        return Mistake(_bad_value(error), index)
    return _bad_syntax(error, source, index)


_LIMITS: Final[dict[type, Sentence]] = {
    LoopIterationLimitError: say("The loops of the template go round more than 10,000 times."),
    OutputStreamLimitError: TOO_LONG,
    LocalNamespaceLimitError: say("The values assigned in the template are too large."),
    BlockNestingError: say("The tags of the template are nested too deeply."),
    ContextDepthError: say("The tags of the template are nested too deeply."),
}
_FILTER_ERRORS = (
    FilterError,
    FilterArgumentError,
    FilterValueError,
    FilterItemTypeError,
    LiquidTypeError,
)


def no_such_filter(name: str, known: frozenset[str]) -> Sentence:
    """What to say about a filter that none of `known` is."""
    near = get_close_matches(name, known, n=1)
    if near:
        return say(
            "There is no filter “%(name)s”. Did you mean “%(near)s”?", name=name, near=near[0]
        )
    return say("There is no filter “%(name)s”.", name=name)


def _bad_value(error: LiquidError) -> Sentence:
    if error.token and error.token.kind == "word":
        return say(
            "The filter “%(name)s” cannot be used on this value or with these arguments.",
            name=error.token.value,
        )
    if isinstance(error, LiquidTypeError):
        return INCOMPARABLE
    return say("A filter cannot be used on this value.")


def _bad_syntax(error: LiquidError, source: str, index: int) -> Mistake:
    """The parser's words are for programmers: name the place, and what to look at."""
    missing = re.match(r"expected tag end(\w+)", str(error.message))
    if missing:
        return Mistake(_never_closed(missing.group(1)), _last_opened(source, missing.group(1)))
    near = _quoted(source, index)
    return Mistake(
        say("Recado cannot read “%(near)s”. Check the quotes, dots and bars in it.", near=near)
        if near
        else _UNREADABLE,
        index,
    )


_UNREADABLE: Final = say("Recado cannot read this template. Check its quotes, dots and bars.")


def _last_opened(source: str, name: str) -> int:
    opened = [one.start() for one in _TAG.finditer(source) if one.group(1) == name]
    return opened[-1] if opened else -1


def _quoted(source: str, index: int) -> str:
    """The placeholder or tag around a place."""
    if index < 0:
        return ""
    start = max(source.rfind("{{", 0, index + 2), source.rfind("{%", 0, index + 2), 0)
    closing = "}}" if source.startswith("{{", start) else "%}"
    end = source.find(closing, start)
    whole = source[start : end + 2 if end >= 0 else len(source)]
    return whole if len(whole) <= SHOWN else whole[:SHOWN] + "…"
