"""The search of everything that was written, on a page and in the command palette; and the palette's commands."""

from typing import Any

from litestar import get
from litestar.response import Template

from recado.accounts.doors import MemberRequest, is_fragment_wanted, members_only, page
from recado.contacts.keeping_filters import filters_of
from recado.conversations.searching import search
from recado.db.database import Database


@get("/app/search", guards=[members_only])
async def show_search(request: MemberRequest, database: Database) -> Template:
    """The page, or what was found for whoever asks by htmx."""
    q = request.query_params.get("q", "")[:200]
    async with database.transaction() as tx:
        found = await search(tx, request.user, q)
    template = "_found.html" if is_fragment_wanted(request) else "search.html"
    return page(request, template, q=q, found=found, place="/app/conversations")


@get("/app/palette", guards=[members_only])
async def show_commands(request: MemberRequest, database: Database) -> Template:
    """The commands of every page and one's own views, as a fragment."""
    me = request.user
    async with database.transaction() as tx:
        views = await filters_of(tx, me.account_id, me.user_id)
    return page(request, "_palette_commands.html", views=views)


handlers: list[Any] = [show_search, show_commands]
