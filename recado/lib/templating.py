"""Liquid templates: what administrators write, filled in with facts.

A template reads nothing but the facts and is rendered once, so a value that holds `{{` stays as it
is. A missing value is an empty text. Time and size are bounded: loops, assigned values and output
have limits, and sources that would take the parser long are refused before it sees them.

Differences from Ruby's Liquid, on purpose: a list in a text reads "vip, gold" and an object is
written as JSON; `"now"` is the moment of the event; there is a `json` filter; ranges need plain
numbers; of the tags, only if, unless, case, for, break, continue, assign, capture, comment, raw
and # exist.
"""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from typing import Any, Final, NamedTuple

from liquid import BoundTemplate, Node
from liquid.ast import BlockNode
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from recado.lib.dialect import (
    ENVIRONMENT,
    FILTER_NAMES,
    NO_FACTS,
    PROPERTIES,
    Buffer,
    Placeholder,
    context_for,
)
from recado.lib.facts import OPEN_NAMES, STANDARD_VARIABLES, Facts, names_known, path_of, spelling
from recado.lib.languages import Sentence, say
from recado.lib.mistakes import (
    LOOP_LIMIT,
    OUTPUT_LIMIT,
    TOO_LONG,
    mistake_behind,
    mistake_in,
    no_such_filter,
)
from recado.lib.values import plain_value

_OPEN_PATHS: Final = frozenset(path_of(name) for name in OPEN_NAMES)
_ALIKE = 0.55  # of 1: a guess is worth showing from here on
_ERRORS = (LiquidError, ValueError, TypeError, RecursionError)  # what values can cause


class TemplateError(Exception):
    """A template, or a value put into it, that cannot be used; nothing is sent.

    `position` is line and column in the template, both from 1; `field` is where the template
    stands in its form ("url", "headers.0.value", "body"), set by whoever knows it.
    """

    def __init__(
        self, sentence: Sentence, position: tuple[int, int] | None = None, field: str = ""
    ) -> None:
        super().__init__(sentence, position, field)
        self.sentence = sentence
        self.position = position
        self.field = field

    def __str__(self) -> str:
        return str(self.sentence)


def render_text(source: str, facts: Facts) -> str:
    """The template filled in; TemplateError if it is wrong or reaches a limit."""
    return parse_cached(source).render(facts)


def render_value(source: str, facts: Facts) -> Any:  # JSON
    """The JSON value of a lone placeholder, its type kept; of any other template, its text."""
    return parse_cached(source).value(facts)


_CODE: Final = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_SHIELD: Final = "\ue000"  # of the private use area: stands for a brace inside of code


def shielded(source: str) -> str:
    """The template with what stands in back-ticks out of Liquid's sight; places stay the same."""
    return _CODE.sub(lambda code: code[0].replace("{", _SHIELD), source)


def render_message(source: str, facts: Facts) -> str:
    """As `render_text`, but what stands in back-ticks is code and stays as it was written."""
    return render_text(shielded(source), facts).replace(_SHIELD, "{")


def position_of(source: str, index: int) -> tuple[int, int] | None:
    """Line and column, both from 1; None where no place is known."""
    if index < 0:
        return None
    return source.count("\n", 0, index) + 1, index - source.rfind("\n", 0, index)


def error_at(sentence: Sentence, source: str, index: int) -> TemplateError:
    """The error with this sentence at this place of the source."""
    return TemplateError(sentence, position_of(source, index))


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text of a template and where it begins."""

    text: str
    index: int


@dataclass(frozen=True, slots=True)
class Block:
    """A tag with what stands in it, for each branch. What a capture holds is not output: none."""

    tag: str
    index: int
    branches: tuple[tuple["Part", ...], ...]


Part = Text | Placeholder | Block


class Template:
    """A parsed template. `parts` is its outline, for those who set how placeholders show."""

    def __init__(self, bound: BoundTemplate, source: str) -> None:
        self.source = source
        self.bound = bound
        self.parts = tuple(_parts(bound.nodes, source))
        self.is_flat = not any(isinstance(part, Block) for part in self.parts)
        texts = ((part.text if isinstance(part, Text) else part) for part in self.parts)
        self._steps = [step for step in texts if not isinstance(step, Block)]

    def placeholders(self) -> Iterator[Placeholder]:
        """Those whose value is written out, in order, inside of tags too."""
        return _placeholders(self.parts)

    def render(self, facts: Facts) -> str:
        """The text; TemplateError where a value cannot be shown or a limit is reached."""
        return self._join(facts) if self.is_flat else self._run(facts)

    def value(self, facts: Facts) -> Any:  # JSON
        """The typed value if the template is one placeholder, else the text."""
        if len(self.parts) != 1 or not isinstance(self.parts[0], Placeholder):
            return self.render(facts)
        try:
            return plain_value(self.parts[0].value(facts))
        except _ERRORS as error:
            raise _explained(error, self.source, self.parts[0].index) from error

    def _join(self, facts: Facts) -> str:
        pieces, size = [], 0
        for step in self._steps:
            piece = step if isinstance(step, str) else self._piece(step, facts)
            size += len(piece)
            if size > OUTPUT_LIMIT:
                raise TemplateError(TOO_LONG)
            pieces.append(piece)
        return "".join(pieces)

    def _piece(self, place: Placeholder, facts: Facts) -> str:
        try:
            return place.show(place.value(facts))
        except _ERRORS as error:
            raise _explained(error, self.source, place.index) from error

    def _run(self, facts: Facts) -> str:
        buffer = Buffer()
        try:
            self.bound.render_with_context(context_for(facts), buffer)
        except _ERRORS as error:
            raise _explained(error, self.source, -1) from error
        return buffer.getvalue()


def parse(source: str) -> Template:
    """A template of one's own, to set how its placeholders show; TemplateError if it is wrong."""
    mistake = mistake_in(source)
    if mistake:
        raise error_at(mistake.sentence, source, mistake.index)
    try:
        bound = ENVIRONMENT.from_string(source)
    except LiquidError as error:
        raise _explained(error, source, -1) from error
    _refuse_unknown_filters(bound, source)
    _refuse_open_ranges(bound, source)
    return Template(bound, source)


parse_cached = lru_cache(maxsize=1024)(parse)  # for those who change nothing about it


def _explained(error: Exception, source: str, index: int) -> TemplateError:
    mistake = mistake_behind(error, source)
    return error_at(mistake.sentence, source, mistake.index if mistake.index >= 0 else index)


def _parts(nodes: Iterable[Node], source: str) -> Iterator[Part]:
    for node in nodes:
        start = node.token.start_index
        if isinstance(node, Placeholder):
            yield node
        elif isinstance(node, ContentNode):
            yield Text(node.text, source.find(node.text, start))
        elif isinstance(node, BlockNode):
            yield from _parts(node.nodes, source)
        elif isinstance(node, CaptureNode):
            yield Block(node.token.value, start, ())
        else:
            children = node.children(NO_FACTS, include_partials=False)
            branches = tuple(tuple(_parts([child], source)) for child in children)
            yield Block(node.token.value, start, branches)


def _placeholders(parts: Iterable[Part]) -> Iterator[Placeholder]:
    for part in parts:
        if isinstance(part, Placeholder):
            yield part
        elif isinstance(part, Block):
            for branch in part.branches:
                yield from _placeholders(branch)


def _refuse_unknown_filters(bound: BoundTemplate, source: str) -> None:
    """Liquid itself would find them only when it renders."""
    for name, spans in bound.analyze().filters.items():
        if name not in FILTER_NAMES:
            raise error_at(no_such_filter(name, FILTER_NAMES), source, spans[0].index)


def _refuse_open_ranges(bound: BoundTemplate, source: str) -> None:
    """Liquid counts a loop's rounds, but `(1..x) reversed` fills the memory before it counts."""
    for expression in _expressions(bound.nodes):
        if isinstance(expression, RangeLiteral) and not _is_short(expression):
            sentence = say("A range needs two plain numbers, such as (1..10), and at most 10,000.")
            raise error_at(sentence, source, expression.token.start_index)


def _is_short(span: RangeLiteral) -> bool:
    start, stop = span.start, span.stop
    if not isinstance(start, IntegerLiteral) or not isinstance(stop, IntegerLiteral):
        return False
    return stop.value - start.value < LOOP_LIMIT


def _expressions(nodes: Iterable[Node]) -> Iterator[Expression]:
    for node in nodes:
        for expression in node.expressions():
            yield from _with_inner(expression)
        yield from _expressions(node.children(NO_FACTS, include_partials=False))


def _with_inner(expression: Expression) -> Iterator[Expression]:
    yield expression
    for inner in expression.children() or ():
        yield from _with_inner(inner)


class UnknownName(NamedTuple):
    """A name that no variable has, with the nearest that exists and its place."""

    name: str
    nearest: str | None
    line: int
    column: int

    @property
    def sentence(self) -> Sentence:
        """What is wrong, and what may have been meant."""
        if self.nearest is None:
            return say("There is no variable “%(name)s”.", name=self.name)
        return say(
            "There is no variable “%(name)s”. Did you mean “%(near)s”?",
            name=self.name,
            near=self.nearest,
        )


def unknown_names(source: str, known: Iterable[str]) -> list[UnknownName]:
    """Names in the template that are not known, in order; TemplateError if it cannot be parsed.

    What the template assigns itself, loops over or captures is known. Of lists and groups the
    inside may be named; `contact` alone is all that stands in it.
    """
    read = names_read(source)
    if not read:
        return []
    names = frozenset(known)
    paths = _paths(names)
    unknown = [used for used in read if not _is_known(used.path, paths)]
    spelled = [spelling(name) for name in names] if unknown else []
    return [
        UnknownName(used.name, _nearest(used.name, spelled), *_place(source, used.index))
        for used in unknown
    ]


@lru_cache(maxsize=64)  # accounts; a list of actions asks for the same names with each of its rows
def _paths(names: frozenset[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(path_of(name) for name in names)


def variables_problem(text: str) -> Sentence | None:
    """What is wrong with the variables of a message; custom attributes may come and go."""
    try:
        unknown = unknown_names(shielded(text), names_known(STANDARD_VARIABLES))
    except TemplateError as error:
        return error.sentence
    return next((one.sentence for one in unknown if ".custom_attribute" not in one.name), None)


@dataclass(frozen=True, slots=True)
class UsedName:
    """A name that a template reads; `path` ends before a key that is itself looked up."""

    name: str
    path: tuple[str | int, ...]
    index: int


def names_read(source: str) -> list[UsedName]:
    """The names that the template reads from the facts, in order; TemplateError as `parse`."""
    every = parse_cached(source).bound.analyze().globals.values()
    found = [
        UsedName(str(one), _fixed(one.segments), one.span.index) for group in every for one in group
    ]
    return sorted(found, key=lambda used: used.index)


def _fixed(segments: Iterable[object]) -> tuple[str | int, ...]:
    keys: list[str | int] = []
    for one in segments:
        if not isinstance(one, str | int):
            break
        keys.append(one)
    return tuple(keys)


def _is_known(path: tuple[str | int, ...], known: Set[tuple[str, ...]]) -> bool:
    if path in known or any(name[: len(path)] == path for name in known):
        return True
    for length in range(len(path) - 1, 0, -1):
        start, following = path[:length], path[length]
        if start in known and (start in _OPEN_PATHS or following in PROPERTIES):
            return True
    return path[-1] in PROPERTIES and any(name[: len(path) - 1] == path[:-1] for name in known)


def _nearest(name: str, spelled: list[str]) -> str | None:
    """Alike as a whole and in its last word, so that no beginning in common makes a suggestion."""
    near = get_close_matches(name, spelled, n=3, cutoff=0.6)
    return next((one for one in near if _are_alike(_last_word(name), _last_word(one))), None)


def _are_alike(first: str, second: str) -> bool:
    return SequenceMatcher(None, first, second).ratio() >= _ALIKE


def _last_word(name: str) -> str:
    return re.split(r"[.\[]", name)[-1]


def _place(source: str, index: int) -> tuple[int, int]:
    return position_of(source, index) or (1, 1)
