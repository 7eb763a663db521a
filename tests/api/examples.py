"""The examples of docs/api: a fenced request, its status, and the answer word for word."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

PAGES: Final = Path(__file__).parents[2] / "docs" / "api"
_EXAMPLE: Final = re.compile(
    r"```http\n(?P<line>[A-Z]+ \S+)\n(?:\n(?P<body>.*?)\n)?```\n+"
    r"(?:(?P<status>\d{3})(?P<part>, the \w+ with)?(?:, empty)?[:.]\n(?:\n```json\n(?P<answer>.*?)\n```)?)?",
    re.DOTALL,
)
_OTHER_EACH_TIME: Final = re.compile(
    r"(^|_)(id|at|on|uuid|token|secret|destination|timestamp|milliseconds|bytes|version|port|cursor)$"
    r"|^(waiting_since|source_id|inbox_identifier|data_url|thumb_url|web_widget_script|phases)$"
)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")


@dataclass(frozen=True)
class Example:
    """A request as a page has it, and what the page says comes back; `status` 0: it does not say."""

    line: str
    body: str
    status: int
    answer: str | None
    span: tuple[int, int]  # where the answer stands in the page
    is_part: bool  # the page shows only some of it


def examples_of(page: str) -> list[Example]:
    """A page's examples, in order."""
    return [
        Example(
            one["line"], one["body"] or "", int(one["status"] or 0), one["answer"],
            one.span("answer"), bool(one["part"]),
        )
        for one in _EXAMPLE.finditer(page)
    ]  # fmt: skip


def difference(told: Any, got: Any, place: str = "") -> str:
    """Where an answer is not what a page tells; "" if only ids, times and secrets differ.

    A text with … in it is cut short in the page.
    """
    if _is_other_each_time(told, place) and (type(told) is type(got) or None in (told, got)):
        return ""
    if isinstance(told, dict) and isinstance(got, dict):
        if set(told) != set(got):
            return f"{place}: {sorted(set(told) ^ set(got))} stand on one side only"
        found = (difference(told[name], got[name], f"{place}.{name}") for name in told)
        return next(filter(None, found), "")
    if isinstance(told, list) and isinstance(got, list):
        if len(told) != len(got):
            return f"{place}: {len(told)} are told, {len(got)} came"
        pairs = enumerate(zip(told, got, strict=True))
        return next(filter(None, (difference(*pair, f"{place}.{at}") for at, pair in pairs)), "")
    return "" if told == got and type(told) is type(got) else f"{place}: {told!r} is {got!r}"


def rewritten(told: Any, got: Any, place: str = "") -> Any:
    """The answer that came, with what is different each time as the page has it."""
    if _is_other_each_time(told, place) and type(told) is type(got):
        return told
    if isinstance(told, dict) and isinstance(got, dict):
        return {name: rewritten(told.get(name), one, f".{name}") for name, one in got.items()}
    if isinstance(told, list) and isinstance(got, list):
        padded = told + [None] * len(got)
        return [rewritten(padded[at], one, f".{at}") for at, one in enumerate(got)]
    is_secret = isinstance(got, str) and place.endswith(("token", "secret"))
    return f"{got[:4]}…" if is_secret else got


def written(answer: Any) -> str:
    """An answer as pages show it."""
    return orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode()


def _is_other_each_time(told: Any, place: str) -> bool:
    if isinstance(told, str) and ("…" in told or _MOMENT.fullmatch(told)):
        return True
    return bool(_OTHER_EACH_TIME.search(place.rpartition(".")[2]))
