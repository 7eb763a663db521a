"""Which thing of another desk is which of ours: kept, and looked up both ways."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from recado.chatwoot.models import ChatwootLink, ChatwootServer, Kind
from recado.db.database import Transaction
from recado.lib.languages import Sentence


@dataclass(slots=True)
class Carried:
    """What became of one thing of theirs: ours, or None; and what of it could not be carried."""

    local_id: int | None
    notes: list[Sentence] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Theirs:
    """One thing of theirs: its number there, and what it is called."""

    kind: Kind
    id: int
    name: str = ""


async def server_at(
    tx: Transaction, account_id: int, url: str, remote_account_id: int, name: str, *, now: datetime
) -> ChatwootServer:
    """The account of that desk as this account knows it, written down when it is new."""
    found = await tx.scalar(
        select(ChatwootServer).where(
            ChatwootServer.account_id == account_id,
            ChatwootServer.url == url,
            ChatwootServer.remote_account_id == remote_account_id,
        )
    )
    if found is None:
        found = ChatwootServer(
            account_id=account_id, url=url, remote_account_id=remote_account_id, name=name,
            created_at=now,
        )  # fmt: skip
        tx.add(found)
    found.name = name
    await tx.flush()
    return found


async def find_server(
    tx: Transaction, account_id: int, server_id: int, *, for_change: bool = False
) -> ChatwootServer | None:
    """A desk that this account knows."""
    query = select(ChatwootServer).where(
        ChatwootServer.account_id == account_id, ChatwootServer.id == server_id
    )
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    return await tx.scalar(query)


async def remember(tx: Transaction, server_id: int, theirs: Theirs, carried: Carried) -> None:
    """Keep what became of something of theirs; what was kept before is replaced."""
    notes = [one.as_json() for one in carried.notes]
    given = {"local_id": carried.local_id, "name": theirs.name[:255], "notes": notes}
    row = insert(ChatwootLink).values(
        server_id=server_id, kind=theirs.kind, remote_id=theirs.id, **given
    )
    await tx.execute(
        row.on_conflict_do_update(index_elements=["server_id", "kind", "remote_id"], set_=given)
    )


async def local_ids(
    tx: Transaction, server_id: int, kind: Kind, remote_ids: Iterable[int] | None = None
) -> dict[int, int]:
    """Theirs to ours, of all of a kind or of these."""
    query = select(ChatwootLink.remote_id, ChatwootLink.local_id).where(
        ChatwootLink.server_id == server_id,
        ChatwootLink.kind == kind,
        ChatwootLink.local_id.is_not(None),
    )
    if remote_ids is not None:
        query = query.where(ChatwootLink.remote_id.in_(list(remote_ids)))
    return {row[0]: int(row[1] or 0) for row in await tx.execute(query)}


async def local_id(
    tx: Transaction, server_id: int, kind: Kind, remote_id: int | None
) -> int | None:
    """What of ours something of theirs is."""
    if remote_id is None:
        return None
    return (await local_ids(tx, server_id, kind, [remote_id])).get(remote_id)


async def remote_id(tx: Transaction, server_id: int, kind: Kind, local: int | None) -> int | None:
    """What of theirs something of ours is; the newest where it stands for several."""
    query = select(ChatwootLink.remote_id).where(
        ChatwootLink.server_id == server_id,
        ChatwootLink.kind == kind,
        ChatwootLink.local_id == local,
    )
    return await tx.scalar(query.order_by(ChatwootLink.remote_id.desc()).limit(1))


async def counts_of(tx: Transaction, server_id: int) -> dict[str, int]:
    """How many of each kind were carried."""
    query = (
        select(ChatwootLink.kind, func.count())
        .where(ChatwootLink.server_id == server_id, ChatwootLink.local_id.is_not(None))
        .group_by(ChatwootLink.kind)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


async def noted(tx: Transaction, server_id: int) -> Sequence[ChatwootLink]:
    """What could not be carried, or not whole, by kind and number."""
    query = select(ChatwootLink).where(
        ChatwootLink.server_id == server_id, func.jsonb_array_length(ChatwootLink.notes) > 0
    )
    query = query.order_by(ChatwootLink.kind, ChatwootLink.remote_id)
    return list(await tx.scalars(query))
