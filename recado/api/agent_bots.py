"""Agent bots: programs that answer first in inboxes."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.response import Response
from msgspec import Struct, UnsetType

from recado.accounts.doors import found
from recado.api.door import ROOT, ApiRequest, administrators, invalid, nothing, now
from recado.api.fields import UNSET, Json, MaybeId, Words, id_or_none, text_or
from recado.api.reading import read
from recado.api.seeing import visible_inbox
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.sharing_secrets import shared_secrets
from recado.inboxes.bots import (
    BotDraft,
    bot_problems,
    bots_of,
    create_bot,
    delete_bot,
    find_bot,
    put_bot,
    renew_token,
    token_of,
    update_bot,
)
from recado.inboxes.models import AgentBot
from recado.inboxes.signing import renew_signing


class Bot(Struct, kw_only=True):
    """A bot; `access_token` and `secret`, which signs what it is told, only for administrators."""

    id: int
    name: str
    description: str
    thumbnail: str = ""
    outgoing_url: str
    bot_type: str = "webhook"
    bot_config: Json = {}
    account_id: int
    access_token: str | UnsetType = UNSET
    secret: str | UnsetType | None = UNSET
    system_bot: bool = False


class InboxBot(Struct):
    """The bot of an inbox, or null."""

    agent_bot: Bot | None


class BotBody(Struct):
    """A bot to make or to change; `outgoing_url` is told what happens in its inboxes."""

    name: Words = UNSET
    description: Words = UNSET
    outgoing_url: Words = UNSET


class BotChoice(Struct):
    """The id of a bot, or null for none."""

    agent_bot: MaybeId = UNSET


_BOT = f"{ROOT}/agent_bots/{{bot_id:int}}"


@get(f"{ROOT}/agent_bots")
async def list_bots(request: ApiRequest, database: Database, outbound: Outbound) -> list[Bot]:
    """List the bots."""
    async with database.transaction() as tx:
        found = await bots_of(tx, request.user.account_id)
        return await _bots_json(tx, request, found, outbound)


@get(_BOT)
async def show_bot(request: ApiRequest, database: Database, outbound: Outbound, bot_id: int) -> Bot:
    """Show a bot."""
    async with database.transaction() as tx:
        return await _bot_json(tx, request, await _find(tx, request, bot_id), outbound)


@post(f"{ROOT}/agent_bots", status_code=200, guards=[administrators], opt={"takes": BotBody})
async def add_bot(request: ApiRequest, database: Database, outbound: Outbound) -> Bot:
    """Add a bot; the answer has its token."""
    draft = _draft(await read(request, BotBody, wrapped="agent_bot"), BotDraft(""), outbound)
    async with database.transaction() as tx:
        made = await create_bot(tx, request.user.account_id, draft, vault=outbound.vault, now=now())
        return await _bot_json(tx, request, made, outbound)


@patch(_BOT, guards=[administrators], opt={"takes": BotBody})
async def patch_bot(
    request: ApiRequest, database: Database, outbound: Outbound, bot_id: int
) -> Bot:
    """Change a bot; what is not sent stays."""
    body = await read(request, BotBody, wrapped="agent_bot")
    async with database.transaction() as tx:
        bot = await _find(tx, request, bot_id)
        draft = _draft(body, BotDraft(bot.name, bot.description, bot.outgoing_url), outbound)
        await update_bot(tx, bot, draft, vault=outbound.vault, now=now())
        return await _bot_json(tx, request, bot, outbound)


@delete(_BOT, status_code=200, guards=[administrators])
async def remove_bot(request: ApiRequest, database: Database, bot_id: int) -> Response[bytes]:
    """Delete a bot; what it wrote stays."""
    async with database.transaction() as tx:
        await delete_bot(tx, await _find(tx, request, bot_id))
    return nothing()


@post(f"{_BOT}/reset_access_token", status_code=200, guards=[administrators])
async def reset_access_token(
    request: ApiRequest, database: Database, outbound: Outbound, bot_id: int
) -> Bot:
    """Give a bot another token; the old one opens nothing from now on."""
    async with database.transaction() as tx:
        bot = await _find(tx, request, bot_id)
        await renew_token(tx, bot, vault=outbound.vault)
        return await _bot_json(tx, request, bot, outbound)


@post(f"{_BOT}/reset_secret", status_code=200, guards=[administrators])
async def reset_secret(
    request: ApiRequest, database: Database, outbound: Outbound, bot_id: int
) -> Bot:
    """Sign what a bot is told with another secret."""
    async with database.transaction() as tx:
        bot = await _find(tx, request, bot_id)
        if bot.signing_ring:
            await renew_signing(
                tx, bot.account_id, bot.signing_ring, vault=outbound.vault, now=now()
            )
        return await _bot_json(tx, request, bot, outbound)


@get(f"{ROOT}/inboxes/{{inbox_id:int}}/agent_bot")
async def show_bot_of_inbox(
    request: ApiRequest, database: Database, outbound: Outbound, inbox_id: int
) -> InboxBot:
    """Show the bot of an inbox."""
    async with database.transaction() as tx:
        inbox = await visible_inbox(tx, request.user, inbox_id)
        bot = await find_bot(tx, inbox.account_id, inbox.agent_bot_id or 0)
        return InboxBot(await _bot_json(tx, request, bot, outbound) if bot else None)


@post(
    f"{ROOT}/inboxes/{{inbox_id:int}}/set_agent_bot", status_code=200, guards=[administrators],
    opt={"takes": BotChoice},
)  # fmt: skip
async def set_bot_of_inbox(
    request: ApiRequest, database: Database, inbox_id: int
) -> Response[bytes]:
    """Let a bot answer first in an inbox: its new conversations begin as pending."""
    body = await read(request, BotChoice)
    bot_id = id_or_none(body.agent_bot)
    async with database.transaction() as tx:
        inbox = await visible_inbox(tx, request.user, inbox_id)
        await put_bot(tx, inbox, await _find(tx, request, bot_id) if bot_id else None)
    return nothing()


def _draft(body: BotBody, known: BotDraft, outbound: Outbound) -> BotDraft:
    draft = BotDraft(
        text_or(body.name, known.name),
        text_or(body.description, known.description),
        text_or(body.outgoing_url, known.outgoing_url).strip(),
    )
    refuses = None if body.outgoing_url is UNSET else outbound.sender.is_surely_refused
    if problems := bot_problems(draft, refuses):
        raise invalid(problems)
    return draft


async def _find(tx: Transaction, request: ApiRequest, bot_id: int) -> AgentBot:
    return found(await find_bot(tx, request.user.account_id, bot_id))


async def _bot_json(tx: Transaction, request: ApiRequest, bot: AgentBot, outbound: Outbound) -> Bot:
    [shown] = await _bots_json(tx, request, [bot], outbound)
    return shown


async def _bots_json(
    tx: Transaction, request: ApiRequest, bots: list[AgentBot], outbound: Outbound
) -> list[Bot]:
    shown = [
        Bot(
            id=one.id, name=one.name, description=one.description, outgoing_url=one.outgoing_url,
            account_id=one.account_id,
        )
        for one in bots
    ]  # fmt: skip
    if request.user.is_administrator:
        rings = [one.signing_ring for one in bots]
        secrets = await shared_secrets(tx, request.user.account_id, rings, vault=outbound.vault)
        for bot, one in zip(bots, shown, strict=True):
            one.access_token = token_of(bot, outbound.vault)
            one.secret = secrets.get(bot.signing_ring)
    return shown


handlers: list[Any] = [
    list_bots, show_bot, add_bot, patch_bot, remove_bot, reset_access_token, reset_secret, show_bot_of_inbox,
    set_bot_of_inbox,
]  # fmt: skip
