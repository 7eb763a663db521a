"""Ids in addresses and forms: a number that a row can have, or nothing."""

import pytest

from recado.lib.numbers import number_in, numbers_in


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("0", None),
        ("", None),
        ("-1", None),
        ("²", None),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        (None, None),
    ],
)
def test_a_text_names_a_positive_number_or_none(text: str | None, number: int | None) -> None:
    assert number_in(text) == number


def test_of_the_boxes_ticked_only_numbers_count() -> None:
    assert numbers_in(["7", "12", "7", "", "0", "-1", "x", "9" * 19]) == {7, 12}
