"""What lists and searches of contacts cost: the plan uses an index, and nothing is counted for ever."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, select, text, true
from sqlalchemy.dialects import postgresql

from recado.contacts.being_active import was_active
from recado.contacts.listing import MOST_COUNTED, PAGE, SORTS, ListChoice, list_contacts, wanted
from recado.contacts.models import Contact
from recado.contacts.saving import contacts_page
from recado.db.database import Database, Transaction
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact

_MINUTES = 5
_MANY = text("""
    insert into contacts (account_id, name, email, phone_number, identifier, avatar_url, blocked,
        custom_attributes, additional_attributes, last_activity_at, created_at, updated_at)
    select :account, 'Pessoa ' || md5(n::text), 'p' || n || '@example.com', '+55119' || 10000000 + n,
        'crm-' || n, '', false, '{}', '{}', moment, moment, now()
    from generate_series(1, :count) n,
        lateral (select timestamptz '2026-01-01' + n * interval '1 minute') as moments(moment)
""")


async def fill(tx: Transaction, account_id: int, count: int) -> None:
    """So many contacts, and PostgreSQL knows about them."""
    await tx.execute(_MANY, {"account": account_id, "count": count})
    await tx.execute(text("select gin_clean_pending_list('ix_contacts_searched')"))
    await tx.execute(text("analyze contacts"))


async def plan_of(tx: Transaction, query: Select[Any]) -> str:
    """How PostgreSQL would find it."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    await tx.execute(text("set local enable_seqscan = off"))  # few rows are read as fast
    written = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    rows = await tx.execute(text("explain " + written.replace(":", "\\:")))
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("typed", ["3f5c9a", "P123@EXAMPLE", "1910000777", "crm-4321"])
async def test_a_search_uses_the_index(tx: Transaction, here: Cast, typed: str) -> None:
    await fill(tx, here.account.id, 10_000)
    where = wanted(here.account.id, typed, true())
    assert "ix_contacts_searched" in await plan_of(tx, select(Contact.id).where(*where))


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("name", "ix_contacts_account_id_name"),
        ("active", "ix_contacts_account_id_active_on"),
        ("newest", "ix_contacts_account_id_created_at"),
        ("oldest", "ix_contacts_account_id_created_at"),
        ("email", "ix_contacts_account_id_email"),
    ],
)
async def test_an_order_uses_its_index(tx: Transaction, here: Cast, sort: str, index: str) -> None:
    await fill(tx, here.account.id, 10_000)
    order = SORTS[sort]
    columns = (*order.columns, Contact.id)
    keys = [one.desc() if order.is_descending else one for one in columns]
    query = select(Contact.id).where(Contact.account_id == here.account.id)
    assert index in await plan_of(tx, query.order_by(*keys).limit(PAGE + 1))


async def test_who_carries_a_label_is_found_by_an_index(tx: Transaction, here: Cast) -> None:
    await fill(tx, here.account.id, 10_000)
    await tx.execute(text("update contacts set labels = array['vip'] where id % 1000 = 0"))
    await tx.execute(text("select gin_clean_pending_list('ix_contacts_labels')"))
    query = select(Contact.id).where(
        Contact.account_id == here.account.id, Contact.labels.contains(["vip"])
    )
    assert "ix_contacts_labels" in await plan_of(tx, query)


FOUND = {
    "souza": ["Célia Souza", "Inês SOUZA"],
    "Célia": ["Célia Souza", "celia@other.example"],
    "celia": ["Célia Souza", "celia@other.example"],
    "INES": ["Inês SOUZA"],
    "lia so": ["Célia Souza"],
    "0004": ["Célia Souza"],
    "x_1": ["x_1"],  # not x-1, and no character stands for any
    "x%1": [],
    "souza\n": ["Célia Souza", "Inês SOUZA"],
    "a\nc": [],  # nobody finds from one field into the next
    "\\": ["back\\slash"],
    "": ["Célia Souza", "Inês SOUZA", "back\\slash", "celia@other.example", "x-1", "x_1"],
}


@pytest.mark.parametrize("typed", FOUND)
async def test_what_a_search_finds(tx: Transaction, here: Cast, typed: str) -> None:
    people: Sequence[dict[str, str | None]] = [
        {"name": "Célia Souza", "email": "c@example.com", "phone_number": "+5511900040004"},
        {"name": "Inês SOUZA", "email": None, "phone_number": None},
        {"name": None, "email": "celia@other.example", "phone_number": None},
        {"name": None, "email": None, "phone_number": None, "identifier": "x_1"},
        {"name": None, "email": None, "phone_number": None, "identifier": "x-1"},
        {"name": "back\\slash", "email": None, "phone_number": None},
    ]
    for one in people:
        await a_contact(tx, here.account, **one)
    found, total = await contacts_page(tx, here.account.id, q=typed)
    assert sorted(one.shown_name for one in found) == FOUND[typed]
    assert total == len(found)


@pytest.mark.parametrize(
    ("count", "total", "more_than"),
    [
        (0, 0, None),
        (PAGE, PAGE, None),
        (MOST_COUNTED, MOST_COUNTED, None),
        (MOST_COUNTED + 1, MOST_COUNTED + 1, MOST_COUNTED),
        (MOST_COUNTED + 500, MOST_COUNTED + 1, MOST_COUNTED),
    ],
)
async def test_a_list_counts_no_further_than_anybody_reads(
    tx: Transaction, here: Cast, count: int, total: int, more_than: int | None
) -> None:
    await fill(tx, here.account.id, count)
    listed = await list_contacts(tx, here.account.id, ListChoice(), true())
    assert (listed.total, listed.more_than) == (total, more_than)


async def test_the_page_says_that_there_are_more(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        await fill(tx, cast.account.id, MOST_COUNTED + 1)
    assert f"More than {MOST_COUNTED:,} contacts" in (await ana.get("/app/contacts")).text
    assert "11 contacts" in (await ana.get("/app/contacts?q=crm-55")).text
    told = f"Too many to list: these are the newest {MOST_COUNTED:,}"
    assert told in (await ana.get("/app/contacts?q=pessoa")).text
    assert told not in (await ana.get("/app/contacts")).text


async def test_the_index_searches_what_the_code_searches(tx: Transaction) -> None:
    """Migration and table say the same words, or what is found depends on when one began."""
    query = text("select indexdef from pg_indexes where indexname = 'ix_contacts_searched'")
    assert "(searched gin_trgm_ops)" in str(await tx.scalar(query))
    query = text("""
        select generation_expression from information_schema.columns
        where table_name = 'contacts' and column_name = 'searched'
    """)
    computed = Contact.__table__.c.searched.computed
    assert computed is not None
    assert _words(str(await tx.scalar(query))) == _words(str(computed.sqltext))


def _words(expression: str) -> str:
    """An expression as one wrote it or as PostgreSQL shows it."""
    return re.sub(r"::text|[\s()]", "", expression).lower()


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("q", ["", "pessoa", "p1@", "crm-1", "5511910000"])
async def test_all_that_a_search_finds_comes_once_page_by_page(
    tx: Transaction, here: Cast, sort: str, q: str
) -> None:
    await fill(tx, here.account.id, 120)
    await tx.execute(text("update contacts set last_activity_at = null where id % 3 = 0"))
    seen: list[int] = []
    after, turns = None, 0
    while turns == 0 or after is not None:
        listed = await list_contacts(
            tx, here.account.id, ListChoice(q=q, sort=sort, after=after), true()
        )
        seen += [one.id for one in listed.contacts]
        after, turns = listed.older, turns + 1
    assert len(seen) == len(set(seen)) == listed.total > 0


async def test_a_second_message_of_a_day_writes_no_index(tx: Transaction, here: Cast) -> None:
    """The row stays where it is and its indexes say the same: PostgreSQL calls it a heap-only tuple."""
    contact = await a_contact(tx, here.account)
    updates = text("""
        select n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables where relname = 'contacts'
    """)
    minutes = [NOW + timedelta(minutes=one) for one in range(_MINUTES)]
    moments = [*minutes, NOW + timedelta(days=1)]
    told = []
    for moment in moments:
        before = (await tx.execute(updates)).one()
        await was_active(tx, [contact], now=moment)
        after = (await tx.execute(updates)).one()
        told.append((after[0] - before[0], after[1] - before[1]))
    assert (told[0], told[-1]) == ((1, 0), (1, 0))
    # One of them may find its page full, and begins another.
    assert told[1:-1].count((1, 1)) >= len(minutes) - 2
    assert await tx.scalar(select(Contact.active_on)) == moments[-1].date()


@pytest.mark.parametrize("sort", ["name", "newest", "active"])
async def test_a_search_that_finds_too_much_lists_the_newest_of_it(
    tx: Transaction, here: Cast, sort: str
) -> None:
    await fill(tx, here.account.id, MOST_COUNTED + 100)
    seen: set[str | None] = set()
    after, turns = None, 0
    while turns == 0 or after is not None:
        choice = ListChoice(q="pessoa", sort=sort, after=after)
        listed = await list_contacts(tx, here.account.id, choice, true())
        seen |= {one.identifier for one in listed.contacts}
        after, turns = listed.older, turns + 1
    assert seen == {f"crm-{number}" for number in range(101, MOST_COUNTED + 101)}


async def test_what_is_found_beyond_what_is_counted_comes_in_order_too(
    tx: Transaction, here: Cast
) -> None:
    await fill(tx, here.account.id, MOST_COUNTED + 100)
    listed = await list_contacts(tx, here.account.id, ListChoice(q="pessoa", sort="newest"), true())
    assert listed.more_than == MOST_COUNTED
    dates = [one.created_at for one in listed.contacts]
    assert dates == sorted(dates, reverse=True)
    assert listed.contacts[0].identifier == f"crm-{MOST_COUNTED + 100}"
