"""How long reports take with a million messages: `python -m benchmarks.reports [--messages N]`.

Makes a database of its own in a folder that it throws away: one account, 90 days of conversations of
ten messages, 20 agents, five teams, five inboxes, ten labels, and a call of a custom action for every
third message (the older ones counted by the day, the last hour's read from the log). Prints for each
report and period the median and slowest of seven, in milliseconds: before the worker has counted a day, so
that all is read from its events, and after it. Beside them a reference: this machine may be busy.
"""

import argparse
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any, Final

from sqlalchemy import text

from benchmarks.scratch import run_on_scratch
from recado.accounts.models import Account
from recado.db.database import Database, Transaction
from recado.db.migrating import migrate
from recado.reports.adding_up import count_conversations
from recado.reports.calls import call_report
from recado.reports.conversations import (
    figures_by,
    figures_by_day,
    figures_in_all,
)
from recado.reports.counting import count_calls
from recado.reports.dimensions import Dimension
from recado.reports.distributing import answers_by
from recado.reports.measuring import Scope, measures_by, measures_in_steps
from recado.reports.periods import PRESETS, Period, period_from
from recado.reports.views import Asked, overview

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
        created_at + n * interval '3 minutes'
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
    def by(dimension: Dimension) -> Report:
        return lambda tx, period: figures_by(tx, account_id, period, dimension, business=False)

    def of_one(period: Period, dimension: Dimension) -> Scope:
        return Scope(account_id, ZONE, period.since, period.until, dimension, 1)

    def answers(dimension: Dimension) -> Report:
        return lambda tx, period: answers_by(
            tx, Scope(account_id, ZONE, period.since, period.until), dimension
        )

    return {
        "by agent, sorted": _sorted,
        "in all": lambda tx, period: figures_in_all(tx, account_id, period, business=False),
        "by day": lambda tx, period: figures_by_day(tx, account_id, period, business=False),
        "by day, business hours": lambda tx, period: figures_by_day(
            tx, account_id, period, business=True
        ),
        **{f"by {one}": by(one) for one in Dimension},
        "page: conversations": lambda tx, period: overview(
            tx, Asked(account_id, period, business=False)
        ),
        "api: summary": lambda tx, period: measures_in_steps(
            tx,
            Scope(account_id, ZONE, period.before.since, period.until),
            [period.before.since, period.since],
            business=False,
        ),
        "api: by day": lambda tx, period: measures_in_steps(
            tx, Scope(account_id, ZONE, period.since, period.until), period.starts, business=False
        ),
        "api: by agent": lambda tx, period: measures_by(
            tx, Scope(account_id, ZONE, period.since, period.until), Dimension.AGENT, business=False
        ),
        "api: by day, one inbox": lambda tx, period: measures_in_steps(
            tx, of_one(period, Dimension.INBOX), period.starts, business=False
        ),
        "api: by day, one agent": lambda tx, period: measures_in_steps(
            tx, of_one(period, Dimension.AGENT), period.starts, business=False
        ),
        **{f"api: answers by {one}": answers(one) for one in Dimension},
        "custom actions": lambda tx, period: call_report(tx, account_id, period),
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


async def _measure(database: Database, report: Report, period: Period) -> list[float]:
    took = []
    for _ in range(_ROUNDS):
        async with database.transaction() as tx:
            began = perf_counter()
            await report(tx, period)
            took.append((perf_counter() - began) * 1000)
    return took


async def _table(database: Database, account_id: int) -> dict[tuple[str, str], list[float]]:
    """How long each report takes, by period and name."""
    return {
        (choice, name): await _measure(
            database, report, period_from({"period": choice}, now=NOW, zone=ZONE)
        )
        for choice in PRESETS
        for name, report in _reports(account_id).items()
    }


async def _main(url: str, messages: int) -> None:
    await migrate(url)
    database = Database(url)
    account_id = await _fill(database, messages)
    await _count(database, count_calls)
    await _vacuum(database)
    print(f"{messages:,} messages in {_DAYS} days; milliseconds")  # noqa: T201 - its whole purpose
    reference = await _measure(database, _reference, period_from({}, now=NOW, zone=ZONE))
    print(f"reference: a median of 100,000 numbers takes {median(reference):.1f} ms here")  # noqa: T201
    before = await _table(database, account_id)
    took = await _count(database, count_conversations)
    await _vacuum(database)
    after = await _table(database, account_id)
    print(f"counting {_DAYS} days took {took:.1f} s")  # noqa: T201
    slowest = 0.0
    for (choice, name), took_before in before.items():
        ours = after[choice, name]
        slowest = max(slowest, median(ours))
        told = f"from events {median(took_before):6.1f} counted {median(ours):6.1f} slowest {max(ours):6.1f}"
        print(f"{choice:>3} days  {name:24} {told}")  # noqa: T201
    print(f"slowest median: {slowest:.1f} ms; the budget is {BUDGET} ms")  # noqa: T201
    await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    run_on_scratch(_main, parser.parse_args().messages)
