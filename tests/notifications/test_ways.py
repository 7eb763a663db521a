"""Every kind of news in every way: switched off it does not come, and switched on it does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from recado.accounts.models import Membership
from recado.conversations.mentioning import mention
from recado.conversations.models import Conversation
from recado.conversations.participating import set_participants
from recado.db.database import Transaction
from recado.lib.imap import MailboxTrouble
from recado.mail.models import Email
from recado.mailboxes.models import Mailbox
from recado.notifications.failing_inboxes import PATIENCE, notify_failing_inbox
from recado.notifications.models import Kind, Way
from recado.notifications.reading import UNREAD, fresh_notifications, notifications_page
from recado.notifications.settings import choose_ways
from tests.automation.stories import an_action
from tests.mail.conftest import office, server
from tests.notifications.conftest import Tell
from tests.notifications.test_failing import BAD, end
from tests.notifications.test_telling import assign, note
from tests.people import NOW, Cast, a_message

__all__ = ["office", "server"]  # fixtures
pytestmark = pytest.mark.usefixtures("server")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where it happens."""

    tx: Transaction
    here: Cast
    talk: Conversation
    tell: Tell


async def assigned(scene: Scene) -> Membership:
    await assign(scene.tx, scene.talk, scene.here.beto, scene.here.ana)
    return scene.here.beto


async def mentioned(scene: Scene) -> Membership:
    beto = scene.here.beto
    await note(scene.tx, scene.talk, scene.here.ana, mention("user", beto.user_id, "Beto"))
    return beto


async def written_to(scene: Scene) -> Membership:
    await assign(scene.tx, scene.talk, scene.here.beto, scene.here.beto)
    await a_message(scene.tx, scene.talk, "Oi")
    return scene.here.beto


async def followed(scene: Scene) -> Membership:
    await set_participants(scene.tx, scene.talk, {scene.here.beto.user_id})
    await a_message(scene.tx, scene.talk, "Oi")
    return scene.here.beto


async def failing_action(scene: Scene) -> Membership:
    action = await an_action(scene.tx, scene.here)
    await end(scene.tx, scene.here, action.id, [BAD] * 3)
    return scene.here.ana


async def failing_inbox(scene: Scene) -> Membership:
    mailbox = Mailbox(
        inbox_id=scene.here.inbox.id, account_id=scene.here.account.id, is_active=True,
        address="a@acme.example", due_at=NOW, created_at=NOW,
    )  # fmt: skip
    mailbox.failures, mailbox.trouble = PATIENCE, MailboxTrouble.UNREACHABLE
    scene.tx.add(mailbox)
    await notify_failing_inbox(scene.tx, mailbox, now=NOW)
    return scene.here.ana


HAPPENS: dict[Kind, Callable[[Scene], Awaitable[Membership]]] = {
    Kind.ASSIGNMENT: assigned, Kind.MENTION: mentioned, Kind.NEW_MESSAGE: written_to,
    Kind.FOLLOWED: followed, Kind.FAILING_ACTION: failing_action,
    Kind.FAILING_INBOX: failing_inbox,
}  # fmt: skip


@pytest.mark.parametrize("off", [None, *Way])
@pytest.mark.parametrize("kind", Kind)
async def test_it_comes_in_the_ways_that_are_on_and_no_other(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell, kind: Kind, off: Way | None
) -> None:
    every = {f"{way} {one}" for way in Way for one in Kind}
    for member in (here.ana, here.beto):
        await choose_ways(tx, member, every - {f"{off} {kind}"})
    whom = await HAPPENS[kind](Scene(tx, here, talk, tell))
    await tell()
    listed = await notifications_page(tx, whom, UNREAD, now=NOW)
    fresh = await fresh_notifications(tx, whom, now=NOW)
    came = {
        Way.PAGE: [one.kind for one in listed],
        Way.PUSH: [one.kind for one in fresh],
        Way.EMAIL: [kind for one in await tx.scalars(select(Email)) if one.recipient == whom.user.email],
    }  # fmt: skip
    assert came == {way: [] if way == off else [kind] for way in Way}


@pytest.mark.parametrize("kind", Kind)
async def test_what_is_off_in_every_way_is_not_even_written_down(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell, kind: Kind
) -> None:
    every = {f"{way} {one}" for way in Way for one in Kind if one != kind}
    for member in (here.ana, here.beto):
        await choose_ways(tx, member, every)
    await HAPPENS[kind](Scene(tx, here, talk, tell))
    assert [one for one in await tell() if one.kind == kind] == []
