"""Who else looks at a conversation and is typing in it, whom a note can mention and a message name."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Redirect, Template

from recado.accounts.doors import MemberRequest, answer, found, members_only, page
from recado.conversations.offering_mentions import mention_offers
from recado.conversations.offering_values import value_offers
from recado.conversations.pages.drawing import others_looking
from recado.conversations.typing import Sign, tell_typing
from recado.conversations.viewing import find_visible
from recado.db.database import Database
from recado.events.causes import Actor, Cause


@get("/app/conversations/{number:int}/watchers", guards=[members_only])
async def show_watchers(
    request: MemberRequest, database: Database, number: int
) -> Template | Redirect:
    """The others who look at it now."""
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        others = await others_looking(tx, request, conversation)
    shown = page(request, "conversations/_watchers.html", watchers=others)
    return answer(request, shown, otherwise=f"/app/conversations/{number}")


@get("/app/conversations/{number:int}/mentions", guards=[members_only])
async def offer_mentions(
    request: MemberRequest, database: Database, number: int
) -> Template | Redirect:
    """What `@` and a few letters find."""
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        offers = await mention_offers(tx, conversation, request.query_params.get("q", "")[:200])
    shown = page(request, "conversations/_mention_offers.html", offers=offers)
    return answer(request, shown, otherwise=f"/app/conversations/{number}")


@get("/app/conversations/{number:int}/values", guards=[members_only])
async def offer_values(
    request: MemberRequest, database: Database, number: int
) -> Template | Redirect:
    """What `{{` and a few letters find."""
    typed = request.query_params.get("q", "")[:200]
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        offers = await value_offers(tx, conversation, typed, now=datetime.now(UTC))
    shown = page(request, "conversations/_value_offers.html", offers=offers)
    return answer(request, shown, otherwise=f"/app/conversations/{number}")


@post("/app/conversations/{number:int}/typing", guards=[members_only], status_code=204)
async def type_in_conversation(request: MemberRequest, database: Database, number: int) -> None:
    """Somebody types, or has stopped: colleagues hear of it, the visitor where it is a reply."""
    form = await request.form()
    sign = Sign(is_on=form.get("on") == "1", is_private=form.get("private") == "1")
    by = Cause(Actor.PERSON, request.user.user_id)
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number, for_change=True))
        now = datetime.now(UTC)
        await tell_typing(tx, conversation, request.user.user, sign, cause=by, now=now)


handlers: list[Any] = [show_watchers, offer_mentions, offer_values, type_in_conversation]
