"""Pages of agent bots: the programs that answer first in inboxes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page, spoken
from recado.accounts.pages.deleting import Deletable, deleting
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.finding import last_told
from recado.deliveries.sharing_secrets import shared_secret
from recado.deliveries.showing import STATE_PILLS
from recado.inboxes.bots import (
    BotDraft,
    bot_problems,
    bots_of,
    create_bot,
    delete_bot,
    find_bot,
    put_bot_into,
    renew_token,
    token_of,
    update_bot,
)
from recado.inboxes.models import AgentBot
from recado.inboxes.opening import inboxes_of
from recado.lib.numbers import numbers_in

_TELLER = "agent_bot"


@get("/app/bots", guards=[administrators_only])
async def list_bots(request: MemberRequest, database: Database) -> Template:
    """Show the bots, where they answer and how their last call went."""
    account_id = request.user.account_id
    async with database.transaction() as tx:
        bots = await bots_of(tx, account_id)
        results = await last_told(tx, account_id, _TELLER, [one.id for one in bots])
        inboxes = await inboxes_of(tx, account_id)
    places = {bot.id: [one.name for one in inboxes if one.agent_bot_id == bot.id] for bot in bots}
    return page(
        request, "inboxes/bots.html", bots=bots, results=results, pills=STATE_PILLS, places=places
    )


@get("/app/bots/new", guards=[administrators_only])
async def new_bot(request: MemberRequest, database: Database) -> Template:
    """Show an empty form."""
    async with database.transaction() as tx:
        return await _form(tx, request, BotDraft(""), set())


@post("/app/bots", guards=[administrators_only], status_code=200)
async def add_bot(request: MemberRequest, database: Database, outbound: Outbound) -> Template:
    """Answers with the bot's page: the token is shown here and never again."""
    draft, inbox_ids = await _sent(request)
    async with database.transaction() as tx:
        if problems := bot_problems(draft, outbound.sender.is_surely_refused):
            return await _form(tx, request, draft, inbox_ids, errors=spoken(problems))
        bot = await create_bot(
            tx, request.user.account_id, draft, vault=outbound.vault, now=datetime.now(UTC)
        )
        await put_bot_into(tx, bot, inbox_ids)
        return await _bot_page(tx, request, bot, outbound, shows_token=True)


@get("/app/bots/{bot_id:int}", guards=[administrators_only])
async def show_bot(
    request: MemberRequest, database: Database, outbound: Outbound, bot_id: int
) -> Template:
    """Show a bot with its signing secret."""
    async with database.transaction() as tx:
        bot = found(await find_bot(tx, request.user.account_id, bot_id))
        return await _bot_page(tx, request, bot, outbound)


@post("/app/bots/{bot_id:int}", guards=[administrators_only])
async def change_bot(
    request: MemberRequest, database: Database, outbound: Outbound, bot_id: int
) -> Template | Response[Any]:
    """Change a bot and where it answers."""
    draft, inbox_ids = await _sent(request)
    async with database.transaction() as tx:
        bot = found(await find_bot(tx, request.user.account_id, bot_id))
        if problems := bot_problems(draft, outbound.sender.is_surely_refused):
            return await _form(tx, request, draft, inbox_ids, bot=bot, errors=spoken(problems))
        await update_bot(tx, bot, draft, vault=outbound.vault, now=datetime.now(UTC))
        await put_bot_into(tx, bot, inbox_ids)
    return go_to(request, "/app/bots", "saved")


@post("/app/bots/{bot_id:int}/token", guards=[administrators_only], status_code=200)
async def replace_token(
    request: MemberRequest, database: Database, outbound: Outbound, bot_id: int
) -> Template:
    """Answers with the bot's page: the new token is shown here and never again."""
    async with database.transaction() as tx:
        bot = found(await find_bot(tx, request.user.account_id, bot_id))
        await renew_token(tx, bot, vault=outbound.vault)
        return await _bot_page(tx, request, bot, outbound, shows_token=True)


async def _sent(request: MemberRequest) -> tuple[BotDraft, set[int]]:
    form = await request.form()
    texts = [str(form.get(name, "")).strip() for name in ("name", "description", "outgoing_url")]
    chosen = numbers_in(form.getall("inboxes", []))
    return BotDraft(*texts), chosen


async def _bot_page(
    tx: Transaction,
    request: MemberRequest,
    bot: AgentBot,
    outbound: Outbound,
    *,
    shows_token: bool = False,
) -> Template:
    draft = BotDraft(bot.name, bot.description, bot.outgoing_url)
    inboxes = await inboxes_of(tx, bot.account_id)
    shown = {
        "secret": await shared_secret(tx, bot.account_id, bot.signing_ring, vault=outbound.vault),
        "token": token_of(bot, outbound.vault) if shows_token else "",
    }
    inside = {one.id for one in inboxes if one.agent_bot_id == bot.id}
    return await _form(tx, request, draft, inside, bot=bot, shown=shown)


async def _form(
    tx: Transaction,
    request: MemberRequest,
    draft: BotDraft,
    inside: set[int],
    **more: Any,
) -> Template:
    """`more`: the `bot` that is there already, its secrets as `shown`, and `errors`."""
    errors: Mapping[str, str] = more.get("errors", {})
    bots = {one.id: one.name for one in await bots_of(tx, request.user.account_id)}
    return page(
        request, "inboxes/bot.html", status_code=422 if errors else 200, values=draft,
        bot=more.get("bot"), shown=more.get("shown", {}), errors=errors, inside=inside, bots=bots,
        inboxes=await inboxes_of(tx, request.user.account_id),
    )  # fmt: skip


_DELETABLE: Final = Deletable(
    "bot", "inboxes/bot_delete.html", find_bot, delete_bot, lambda _: "/app/bots"
)

handlers: list[Any] = [
    list_bots, new_bot, add_bot, show_bot, change_bot, replace_token, *deleting("/app/bots", _DELETABLE),
]  # fmt: skip
