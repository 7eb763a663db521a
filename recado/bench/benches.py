"""The benchmarks by name, and running one of them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import uvloop

from recado.bench.backlog import backlog
from recado.bench.budgets import budgets
from recado.bench.ingest import ingest
from recado.bench.isolation import isolation
from recado.bench.live import live
from recado.bench.looking import looking
from recado.bench.many import many
from recado.bench.pages import pages
from recado.bench.pipeline import pipeline
from recado.bench.printing import Report
from recado.bench.rules import rules
from recado.bench.starting import starting

BENCHES: Final[Mapping[str, Callable[[float, float], Awaitable[Report]]]] = {
    "pipeline": pipeline,
    "ingest": ingest,
    "isolation": isolation,
    "backlog": backlog,
    "many": many,
    "pages": pages,
    "live": live,
    "looking": looking,
    "rules": rules,
    "starting": starting,
    "budgets": budgets,
}


def run_bench(name: str, *, seconds: float, rate: float, json_file: Path | None) -> str:
    """Run a benchmark and return its table; with `json_file`, its figures are written there."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            report = runner.run(_report(name, seconds, rate))
        except BaseExceptionGroup as group:
            raise _first(group) from group
    if json_file is not None:
        json_file.write_text(json.dumps(report.as_json()) + "\n")
    return report.table()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The cause of the others, however deep task groups have put it."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


async def _report(name: str, seconds: float, rate: float) -> Report:
    return await BENCHES[name](seconds, rate)
