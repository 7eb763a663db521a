"""The server's log: lines for people, or one JSON object a line for machines."""

import logging
import traceback
from datetime import UTC, datetime
from typing import Final

import orjson

TEXT: Final = "text"
JSON: Final = "json"
FORMATS: Final = (TEXT, JSON)


def set_up_logs(level: str, form: str) -> None:
    """Write the log to the standard error from here on."""
    handler = logging.StreamHandler()
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    handler.setFormatter(JsonLines() if form == JSON else plain)
    logging.basicConfig(level=level.upper(), handlers=[handler])


class JsonLines(logging.Formatter):
    """A record as a JSON object; what the record carries in `told` are fields of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback is a field of it."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        told = getattr(record, "told", None)
        line |= told if isinstance(told, dict) else {"message": record.getMessage()}
        if record.exc_info and record.exc_info[0] is not None:
            line["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return orjson.dumps(line, default=str).decode()
