"""Finding out by ourselves what a connected desk has not told: its webhooks are sent once, or lost.

Every minute, and at once when a worker starts, conversations that changed since the last look are
read page by page, latest activity first, until what is read is older than that. So whatever happened
while either side was down is found, in the order of the conversations' last activity.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update

from recado.chatwoot.calling import NotAnswered, Remote, ask
from recado.chatwoot.carrying import PARTS, carry_part
from recado.chatwoot.connecting import remote_of
from recado.chatwoot.mirroring import InboxUnknown, mirror_conversation
from recado.chatwoot.mirroring_messages import mirror_message
from recado.chatwoot.models import ChatwootLink, ChatwootServer, Kind
from recado.chatwoot.reading import (
    Json,
    RemoteConversation,
    RemoteMessage,
    Unreadable,
    conversation_in,
    message_in,
    number_of,
    rows_in,
)
from recado.chatwoot.remembering import Carried, Theirs, local_id, local_ids, remember
from recado.conversations.models import Message
from recado.db.database import Database, Transaction, database_now
from recado.deliveries.delivering import Outbound
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, find_inbox, open_inbox
from recado.lib.languages import say
from recado.lib.secrets import Vault

EVERY: Final = timedelta(seconds=60)
LEASE: Final = timedelta(minutes=5)  # of a look; another worker looks again after it
_OVERLAP: Final = timedelta(
    seconds=60
)  # of two looks: clocks there have seconds, and requests last
_PAGE: Final = 25
_THREAD: Final = 100  # messages of an answer with `after`
_FURNISH_EVERY: Final = timedelta(hours=1)
_MOST_CHECKS: Final = 50  # conversations asked for one by one in a look
_WITHIN: Final = timedelta(days=1)  # longer than this its whole answer might be too much


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a connected desk."""

    database: Database
    remote: Remote
    account_id: int
    server_id: int
    since: datetime  # by its clock
    vault: Vault

    async def server(self, tx: Transaction) -> ChatwootServer:
        """The connection; Ended where somebody ended it meanwhile."""
        found = await tx.get(ChatwootServer, self.server_id, populate_existing=True)
        if found is None or not found.is_connected:
            raise Ended
        return found


class Ended(Exception):
    """The connection was ended while we looked."""


async def due_server(tx: Transaction, *, now: datetime) -> int | None:
    """A connection that it is time to look at; ours until the lease ends."""
    query = select(ChatwootServer).where(ChatwootServer.due_at <= now)
    query = query.order_by(ChatwootServer.due_at).limit(1).with_for_update(skip_locked=True)
    server = await tx.scalar(query)
    if server is None:
        return None
    server.due_at = now + LEASE
    return server.id


async def all_are_due(tx: Transaction, *, now: datetime) -> None:
    """Look at every connection at once: we were away, and nobody knows for how long."""
    connected = update(ChatwootServer).where(ChatwootServer.key.is_not(None))
    await tx.execute(connected.values(due_at=now))


async def catch_up(database: Database, outbound: Outbound, server_id: int) -> None:
    """Look at a connection, and write down how that went."""
    async with database.transaction() as tx:
        server = await tx.get_one(ChatwootServer, server_id)
        remote = await remote_of(tx, server, outbound)
        since = server.caught_up_to or server.connected_at or await database_now(tx)
    trouble, at = say("Its token cannot be read with the present key.").as_json(), None
    if remote is not None:
        look = Look(
            database, remote, server.account_id, server_id, since - _OVERLAP, outbound.vault
        )
        try:
            at, trouble = await _look(look, server), {}
        except NotAnswered as error:
            trouble = error.sentence.as_json()
        except (Unreadable, InboxUnknown):
            trouble = say("It does not answer as a Chatwoot does.").as_json()
        except Ended:
            return
    async with database.transaction() as tx:
        await _note(tx, server_id, at, trouble)


async def _note(
    tx: Transaction, server_id: int, at: datetime | None, trouble: dict[str, object]
) -> None:
    server = await tx.get(ChatwootServer, server_id, with_for_update=True)
    if server is None or not server.is_connected:
        return
    now = await database_now(tx)
    server.due_at, server.trouble = now + EVERY, trouble
    if at is not None:
        server.caught_up_to, server.seen_at = at, now


async def _look(look: Look, server: ChatwootServer) -> datetime:
    """Mirror what changed; when that was asked, by its own clock."""
    before = server.imported.get("furnished_at")
    is_old = before is None or datetime.fromisoformat(before) < datetime.now(UTC) - _FURNISH_EVERY
    if is_old:
        await furnish(look)
    asked_at = datetime.now(UTC)
    gap = asked_at - look.since
    if gap < _WITHIN:  # finds also what is no activity; older versions answer with one page
        seconds = int(gap.total_seconds()) + 1
        answered = await ask(
            look.remote, "GET", "conversations", status="all", updated_within=seconds
        )
        await _mirror_all(look, rows_in(answered.json, "data", "payload"))
        asked_at = answered.at or asked_at
    at = await _page_back(look)
    await _check(look)
    return min(asked_at, at) if gap < _WITHIN else at


async def _page_back(look: Look) -> datetime:
    page, first_at = 1, None
    while True:
        answered = await ask(look.remote, "GET", "conversations", status="all", page=page)
        first_at = first_at or answered.at or datetime.now(UTC)
        rows = rows_in(answered.json, "data", "payload")
        recent = [one for one in rows if conversation_in(one).last_activity_at >= look.since]
        await _mirror_all(look, recent)
        if len(recent) < _PAGE:
            return first_at
        page += 1


async def _mirror_all(look: Look, rows: Sequence[Json]) -> None:
    for row in rows[::-1]:  # the latest last, as it happened
        await mirror_whole(look, conversation_in(row))


async def mirror_whole(look: Look, theirs: RemoteConversation) -> None:
    """Mirror a conversation, and what was said in it that is not here."""
    said = await _unheard(look, theirs)
    try:
        await _mirror(look, theirs, said)
    except InboxUnknown:
        await furnish(look)
        await _mirror(look, theirs, said)


async def _mirror(look: Look, theirs: RemoteConversation, said: Sequence[RemoteMessage]) -> None:
    async with look.database.transaction() as tx:
        server, now = await look.server(tx), await database_now(tx)
        conversation = await mirror_conversation(tx, server, theirs, now=now)
        for one in said:
            await mirror_message(tx, server, conversation, one, now=now)


async def _unheard(look: Look, theirs: RemoteConversation) -> list[RemoteMessage]:
    """What was said since the last message we know; of a conversation new to us, its last page."""
    async with look.database.transaction() as tx:
        last = [one.id for one in theirs.messages]
        if last and len(await local_ids(tx, look.server_id, Kind.MESSAGE, last)) == len(last):
            return []
        known = await _last_known(tx, look, theirs.id)
    found: dict[int, RemoteMessage] = {}
    path = f"conversations/{theirs.id}/messages"
    while True:
        query = {"after": known} if known else {}
        answered = await ask(look.remote, "GET", path, **query)
        rows = [message_in(one) for one in rows_in(answered.json, "payload")]
        found |= {one.id: one for one in rows}
        if not known or len(rows) < _THREAD:
            return [found[one] for one in sorted(found)]
        known = max(found)


async def _last_known(tx: Transaction, look: Look, number: int) -> int | None:
    """The newest of their messages that is here."""
    ours = await local_id(tx, look.server_id, Kind.CONVERSATION, number)
    query = (
        select(func.max(ChatwootLink.remote_id))
        .join(Message, Message.id == ChatwootLink.local_id)
        .where(
            ChatwootLink.server_id == look.server_id,
            ChatwootLink.kind == Kind.MESSAGE,
            Message.conversation_id == ours,
        )
    )
    return await tx.scalar(query) if ours else None


async def _check(look: Look) -> None:
    """Ask for the conversations about which we were not sure."""
    async with look.database.transaction() as tx:
        now = await database_now(tx)
        waiting = (
            ChatwootLink.server_id == look.server_id,
            ChatwootLink.check_at <= now,
        )
        query = select(ChatwootLink.remote_id).where(*waiting).limit(_MOST_CHECKS)
        numbers = list(await tx.scalars(query))
        cleared = update(ChatwootLink).where(*waiting, ChatwootLink.remote_id.in_(numbers))
        await tx.execute(cleared.values(check_at=None))
    for number in numbers:
        answered = await ask(look.remote, "GET", f"conversations/{number}")
        await mirror_whole(look, conversation_in(answered.json))


async def furnish(look: Look) -> None:
    """Have what its rules and ours speak of: inboxes mirrored, attributes, labels, people, teams."""
    lists = [
        (part, rows_in((await ask(look.remote, "GET", part.path)).json, "payload"))
        for part in PARTS
    ]
    inboxes = rows_in((await ask(look.remote, "GET", "inboxes")).json, "payload")
    async with look.database.transaction() as tx:
        server, now = await look.server(tx), await database_now(tx)
        for part, rows in lists:
            await carry_part(tx, server, part, rows, now=now)
        for item in inboxes:
            await _mirror_inbox(tx, server, item, look.vault, now=now)
        server.imported = {**server.imported, "furnished_at": now.isoformat()}


async def _mirror_inbox(
    tx: Transaction, server: ChatwootServer, item: Json, vault: Vault, *, now: datetime
) -> None:
    """The inbox here that mirrors this one; one that was carried over before becomes its mirror."""
    number, name = number_of(item), str(item.get("name") or "?")[:255]
    ours = await local_id(tx, server.id, Kind.INBOX, number)
    inbox = await find_inbox(tx, server.account_id, ours) if ours else None
    if inbox is None:
        draft = InboxDraft(name, Channel.CHATWOOT)
        inbox = await open_inbox(tx, server.account_id, draft, vault=vault, now=now)
        await remember(tx, server.id, Theirs(Kind.INBOX, number, name), Carried(inbox.id))
    inbox.channel, inbox.settings = Channel.CHATWOOT, {**inbox.settings, "webhook_url": ""}
    await tx.flush()
