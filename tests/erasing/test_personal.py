"""No table is forgotten: each one with texts is erased, emptied, or known to say nothing of a contact."""

import pytest
from sqlalchemy import ARRAY, LargeBinary, MetaData, String, Table, select, text
from sqlalchemy.dialects.postgresql import JSONB

from recado.db.database import Transaction
from recado.erasing.forgetting import erase_contact
from recado.erasing.personal import DELETED, EMPTIED, NOT_PERSONAL
from recado.tables import metadata
from tests.erasing.test_forgetting import KNOWN_BY, leftovers, lived_in
from tests.people import NOW, gather

_WORDS = (String, JSONB, ARRAY, LargeBinary)


def texts_of(table: Table) -> set[str]:
    """The columns that can hold words."""
    return {one.name for one in table.columns if isinstance(one.type, _WORDS)}


def with_texts(tables: MetaData) -> set[str]:
    """Tables that have such a column."""
    return {one.name for one in tables.tables.values() if texts_of(one)}


def test_every_table_with_texts_is_known_once() -> None:
    known = [*DELETED, *EMPTIED, *NOT_PERSONAL]
    assert len(known) == len(set(known))
    assert set(known) == with_texts(metadata)


@pytest.mark.parametrize("name", EMPTIED)
def test_every_text_of_what_stays_is_known(name: str) -> None:
    assert set(EMPTIED[name]) == texts_of(metadata.tables[name])


@pytest.mark.parametrize("name", [*DELETED, *NOT_PERSONAL])
def test_a_reason_is_a_sentence(name: str) -> None:
    assert len((DELETED | NOT_PERSONAL)[name]) > 4


async def _leave_more(tx: Transaction) -> None:
    """Traces in every table that the story of `test_forgetting.py` does not touch."""
    for statement in (
        "update contact_inboxes set source_id = 'zuleica@mail.example'",
        'update conversations set custom_attributes = \'{"address": "Rua das Flores"}\'',
        """insert into mail_ids (inbox_id, mail_id, conversation_id, message_id)
            select m.inbox_id, 'zuleica@mail.example', m.conversation_id, m.id from messages m limit 1""",
        """insert into rule_timers (account_id, rule_id, conversation_id, since, event_id, due_at, kept, cause)
            select c.account_id, r.id, c.id, now(), 0, now(), '{"contact": {"name": "Zuleica"}}', '{}'
            from conversations c, automation_rules r limit 1""",
    ):
        await tx.execute(text(statement))


async def test_each_table_that_is_named_holds_something_before_and_nothing_after(
    tx: Transaction,
) -> None:
    zuleica = await lived_in(tx, await gather(tx))
    await _leave_more(tx)
    before = {one.split(":")[0] for one in await leftovers(tx, KNOWN_BY)}
    assert before == {*DELETED, *EMPTIED}
    await erase_contact(tx, zuleica, now=NOW)
    assert await leftovers(tx, KNOWN_BY) == []


async def test_what_only_numbers_are_kept_of_stays(tx: Transaction) -> None:
    events = select(metadata.tables["reporting_events"].c.id)
    zuleica = await lived_in(tx, await gather(tx))
    kept = set(await tx.scalars(events))
    await erase_contact(tx, zuleica, now=NOW)
    assert set(await tx.scalars(events)) == kept != set()


def test_a_table_that_is_forgotten_would_be_noticed() -> None:
    """The check above looks at what columns are, not at what they are called."""
    other = MetaData()
    table = metadata.tables["contacts"].to_metadata(other, name="letters")
    assert with_texts(other) == {"letters"}
    assert texts_of(table) >= {"name", "labels", "custom_attributes"}
    assert "id" not in texts_of(table)
