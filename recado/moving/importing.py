"""The import, part by part: read there, write here a page at a time, remember how far it has come.

Each page is one transaction with what was read, the links that keep it from being carried twice, and
how far that is. Whoever is stopped in the middle, by a signal or because the other side went away, runs
it again and goes on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from recado.accounts.models import Team
from recado.chatwoot.calling import NotAnswered, Remote, ask_patiently
from recado.chatwoot.carrying import (
    PARTS,
    Part,
    carry_app,
    carry_canned,
    carry_inbox,
    carry_members,
    carry_part,
)
from recado.chatwoot.carrying_conversations import carry_conversation
from recado.chatwoot.keeping_contacts import carry_contact
from recado.chatwoot.models import ChatwootServer, Kind
from recado.chatwoot.reading import Json, RemoteMessage, message_in, number_of, rows_in
from recado.chatwoot.remembering import (
    Theirs,
    find_server,
    local_ids,
    remember,
)
from recado.contacts.models import Contact
from recado.contacts.saving import label_contact
from recado.conversations.models import MessageType
from recado.db.database import Database, Transaction
from recado.lib.secrets import Vault
from recado.moving.carrying_rules import carry_rule

Tell = Callable[[str, int, int], None]  # what, how many of it are done, how many there are

_BATCH: Final = 25  # things written in one transaction
_SMALL: Final = 20  # messages of a page there
_CONTACTS: Final = 15  # contacts of a page there
_CONVERSATIONS: Final = 25


CANNED: Final = Part(Kind.CANNED_RESPONSE, "canned_responses", carry_canned, "short_code")
APPS: Final = Part(Kind.DASHBOARD_APP, "dashboard_apps", carry_app, "title")
INBOXES: Final = Part(Kind.INBOX, "inboxes", carry_inbox)
RULES: Final = Part(Kind.AUTOMATION_RULE, "automation_rules", carry_rule)


@dataclass(frozen=True, slots=True)
class Move:
    """One run of an import into an account, from a desk it knows."""

    database: Database
    remote: Remote
    account_id: int
    server_id: int
    vault: Vault
    now: datetime
    tell: Tell

    async def server(self, tx: Transaction) -> ChatwootServer:
        """The desk, locked: two imports from it at once take turns."""
        found = await find_server(tx, self.account_id, self.server_id, for_change=True)
        if found is None:
            raise RuntimeError("The desk just written down is not there.")
        return found


async def import_everything(move: Move, *, conversations: bool = False) -> None:
    """Carry over all there is; NotAnswered where the other side stays away."""
    inboxes = replace(INBOXES, carry=partial(carry_inbox, vault=move.vault))
    for part in (*PARTS, CANNED, inboxes):
        await _import_part(move, part)
    await _import_members(move)
    await _import_contacts(move)
    await _import_contact_labels(move)
    await _import_part(move, RULES)
    await _import_apps(move)
    if conversations:
        await _import_conversations(move)


async def _import_part(move: Move, part: Part) -> None:
    items = rows_in(await ask_patiently(move.remote, part.path), "payload")
    for start in range(0, len(items), _BATCH):
        batch = items[start : start + _BATCH]
        async with move.database.transaction() as tx:
            await carry_part(tx, await move.server(tx), part, batch, now=move.now)
        move.tell(part.path.replace("_", " "), start + len(batch), len(items))


async def _import_apps(move: Move) -> None:
    """Where there are some: an old Chatwoot knows none, and says 404."""
    try:
        await _import_part(move, APPS)
    except NotAnswered as error:
        if error.may_pass:
            raise


async def _import_members(move: Move) -> None:
    async with move.database.transaction() as tx:
        teams = await local_ids(tx, move.server_id, Kind.TEAM)
        people = await local_ids(tx, move.server_id, Kind.AGENT)
    for theirs, ours in teams.items():
        answer = await ask_patiently(move.remote, f"teams/{theirs}/team_members")
        inside = {people[one] for one in map(number_of, rows_in(answer)) if one in people}
        async with move.database.transaction() as tx:
            team = await tx.get(Team, ours)
            if team is not None and team.account_id == move.account_id:
                await carry_members(tx, team, inside)


async def _import_contacts(move: Move) -> None:
    async with move.database.transaction() as tx:
        page = int((await move.server(tx)).imported.get("contacts_page", 1))
    while True:
        answer = await ask_patiently(move.remote, "contacts", page=page, sort="created_at")
        items = rows_in(answer, "payload")
        is_last = len(items) < _CONTACTS
        async with move.database.transaction() as tx:
            server = await move.server(tx)
            await _carry_contacts(tx, server, items, now=move.now)
            _note(server, "contacts_page", page if is_last else page + 1)
        total = _total(answer)
        move.tell("contacts", min((page - 1) * _CONTACTS + len(items), total), total)
        if is_last:
            return
        page += 1


async def _carry_contacts(
    tx: Transaction, server: ChatwootServer, items: Sequence[Json], *, now: datetime
) -> None:
    done = await local_ids(tx, server.id, Kind.CONTACT, map(number_of, items))
    for item in items:
        if number_of(item) not in done:
            await carry_contact(tx, server, item, now=now)


async def _import_contact_labels(move: Move) -> None:
    """By label, which costs one request for fifteen contacts instead of one for each."""
    answer = await ask_patiently(move.remote, "labels")
    titles = [str(one.get("title") or "") for one in rows_in(answer, "payload")]
    for number, title in enumerate(titles, start=1):
        page, is_last = 1, False
        while not is_last:
            answer = await ask_patiently(move.remote, "contacts", page=page, labels=title)
            items = rows_in(answer, "payload")
            await _label(move, items, title)
            page, is_last = page + 1, len(items) < _CONTACTS
        move.tell("labels of contacts", number, len(titles))


async def _label(move: Move, items: Sequence[Json], title: str) -> None:
    async with move.database.transaction() as tx:
        ours = await local_ids(tx, move.server_id, Kind.CONTACT, map(number_of, items))
        for contact_id in sorted(ours.values()):
            contact = await tx.get(Contact, contact_id, with_for_update=True)
            if contact is not None and title.lower() not in contact.labels:
                await label_contact(tx, contact, [*contact.labels, title], now=move.now)


async def _import_conversations(move: Move) -> None:
    page, done = 1, 0
    while True:
        answer = await ask_patiently(
            move.remote, "conversations", page=page, status="all", sort_by="created_at_asc"
        )
        items = rows_in(answer, "data", "payload")
        async with move.database.transaction() as tx:
            before = await local_ids(tx, move.server_id, Kind.CONVERSATION, map(number_of, items))
        for item in items:
            if number_of(item) not in before:
                await _import_conversation(move, item)
            done += 1
            move.tell("conversations", done, max(done, _total(answer, "data")))
        if len(items) < _CONVERSATIONS:
            return
        page += 1


async def _import_conversation(move: Move, item: Json) -> None:
    number = number_of(item)
    said = await thread_of(move.remote, number)
    async with move.database.transaction() as tx:
        server = await move.server(tx)
        if number in await local_ids(tx, server.id, Kind.CONVERSATION, [number]):
            return  # another import was here meanwhile
        carried = await carry_conversation(tx, server, item, said, now=move.now)
        theirs = Theirs(Kind.CONVERSATION, number, f"#{number}")
        await remember(tx, server.id, theirs, carried)


async def thread_of(remote: Remote, conversation: int) -> list[RemoteMessage]:
    """Everything that was said in a conversation, oldest first, without lines such as "resolved"."""
    said: dict[int, RemoteMessage] = {}
    before: dict[str, Any] = {}
    while True:
        answer = await ask_patiently(remote, f"conversations/{conversation}/messages", **before)
        rows = rows_in(answer, "payload")
        new = {number_of(one): message_in(one) for one in rows if number_of(one) not in said}
        said |= new
        if len(rows) < _SMALL or not new:
            break
        before = {"before": min(new)}
    return [said[one] for one in sorted(said) if said[one].message_type != MessageType.ACTIVITY]


def _note(server: ChatwootServer, name: str, value: int) -> None:
    server.imported = {**server.imported, name: value}


def _total(answer: Any, *path: str) -> int:
    found = answer
    for name in (*path, "meta"):
        found = found.get(name, {}) if isinstance(found, dict) else {}
    count = found.get("count") or found.get("all_count") if isinstance(found, dict) else 0
    return count if isinstance(count, int) else 0
