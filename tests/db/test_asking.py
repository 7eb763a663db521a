"""Several statements in one round trip: what each answers, and what they see of one another."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from recado.db.database import Database, Transaction
from recado.db.direct import Direct, Insertion, ask_ahead, rows_beside
from recado.deliveries.models import Lane
from tests.counting import counted

_NUMBERS = Direct("select number, :name::text from generate_series(1, :most::int) as number")
_TOLD = Direct("select word, told from unnest(:words::text[], :told::jsonb[]) as w(word, told)")
_LANES = Direct("select lane, calls from lanes order by lane desc for update")
_PACE = {"concurrency": 10.0, "calls": 0, "failures": 0, "openings": 0, "is_probing": False}
_ADD = Insertion(Lane.__table__, ("lane", *_PACE), "returning lane, concurrency")


def _lanes(*names: str) -> list[dict[str, Any]]:
    return [{"lane": name, **_PACE} for name in names]


async def test_each_has_its_own_values_and_rows(tx: Transaction) -> None:
    numbers, none, told = await rows_beside(
        tx,
        _NUMBERS.asked(most=2, name="a"),
        _NUMBERS.asked(most=0, name="b"),
        _TOLD.asked(words=["x", None], told=['{"of": [1, null]}', None]),
    )
    assert [tuple(one) for one in numbers] == [(1, "a"), (2, "a")]
    assert none == []
    assert [tuple(one) for one in told] == [("x", {"of": [1, None]}), (None, None)]


async def test_what_is_inserted_beside_is_not_seen_yet(tx: Transaction) -> None:
    await _ADD.rows(tx, _lanes("http://a.example:80"))
    before, added = await rows_beside(
        tx, _LANES.asked(), _ADD.asked(_lanes("http://c.example:80", "http://b.example:80"))
    )
    assert [tuple(one) for one in before] == [("http://a.example:80", 0)]
    assert dict(added) == {"http://c.example:80": 10.0, "http://b.example:80": 10.0}
    assert [lane for lane, _ in await _LANES.rows(tx)] == [
        f"http://{one}.example:80" for one in "cba"
    ]


async def test_what_breaks_a_rule_is_told_as_ever(tx: Transaction) -> None:
    twice = _ADD.asked(_lanes("http://a.example:80", "http://a.example:80"))
    with pytest.raises(IntegrityError):
        await rows_beside(tx, twice, _LANES.asked())


async def test_what_waits_is_sent_before_those_who_could_see_it(tx: Transaction) -> None:
    added = Insertion(Lane.__table__, ("lane", *_PACE))
    await added.later(tx, _lanes("http://a.example:80"))
    found, _ = await rows_beside(tx, _LANES.asked(), _NUMBERS.asked(most=1, name="a"))
    assert len(found) == 1


async def test_what_was_asked_ahead_is_answered_once_and_only_to_the_same_question(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        with counted(database) as statements:
            await ask_ahead(tx, _NUMBERS.asked(most=2, name="a"), _LANES.asked())
            assert len(await _NUMBERS.rows(tx, most=3, name="a")) == 3
            assert len(await _NUMBERS.rows(tx, most=2, name="a")) == 2
            assert await _LANES.rows(tx) == []
        assert len(statements) == 2, statements  # what was asked ahead, and the other question
        await _ADD.rows(tx, _lanes("http://a.example:80"))
        assert len(await _LANES.rows(tx)) == 1
