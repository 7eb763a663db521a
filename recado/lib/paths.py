"""Where a value stands in JSON: `response.body.items[0].id`, as templates write it. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

Path = tuple[str | int, ...]
MISSING: Final = object()  # there is nothing at this path; null is something
_LONGEST: Final = 500  # characters of a path
_DEEPEST: Final = 32  # steps
_STEP: Final = re.compile(
    r"""\.?(?P<name>[^\W\d][\w-]*) | \.(?P<number>\d{1,6}) | \[(?P<index>\d{1,6})\]
      | \["(?P<double>[^"]+)"\] | \['(?P<single>[^']+)'\]""",
    re.VERBOSE,
)
_PLAIN: Final = re.compile(r"[^\W\d][\w-]*")


def parse_path(text: str) -> Path | None:
    """The steps of a path; None for what is none."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or (at and found["name"] and text[at] != "."):
            return None
        at = found.end()
        number = found["index"] or found["number"]
        steps.append(int(number) if number else found["name"] or found["double"] or found["single"])
    return tuple(steps) if steps and len(steps) <= _DEEPEST and len(text) <= _LONGEST else None


def spelled(path: Path) -> str:
    """The path as templates write it."""
    return "".join(_step(step) for step in path).removeprefix(".")


def value_at(value: Any, path: Path) -> Any:  # JSON, or MISSING
    """What stands at the path."""
    for step in path:
        if isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return MISSING
    return value


def leaves(value: Any, start: Path = (), *, limit: int) -> list[tuple[Path, Any]]:
    """The values that are no groups, with their paths, in order; at most `limit`."""
    found: list[tuple[Path, Any]] = []
    for leaf in _leaves(value, start):
        if len(found) == limit:
            break
        found.append(leaf)
    return found


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    inner: Sequence[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    if not inner or len(path) >= _DEEPEST:
        yield path, value
        return
    for step, one in inner:
        yield from _leaves(one, (*path, step))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN.fullmatch(step):
        return f".{step}"
    return f"['{step}']" if '"' in step else f'["{step}"]'
