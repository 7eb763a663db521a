"""What the log's filter finds as a file, CSV or JSON, without bodies and header values.

It is written while it is read, a stretch at a time, and stops at MOST_EXPORTED: the file says so.
"""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from recado.db.database import Database
from recado.deliveries.explaining import explain
from recado.deliveries.filtering import LogFilter
from recado.deliveries.models import Delivery
from recado.deliveries.requests import shown
from recado.deliveries.searching import deliveries_page
from recado.deliveries.states import State
from recado.lib.languages import say, speaking
from recado.lib.spreadsheets import BOM, csv_line, moment_cell, separator_for, zoned

MOST_EXPORTED: Final = 10_000
COLUMNS: Final = (
    "id", "webhook_id", "created_at", "finished_at", "state", "reason", "custom_action",
    "custom_action_id", "rule", "rule_id", "event", "conversation_id", "is_test", "method", "url",
    "attempts", "last_status", "milliseconds",
)  # fmt: skip
_MOMENTS: Final = ("created_at", "finished_at")
_STRETCH: Final = 250


async def export_csv(
    database: Database, account_id: int, wanted: LogFilter, tongue: str, zone: ZoneInfo
) -> AsyncIterator[str]:
    """The parts of a CSV file; where it stopped early, its last row is a sentence."""
    between = separator_for(tongue)
    yield BOM + csv_line(zoned(COLUMNS, _MOMENTS, zone), between)
    async for rows, is_cut in _stretches(database, account_id, wanted, tongue):
        yield "".join(csv_line(_cells(row, zone), between) for row in rows)
        if is_cut:
            yield csv_line([_cut_sentence(tongue)], between)


async def export_json(
    database: Database, account_id: int, wanted: LogFilter, tongue: str
) -> AsyncIterator[str]:
    """The parts of a JSON file: `{"deliveries": […], "is_cut": …}`."""
    yield '{"deliveries": ['
    between, cut = "\n", False
    async for rows, is_cut in _stretches(database, account_id, wanted, tongue):
        for row in rows:
            yield between + json.dumps(row, ensure_ascii=False, default=datetime.isoformat)
            between = ",\n"
        cut = is_cut
    yield f'\n], "is_cut": {json.dumps(cut)}}}\n'


def row_of(delivery: Delivery) -> dict[str, Any]:
    """A delivery in the order of COLUMNS."""
    request = shown(delivery.request)
    last = delivery.attempts[-1] if delivery.attempts else None
    values = (
        delivery.id, delivery.webhook_id, delivery.created_at, delivery.finished_at, delivery.state,
        str(explain(State(delivery.state), delivery.reason).happened), delivery.action_name,
        delivery.action_id, delivery.rule_name, delivery.rule_id, delivery.event,
        delivery.conversation_id, delivery.is_test, request["method"], request["url"],
        delivery.attempts_count, delivery.last_status, last.milliseconds if last else None,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _cells(row: Mapping[str, Any], zone: ZoneInfo) -> list[Any]:
    """A row as spreadsheets take it."""
    return [moment_cell(value, zone) if name in _MOMENTS else value for name, value in row.items()]


async def _stretches(
    database: Database, account_id: int, wanted: LogFilter, tongue: str
) -> AsyncIterator[tuple[list[Mapping[str, Any]], bool]]:
    """Rows newest first, and whether there are more that are left out.

    Counts stretches, not rows: a text that is rarely found is not looked for without end.
    """
    before = wanted.before
    for left in reversed(range(MOST_EXPORTED // _STRETCH)):
        async with database.transaction() as tx:
            here = replace(wanted, before=before)
            found, before = await deliveries_page(
                tx, account_id, here, limit=_STRETCH, with_answers=False
            )
            with speaking(tongue):  # a stream goes on after its request's language is forgotten
                rows: list[Mapping[str, Any]] = [row_of(one) for one in found]
        yield rows, before is not None and not left
        if before is None:
            return


def _cut_sentence(tongue: str) -> str:
    with speaking(tongue):
        return str(say("There are more: choose a shorter time to export them."))
