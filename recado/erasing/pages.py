"""Erasing a contact: the page says first what goes."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page
from recado.contacts.models import Contact
from recado.contacts.saving import find_contact
from recado.db.database import Database, Transaction
from recado.erasing.forgetting import erase_contact
from recado.erasing.tracing import holdings_of
from recado.lib.storing import FileStore


@get("/app/contacts/{contact_id:int}/delete", guards=[administrators_only])
async def ask_to_delete_contact(
    request: MemberRequest, database: Database, contact_id: int
) -> Template:
    async with database.transaction() as tx:
        contact = found(await find_contact(tx, request.user.account_id, contact_id))
        return await _asking(tx, request, contact)


@post("/app/contacts/{contact_id:int}/delete", guards=[administrators_only])
async def remove_contact(
    request: MemberRequest, database: Database, store: FileStore, contact_id: int
) -> Template | Response[Any]:
    typed = str((await request.form()).get("name", ""))
    async with database.transaction() as tx:
        contact = found(await find_contact(tx, request.user.account_id, contact_id))
        if typed.split() != contact.shown_name.split():
            return await _asking(tx, request, contact, status_code=422)
        keys = await erase_contact(tx, contact, now=datetime.now(UTC))
    await store.let_go(keys)
    return go_to(request, "/app/contacts?done=erased")


async def _asking(
    tx: Transaction, request: MemberRequest, contact: Contact, *, status_code: int = 200
) -> Template:
    return page(
        request, "erasing/delete.html", status_code=status_code, contact=contact,
        holdings=await holdings_of(tx, contact),
    )  # fmt: skip


handlers: list[Any] = [ask_to_delete_contact, remove_contact]
