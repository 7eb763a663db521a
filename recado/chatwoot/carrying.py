"""Carrying over what an account is set up with: attributes, labels, teams, people, texts, inboxes.

Each function takes one thing of theirs and answers what became of it. What is here already under the
same name is the same thing, and stays as it is.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select

from recado.accounts.models import Team
from recado.accounts.people import find_membership, find_user_by_email
from recado.accounts.teams import create_team, set_team_members, team_members
from recado.chatwoot.models import ChatwootServer, Kind
from recado.chatwoot.reading import Json, attribute_kind, attribute_model, number_of, words_in
from recado.chatwoot.remembering import Carried, Theirs, local_ids, remember
from recado.contacts.attributes import (
    AttributeDraft,
    attribute_problems,
    create_attribute,
)
from recado.contacts.labels import create_label, label_problems
from recado.contacts.models import CustomAttribute, Label
from recado.conversations.canning import canned_problems, create_canned_response
from recado.conversations.models import CannedResponse
from recado.dashboards.models import DashboardApp
from recado.dashboards.saving import app_problems, create_app, is_full
from recado.db.database import Transaction
from recado.inboxes.keeping_tokens import sealed_hmac
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import InboxDraft, inbox_problems, open_inbox
from recado.lib.languages import Sentence, say
from recado.lib.secrets import Vault

_COLOR: Final = "#1f93ff"
_CHANNELS: Final = {"Channel::Api": Channel.API, "Channel::WebWidget": Channel.WEB_WIDGET}
_SETTINGS: Final = {
    Channel.API: ("webhook_url", "hmac_mandatory", "additional_attributes"),
    Channel.WEB_WIDGET: ("website_url", "welcome_title", "welcome_tagline", "widget_color"),
}


Carry = Callable[..., Awaitable[Carried]]


@dataclass(frozen=True, slots=True)
class Part:
    """What an account is set up with, of one kind: where it is listed, and how it is carried."""

    kind: Kind
    path: str
    carry: Carry
    name: str = "name"


async def carry_attribute(
    tx: Transaction, server: ChatwootServer, item: Json, *, now: datetime
) -> Carried:
    """A custom attribute's definition."""
    draft = AttributeDraft(
        name=words_in(item.get("attribute_display_name") or item.get("attribute_key")),
        key=words_in(item.get("attribute_key")),
        kind=attribute_kind(item.get("attribute_display_type")),
        model=attribute_model(item.get("attribute_model")),
        description=words_in(item.get("attribute_description")),
        regex_pattern=words_in(item.get("regex_pattern")) or None,
        regex_cue=words_in(item.get("regex_cue")) or None,
        choices=[str(one) for one in _choices(item.get("attribute_values"))],
    )
    found = await tx.scalar(
        select(CustomAttribute).where(
            CustomAttribute.account_id == server.account_id,
            CustomAttribute.model == draft.model,
            CustomAttribute.key == draft.key,
        )
    )
    if found is not None:
        return Carried(found.id, _differing(found.kind, draft.kind))
    if problems := await attribute_problems(tx, server.account_id, draft):
        return Carried(None, list(problems.values()))
    return Carried((await create_attribute(tx, server.account_id, draft, now=now)).id)


def _choices(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _differing(here: str, there: str) -> list[Sentence]:
    if here == there:
        return []
    return [say("It is of the type %(here)s here, and stays so.", here=here)]


async def carry_label(
    tx: Transaction, server: ChatwootServer, item: Json, *, now: datetime
) -> Carried:
    """A label of the list."""
    title, color = words_in(item.get("title")).strip().lower(), words_in(item.get("color"))
    found = await tx.scalar(
        select(Label).where(Label.account_id == server.account_id, Label.title == title)
    )
    if found is not None:
        return Carried(found.id)
    problems = await label_problems(tx, server.account_id, title, color)
    if "title" in problems:
        return Carried(None, [problems["title"]])
    color = _COLOR if "color" in problems else color
    words = words_in(item.get("description"))
    label = await create_label(tx, server.account_id, title, color=color, description=words)
    return Carried(label.id)


async def carry_agent(
    tx: Transaction, server: ChatwootServer, item: Json, *, now: datetime
) -> Carried:
    """A person, who must be here already: nobody gets a way in because a list names them."""
    email = words_in(item.get("email"))
    user = await find_user_by_email(tx, email) if email else None
    if user is None or await find_membership(tx, server.account_id, user.id) is None:
        return Carried(None, [
            say("There is no agent with the e-mail %(email)s here: add one, and import again.",
                email=email or "?")
        ])  # fmt: skip
    return Carried(user.id)


async def carry_team(
    tx: Transaction, server: ChatwootServer, item: Json, *, now: datetime
) -> Carried:
    """A team, without its people: `carry_members` brings them."""
    name = words_in(item.get("name")).strip().lower()
    found = await tx.scalar(
        select(Team).where(Team.account_id == server.account_id, Team.name == name)
    )
    if found is not None:
        return Carried(found.id)
    if not name:
        return Carried(None, [say("Please enter a name.")])
    words = words_in(item.get("description"))
    return Carried((await create_team(tx, server.account_id, name, words)).id)


async def carry_members(tx: Transaction, team: Team, user_ids: set[int]) -> None:
    """Let these people be in a team besides those who are."""
    inside = {one.id for one in await team_members(tx, team.id)}
    if not user_ids <= inside:
        await set_team_members(tx, team, inside | user_ids)


async def carry_canned(
    tx: Transaction, server: ChatwootServer, item: Json, *, now: datetime
) -> Carried:
    """A canned response."""
    short_code, content = words_in(item.get("short_code")), words_in(item.get("content"))
    found = await tx.scalar(
        select(CannedResponse).where(
            CannedResponse.account_id == server.account_id,
            CannedResponse.short_code == short_code.strip(),
        )
    )
    if found is not None:
        same = found.content == content
        return Carried(found.id, [] if same else [say("Its text is another one here, and stays.")])
    if problems := await canned_problems(tx, server.account_id, short_code, content):
        return Carried(None, list(problems.values()))
    made = await create_canned_response(tx, server.account_id, short_code, content, now=now)
    return Carried(made.id)


async def carry_app(
    tx: Transaction, server: ChatwootServer, item: Json, *, now: datetime
) -> Carried:
    """A dashboard app; what may not be framed here is not carried."""
    name, frames = words_in(item.get("title")).strip(), item.get("content")
    found = await tx.scalar(
        select(DashboardApp.id)
        .where(DashboardApp.account_id == server.account_id, DashboardApp.name == name)
        .limit(1)
    )
    if found is not None:
        return Carried(found)
    framed = [one for one in frames if isinstance(one, dict)] if isinstance(frames, list) else []
    urls = [words_in(one.get("url")).strip() for one in framed]
    if problems := app_problems(name, urls):
        return Carried(None, list(problems.values()))
    if await is_full(tx, server.account_id):
        return Carried(None, [say("There are as many here as there may be.")])
    return Carried((await create_app(tx, server.account_id, name, urls, now=now)).id)


async def carry_inbox(
    tx: Transaction, server: ChatwootServer, item: Json, *, vault: Vault, now: datetime
) -> Carried:
    """An inbox, with the identifier by which programs know it; other channels become API inboxes."""
    kind = words_in(item.get("channel_type"))
    channel = _CHANNELS.get(kind, Channel.API)
    settings = {name: item.get(name) for name in _SETTINGS[channel] if item.get(name)}
    draft = InboxDraft(words_in(item.get("name")) or kind, channel, settings)
    notes = [] if kind in _CHANNELS else [_other_channel(kind)]
    for place, why in inbox_problems(draft).items():
        draft.settings.pop(place, None)
        notes.append(say("%(field)s was left out: %(why)s", field=place, why=why))
    inbox = await open_inbox(tx, server.account_id, draft, vault=vault, now=now)
    notes += await _keep_identifier(tx, inbox, item, vault)
    return Carried(inbox.id, notes)


async def _keep_identifier(
    tx: Transaction, inbox: Inbox, item: Json, vault: Vault
) -> list[Sentence]:
    wanted = words_in(item.get("inbox_identifier") or item.get("website_token"))
    if not wanted:
        return []
    if await tx.scalar(select(func.count()).where(Inbox.identifier == wanted)):
        return [say("Its identifier is taken here: give your programs the new one.")]
    inbox.identifier = wanted
    if token := words_in(item.get("hmac_token")):
        inbox.hmac_encrypted = sealed_hmac(inbox.account_id, vault, token)
    await tx.flush()
    return []


def _other_channel(kind: str) -> Sentence:
    return say(
        "The channel %(kind)s is not here: it became an API inbox. Connect a bridge to it.",
        kind=kind.removeprefix("Channel::") or "?",
    )


PARTS: Final = (
    Part(
        Kind.CUSTOM_ATTRIBUTE, "custom_attribute_definitions", carry_attribute,
        "attribute_display_name",
    ),
    Part(Kind.LABEL, "labels", carry_label, "title"),
    Part(Kind.AGENT, "agents", carry_agent, "email"),
    Part(Kind.TEAM, "teams", carry_team),
)  # fmt: skip


async def carry_part(
    tx: Transaction, server: ChatwootServer, part: Part, items: Sequence[Json], *, now: datetime
) -> None:
    """Those that were not carried before; what could not be then is tried again."""
    done = await local_ids(tx, server.id, part.kind, map(number_of, items))
    for item in items:
        number = number_of(item)
        if number not in done:
            carried = await part.carry(tx, server, item, now=now)
            theirs = Theirs(part.kind, number, str(item.get(part.name) or ""))
            await remember(tx, server.id, theirs, carried)
