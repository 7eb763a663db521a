"""Fields of forms, as browsers and strangers send them."""

import re

from recado.lib.forms import row_numbers, text_in


def test_a_text_has_plain_line_breaks_and_no_nul() -> None:
    assert text_in({"body": "one\r\ntwo\0"}, "body") == "one\ntwo"
    assert text_in({}, "body") == ""
    assert text_in({}, "method", "POST") == "POST"


def test_rows_are_told_by_their_numbers_each_once_and_in_order() -> None:
    names = ["row-10-name", "row-2-name", "row-2-value", "row--name", "row-2-name-x", "other"]
    pattern = re.compile(r"row-([0-9]{1,4})-(?:name|value)")
    assert row_numbers(names, pattern) == [2, 10]
