"""`/cable`: what happens, told at once over a WebSocket in ActionCable's protocol.

Somebody subscribes to `RoomChannel` with a `pubsub_token`: a contact's own (from the client API), or a
person's (from the profile) with `account_id`. Contacts never hear of private notes, of activities, or
of what people keep about them. A notification only says that there are new events; they are read
from the outbox, so one that was missed costs nothing but time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, time
from typing import Any, Final

import orjson
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect

from recado.accounts.being_there import are_there
from recado.accounts.models import Availability
from recado.accounts.people import find_membership, members_of
from recado.api.hearing import Hearing, heard_by_contact, heard_by_member
from recado.conversations.identifying import contact_inbox_by_id
from recado.db.database import Database, Transaction, database_now
from recado.deliveries.delivering import Outbound
from recado.events.models import Event
from recado.events.recording import newest_event_id, recent_events
from recado.inboxes.opening import inboxes_for
from recado.lib.numbers import number_in
from recado.lib.pubsub import Ear, who_listens
from recado.webhooks.telling import look_around

_PROTOCOL: Final = "actioncable-v1-json"
_PING_SECONDS: Final = 3.0
_QUEUE: Final = 500  # messages that a slow listener may lag behind; then it is let go
_MOST: Final = 20  # subscriptions of one connection
_LONGEST: Final = 10_000  # characters of a command
_FRESH_SECONDS: Final = 30.0  # how long what a person may see is believed
_REMEMBERED: Final = 5_000  # ids of events that were told already

Socket = WebSocket[Any, Any, Any]


@dataclass(slots=True, eq=False)
class Listener:
    """One subscription of one connection."""

    queue: asyncio.Queue[bytes]
    identifier: str
    ear: Ear
    number: int  # of the user, or of the contact in the inbox
    account_id: int
    inbox_ids: frozenset[int] | None = None  # None: all
    checked_at: float = 0.0
    since: datetime | None = None  # what happened earlier was there to be read

    def tell(self, message: Any) -> None:
        """Pass something on; whoever lags too far behind hears nothing more."""
        if not self.queue.full():
            self.queue.put_nowait(orjson.dumps({"identifier": self.identifier, "message": message}))


_Key = tuple[int, datetime]


def _key(event: Event) -> _Key:
    """What tells an event apart, even after the database was put back to an earlier day."""
    return event.id, event.created_at


class Cable:
    """Everybody who listens in this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[Listener] = set()
        self._told: OrderedDict[_Key, None] = OrderedDict()
        self._newest = 0
        self._changed: set[int] = set()  # accounts in which somebody came, or said something else
        self.wake = asyncio.Event()

    def hear(self, _: str) -> None:
        """There may be new events."""
        if self._listeners:
            self.wake.set()

    def hear_of_people(self, payload: str) -> None:
        """What open pages are told: of it, who is there."""
        told = _object(payload)
        if told.get("what") == "person" and any(
            one.ear is Ear.USER and one.account_id == told.get("account") for one in self._listeners
        ):
            self._changed.add(told["account"])
            self.wake.set()

    async def join(self, listener: Listener) -> None:
        """From now on this one hears what happens."""
        async with self._database.transaction() as tx:
            listener.since = await database_now(tx)
            if not self._listeners:
                self._newest = await newest_event_id(tx)
        self._listeners.add(listener)

    def leave(self, listeners: Iterable[Listener]) -> None:
        """These hear nothing more."""
        self._listeners.difference_update(listeners)

    async def turn(self) -> bool:
        """Tell what has happened; never at once again."""
        accounts = {one.account_id for one in self._listeners}
        if not accounts:
            return False
        async with self._database.transaction() as tx:
            for event in await recent_events(tx, accounts, since=self._newest):
                if _key(event) not in self._told:
                    self._remember(event)  # first: one that fails must not hold up the others
                    await self._pass(tx, event)
            await self._tell_who_is_there(tx)
        return False

    async def _tell_who_is_there(self, tx: Transaction) -> None:
        changed, self._changed = self._changed, set()
        for account_id in changed:
            message = await _presence(tx, account_id, now=await database_now(tx))
            for one in self._listeners:
                if one.ear is Ear.USER and one.account_id == account_id:
                    one.tell(message)

    def _remember(self, event: Event) -> None:
        self._newest = max(self._newest, event.id)
        self._told[_key(event)] = None
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)

    async def _pass(self, tx: Transaction, event: Event) -> None:
        listening = [
            one
            for one in self._listeners
            if one.account_id == event.account_id and one.since and event.created_at >= one.since
        ]
        if not listening:
            return
        hearing = Hearing(event.name, event.facts, await look_around(tx, event))
        for one in listening:
            for message in await self._messages(tx, one, hearing):
                one.tell(message)

    async def _messages(
        self, tx: Transaction, one: Listener, hearing: Hearing
    ) -> list[dict[str, Any]]:
        if one.ear is Ear.CONTACT:
            return heard_by_contact(hearing, one.number)
        if monotonic() - one.checked_at > _FRESH_SECONDS and not await admit(tx, one):
            self.leave([one])
            return []
        return heard_by_member(hearing, one.inbox_ids)


async def admit(tx: Transaction, one: Listener) -> bool:
    """Whether somebody may listen; fills in what they may hear."""
    one.checked_at = monotonic()
    if one.ear is Ear.CONTACT:
        known = await contact_inbox_by_id(tx, one.number)
        one.account_id = known.inbox.account_id if known else 0
        return known is not None
    member = await find_membership(tx, one.account_id, one.number)
    if member is None:
        return False
    visible = await inboxes_for(tx, member)
    one.inbox_ids = None if member.is_administrator else frozenset(i.id for i in visible)
    return True


@websocket("/cable")
async def cable(socket: Socket, database: Database, outbound: Outbound, room: Cable) -> None:
    await socket.accept(subprotocols=_PROTOCOL if _PROTOCOL in _asked(socket) else None)
    queue: asyncio.Queue[bytes] = asyncio.Queue(_QUEUE)
    joined: dict[str, Listener] = {}
    queue.put_nowait(b'{"type":"welcome"}')
    tasks = [
        asyncio.create_task(_send(socket, queue)),
        asyncio.create_task(_obey(socket, database, outbound, room, queue, joined)),
    ]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    room.leave(joined.values())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _asked(socket: Socket) -> list[str]:
    return list(socket.scope.get("subprotocols", []))


async def _send(socket: Socket, queue: asyncio.Queue[bytes]) -> None:
    """Everything that is queued, and a ping when nothing else is said; ends with the connection."""
    while True:
        try:
            async with asyncio.timeout(_PING_SECONDS):
                text = await queue.get()
        except TimeoutError:
            text = orjson.dumps({"type": "ping", "message": int(time())})
        await socket.send_text(text.decode())


async def _obey(
    socket: Socket,
    database: Database,
    outbound: Outbound,
    room: Cable,
    queue: asyncio.Queue[bytes],
    joined: dict[str, Listener],
) -> None:
    while True:
        try:
            text = await socket.receive_text()
        except WebSocketDisconnect:
            return
        command = _object(text)
        identifier = str(command.get("identifier", ""))
        match command.get("command"):
            case "subscribe" if identifier not in joined and len(joined) < _MOST:
                listener = _listener(outbound, queue, identifier)
                is_welcome = listener is not None and await _join(database, room, listener)
                if listener is not None and is_welcome:
                    joined[identifier] = listener
                _confirm(queue, identifier, is_welcome=is_welcome)
            case "unsubscribe" if identifier in joined:
                room.leave([joined.pop(identifier)])
            case "message" if identifier in joined:
                await _tell_presence(database, joined[identifier])
            case _:
                pass  # ActionCable ignores what it does not know


def _listener(outbound: Outbound, queue: asyncio.Queue[bytes], identifier: str) -> Listener | None:
    wanted = _object(identifier)
    token, account_id = wanted.get("pubsub_token"), wanted.get("account_id", 0)
    who = who_listens(outbound.vault, token) if isinstance(token, str) else None
    if who is None or wanted.get("channel") != "RoomChannel":
        return None
    return Listener(queue, identifier, *who, number_in(str(account_id)) or 0)


async def _join(database: Database, room: Cable, listener: Listener) -> bool:
    async with database.transaction() as tx:
        is_welcome = await admit(tx, listener)
    if is_welcome:
        await room.join(listener)
    return is_welcome


def _confirm(queue: asyncio.Queue[bytes], identifier: str, *, is_welcome: bool) -> None:
    kind = "confirm_subscription" if is_welcome else "reject_subscription"
    if not queue.full():
        queue.put_nowait(orjson.dumps({"identifier": identifier, "type": kind}))


async def _tell_presence(database: Database, listener: Listener) -> None:
    """The answer to `update_presence`: whoever asks is there; a person hears who else is."""
    if listener.ear is not Ear.USER:
        listener.tell(_told_presence(listener.account_id, {}))
        return
    async with database.transaction() as tx:
        now = await database_now(tx)
        await are_there(tx, [(listener.account_id, listener.number)], now=now)
        listener.tell(await _presence(tx, listener.account_id, now=now))


async def _presence(tx: Transaction, account_id: int, *, now: datetime) -> dict[str, Any]:
    people = await members_of(tx, account_id)
    shown = {str(one.user_id): one.availability_at(now) for one in people}
    there = {one: said for one, said in shown.items() if said != Availability.OFFLINE}
    return _told_presence(account_id, there)


def _told_presence(account_id: int, users: Mapping[str, str]) -> dict[str, Any]:
    about = {"account_id": account_id, "users": users, "contacts": {}}
    return {"event": "presence.update", "data": about}


def _object(text: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text) if len(text) <= _LONGEST else None
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


handlers: list[Any] = [cable]
