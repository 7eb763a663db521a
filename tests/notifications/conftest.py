"""What happens in an account, and whom it is told."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.events.models import Event
from recado.notifications.models import Notification
from recado.notifications.telling import noticed, notify_people
from tests.people import NOW, Cast, a_contact, a_conversation, gather

Tell = Callable[[], Awaitable[list[Notification]]]


@pytest.fixture
async def here(tx: Transaction) -> Cast:
    """The cast, for tests of verbs."""
    return await gather(tx)


@pytest.fixture
async def talk(tx: Transaction, here: Cast) -> Conversation:
    """A conversation of Maria's that nobody has."""
    return await a_conversation(tx, here.inbox, await a_contact(tx, here.account))


@pytest.fixture
def tell(tx: Transaction) -> Tell:
    """Let the worker tell what has happened since the last time; all notifications there are."""
    told: set[int] = set()

    async def now_tell() -> list[Notification]:
        events = list(await tx.scalars(select(Event).order_by(Event.id)))
        await notify_people(tx, noticed([one for one in events if one.id not in told]), now=NOW)
        told.update(one.id for one in events)
        found = list(await tx.scalars(select(Notification).order_by(Notification.id)))
        for one in found:
            tx.expunge(one)  # the worker's next transaction knows nothing of them
        return found

    return now_tell
