"""The list of contacts."""

from datetime import UTC, datetime
from typing import Any

from litestar import get
from litestar.response import Template

from recado.accounts.doors import MemberRequest, members_only, page
from recado.contacts.filter_rows import RowDraft, redrawn, shown_rows
from recado.contacts.listing import SORT_NAMES, list_contacts
from recado.contacts.searching import asked_contacts
from recado.db.database import Database


@get("/app/contacts", guards=[members_only])
async def show_contacts(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        asked = await asked_contacts(tx, request.user, request.query_params, now=datetime.now(UTC))
        listed = await list_contacts(tx, request.user.account_id, asked.choice, asked.condition)
    command = request.query_params.get("redraw", "")
    drafts = redrawn(asked.typed, command) if command else asked.typed
    return page(
        request, "contacts/list.html", asked=asked, choice=asked.choice, listed=listed,
        rows=shown_rows(drafts or [RowDraft()], asked.fields), fields=list(asked.fields.values()),
        sorts=list(SORT_NAMES.items()), is_open=bool(command),
    )  # fmt: skip


handlers: list[Any] = [show_contacts]
