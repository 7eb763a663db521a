"""Merging two contacts: what is shown is what is done."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from recado.contacts.models import Contact
from recado.contacts.saving import find_contact
from recado.conversations.merging import merge_contacts, outcome
from recado.conversations.models import Conversation, Message
from recado.db.database import Database, Transaction
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

LATER = NOW + timedelta(hours=1)


async def _two(tx: Transaction, cast: Cast, **second: Any) -> tuple[Contact, Contact]:
    """Maria twice: once with a name only."""
    base = await a_contact(tx, cast.account, name="Maria", email=None, phone_number=None,
                           custom_attributes={"plan": "gold", "age": 7})  # fmt: skip
    base.labels = ["vip"]
    mergee = await a_contact(
        tx, cast.account, **{"custom_attributes": {"plan": "free", "city": "Recife"}, **second}
    )
    mergee.labels = ["late"]
    await tx.flush()
    return base, mergee


async def test_what_is_shown_is_what_is_done(tx: Transaction, here: Cast) -> None:
    base, mergee = await _two(tx, here)
    shown = {str(one.label): getattr(one, one.wins) if one.wins != "both" else "late, vip"
             for one in outcome(base, mergee, {"plan": "Plan"})}  # fmt: skip
    await merge_contacts(tx, base, mergee, now=NOW)
    kept = {
        "Name": base.name, "E-mail": base.email, "Phone": base.phone_number,
        "Labels": ", ".join(base.labels), "Plan": base.custom_attributes["plan"],
        "age": str(base.custom_attributes["age"]), "city": base.custom_attributes["city"],
    }  # fmt: skip
    assert shown == kept
    assert kept["Name"] == "Maria"
    assert kept["Plan"] == "gold"
    assert kept["E-mail"] == "maria@example.com"


@pytest.mark.parametrize(
    ("base_at", "mergee_at", "kept"),
    [
        (None, NOW, NOW),
        (NOW, None, NOW),
        (NOW, LATER, LATER),
        (LATER, NOW, LATER),
        (None, None, None),
    ],
)
async def test_the_last_activity_is_that_of_either(
    tx: Transaction,
    here: Cast,
    base_at: datetime | None,
    mergee_at: datetime | None,
    kept: datetime | None,
) -> None:
    base, mergee = await _two(tx, here)
    base.last_activity_at, mergee.last_activity_at = base_at, mergee_at
    await merge_contacts(tx, base, mergee, now=NOW)
    assert base.last_activity_at == kept


async def test_conversations_and_messages_come_over(tx: Transaction, here: Cast) -> None:
    base, mergee = await _two(tx, here)
    talk = await a_conversation(tx, here.inbox, mergee)
    await a_message(tx, talk, "Hello")
    stays, goes = base.id, mergee.id
    await merge_contacts(tx, base, mergee, now=NOW)
    assert await tx.scalar(select(Conversation.contact_id)) == stays
    assert await tx.scalar(select(Message.sender_contact_id)) == stays
    assert await find_contact(tx, here.account.id, goes) is None


async def test_two_contacts_are_merged_on_the_page(
    ana: Browser, beto: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        base, mergee = await _two(tx, cast)
        await a_message(tx, await a_conversation(tx, cast.inbox, mergee))
    path = f"/app/contacts/{base.id}/merge"
    assert f"{path}?other={mergee.id}" in (await ana.get(path)).text  # found by its own name
    page = (await ana.get(f"{path}?other={mergee.id}")).text
    assert "1 conversation" in page
    assert f"/app/contacts/{mergee.id}/merge?other={base.id}" in page  # the other way round
    assert (await beto.get(path)).status_code == 403
    assert (await beto.post(path, {"other": str(mergee.id)})).status_code == 403
    done = await ana.post(path, {"other": str(mergee.id)})
    assert done.headers["location"] == f"/app/contacts/{base.id}?saved=merged"
    page = (await ana.get(done.headers["location"])).text
    assert "maria@example.com" in page
    assert "The two contacts are one now." in page
    assert (await ana.get(f"/app/contacts/{mergee.id}")).status_code == 404


async def test_whom_it_cannot_be_merged_with(
    ana: Browser, celia: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        maria = await a_contact(tx, cast.account)
        theirs = await a_contact(tx, cast.other_account)
    path = f"/app/contacts/{maria.id}/merge"
    for other in (maria.id, theirs.id, 999, "x"):
        assert (await ana.post(path, {"other": str(other)})).status_code == 404
    assert (await ana.get(f"{path}?other={theirs.id}")).status_code == 404
    assert (await ana.get(f"{path}?other={maria.id}")).status_code == 404
    assert (await celia.post(path, {"other": str(theirs.id)})).status_code == 404
    async with database.transaction() as tx:
        assert await find_contact(tx, cast.account.id, maria.id) is not None
        assert await find_contact(tx, cast.other_account.id, theirs.id) is not None


@pytest.mark.parametrize("q", ["nobody%20at%20all", "%25", "x" * 300])
async def test_a_search_that_finds_nobody_says_so(
    ana: Browser, database: Database, cast: Cast, q: str
) -> None:
    async with database.transaction() as tx:
        maria = await a_contact(tx, cast.account)
    assert "Nobody found" in (await ana.get(f"/app/contacts/{maria.id}/merge?q={q}")).text
