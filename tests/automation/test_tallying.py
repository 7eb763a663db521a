"""What rules decided is counted by day, and what is kept of it is bounded."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from recado.automation.models import Result, RuleCount, RuleTest, RuleVerdict
from recado.automation.nearness import short_by
from recado.automation.pruning import prune_rule_counts, prune_samples
from recado.automation.saving import find_rule, switch_rule
from recado.automation.tallying import SAMPLED, Sample, Tally, counts_of, group_of, totals
from recado.automation.trees import parse
from recado.db.database import Transaction
from tests.automation.rules import row
from tests.automation.stories import a_rule, does, run, verdicts
from tests.people import NOW, a_contact, a_conversation, a_message, gather

_ORDER = row("content", "contains", "order")
_ALL = [row("content", "contains", "a", then="and"), row("status", "equal_to", "open")]


@pytest.mark.parametrize(
    ("conditions", "results", "expected"),
    [
        (_ALL, [True, True], 0),
        (_ALL, [True, False], 1),
        (_ALL, [False, False], 2),
        (_ALL, [True, None], 1),  # what could not be tested did not hold
        ([row("a", "is_present", then="or"), row("b", "is_present")], [False, False], 1),
        # of two ways to fire, the nearer one counts
        (
            [{"any": [{"all": _ALL}, {"all": [*_ALL, _ORDER]}]}],
            [False, False, True, True, False],
            1,
        ),
        ([], [], 1),  # a rule without conditions never fires
    ],
)
def test_how_many_conditions_were_missing(
    conditions: list[object], results: list[bool | None], expected: int
) -> None:
    assert short_by(parse(conditions), results) == expected


def test_the_first_events_of_every_hour_are_kept() -> None:
    sample, one, other = Sample(), group_of([1, 2]), group_of([1])
    kept = [sample.takes(one, NOW) for _ in range(SAMPLED + 5)]
    assert kept == [True] * SAMPLED + [False] * 5
    assert sample.takes(other, NOW)
    assert not sample.takes(group_of([2, 1]), NOW)
    assert sample.takes(one, NOW + timedelta(hours=1))


def test_a_thousand_rules_that_do_not_match_are_one_count() -> None:
    tally, group = Tally(Sample(), NOW), group_of(range(1_000))
    for _ in range(3):
        tally.test(1, group)
    tally.decide(1, 7, Result.MATCHED)
    tally.decide(1, 8, Result.NOT_MATCHED)
    assert tally.tests == {(1, group): 3}
    assert tally.counts == {(1, 7, Result.MATCHED): 1, (1, 7, Result.NOT_MATCHED): -1}


def test_tallies_are_added_up() -> None:
    tally, other, group = Tally(Sample(), NOW), Tally(Sample(), NOW), group_of([7])
    for one in (tally, other):
        one.test(1, group)
        one.decide(1, 7, Result.MATCHED)
    tally.add(other)
    assert tally.tests == {(1, group): 2}
    assert tally.counts == {(1, 7, Result.MATCHED): 2, (1, 7, Result.NOT_MATCHED): -2}


async def test_counters_know_also_what_was_not_kept(tx: Transaction) -> None:
    people = await gather(tx)
    rule = await a_rule(tx, people, does("add_label", "vip"), when=_ORDER)
    talk = await a_conversation(tx, people.inbox, await a_contact(tx, people.account))
    for number in range(SAMPLED + 3):
        await a_message(tx, talk, f"hello {number}")
    await a_message(tx, talk, "my order")
    await run(tx)
    days = await counts_of(tx, people.account.id, rule.id, today=NOW.date())
    assert list(days) == [NOW.date()]
    assert totals(days) == {Result.MATCHED: 1, Result.NOT_MATCHED: SAMPLED + 3}
    kept = [one.result for one in await verdicts(tx, rule)]
    assert (kept.count(Result.NOT_MATCHED), kept.count(Result.MATCHED)) == (SAMPLED, 1)


async def test_counts_are_added_up_over_batches_and_lanes(tx: Transaction) -> None:
    people = await gather(tx)
    rule = await a_rule(tx, people, does("add_label", "vip"))
    maria = await a_contact(tx, people.account)
    for _ in range(2):
        talk = await a_conversation(tx, people.inbox, maria)
        for _ in range(2):
            await a_message(tx, talk)
            await run(tx)
    days = await counts_of(tx, people.account.id, rule.id, today=NOW.date())
    assert days[NOW.date()] == {Result.MATCHED: 4}
    for table in (RuleCount, RuleTest):
        assert await tx.scalar(select(func.count(table.lane.distinct()))) == 2


async def test_what_was_counted_before_rules_were_counted_together_is_known(
    tx: Transaction,
) -> None:
    people = await gather(tx)
    rule = await a_rule(tx, people, does("add_label", "vip"), when=_ORDER)
    talk = await a_conversation(tx, people.inbox, await a_contact(tx, people.account))
    for result, count in ((Result.MATCHED, 5), (Result.NOT_MATCHED, 40)):
        tx.add(
            RuleCount(
                account_id=people.account.id, rule_id=rule.id, day=NOW.date(), result=result,
                lane=0, count=count,
            )
        )  # fmt: skip
    for text in ("hello", "my order", "hello again"):
        await a_message(tx, talk, text)
    await run(tx)
    days = await counts_of(tx, people.account.id, rule.id, today=NOW.date())
    assert days[NOW.date()] == {Result.MATCHED: 6, Result.NOT_MATCHED: 42}


async def test_only_the_rules_of_a_group_were_tested(tx: Transaction) -> None:
    """One that is switched off takes no part in what comes after."""
    people = await gather(tx)
    on, off = [await a_rule(tx, people, does("add_label", "vip"), when=_ORDER) for _ in range(2)]
    talk = await a_conversation(tx, people.inbox, await a_contact(tx, people.account))
    await a_message(tx, talk, "hello")
    await run(tx)
    saved = await find_rule(tx, people.account.id, off.id) or pytest.fail("not there")
    await switch_rule(tx, saved, is_active=False, now=NOW)
    await a_message(tx, talk, "hello")
    await run(tx)
    for rule, count in ((on, 2), (off, 1)):
        days = await counts_of(tx, people.account.id, rule.id, today=NOW.date())
        assert totals(days) == {Result.NOT_MATCHED: count}


async def test_a_verdict_says_how_near_the_rule_was(tx: Transaction) -> None:
    people = await gather(tx)
    when = [row("message_type", "equal_to", "incoming", then="and"), _ORDER]
    rule = await a_rule(tx, people, does("add_label", "vip"), when=when)
    talk = await a_conversation(tx, people.inbox, await a_contact(tx, people.account))
    await a_message(tx, talk, "hello")
    await run(tx)
    assert [one.short_by for one in await verdicts(tx, rule)] == [1]


async def test_samples_and_counters_are_forgotten(tx: Transaction) -> None:
    people = await gather(tx)
    rule = await a_rule(tx, people, does("add_label", "vip"), when=_ORDER)
    talk = await a_conversation(tx, people.inbox, await a_contact(tx, people.account))
    await a_message(tx, talk, "hello")
    await a_message(tx, talk, "order")
    await run(tx)
    assert await prune_samples(tx, now=NOW + timedelta(days=7)) == 0
    assert await prune_samples(tx, now=NOW + timedelta(days=7, seconds=1)) == 1
    left = await tx.scalars(select(RuleVerdict.result).where(RuleVerdict.rule_id == rule.id))
    assert list(left) == [Result.MATCHED]
    assert await prune_rule_counts(tx, now=NOW + timedelta(days=31)) == 0
    assert await prune_rule_counts(tx, now=NOW + timedelta(days=32)) == 3
