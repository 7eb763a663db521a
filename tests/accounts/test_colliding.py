"""Two people in one form: which form is outdated. Pure."""

from datetime import UTC, datetime
from typing import Any

import pytest

from recado.accounts.colliding import is_outdated

MOMENT = datetime(2026, 5, 4, 14, 2, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "mark", "expected"),
    [
        ({"opened": "3"}, 3, False),
        ({"opened": "2"}, 3, True),
        ({"opened": "4"}, 3, True),  # went back meanwhile, or made up: shown rather than lost
        ({"opened": ["2"]}, 3, True),  # as a form read by fields has it
        ({"opened": ["3"]}, 3, False),
        ({"opened": []}, 3, False),
        ({"opened": ""}, 3, False),
        ({"opened": [""]}, 3, False),
        ({}, 3, False),  # a program, or a page from before there was the field
        ({"opened": "03"}, 3, True),
        ({"opened": "x"}, 3, True),
        ({"opened": MOMENT.isoformat()}, MOMENT.isoformat(), False),
        ({"opened": MOMENT.isoformat()}, MOMENT.replace(microsecond=6).isoformat(), True),
    ],
)
def test_a_form_is_outdated_when_something_else_is_saved(
    form: dict[str, Any], mark: object, expected: bool
) -> None:
    assert is_outdated(form, mark) is expected
