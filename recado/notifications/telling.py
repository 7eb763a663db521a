"""Telling people what an event means for them, in the transaction that marks it as handled.

So each event tells each person exactly once, whatever dies in between.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select, tuple_

from recado.accounts.models import Membership, Team, TeamMember
from recado.conversations.participating import followers_asked, followers_of
from recado.conversations.watching import who_looks
from recado.db.asking import Asked
from recado.db.database import Transaction
from recado.db.surviving import mistake_in
from recado.events.causes import cause_from
from recado.events.models import Event
from recado.inboxes.models import InboxMember
from recado.notifications.emailing import email_those_away
from recado.notifications.models import Kind, Way
from recado.notifications.noticing import Notice, notices_of
from recado.notifications.writing import Wanted, write_notifications

_LOG = logging.getLogger(__name__)
_SEEN_ARRIVING: Final = {Kind.NEW_MESSAGE, Kind.FOLLOWED}


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice on its way to one person, and when and where what it is about happened."""

    notice: Notice
    account_id: int
    inbox_id: int
    at: datetime

    @property
    def whom(self) -> tuple[int, int]:
        """The membership."""
        return self.account_id, self.notice.user_id or 0


def noticed(events: Iterable[Event]) -> list[Noticed]:
    """What these events mean for people."""
    return [one for event in events for one in _notices(event)]


def people_asked(told: Iterable[Noticed]) -> Asked:
    """What `notify_people` asks first, for whoever has it asked beside something else."""
    return followers_asked(_followed(told))


async def notify_people(tx: Transaction, told: Sequence[Noticed], *, now: datetime) -> None:
    """Write down a notification for everybody whom one of these concerns.

    A mistake of ours stops neither the events nor their rules: it stands in the log.
    """
    people = [one for one in await _each(tx, told) if one.notice.user_id != one.notice.by]
    if people and (error := await mistake_in(_notify_in_savepoint(tx, people, now))):
        _LOG.error("Notifications failed on %s notices", len(people), exc_info=error)


def _followed(told: Iterable[Noticed]) -> list[int]:
    talks = {one.notice.conversation_id for one in told if one.notice.of_followers}
    return sorted(talks)


def _notices(event: Event) -> Iterable[Noticed]:
    for notice in notices_of(event.name, event.facts, cause_from(event.cause)):
        yield Noticed(notice, event.account_id, event.facts["inbox"]["id"], event.created_at)


async def _notify_in_savepoint(tx: Transaction, people: Sequence[Noticed], now: datetime) -> None:
    async with tx.begin_nested():
        members = await _members(tx, {one.whom for one in people})
        inboxes = await _answered(tx, {one.inbox_id for one in people})
        wanted = [
            _wanted(one, members[one.whom])
            for one in people
            if (member := members.get(one.whom))
            and (member.is_administrator or (one.inbox_id, member.user_id) in inboxes)
        ]
        unseen = await _not_looking(tx, _once(wanted), now)
        rows = await write_notifications(tx, unseen)
        await email_those_away(tx, rows, now=now)


def _once(wanted: Sequence[Wanted]) -> list[Wanted]:
    """Who is named twice is told once, by the first that they want to hear of.

    Whoever is mentioned or assigned needs not hear of a message as a follower, unless they want to hear of
    that alone.
    """
    once: dict[tuple[object, ...], Wanted] = {}
    for one in wanted:
        if one.ways:
            about = one.message_id or (one.kind, one.conversation_id, one.at)
            once.setdefault((one.account_id, one.user_id, about), one)
    return list(once.values())


async def _not_looking(tx: Transaction, wanted: Sequence[Wanted], now: datetime) -> list[Wanted]:
    """Without the new messages that somebody sees arrive."""
    pairs = {(one.conversation_id or 0, one.user_id) for one in wanted}
    looking = await who_looks(tx, pairs, now=now) if pairs else set()
    return [
        one
        for one in wanted
        if one.kind not in _SEEN_ARRIVING or (one.conversation_id, one.user_id) not in looking
    ]


async def _each(tx: Transaction, told: Sequence[Noticed]) -> list[Noticed]:
    """The same with every person instead of a team or the followers, who come last."""
    teams = await _in_teams(tx, {one.notice.team_id for one in told if one.notice.team_id})
    talks = _followed(told)
    following = await followers_of(tx, talks) if talks else {}
    return [
        replace(one, notice=replace(one.notice, user_id=user_id, team_id=None, of_followers=False))
        for one in sorted(told, key=lambda one: one.notice.of_followers)
        for user_id in _users(one, teams, following)
    ]


async def _in_teams(tx: Transaction, team_ids: Collection[int]) -> dict[tuple[int, int], list[int]]:
    inside: dict[tuple[int, int], list[int]] = {}
    if team_ids:
        query = select(Team.account_id, Team.id, TeamMember.user_id).join(TeamMember)
        for account_id, team_id, user_id in await tx.execute(query.where(Team.id.in_(team_ids))):
            inside.setdefault((account_id, team_id), []).append(user_id)
    return inside


def _users(
    one: Noticed, teams: Mapping[tuple[int, int], list[int]], following: Mapping[int, list[int]]
) -> Sequence[int]:
    notice = one.notice
    if notice.of_followers:
        return following.get(notice.conversation_id, [])
    if notice.team_id is not None:
        return teams.get((one.account_id, notice.team_id), [])
    return [] if notice.user_id is None else [notice.user_id]


async def _members(
    tx: Transaction, whom: Collection[tuple[int, int]]
) -> dict[tuple[int, int], Membership]:
    """Those who still are in the account."""
    key = tuple_(Membership.account_id, Membership.user_id)
    found = await tx.scalars(select(Membership).where(key.in_(whom)))
    return {(one.account_id, one.user_id): one for one in found}


async def _answered(tx: Transaction, inbox_ids: Collection[int]) -> set[tuple[int, int]]:
    """Which of these inboxes are answered by whom."""
    query = select(InboxMember.inbox_id, InboxMember.user_id)
    found = await tx.execute(query.where(InboxMember.inbox_id.in_(inbox_ids)))
    return {(row[0], row[1]) for row in found}


def _wanted(one: Noticed, member: Membership) -> Wanted:
    notice = one.notice
    return Wanted(
        account_id=one.account_id, user_id=member.user_id, kind=notice.kind,
        ways=ways_of(member, notice.kind), at=one.at, conversation_id=notice.conversation_id,
        message_id=notice.message_id, by_user_id=notice.by,
    )  # fmt: skip


def ways_of(member: Membership, kind: str) -> tuple[str, ...]:
    """How a person wants to be told of this."""
    return tuple(way for way in Way if f"{way} {kind}" not in member.muted)
