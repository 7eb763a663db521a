"""How long the delivery log takes to search a million rows: `python -m benchmarks.log [--rows N]`.

Makes a database of its own in a folder that it throws away: one account, 20 custom actions on ten
hosts, one delivery in fifty failed. Prints for each filter what one look at the log asks, its page
and its counts together, and then the next page likewise: median and slowest of seven, in milliseconds.
"""

import argparse
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Final

from sqlalchemy import text

from benchmarks.scratch import run_on_scratch
from recado.accounts.models import Account
from recado.db.database import Database
from recado.db.migrating import migrate
from recado.deliveries.filtering import LogFilter
from recado.deliveries.lately import lately
from recado.deliveries.searching import log_view
from recado.deliveries.states import State

NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
_ROUNDS: Final = 7
_BATCH: Final = 100_000

_CONTACTS = """
    insert into contacts (account_id, name, email, avatar_url, blocked, custom_attributes,
        additional_attributes, created_at, updated_at)
    select :account, 'Contato ' || n, 'contato' || n || '@example.com', '', false, '{}', '{}', :now, :now
    from generate_series(1, 20000) n
"""
_CONVERSATIONS = """
    insert into conversations (uuid, account_id, display_id, inbox_id, contact_id, contact_inbox_id, status,
        labels, custom_attributes, additional_attributes, is_muted, last_activity_at, created_at, updated_at)
    select gen_random_uuid(), :account, row_number() over (order by id), 0, id, 0, 'open',
        '{}', '{}', '{}', false, :now, :now, :now
    from contacts
"""
_DELIVERIES = """
    with made as (
        insert into deliveries (account_id, webhook_id, action_id, action_name, rule_id, rule_name,
            event, conversation_id, is_test, request, lane, policy, state, reason, attempts_count,
            tries_count, interruptions_count, last_status, created_at, finished_at)
        select :account, 'msg_' || md5(n::text), n % 20 + 1, 'Ação ' || n % 20, n % 50 + 1, 'Regra ' || n % 50,
            'message_created', n % 20000 + 1, n % 1000 = 0,
            jsonb_build_object('method', 'POST', 'url', 'https://crm' || n % 10 || '.example/contacts/' || n,
                'headers', '[["Content-Type", "application/json", null]]'::jsonb,
                'body', '{"name": "Contato ' || n || '", "said": "' || repeat(md5(n::text), 12) || '"}'),
            'https://crm' || n % 10 || '.example:443', '{}',
            case when n % 50 = 7 then 'failed' else 'delivered' end, '{"trouble": null}', 1, 1, 0,
            case when n % 50 <> 7 then 201 when n % 100 = 7 then 404 else 503 end,
            cast(:now as timestamptz) - (cast(:rows as int) - n) * interval '2 seconds', cast(:now as timestamptz) - (cast(:rows as int) - n) * interval '2 seconds'
        from generate_series(cast(:first as int), cast(:last as int)) n
        returning id, created_at, last_status
    )
    insert into attempts (delivery_id, number, started_at, milliseconds, timing, status, detail,
        response_headers, response_body, response_size, response_is_cut)
    select id, 1, created_at, 12.5, '{"total": 12.5}', last_status, '', '[["content-type", "application/json"]]',
        convert_to('{"id": ' || id || ', "ok": true}', 'UTF8'), 24, false
    from made
"""
FILTERS: Final[dict[str, LogFilter]] = {
    "nothing": LogFilter(),
    "state failed": LogFilter(state=State.FAILED),
    "state pending (none)": LogFilter(state=State.PENDING),
    "one action": LogFilter(action_id=7),
    "one action, failed": LogFilter(action_id=8, state=State.FAILED),
    "one rule": LogFilter(rule_id=7),
    "one host": LogFilter(host="crm3.example"),
    "a host that is not there": LogFilter(host="nowhere.example"),
    "status 404": LogFilter(status="404"),
    "status 5xx": LogFilter(status="5xx"),
    "status 418 (none)": LogFilter(status="418"),
    "one conversation": LogFilter(conversation_id=77),
    "one contact": LogFilter(contact="contato777@example.com"),
    "contacts named Contato 77": LogFilter(contact="Contato 77"),
    "only tests": LogFilter(is_test=True),
    "the last hour": LogFilter(since=NOW - timedelta(hours=1)),
    "one day, three weeks ago": LogFilter(
        since=NOW - timedelta(days=22), until=NOW - timedelta(days=21)
    ),
    "failed, three weeks ago": LogFilter(
        state=State.FAILED, since=NOW - timedelta(days=22), until=NOW - timedelta(days=21)
    ),
    "a text that is there": LogFilter(text="Contato 99"),
    "a text that is not there": LogFilter(text="nothing says this"),
    "a delivery's id": LogFilter(text="4711"),
    "a webhook-id": LogFilter(text="msg_c4ca4238a0b923820dcc509a6f75849b"),
}


async def fill_log(database: Database, rows: int) -> int:
    """So many deliveries that have ended, one every two seconds until now; their account."""
    async with database.transaction() as tx:
        account = Account(name="Bench", created_at=NOW)
        tx.add(account)
        await tx.flush()
        await tx.execute(text(_CONTACTS), {"account": account.id, "now": NOW})
        await tx.execute(text("set local session_replication_role = replica"))  # no inbox is needed
        await tx.execute(text(_CONVERSATIONS), {"account": account.id, "now": NOW})
    for first in range(1, rows + 1, _BATCH):
        stretch = {"first": first, "last": min(first + _BATCH - 1, rows), "rows": rows}
        async with database.transaction() as tx:
            await tx.execute(text(_DELIVERIES), {"account": account.id, "now": NOW, **stretch})
    return account.id


async def _measure(database: Database, account_id: int, wanted: LogFilter) -> list[list[float]]:
    """What the first page took each time, and what the next did; empty where there is none."""
    firsts, nexts = [], []
    for _ in range(_ROUNDS):
        took, cursor = await _look(database, account_id, wanted, None)
        firsts.append(took)
        if cursor:
            nexts.append((await _look(database, account_id, wanted, cursor))[0])
    return [firsts, nexts] if nexts else [firsts]


async def _look(
    database: Database, account_id: int, wanted: LogFilter, before: int | None
) -> tuple[float, int | None]:
    async with database.transaction() as tx:
        began = perf_counter()
        view = await log_view(tx, account_id, wanted, before=before)
        return (perf_counter() - began) * 1000, view.cursor


async def _day(database: Database, account_id: int) -> float:
    """What the list of custom actions asks of the last 24 hours."""
    async with database.transaction() as tx:
        began = perf_counter()
        await lately(tx, account_id, range(1, 21), now=NOW)
        return (perf_counter() - began) * 1000


async def _main(url: str, rows: int) -> None:
    await migrate(url)
    database = Database(url)
    account_id = await fill_log(database, rows)
    async with database.transaction() as tx:
        await (await tx.connection()).exec_driver_sql("analyze")
    print(f"{rows:,} deliveries; page and counts, then the next page, milliseconds")  # noqa: T201 - its whole purpose
    slowest = 0.0
    for name, wanted in FILTERS.items():
        looks = await _measure(database, account_id, wanted)
        slowest = max(slowest, *(median(took) for took in looks))
        told = "   ".join(f"median {median(took):6.1f} slowest {max(took):6.1f}" for took in looks)
        print(f"{name:28} {told}")  # noqa: T201
    print(f"slowest median: {slowest:.1f} ms")  # noqa: T201
    days = [await _day(database, account_id) for _ in range(_ROUNDS)]
    print(f"24 hours of 20 actions: median {median(days):.1f} slowest {max(days):.1f}")  # noqa: T201
    await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    run_on_scratch(_main, parser.parse_args().rows)
