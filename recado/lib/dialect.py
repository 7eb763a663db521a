"""Our dialect of Liquid: which tags and filters there are, the limits, and how a value is shown.

Only `templating` needs to know that the language is python-liquid; this is where it is tamed.
"""

from collections.abc import Callable
from io import StringIO
from typing import Final, TextIO

from liquid import BoundTemplate, Environment, RenderContext, Token, is_undefined
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError, LoopIterationLimitError, OutputStreamLimitError
from liquid.expression import Expression
from liquid.token import TOKEN_CONTENT, TOKEN_ILLEGAL
from liquid.undefined import UNDEFINED

from recado.lib.facts import ALIASES, Facts, path_of
from recado.lib.filters import our_filters
from recado.lib.mistakes import LOOP_LIMIT, OUTPUT_LIMIT, TAGS
from recado.lib.values import text_of

Show = Callable[[object], str]  # how a placeholder writes its value; ValueError if it cannot
PROPERTIES: Final = frozenset({"size", "first", "last"})  # Liquid answers these itself


class Placeholder(OutputNode):
    """One `{{ ... }}`. Whoever parsed the template may set how it shows its value."""

    __slots__ = ("path", "show")

    def __init__(self, token: Token, expression: Expression) -> None:
        super().__init__(token, expression)
        self.show: Show = text_of
        self.path = _plain_path(expression)

    @property
    def index(self) -> int:
        """Where it begins in the template."""
        return self.token.start_index

    @property
    def written(self) -> str:
        """As it stands in the template, braces included."""
        return self.token.value

    def value(self, facts: Facts) -> object:
        """What it stands for, filters applied; None or Liquid's undefined for a missing value."""
        if not self.path:
            return self.expression.evaluate(context_for(facts))
        value: object = facts
        for key in self.path:
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return value

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Liquid's way to show it, where tags surround it."""
        return buffer.write(self.show(self.expression.evaluate(context)))


def _plain_path(expression: Expression) -> tuple[str, ...]:
    """The keys, where the placeholder only names a value: then no Liquid is needed to find it."""
    if not isinstance(expression, FilteredExpression) or expression.filters:
        return ()
    if not isinstance(expression.left, Path):
        return ()
    keys = expression.left.path
    names = [key for key in keys if isinstance(key, str) and key not in PROPERTIES]
    if len(names) < len(keys) or names[0] in ("now", "today"):
        return ()
    return path_of(ALIASES.get(".".join(names), "")) if ".".join(names) in ALIASES else tuple(names)


class Buffer(StringIO):
    """Keeps what is written as it is (Liquid's own turns CR LF into LF), up to the limit."""

    def __init__(self) -> None:
        super().__init__("", newline="")
        self.size = 0

    def write(self, text: str, /) -> int:
        self.size += len(text)
        if self.size > OUTPUT_LIMIT:
            raise OutputStreamLimitError("text too long", token=None)
        return super().write(text)


class _Context(RenderContext):
    """Liquid's, with aliases, and with one count for all loops: Liquid's forgets finished ones."""

    __slots__ = ("rounds",)

    def __init__(self, template: BoundTemplate, facts: Facts) -> None:
        super().__init__(template, globals=facts)
        self.rounds = 0

    def get(
        self, path: list[object], *, token: Token | None, default: object = UNDEFINED
    ) -> object:
        found = super().get(path, token=token, default=default)
        if not is_undefined(found):
            return found
        alias = ALIASES.get(".".join(map(str, path)))
        return super().get([*path_of(alias)], token=token, default=default) if alias else found

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self.rounds += length
        if self.rounds > LOOP_LIMIT:
            raise LoopIterationLimitError("too many rounds", token=None)

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        return Buffer()


class _Output(Output):
    node_class = Placeholder


class _Environment(Environment):
    loop_iteration_limit = LOOP_LIMIT
    output_stream_limit = OUTPUT_LIMIT
    local_namespace_limit = 1024 * 1024  # bytes of assigned and captured values

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        kept = TAGS | {TOKEN_CONTENT, TOKEN_ILLEGAL}
        self.tags = {name: tag for name, tag in self.tags.items() if name in kept}
        self.add_tag(_Output)
        self.filters = our_filters(self.filters)

    def error(
        self,
        exc: type[LiquidError] | LiquidError,
        msg: str | None = None,
        token: Token | None = None,
    ) -> None:
        """Raise it; where Liquid knows no place for it, the one being parsed is the place."""
        if isinstance(exc, LiquidError) and token and token.start_index >= 0:
            nowhere = exc.token is None or exc.token.start_index < 0
            exc.token = token if nowhere else exc.token
        super().error(exc, msg, token)


def context_for(facts: Facts) -> RenderContext:
    """What Liquid renders with: the facts and nothing else."""
    return _Context(_NO_TEMPLATE, facts)


ENVIRONMENT: Final = _Environment()
FILTER_NAMES: Final = frozenset(ENVIRONMENT.filters)
_NO_TEMPLATE: Final = ENVIRONMENT.from_string("")
NO_FACTS: Final = RenderContext(_NO_TEMPLATE)
