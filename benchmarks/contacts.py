"""How long a million contacts take to list and to search: `python -m benchmarks.contacts [--contacts N]`.

Makes a database of its own in a folder that it throws away. Prints for each look at the list, the page and
its count together, and for each search by REST the median and slowest of seven, in milliseconds; the same
of the searches without their index, and beside them a reference: this machine may be busy.
"""

import argparse
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Final

from sqlalchemy import text, true

from benchmarks.scratch import run_on_scratch
from recado.accounts.models import Account
from recado.contacts.listing import SORTS, ListChoice, list_contacts
from recado.contacts.saving import contacts_page
from recado.db.database import Database, Transaction
from recado.db.migrating import migrate

NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
_ROUNDS: Final = 7
_BATCH: Final = 50_000

_CONTACTS = """
    insert into contacts (account_id, name, email, phone_number, identifier, avatar_url, blocked,
        custom_attributes, additional_attributes, last_activity_at, created_at, updated_at)
    select :account,
        (array['Maria', 'José', 'Ana', 'João', 'Antônia', 'Inês', 'Célia', 'Beto'])[n % 8 + 1] || ' '
            || initcap(translate(md5(n::text), '0123456789', 'oiraesutlm')),
        'p' || n || '@example.com', '+55119' || 10000000 + n, 'crm-' || n, '', false, '{}', '{}',
        case when n % 3 > 0 then cast(:now as timestamptz) - cast(n as bigint) * 7919 % 1000000 * interval '1 minute' end,
        cast(:now as timestamptz) - n * interval '1 minute', :now
    from generate_series(cast(:first as int), cast(:last as int)) n
"""

Look = Callable[[Transaction], Awaitable[object]]


async def _fill(database: Database, contacts: int) -> int:
    async with database.transaction() as tx:
        account = Account(name="Bench", created_at=NOW)
        tx.add(account)
        await tx.flush()
    for first in range(1, contacts + 1, _BATCH):
        last = min(first + _BATCH - 1, contacts)
        values = {"account": account.id, "now": NOW, "first": first, "last": last}
        async with database.transaction() as tx:
            await tx.execute(text(_CONTACTS), values)
    return account.id


def _lists(account_id: int, contacts: int) -> dict[str, Look]:
    def listed(**choice: object) -> Look:
        asked = ListChoice(**choice)  # type: ignore[arg-type]
        return lambda tx: list_contacts(tx, account_id, asked, true())

    middle = contacts // 2
    return {
        **{f"list by {sort}": listed(sort=sort) for sort in SORTS},
        **{f"by {sort}, from the middle": listed(sort=sort, after=middle) for sort in SORTS},
    }


def _searches(account_id: int, contacts: int) -> dict[str, Look]:
    def found(q: str) -> Look:
        return lambda tx: contacts_page(tx, account_id, q=q)

    def listed(q: str) -> Look:
        return lambda tx: list_contacts(tx, account_id, ListChoice(q=q), true())

    return {
        "page: one phone": listed(f"{10_000_000 + contacts // 2}"),
        "page: an eighth of all": listed("célia"),
        "page: nobody": listed("nobody at all"),
        "page: two letters": listed("zz"),
        "rest: one e-mail": found(f"p{contacts // 2}@example.com"),
        "rest: one phone": found(f"+55119{10_000_000 + contacts // 2}"),
        "rest: nobody": found("nobody at all"),
    }


async def _reference(tx: Transaction) -> None:
    """What this machine needs at this moment for the median of 100,000 numbers."""
    await tx.execute(
        text(
            "select percentile_cont(0.5) within group (order by n * 7919 % 100003) from generate_series(1, 100000) n"
        )
    )


async def _measure(database: Database, looks: dict[str, Look]) -> None:
    for name, look in looks.items():
        took = []
        for _ in range(_ROUNDS):
            async with database.transaction() as tx:
                began = perf_counter()
                await look(tx)
                took.append((perf_counter() - began) * 1000)
        print(f"{name:32} median {median(took):7.1f} slowest {max(took):7.1f}", flush=True)  # noqa: T201


async def _statement(database: Database, statement: str) -> None:
    connection = await database.connect_to_listen()  # outside of a transaction
    await connection.execute(statement)
    await connection.close()


async def _main(url: str, contacts: int) -> None:
    await migrate(url)
    database = Database(url)
    account_id = await _fill(database, contacts)
    await _statement(database, "vacuum analyze")
    print(f"{contacts:,} contacts; milliseconds")  # noqa: T201 - its whole purpose
    await _measure(database, {"reference": _reference})
    await _measure(database, _lists(account_id, contacts))
    await _measure(database, _searches(account_id, contacts))
    await _statement(database, "drop index ix_contacts_searched")
    print("without the index:")  # noqa: T201
    await _measure(database, _searches(account_id, contacts))
    await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    run_on_scratch(_main, parser.parse_args().contacts)
