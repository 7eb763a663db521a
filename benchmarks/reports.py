"""How long reports take with a million messages: `python -m benchmarks.reports [--messages N]`.

Makes a database of its own in a folder that it throws away: one account, 90 days of conversations of
ten messages (a third of them over four days), 20 agents, five teams, five inboxes, ten labels, and a call of a custom action for every
third message (the older ones counted by the day, the last hour's read from the log). Prints for each
report and period the median and slowest of seven, in milliseconds, after the worker has counted the days; for 90
days also before it, so that all is read from events and messages. Beside each stands a reference, measured in the same
moments: the same sorting every time, so it tells how busy this machine is.
"""

import argparse
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any, Final

from sqlalchemy import text

from benchmarks.scratch import run_on_scratch
from recado.accounts.models import Account
from recado.db.database import Database, Transaction
from recado.db.migrating import migrate
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from recado.lib.secrets import Vault
from recado.reports.adding_up import count_conversations
from recado.reports.counting import count_calls
from recado.reports.dimensions import Dimension
from recado.reports.distributing import (
    answers_by,
    conversations_by_inbox_and_label,
    first_responses,
)
from recado.reports.measuring import (
    Scope,
    begun_by_channel,
    measures_by,
    measures_in_steps,
    standing,
)
from recado.reports.periods import PRESETS, Period, period_from
from recado.reports.views import BUILDERS, Asked, Builder, overview

NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZONE: Final = "America/Sao_Paulo"
BUDGET: Final = 300  # milliseconds
_ROUNDS: Final = 7
_DAYS: Final = 90
_TALK: Final = 10  # messages in a conversation
_BATCH: Final = 100_000

_PEOPLE = """
    insert into contacts (account_id, name, email, avatar_url, blocked, custom_attributes,
        additional_attributes, created_at, updated_at)
    values (:account, 'Maria', null, '', false, '{}', '{}', :now, :now)
"""
_CONVERSATIONS = """
    insert into conversations (uuid, account_id, display_id, inbox_id, contact_id, contact_inbox_id,
        status, assignee_id, team_id, labels, custom_attributes, additional_attributes, is_muted,
        first_reply_created_at, last_activity_at, created_at, updated_at)
    select gen_random_uuid(), :account, n, n % 5 + 1, 1, 1,
        case when n % 10 = 0 then 'open' else 'resolved' end, n % 20 + 1, n % 5 + 1,
        case when n % 3 = 0 then array['etiqueta' || n % 10, 'outra' || n % 7] else '{}' end,
        '{}', '{}', false, at + interval '4 minutes', at + interval '2 hours', at, at
    from generate_series(1, cast(:talks as int)) n,
        lateral (select cast(:now as timestamptz) - (cast(:talks as int) - n) * cast(:pace as interval)) as moment(at)
"""
_MESSAGES = """
    insert into messages (account_id, conversation_id, inbox_id, message_type, content, content_type,
        content_attributes, private, status, sender_user_id, sender_contact_id, created_at)
    select account_id, id, inbox_id, case when n % 2 = 0 then 'incoming' else 'outgoing' end,
        'Mensagem ' || md5(id::text || n), 'text', '{}', false, 'sent',
        case when n % 2 = 1 then assignee_id end, case when n % 2 = 0 then 1 end,
        created_at + n * case when id % 3 = 0 then interval '9 hours' else interval '3 minutes' end
    from conversations, generate_series(0, 9) n
    where display_id between :first and :last
    order by created_at
"""
_NOTED = """
    insert into reporting_events (account_id, name, value, value_in_business_hours, conversation_id,
        inbox_id, user_id, team_id, labels, started_at, created_at)
    select account_id, name, took, took / 3, id, inbox_id, assignee_id, team_id, labels, created_at,
        created_at + took * interval '1 second'
    from conversations, lateral (values
        ('conversation_created', 0), ('first_response', 30 + display_id * 7919 % 3600),
        ('reply_time', 40 + display_id * 7907 % 1800), ('reply_time', 50 + display_id * 7901 % 2400),
        ('reply_time', 60 + display_id * 7883 % 900), ('reply_time', 70 + display_id * 7879 % 600),
        ('conversation_resolved', 600 + display_id * 7877 % 86400),
        ('conversation_opened', 90000)
    ) as noted(name, took)
    where name <> 'conversation_opened' or display_id % 12 = 0
    order by created_at
"""
_CALLS = """
    with made as (
        insert into deliveries (account_id, webhook_id, action_id, action_name, is_test, request, lane,
            policy, state, reason, attempts_count, tries_count, interruptions_count, last_status,
            created_at, finished_at)
        select :account, 'msg_' || md5(id::text), id % 20 + 1, 'Ação', false,
            jsonb_build_object('method', 'POST', 'url', 'https://crm.example/', 'body', content),
            'https://crm' || id % 10 || '.example:443', '{}',
            case when id % 50 = 7 then 'failed' else 'delivered' end, '{}', 1, 1, 0, 201,
            created_at, least(created_at, cast(:now as timestamptz))
        from messages where id % 3 = 0 and id between :first and :last
        returning id, created_at
    )
    insert into attempts (delivery_id, number, started_at, milliseconds, timing, status, detail,
        response_size, response_is_cut)
    select id, 1, created_at, 20 + id * 7919 % 400, '{}', 201, '', 2, false from made
"""


async def _fill(database: Database, messages: int) -> int:
    talks = messages // _TALK
    pace = timedelta(days=_DAYS) / talks
    async with database.transaction() as tx:
        account = Account(name="Bench", time_zone=ZONE, created_at=NOW)
        tx.add(account)
        await tx.flush()
        for number in range(1, 6):
            draft = InboxDraft(f"Site {number}", Channel.API)
            await open_inbox(tx, account.id, draft, vault=Vault("k" * 32), now=NOW)
    about = {"account": account.id, "now": NOW}
    await _run(database, _PEOPLE, about)
    await _run(database, _CONVERSATIONS, {**about, "talks": talks, "pace": pace})
    for first in range(1, talks + 1, _BATCH // _TALK):
        await _run(database, _MESSAGES, {"first": first, "last": first + _BATCH // _TALK - 1})
    await _run(database, _NOTED, {})
    for first in range(1, messages + 1, _BATCH):
        await _run(database, _CALLS, {**about, "first": first, "last": first + _BATCH - 1})
    return account.id


async def _run(database: Database, statement: str, values: dict[str, Any]) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("set local session_replication_role = replica"))  # no people needed
        await tx.execute(text(statement), values)


async def _count(database: Database, count: Callable[..., Awaitable[bool]]) -> float:
    """What the worker does through the months; in how many seconds."""
    began, is_more = perf_counter(), True
    while is_more:
        async with database.transaction() as tx:
            is_more = await count(tx, now=NOW)
    return perf_counter() - began


async def _vacuum(database: Database) -> None:
    """What PostgreSQL does by itself in such a time: after it, reports read only their index."""
    connection = await database.connect_to_listen()
    await connection.execute("vacuum analyze")
    await connection.close()


Report = Callable[[Transaction, Period], Awaitable[object]]


def _reports(account_id: int) -> dict[str, Report]:
    return {"by agent, sorted": _sorted, **_pages(account_id), **_rest(account_id)}


def _pages(account_id: int) -> dict[str, Report]:
    """What the pages show, whole."""

    def page(build: Builder) -> Report:
        return lambda tx, period: build(tx, Asked(account_id, period, business=False))

    return {f"page: {name}": page(build) for name, (_, build) in BUILDERS.items()} | {
        "page: conversations, business hours": lambda tx, period: overview(
            tx, Asked(account_id, period, business=True)
        )
    }


def _rest(account_id: int) -> dict[str, Report]:
    """What the API answers, by what it asks for."""

    def of(period: Period, dimension: Dimension | None = None) -> Scope:
        key = "etiqueta0" if dimension == Dimension.LABEL else dimension and 1
        return Scope(account_id, ZONE, period.since, period.until, dimension, key)

    def series(dimension: Dimension | None) -> Report:
        return lambda tx, period: measures_in_steps(
            tx, of(period, dimension), period.starts, business=False
        )

    def summary(dimension: Dimension | None) -> Report:
        return lambda tx, period: measures_in_steps(
            tx, replace(of(period, dimension), since=period.before.since),
            [period.before.since, period.since], business=False,
        )  # fmt: skip

    def lines(dimension: Dimension) -> Report:
        return lambda tx, period: measures_by(tx, of(period), dimension, business=False)

    def answers(dimension: Dimension) -> Report:
        return lambda tx, period: answers_by(tx, of(period), dimension)

    whose = (None, *Dimension)
    return {
        **{f"api: summary, {one or 'all'}": summary(one) for one in whose},
        **{f"api: by day, {one or 'all'}": series(one) for one in whose},
        **{f"api: lines by {one}": lines(one) for one in Dimension},
        **{f"api: answers by {one}": answers(one) for one in Dimension},
        "api: by channel": lambda tx, period: begun_by_channel(tx, of(period)),
        "api: inboxes and labels": lambda tx, period: conversations_by_inbox_and_label(
            tx, of(period)
        ),
        "api: first answers": lambda tx, period: first_responses(tx, of(period), business=False),
        "api: open now": lambda tx, period: standing(tx, account_id),
    }


async def _reference(tx: Transaction, _: Period) -> None:
    """What this machine needs at this moment for as much sorting as a month of reports has."""
    query = "select percentile_cont(0.5) within group (order by n * 7919 % 100003) from generate_series(1, 100000) n"
    await tx.execute(text(query))


async def _sorted(tx: Transaction, period: Period) -> None:
    """What a report by agent would be without counting: every event of the period, sorted."""
    query = """
        select user_id, name, count(*), percentile_cont(array[0.5, 0.9]) within group (order by value)
        from reporting_events where account_id = 1 and created_at >= :since and created_at < :until
        and name in ('first_response', 'conversation_resolved') group by user_id, name
    """
    await tx.execute(text("set local work_mem = '64MB'"))
    await tx.execute(text(query), {"since": period.since, "until": period.until})


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of each round, and of the reference beside it."""

    ours: list[float]
    reference: list[float]

    def __str__(self) -> str:
        """Median, slowest, and the reference's median."""
        middle, beside = median(self.ours), median(self.reference)
        return f"{middle:7.1f} (slowest {max(self.ours):7.1f}, reference {beside:5.1f})"


async def _measure(database: Database, report: Report, period: Period, rounds: int) -> Took:
    took = Took([], [])
    for _ in range(rounds):
        took.reference.append(await _once(database, _reference, period))
        took.ours.append(await _once(database, report, period))
    return took


async def _once(database: Database, report: Report, period: Period) -> float:
    async with database.transaction() as tx:
        began = perf_counter()
        await report(tx, period)
        return (perf_counter() - began) * 1000


async def _table(
    database: Database, account_id: int, choices: Iterable[str], rounds: int
) -> dict[tuple[str, str], Took]:
    """How long each report takes, by period and name."""
    return {
        (choice, name): await _measure(
            database, report, period_from({"period": choice}, now=NOW, zone=ZONE), rounds
        )
        for choice in choices
        for name, report in _reports(account_id).items()
    }


async def _main(url: str, messages: int) -> None:
    await migrate(url)
    database = Database(url)
    account_id = await _fill(database, messages)
    await _count(database, count_calls)
    await _vacuum(database)
    print(f"{messages:,} messages in {_DAYS} days; milliseconds")  # noqa: T201 - its whole purpose
    print("reference: a median of 100,000 numbers")  # noqa: T201
    before = await _table(database, account_id, ["90"], rounds=2)
    took = await _count(database, count_conversations)
    await _vacuum(database)
    print(f"counting {_DAYS} days took {took:.1f} s")  # noqa: T201
    after = await _table(database, account_id, PRESETS, rounds=_ROUNDS)
    for at, one in after.items():
        uncounted = f"  uncounted {median(before[at].ours):7.1f}" if at in before else ""
        print(f"{at[0]:>3} days  {at[1]:36} {one}{uncounted}")  # noqa: T201
    slowest = max(median(one.ours) for one in after.values())
    print(f"slowest median: {slowest:.1f} ms; the budget is {BUDGET} ms")  # noqa: T201
    await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    run_on_scratch(_main, parser.parse_args().messages)
