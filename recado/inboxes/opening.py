"""Inboxes: opening, finding, who answers in them."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from recado.accounts.models import Account, Membership
from recado.accounts.tokens import new_token
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.reading import Listing
from recado.events.causes import Cause
from recado.events.names import NoticeName
from recado.events.recording import record_event
from recado.inboxes.keeping_tokens import sealed_hmac
from recado.inboxes.models import Channel, Inbox, InboxMember
from recado.inboxes.signing import sign_inbox
from recado.lib.addresses import Refuses, kept_url_problem
from recado.lib.languages import Sentence, say
from recado.lib.names import name_problem
from recado.lib.secrets import Vault

# As people and programs write it: loja.example, https://loja.example/pt, http://localhost:3000.
_WEBSITE: Final = re.compile(r"(https?://)?([^\s/:@]+\.[^\s/:@]+|localhost)(:\d+)?([/?#]\S*)?")
MOST_DEALT: Final = 10_000  # open conversations of one agent


@dataclass(frozen=True, slots=True)
class InboxDraft:
    """What somebody typed about an inbox; `settings` are the channel's own."""

    name: str
    channel: Channel
    settings: dict[str, Any] = field(default_factory=dict)


def inbox_problems(draft: InboxDraft, refuses: Refuses | None = None) -> dict[str, Sentence]:
    """What is wrong, by field; `refuses` is asked about its webhook."""
    problems: dict[str, Sentence] = {}
    if problem := name_problem(draft.name):
        problems["name"] = problem
    webhook_url = draft.settings.get("webhook_url") or ""
    if webhook_url and (problem := kept_url_problem(webhook_url, refuses)):
        problems["webhook_url"] = problem
    website = str(draft.settings.get("website_url") or "")
    if draft.channel == Channel.WEB_WIDGET and not _WEBSITE.fullmatch(website):
        problems["website_url"] = (
            say("This is no address of a website, such as https://example.com.")
            if website
            else say("Enter the address of the website.")
        )
    return problems


async def open_inbox(
    tx: Transaction,
    account_id: int,
    draft: InboxDraft,
    *,
    vault: Vault,
    now: datetime,
    cause: Cause | None = None,
) -> Inbox:
    """Open an inbox that has no problems; webhooks hear of it where somebody caused it."""
    account = await tx.get_one(Account, account_id)
    inbox = Inbox(
        account_id=account_id,
        name=draft.name.strip(),
        channel=draft.channel,
        identifier=new_token()[:24],
        hmac_encrypted=sealed_hmac(account_id, vault),
        settings={key: value for key, value in draft.settings.items() if value is not None},
        time_zone=account.time_zone,
        created_at=now,
    )
    tx.add(inbox)
    await tx.flush()
    await sign_inbox(tx, inbox, vault=vault, now=now)
    if cause is not None:
        await _record(tx, inbox, NoticeName.INBOX_CREATED, {}, cause=cause, now=now)
    return inbox


async def update_inbox(
    tx: Transaction,
    inbox: Inbox,
    name: str,
    settings: dict[str, Any],
    *,
    now: datetime,
    cause: Cause | None = None,
) -> None:
    """Give an inbox this name, which is not empty, and these settings; webhooks hear what differs
    where somebody caused it.
    """
    wanted = {"name": name.strip(), "settings": settings}
    changes = {
        key: [getattr(inbox, key), new] for key, new in wanted.items() if getattr(inbox, key) != new
    }
    for key, (_, new) in changes.items():
        setattr(inbox, key, new)
    await tx.flush()
    if changes and cause is not None:
        await record_change(tx, inbox, changes, cause=cause, now=now)


def dealing_problem(most: object) -> Sentence | None:
    """Why an agent cannot have at most so many open conversations; None is no limit."""
    is_number = isinstance(most, int) and not isinstance(most, bool)
    if most is None or (is_number and 1 <= int(str(most)) <= MOST_DEALT):
        return None
    return say("Enter a whole number from 1 to %(most)s, or nothing.", most=MOST_DEALT)


async def let_deal_out(tx: Transaction, inbox: Inbox, deals_out: bool, most: int | None) -> None:
    """Have an inbox assign its conversations by turns, at most so many to each agent, or not."""
    inbox.deals_out, inbox.most_dealt = deals_out, most
    await tx.flush()


async def record_change(
    tx: Transaction, inbox: Inbox, changes: dict[str, list[Any]], *, cause: Cause, now: datetime
) -> None:
    """Let webhooks hear that an inbox was changed."""
    await _record(tx, inbox, NoticeName.INBOX_UPDATED, changes, cause=cause, now=now)


async def _record(
    tx: Transaction,
    inbox: Inbox,
    name: NoticeName,
    changes: dict[str, list[Any]],
    *,
    cause: Cause,
    now: datetime,
) -> None:
    account = await tx.get_one(Account, inbox.account_id)
    facts = {
        "account": {"id": account.id, "name": account.name},
        "inbox": {"id": inbox.id, "name": inbox.name, "channel": inbox.channel},
        "changes": {key: pair for key, pair in changes.items() if key == "name"},
    }
    await record_event(tx, name, facts, conversation_id=None, cause=cause, now=now)


async def inboxes_of(tx: Transaction, account_id: int) -> list[Inbox]:
    """An account's inboxes, oldest first."""
    return list(
        await tx.scalars(select(Inbox).where(Inbox.account_id == account_id).order_by(Inbox.id))
    )


async def inboxes_for(tx: Transaction, member: Membership) -> list[Inbox]:
    """The inboxes a person sees: administrators all, agents those they answer in."""
    return await _INBOXES.all(tx, account_id=member.account_id, user_id=sees_only(member))


async def find_inbox_for(tx: Transaction, member: Membership, inbox_id: int) -> Inbox | None:
    """One of the inboxes that a person sees."""
    of = {"account_id": member.account_id, "user_id": sees_only(member)}
    found = await _INBOX.all(tx, inbox_id=inbox_id, **of)
    return found[0] if found else None


def sees_only(member: Membership) -> int | None:
    """Whose inboxes alone a person sees; None: they see all."""
    return None if member.is_administrator else member.user_id


SEEN_BY_ONE: Final = """inboxes.account_id = :account_id and (:user_id::bigint is null or exists (
    select from inbox_members where inbox_id = inboxes.id and user_id = :user_id))"""
_INBOXES: Final = Listing(Inbox, f"inboxes where {SEEN_BY_ONE} order by id")
_INBOX: Final = Listing(Inbox, f"inboxes where id = :inbox_id and {SEEN_BY_ONE}")


async def find_inbox(tx: Transaction, account_id: int, inbox_id: int) -> Inbox | None:
    """An inbox of this account."""
    return await tx.scalar(
        select(Inbox).where(Inbox.account_id == account_id, Inbox.id == inbox_id)
    )


async def close_inbox(tx: Transaction, inbox: Inbox) -> None:
    """Remove an inbox with its conversations."""
    await tx.delete(inbox)
    await tx.flush()


async def set_inbox_members(tx: Transaction, inbox: Inbox, user_ids: set[int]) -> set[int]:
    """Let exactly these people answer here; strangers to the account are left out.

    Who does so no more is returned: their conversations are `leave_inbox`'s affair.
    """
    query = select(Membership.user_id).where(
        Membership.account_id == inbox.account_id, Membership.user_id.in_(user_ids)
    )
    known = set(await tx.scalars(query))
    present = {
        one.user_id: one
        for one in await tx.scalars(select(InboxMember).where(InboxMember.inbox_id == inbox.id))
    }
    gone = present.keys() - known
    for user_id in gone:
        await tx.delete(present[user_id])
    new = sorted(known - present.keys())
    tx.add_all(InboxMember(inbox_id=inbox.id, user_id=user_id) for user_id in new)
    await tx.flush()
    return gone


async def answers_in(tx: Transaction, member: Membership, inbox_id: int) -> bool:
    """Whether somebody answers in an inbox; administrators do in all."""
    if member.is_administrator:
        return True
    return bool(await _ANSWERS.rows(tx, inbox_id=inbox_id, user_id=member.user_id))


async def inbox_member_ids(tx: Transaction, inbox_id: int) -> set[int]:
    """Who answers here, besides the administrators."""
    return {user_id for (user_id,) in await _ANSWERING.rows(tx, inbox_id=inbox_id)}


_ANSWERING: Final = Direct("select user_id from inbox_members where inbox_id = :inbox_id")
_ANSWERS: Final = Direct(
    "select user_id from inbox_members where inbox_id = :inbox_id and user_id = :user_id"
)
