"""Agent bots: programs that answer in inboxes with a token of their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select

from recado.accounts.models import Account
from recado.accounts.tokens import digest, new_token
from recado.db.database import Transaction
from recado.inboxes.models import AgentBot, Inbox
from recado.inboxes.signing import sign_bot
from recado.lib.addresses import Refuses, kept_url_problem
from recado.lib.languages import Sentence, say
from recado.lib.secrets import Vault

_LONGEST: Final = 255  # characters of a name


@dataclass(frozen=True, slots=True)
class BotDraft:
    """What somebody said about a bot."""

    name: str
    description: str = ""
    outgoing_url: str = ""


@dataclass(frozen=True, slots=True)
class BotMember:
    """A bot where a person of the account is expected: sees every inbox, configures nothing."""

    bot: AgentBot
    account: Account
    user: None = None
    user_id: None = None
    is_administrator: bool = True

    @property
    def account_id(self) -> int:
        """Its account."""
        return self.bot.account_id


def bot_problems(draft: BotDraft, refuses: Refuses | None = None) -> dict[str, Sentence]:
    """What is wrong with a bot, by field; `refuses` is asked about its address."""
    problems: dict[str, Sentence] = {}
    if not draft.name.strip():
        problems["name"] = say("Please enter a name.")
    elif len(draft.name) > _LONGEST:
        problems["name"] = say("Use at most %(number)s characters.", number=_LONGEST)
    url = draft.outgoing_url
    if url and (problem := kept_url_problem(url, refuses)):
        problems["outgoing_url"] = problem
    return problems


async def create_bot(
    tx: Transaction, account_id: int, draft: BotDraft, *, vault: Vault, now: datetime
) -> AgentBot:
    """Add a bot that has no problems, with a token."""
    token = new_token()
    bot = AgentBot(
        account_id=account_id, name="", created_at=now, token_digest=digest(token),
        token_encrypted=vault.encrypt(token, about=about_bots(account_id)),
    )  # fmt: skip
    await update_bot(tx, bot, draft, vault=vault, now=now)
    return bot


async def update_bot(
    tx: Transaction, bot: AgentBot, draft: BotDraft, *, vault: Vault, now: datetime
) -> None:
    """Change a bot, or store a new one; the draft has no problems. What it is told is signed."""
    bot.name, bot.description = draft.name.strip(), draft.description.strip()
    bot.outgoing_url = draft.outgoing_url.strip()
    tx.add(bot)
    await tx.flush()
    await sign_bot(tx, bot, vault=vault, now=now)


async def renew_token(tx: Transaction, bot: AgentBot, *, vault: Vault) -> None:
    """Give a bot another token; the old one opens nothing from now on."""
    token = new_token()
    bot.token_digest = digest(token)
    bot.token_encrypted = vault.encrypt(token, about=about_bots(bot.account_id))
    await tx.flush()


def token_of(bot: AgentBot, vault: Vault) -> str:
    """A bot's token, for administrators."""
    return vault.decrypt(bot.token_encrypted, about=about_bots(bot.account_id))


async def bots_of(tx: Transaction, account_id: int) -> list[AgentBot]:
    """An account's bots, oldest first."""
    query = select(AgentBot).where(AgentBot.account_id == account_id).order_by(AgentBot.id)
    return list(await tx.scalars(query))


async def find_bot(tx: Transaction, account_id: int, bot_id: int) -> AgentBot | None:
    """A bot of this account."""
    return await tx.scalar(
        select(AgentBot).where(AgentBot.account_id == account_id, AgentBot.id == bot_id)
    )


async def bot_by_token(tx: Transaction, token: str, account_id: int) -> BotMember | None:
    """The bot of this account whose token this is."""
    query = (
        select(AgentBot, Account)
        .join(Account, Account.id == AgentBot.account_id)
        .where(AgentBot.token_digest == digest(token), AgentBot.account_id == account_id)
    )
    row = (await tx.execute(query)).first()
    return BotMember(row[0], row[1]) if row else None


async def put_bot(tx: Transaction, inbox: Inbox, bot: AgentBot | None) -> None:
    """Let a bot answer first in an inbox, or nobody but people."""
    inbox.agent_bot_id = bot.id if bot else None
    await tx.flush()


async def put_bot_into(tx: Transaction, bot: AgentBot, inbox_ids: set[int]) -> None:
    """Let a bot answer first in exactly these inboxes of its account, in place of other bots."""
    mine = Inbox.account_id == bot.account_id
    concerned = or_(Inbox.agent_bot_id == bot.id, Inbox.id.in_(inbox_ids))
    for inbox in await tx.scalars(select(Inbox).where(mine, concerned).with_for_update()):
        inbox.agent_bot_id = bot.id if inbox.id in inbox_ids else None
    await tx.flush()


async def delete_bot(tx: Transaction, bot: AgentBot) -> None:
    """Remove a bot; what it wrote stays, and its inboxes are people's again."""
    await tx.delete(bot)
    await tx.flush()


def about_bots(account_id: int) -> str:
    """What authenticates the tokens of an account's bots."""
    return f"agent bot of account {account_id}"
