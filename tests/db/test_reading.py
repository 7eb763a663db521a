"""Rows read past the unit of work: they behave like objects that the session loaded itself."""

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import InvalidRequestError

from recado.accounts.models import Account, Membership, User
from recado.contacts.models import Contact
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Database, Transaction
from recado.db.direct import Direct
from recado.db.reading import Listing, Reading, as_stored
from recado.db.tables import Table
from recado.events.causes import BY_SYSTEM
from recado.inboxes.models import Inbox
from tests.people import NOW, Cast, a_contact, a_conversation

_USER = Reading(User)
_MEMBER = Reading(Membership)
_BOSS = Reading(User, "boss")
_USERS = Direct(f"select {_USER.columns} from users where id = :id")  # noqa: S608
_MEMBERS = Direct(f"""
    select {_MEMBER.columns}, {_BOSS.columns} from memberships
    left join users as boss on boss.id = memberships.user_id and boss.email = :email
    where memberships.user_id = :id
""")  # noqa: S608


async def _read(tx: Transaction, user_id: int) -> User:
    [row] = await _USERS.rows(tx, id=user_id)
    return _USER.one(tx, row)


async def test_every_column_is_read(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        read = await _read(tx, cast.beto.user.id)
        assert not inspect(read).unloaded & set(User.__table__.c.keys())
        told = _told(read)
    async with database.transaction() as tx:
        loaded = await tx.get_one(User, cast.beto.user.id)
        assert told == _told(loaded)


@pytest.mark.parametrize("table", [Account, User, Inbox, Contact, Conversation, Message])
async def test_a_table_is_read_as_the_session_loads_it(
    database: Database, cast: Cast, table: type[Table]
) -> None:
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        draft = MessageDraft("Hello", MessageType.INCOMING, content_attributes={"a": [1, None]})
        await post_message(tx, talk, draft, cause=BY_SYSTEM, now=NOW)
    reading = Reading(table)
    everything = Direct(f"select {reading.columns} from {table.__tablename__}")  # noqa: S608
    async with database.transaction() as tx:
        read = [_told(reading.one(tx, row)) for row in await everything.rows(tx)]
    async with database.transaction() as tx:
        loaded = [_told(row) for row in await tx.scalars(select(table))]
    assert len(loaded) > 0
    assert sorted(read, key=_number) == sorted(loaded, key=_number)


def _told(row: Table) -> dict[str, object]:
    deferred = {"searched", "active_on"}  # neither reads it before somebody asks
    return {one.name: getattr(row, one.name) for one in row.__table__.c if one.name not in deferred}


def _number(told: dict[str, object]) -> int:
    return int(str(told["id"]))


async def test_what_the_session_has_is_not_read_twice(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        loaded = await tx.get_one(User, cast.beto.user.id)
        loaded.name = "Not yet stored"
        assert await _read(tx, loaded.id) is loaded
        assert loaded.name == "Not yet stored"


async def test_the_session_finds_what_was_read(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        read = await _read(tx, cast.beto.user.id)
        assert await tx.get(User, read.id) is read
        assert await tx.scalar(select(User).where(User.id == read.id)) is read


async def test_a_change_is_stored(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        (await _read(tx, cast.beto.user.id)).name = "Changed"
    async with database.transaction() as tx:
        assert (await tx.get_one(User, cast.beto.user.id)).name == "Changed"


async def test_nothing_is_stored_where_nothing_changed(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await _read(tx, cast.beto.user.id)
        assert not tx.dirty
        assert not tx.new


async def test_it_outlives_its_transaction(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        read = await _read(tx, cast.beto.user.id)
    assert read.email == cast.beto.user.email


async def test_a_row_with_two_keys_and_its_part(database: Database, cast: Cast) -> None:
    user = cast.beto.user
    async with database.transaction() as tx:
        [row] = await _MEMBERS.rows(tx, id=user.id, email=user.email)
        member = _MEMBER.one(tx, row, user=_BOSS.one(tx, row, _MEMBER.width))
        assert (member.account_id, member.user.email) == (cast.account.id, user.email)
        assert await tx.get(Membership, (member.account_id, user.id)) is member


async def test_a_part_that_the_session_lacked_is_added_and_no_other_replaced(
    database: Database, cast: Cast
) -> None:
    user = cast.beto.user
    async with database.transaction() as tx:
        [row] = await _MEMBERS.rows(tx, id=user.id, email=user.email)
        member, boss = _MEMBER.one(tx, row), _BOSS.one(tx, row, _MEMBER.width)
        assert _MEMBER.one(tx, row, user=boss) is member
        assert member.user is boss
        _MEMBER.one(tx, row, user=await tx.get_one(User, cast.ana.user.id))
        assert member.user is boss
        assert not tx.dirty


async def test_a_listing_is_objects_of_the_session_in_order(database: Database, cast: Cast) -> None:
    wanted = [cast.beto.user.id, cast.ana.user.id]
    async with database.transaction() as tx:
        found = await _THESE.all(tx, ids=wanted)
        assert [one.id for one in found] == sorted(wanted, reverse=True)
        assert [await tx.get(User, one.id) for one in found] == found
        assert await _THESE.all(tx, ids=[]) == []


_THESE = Listing(User, "users where id = any(:ids::bigint[]) order by id desc")


async def test_what_an_outer_join_did_not_find_is_none(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        [row] = await _MEMBERS.rows(tx, id=cast.beto.user.id, email="nobody@acme.example")
        assert _BOSS.maybe(tx, row, _MEMBER.width) is None


async def test_a_part_that_was_not_given_is_not_loaded_behind_ones_back(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        [row] = await _MEMBERS.rows(tx, id=cast.beto.user.id, email="")
        with pytest.raises(InvalidRequestError):
            _ = _MEMBER.one(tx, row).user


async def test_a_row_that_was_inserted_elsewhere_is_stored_as_it_is(
    database: Database, cast: Cast
) -> None:
    values = _told(cast.beto.user)
    async with database.transaction() as tx:
        stored = as_stored(tx, User, values)
        assert await tx.get(User, stored.id) is stored
        await tx.refresh(stored)
        assert stored.name == cast.beto.user.name


async def test_what_was_read_can_be_deleted(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await tx.delete(await _read(tx, cast.beto.user.id))
    async with database.transaction() as tx:
        assert await tx.get(User, cast.beto.user.id) is None


async def test_a_rollback_takes_a_change_back(database: Database, cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError):
        await _change_and_fail(database, cast.beto.user.id)
    async with database.transaction() as tx:
        assert (await tx.get_one(User, cast.beto.user.id)).name == cast.beto.user.name


async def _change_and_fail(database: Database, user_id: int) -> None:
    async with database.transaction() as tx:
        (await _read(tx, user_id)).name = "Changed"
        await tx.flush()
        raise ZeroDivisionError
