"""Every numbered behaviour of rules that users of the API know is shown, or waits with its reason.

A test shows the numbers in its name (`test_46_47_…`), a table those in its first column.
"""

import re
from types import ModuleType

from tests.automation import (
    test_conditions,
    test_conditions_problems,
    test_numbered_api,
    test_numbered_files,
    test_numbered_mail,
    test_numbered_running,
    test_numbered_texts,
    test_pages,
)
from tests.lib import test_signing
from tests.webhooks import test_telling

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
    test_numbered_files,
    test_numbered_mail,
    test_numbered_running,
    test_numbered_texts,
    test_pages,
)

ELSEWHERE = {
    87: test_telling.test_headers_and_the_log,
    88: test_telling.test_a_message_that_cannot_leave_its_inbox_fails_and_recovers,
    90: test_signing.test_the_contracts_own_signature_is_over_timestamp_and_body,
    92: test_telling.test_another_accounts_webhook_is_told_nothing,
}

WAITING = {
    42: "there is no channel for tweets",
    86: "there are no message templates",
    89: "rules do not hand over from bots yet",
    91: "all deliveries have one deadline, which the operator sets",
}


def numbers_of(module: ModuleType) -> set[int]:
    """The numbers in the names of its tests."""
    found = (re.match(r"test_((?:[0-9]{2}_)+)", name) for name in vars(module))
    return {int(one) for match in found if match for one in match[1].strip("_").split("_")}


def test_every_number_is_shown_or_waits_with_a_reason() -> None:
    shown = {row[0] for table in TABLES for row in table} - {0}
    for module in MODULES:
        shown |= numbers_of(module)
    assert shown | set(ELSEWHERE) | set(WAITING) == ALL
    assert (shown | set(ELSEWHERE)) & set(WAITING) == set()
