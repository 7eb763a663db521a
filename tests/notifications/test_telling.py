"""What is written down for whom."""

from recado.accounts.models import Membership
from recado.accounts.teams import create_team, set_team_members
from recado.conversations.changing import change_conversation
from recado.conversations.mentioning import mention
from recado.conversations.models import Conversation
from recado.conversations.participating import set_participants
from recado.conversations.watching import look_at
from recado.conversations.writing import Kind as Writing
from recado.conversations.writing import Written, write
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.opening import set_inbox_members
from recado.notifications.models import Kind, Notification, Way
from recado.notifications.reading import mark_all_read, mark_conversation_read, notification_count
from recado.notifications.settings import choose_ways
from tests.notifications.conftest import Tell
from tests.people import NOW, Cast, a_conversation, a_message


async def assign(tx: Transaction, talk: Conversation, to: Membership, by: Membership) -> None:
    cause = Cause(Actor.PERSON, by.user_id)
    await change_conversation(tx, talk, {"assignee_id": to.user_id}, cause=cause, now=NOW)


async def note(tx: Transaction, talk: Conversation, by: Membership, content: str) -> None:
    await write(tx, talk, by, Written(content, Writing.NOTE), now=NOW)


def told(found: list[Notification]) -> list[tuple[str, int]]:
    return [(one.kind, one.user_id) for one in found]


async def test_whoever_is_assigned_is_told(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await assign(tx, talk, here.beto, here.ana)
    [one] = await tell()
    assert (one.kind, one.user_id, one.by_user_id) == (
        Kind.ASSIGNMENT, here.beto.user_id, here.ana.user_id,
    )  # fmt: skip
    assert one.conversation_id == talk.id


async def test_nobody_is_told_of_their_own_doing(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await assign(tx, talk, here.beto, here.beto)
    await note(tx, talk, here.beto, mention("user", here.beto.user_id, "Beto"))
    assert await tell() == []


async def test_an_event_told_again_is_the_same_notification(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await assign(tx, talk, here.beto, here.ana)
    await tell()
    assert len(await tell()) == 1


async def test_messages_add_up_until_somebody_reads(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await assign(tx, talk, here.beto, here.beto)
    await a_message(tx, talk, "One")
    await a_message(tx, talk, "Two")
    await tell()
    last = await a_message(tx, talk, "Three")
    [one] = await tell()
    assert (one.kind, one.times, one.message_id) == (Kind.NEW_MESSAGE, 3, last.id)
    await mark_conversation_read(tx, here.beto, talk, now=NOW)
    await a_message(tx, talk, "Four")
    assert [(one.times, one.read_at is None) for one in await tell()] == [(3, False), (1, True)]


async def test_a_team_that_is_mentioned_is_everybody_in_it_once(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    team = await create_team(tx, here.account.id, "Vendas")
    await set_team_members(tx, team, {here.ana.user_id, here.beto.user_id})
    ana, vendas = mention("user", here.ana.user_id, "Ana"), mention("team", team.id, "vendas")
    await note(tx, talk, here.beto, f"{ana} {vendas}")
    [one] = await tell()
    assert (one.kind, one.user_id, one.times) == (Kind.MENTION, here.ana.user_id, 1)


async def test_strangers_are_not_told(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    theirs = await create_team(tx, here.other_account.id, "Deles")
    await set_team_members(tx, theirs, {here.celia.user_id})
    celia, team = mention("user", here.celia.user_id, "C"), mention("team", theirs.id, "deles")
    await note(tx, talk, here.ana, f"{celia} {team} {mention('user', 999, 'Nobody')}")
    assert await tell() == []


async def test_whoever_does_not_see_the_inbox_is_not_told(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await set_inbox_members(tx, here.inbox, set())
    await note(tx, talk, here.ana, mention("user", here.beto.user_id, "Beto"))
    assert await tell() == []
    await note(tx, talk, here.beto, mention("user", here.ana.user_id, "Ana"))
    assert told(await tell()) == [(Kind.MENTION, here.ana.user_id)]  # administrators see all


async def test_what_somebody_switched_off_is_not_told(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await choose_ways(tx, here.beto, {f"push {Kind.ASSIGNMENT}"})
    await tx.refresh(here.beto, ["muted"])
    await note(tx, talk, here.ana, mention("user", here.beto.user_id, "Beto"))
    await assign(tx, talk, here.beto, here.ana)
    [one] = await tell()
    assert (one.kind, one.ways) == (Kind.ASSIGNMENT, ["push"])
    assert await notification_count(tx, here.beto, now=NOW) == 0  # the bell is for what is listed


async def test_all_are_read_by_one_person_only(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await note(tx, talk, here.ana, mention("user", here.beto.user_id, "Beto"))
    await note(tx, talk, here.beto, mention("user", here.ana.user_id, "Ana"))
    await tell()
    await mark_all_read(tx, here.beto, now=NOW)
    counts = [await notification_count(tx, one, now=NOW) for one in (here.ana, here.beto)]
    assert counts == [1, 0]


async def test_what_was_deleted_meanwhile_stops_nobody(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await note(tx, talk, here.beto, mention("user", here.ana.user_id, "Ana"))
    await tx.delete(talk)
    await tx.flush()
    assert await tell() == []


async def _follow(tx: Transaction, talk: Conversation, *members: Membership) -> None:
    await set_participants(tx, talk, {one.user_id for one in members})


async def test_whoever_follows_is_told_of_every_message(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await _follow(tx, talk, here.beto)
    await a_message(tx, talk, "Oi")
    await note(tx, talk, here.ana, "Uma nota")
    [one] = await tell()
    assert (one.kind, one.user_id, one.times) == (Kind.FOLLOWED, here.beto.user_id, 2)


async def test_followers_are_not_told_of_their_own_messages(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await _follow(tx, talk, here.beto, here.ana)
    await note(tx, talk, here.ana, "Uma nota")
    assert told(await tell()) == [(Kind.FOLLOWED, here.beto.user_id)]


async def test_one_message_is_told_to_each_once(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await _follow(tx, talk, here.beto)
    await note(tx, talk, here.ana, mention("user", here.beto.user_id, "Beto"))
    assert told(await tell()) == [(Kind.MENTION, here.beto.user_id)]
    await assign(tx, talk, here.beto, here.beto)
    await a_message(tx, talk, "Oi")
    kinds = [(Kind.MENTION, here.beto.user_id), (Kind.NEW_MESSAGE, here.beto.user_id)]
    assert told(await tell()) == kinds


async def test_a_follower_is_told_as_one_of_what_they_would_not_hear_otherwise(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await _follow(tx, talk, here.beto)
    here.beto.muted = [f"{way} {Kind.MENTION}" for way in Way]
    await tx.flush()
    await note(tx, talk, here.ana, mention("user", here.beto.user_id, "Beto"))
    assert told(await tell()) == [(Kind.FOLLOWED, here.beto.user_id)]


async def test_two_assignments_of_one_moment_are_both_told(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    other = await a_conversation(tx, here.inbox, talk.contact)
    for one in (talk, other):
        await assign(tx, one, here.beto, here.ana)
    assert [one.conversation_id for one in await tell()] == [talk.id, other.id]


async def test_a_follower_who_does_not_see_the_inbox_any_more_is_not_told(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await _follow(tx, talk, here.beto)
    await set_inbox_members(tx, here.inbox, set())
    await a_message(tx, talk, "Oi")
    assert await tell() == []


async def test_a_follower_who_looks_sees_it_arrive(
    tx: Transaction, here: Cast, talk: Conversation, tell: Tell
) -> None:
    await _follow(tx, talk, here.beto)
    await look_at(tx, talk, here.beto.user_id, now=NOW)
    await a_message(tx, talk, "Oi")
    assert await tell() == []
