"""Finding conversations by conditions."""

from typing import Any

from litestar import post

from recado.api.contact_extras import FilterBody, PageQuery, page_of, rows_of
from recado.api.conversations import ConversationsPage, conversations_json, counts_json
from recado.api.door import ROOT, ApiRequest, now, unacceptable
from recado.api.reading import read
from recado.conversations.filtering import filtered_conversations
from recado.db.database import Database


@post(f"{ROOT}/conversations/filter", status_code=200, opt={"takes": FilterBody, "asks": PageQuery})
async def filter_conversations(request: ApiRequest, database: Database) -> ConversationsPage:
    """Find conversations by conditions, 25 a page; not wrapped in `data`, unlike the list."""
    body, page = await read(request, FilterBody), await page_of(request)
    async with database.transaction() as tx:
        found = await filtered_conversations(tx, request.user, rows_of(body), page=page, now=now())
        if isinstance(found, str):
            raise unacceptable(found)
        conversations, counts = found
        shown = await conversations_json(tx, conversations)
        return ConversationsPage(counts_json(counts), shown)


handlers: list[Any] = [filter_conversations]
