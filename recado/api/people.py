"""Contacts and agents as they stand inside other things."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, UnsetType

from recado.accounts.models import Availability, Membership, User
from recado.api.door import now, unix
from recado.api.fields import UNSET, Json
from recado.api.inboxes import SlimInbox, slim_inbox
from recado.contacts.models import Contact
from recado.conversations.models import ContactInbox
from recado.inboxes.models import AgentBot, Inbox


class ContactInboxJson(Struct):
    """How an inbox knows a contact."""

    source_id: str | None
    inbox: SlimInbox | None


class ContactJson(Struct, kw_only=True):
    """A contact; `phone_number` in E.164, times in Unix seconds, 0 for never."""

    id: int
    name: str
    email: str | None
    phone_number: str | None
    identifier: str | None
    thumbnail: str
    blocked: bool
    availability_status: str = "offline"
    custom_attributes: Json
    additional_attributes: Json
    last_activity_at: int
    created_at: int
    contact_inboxes: list[ContactInboxJson] | UnsetType = UNSET


class ContactSender(Struct, kw_only=True, tag_field="type", tag="contact"):
    """A contact as the sender of a message."""

    id: int
    name: str
    email: str | None
    phone_number: str | None
    identifier: str | None
    thumbnail: str
    blocked: bool
    custom_attributes: Json
    additional_attributes: Json


class UserSender(Struct, kw_only=True, tag_field="type", tag="user"):
    """An agent as the sender of a message."""

    id: int
    name: str
    available_name: str
    avatar_url: str = ""
    availability_status: str = Availability.OFFLINE
    thumbnail: str = ""


class BotSender(Struct, kw_only=True, tag_field="type", tag="agent_bot"):
    """A bot as the sender of a message."""

    id: int
    name: str
    avatar_url: str = ""


Sender = ContactSender | UserSender | BotSender


def contact_json(contact: Contact) -> ContactJson:
    """A contact as the API shows them."""
    return ContactJson(
        **_who(contact),
        last_activity_at=unix(contact.last_activity_at),
        created_at=unix(contact.created_at),
    )


def sender_json(
    sender: Contact | User | AgentBot | None, people: Mapping[int, Membership]
) -> Sender | None:
    """Who wrote a message; None for Recado itself. `people` of the account, by id, say who is there:
    whoever is not among them is offline.
    """
    if isinstance(sender, Contact):
        return ContactSender(**_who(sender))
    if isinstance(sender, User):
        return user_json(sender, people)
    if isinstance(sender, AgentBot):
        return BotSender(id=sender.id, name=sender.name)
    return None


def user_json(user: User, people: Mapping[int, Membership]) -> UserSender:
    """An agent as the sender of a message; `people` as `sender_json` wants them."""
    picture, member = user.picture_url, people.get(user.id)
    return UserSender(
        id=user.id, name=user.name, available_name=user.name, avatar_url=picture, thumbnail=picture,
        availability_status=member.availability_at(now()) if member else Availability.OFFLINE,
    )  # fmt: skip


def contact_inbox_json(known: ContactInbox | None, inbox: Inbox | None) -> ContactInboxJson:
    """How an inbox knows a contact; nulls where no inbox does."""
    return ContactInboxJson(
        known.source_id if known else None, slim_inbox(inbox) if inbox else None
    )


def _who(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "name": contact.name,
        "email": contact.email,
        "phone_number": contact.phone_number,
        "identifier": contact.identifier,
        "thumbnail": contact.avatar_url,
        "blocked": contact.blocked,
        "custom_attributes": contact.custom_attributes,
        "additional_attributes": contact.additional_attributes,
    }
