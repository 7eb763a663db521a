"""Posts of many programs at once, written together: one transaction for what arrives during another."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from recado.conversations.finding_together import find_conversations_together
from recado.conversations.models import Conversation, Message
from recado.conversations.posting import Post, post_messages
from recado.db.database import DATABASE_ERRORS, Database, Transaction
from recado.lib.together import Together

# Makes the post once its conversation is locked, or raises why it cannot be; None: there is none.
Preparing = Callable[[Transaction, Conversation | None], Awaitable[Post]]


@dataclass(frozen=True, slots=True)
class Wish:
    """A post to the conversation of this number; `prepare` checks and makes it."""

    account_id: int
    display_id: int
    prepare: Preparing

    @property
    def where(self) -> tuple[int, int]:
        """The conversation: a transaction holds one post for it, so that their order is kept."""
        return self.account_id, self.display_id


Posted = tuple[Message, Conversation]


class Poster:
    """Posts for programs. When `post` returns, the message is on disk.

    A conversation that somebody else holds is waited for alone, and whatever fails is tried again
    alone: no post is slow or refused because of another.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together: Together[Wish, Posted] = Together(self._write, key=lambda one: one.where)

    async def post(self, wish: Wish) -> Posted:
        """The message and its conversation, or what `prepare` raised."""
        return await self._together.ask(wish)

    async def _write(
        self, wishes: Sequence[Wish], is_alone: bool
    ) -> Mapping[int, Posted | Exception]:
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            where = [one.where for one in wishes]
            found = await find_conversations_together(tx, where, wait=is_alone)
            written: dict[int, Posted | Exception] = {}
            posts: dict[int, Post] = {}
            for at, wish in enumerate(wishes):
                if wish.where not in found and not is_alone:
                    continue  # it is locked, or there is none: alone shows which
                try:
                    posts[at] = await wish.prepare(tx, found.get(wish.where))
                except DATABASE_ERRORS:
                    raise  # it spoils the transaction
                except Exception as refusal:  # noqa: BLE001 - it is for whoever wished it
                    written[at] = refusal
            messages = await post_messages(tx, list(posts.values()), now=now)
            for at, message in zip(posts, messages, strict=True):
                written[at] = message, posts[at].conversation
            return written
