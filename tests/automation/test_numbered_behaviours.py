"""Every numbered behaviour of rules that users of the API know is shown, or waits with its reason.

A test shows the numbers in its name (`test_46_47_…`), a table those in its first column.
"""

import re
from types import ModuleType

from tests.automation import (
    test_conditions,
    test_conditions_problems,
    test_numbered_api,
    test_numbered_running,
    test_numbered_texts,
    test_pages,
)

ALL = set(range(1, 93))
TABLES = (
    test_conditions.NUMBERED,
    test_conditions.PRECEDENCE,
    test_conditions_problems.ACCEPTED,
    test_conditions_problems.REFUSED,
)
MODULES = (
    test_conditions,
    test_numbered_api,
    test_numbered_running,
    test_numbered_texts,
    test_pages,
)

WAITING = {
    41: "messages have no attachments yet",
    42: "there is no channel for tweets",
    43: "Recado sends no mail yet",
    45: "Recado sends no mail yet",
    62: "messages have no attachments yet",
    65: "messages have no attachments yet",
    86: "there are no message templates",
    87: "there are no webhooks of the account yet",
    88: "there are no webhooks of inboxes yet",
    89: "there are no bots",
    90: "there are no webhooks of the account yet",
    91: "there are no webhooks of the account yet",
    92: "there are no webhooks of the account yet",
}


def numbers_of(module: ModuleType) -> set[int]:
    """The numbers in the names of its tests."""
    found = (re.match(r"test_((?:[0-9]{2}_)+)", name) for name in vars(module))
    return {int(one) for match in found if match for one in match[1].strip("_").split("_")}


def test_every_number_is_shown_or_waits_with_a_reason() -> None:
    shown = {row[0] for table in TABLES for row in table} - {0}
    for module in MODULES:
        shown |= numbers_of(module)
    assert shown | set(WAITING) == ALL
    assert shown & set(WAITING) == set()
