"""The server's log as JSON lines."""

import logging
import sys

import orjson

from recado.lib.logs import JsonLines


def line_of(record: logging.LogRecord) -> dict[str, object]:
    text = JsonLines().format(record)
    assert "\n" not in text
    told: dict[str, object] = orjson.loads(text)
    return told


def a_record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("recado.web", logging.WARNING, __file__, 1, message, values, None)


def test_a_record_is_one_object_on_one_line() -> None:
    line = line_of(a_record("It said %s", "two\nlines"))
    assert (line["level"], line["logger"]) == ("warning", "recado.web")
    assert line["message"] == "It said two\nlines"


def test_what_it_tells_are_fields() -> None:
    record = a_record("attempt delivery=7")
    record.told = {"event": "attempt", "delivery": 7, "trouble": None}
    line = line_of(record)
    assert (line["event"], line["delivery"], line["trouble"]) == ("attempt", 7, None)
    assert "message" not in line


def test_a_traceback_is_a_field() -> None:
    record = a_record("It failed")
    try:
        raise ValueError("odd")
    except ValueError:
        record.exc_info = sys.exc_info()
    assert "ValueError: odd" in str(line_of(record)["traceback"])
