"""Compiled rules are kept while an account is busy, and no longer."""

from dataclasses import dataclass

from recado.automation.rule_book import RuleBook
from recado.db.database import Transaction
from tests.automation.stories import a_rule, does
from tests.people import gather

HOUR = 3600.0


@dataclass
class Clock:
    """Time that goes on when the test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


async def test_rules_of_a_busy_account_are_compiled_once(tx: Transaction) -> None:
    people, clock = await gather(tx), Clock()
    await a_rule(tx, people, does("add_label", "vip"))
    book, account_id = RuleBook(clock), people.account.id
    first = (await book.of(tx, [account_id]))[account_id]
    for _ in range(5):
        clock.now += HOUR - 1
        assert (await book.of(tx, [account_id]))[account_id] is first


async def test_rules_of_a_quiet_account_are_forgotten(tx: Transaction) -> None:
    people, clock = await gather(tx), Clock()
    await a_rule(tx, people, does("add_label", "vip"))
    quiet, busy = people.account.id, people.other_account.id
    book = RuleBook(clock)
    first = (await book.of(tx, [quiet]))[quiet]
    for hour in (1, 2):
        clock.now = hour * HOUR
        await book.of(tx, [busy])
        assert (quiet in book.seen([quiet])) is (hour == 1)
    again = (await book.of(tx, [quiet]))[quiet]
    assert again is not first
    assert list(again.rules) == list(first.rules)
