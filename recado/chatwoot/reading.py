"""What a Chatwoot says, as drafts of ours. Pure; whatever JSON comes, nothing raises but `Unreadable`.

It says things in two ways: its API with numbers for types and Unix times, its webhooks with names and
ISO times. Both are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from recado.contacts.models import AttributeKind, AttributeModel
from recado.contacts.saving import ContactDraft
from recado.conversations.models import MessageType, Priority, Status

Json = Mapping[str, Any]
_MOST: Final = 2**63  # what the database counts to
LONGEST: Final = 150_000  # characters of a message


class Unreadable(Exception):
    """What came is not what a Chatwoot says."""


@dataclass(frozen=True, slots=True)
class RemoteMessage:
    """A message as it stands there. `sender` is ("contact" | "user" | "agent_bot", number)."""

    id: int
    content: str
    message_type: MessageType
    private: bool
    at: datetime
    sender: tuple[str, int | None]
    content_type: str = "text"
    content_attributes: dict[str, Any] = field(default_factory=dict)
    source_id: str | None = None
    files: tuple[str, ...] = ()
    is_deleted: bool = False

    @property
    def text(self) -> str:
        """What was said, with the addresses of its files: these stay there."""
        return "\n".join(one for one in (self.content, *self.files) if one)[:LONGEST]


@dataclass(frozen=True, slots=True)
class RemoteConversation:
    """A conversation as it stands there. Ids are theirs; `told_at` is its `updated_at`, if it says."""

    id: int
    inbox_id: int
    contact: Json
    source_id: str | None
    status: Status
    priority: str | None
    labels: list[str]
    custom_attributes: dict[str, Any]
    additional_attributes: dict[str, Any]
    assignee: Json | None
    team_id: int | None
    snoozed_until: datetime | None
    created_at: datetime
    last_activity_at: datetime
    told_at: float | None
    messages: list[RemoteMessage]
    muted: bool | None = None


def rows_in(answer: Any, *path: str) -> list[Json]:
    """The list at `path` of an answer; a list itself is one, and anything else Unreadable."""
    found = answer
    for name in path:
        if isinstance(found, dict) and name in found:
            found = found[name]
    if not isinstance(found, list):
        raise Unreadable
    return [one for one in found if isinstance(one, dict) and _whole(one.get("id")) is not None]


def contact_draft(item: Json) -> ContactDraft:
    """A contact as it stands there."""
    return ContactDraft(
        name=words_in(item.get("name")),
        email=words_in(item.get("email")) or None,
        phone_number=words_in(item.get("phone_number")) or None,
        identifier=words_in(item.get("identifier")) or None,
        avatar_url=words_in(item.get("thumbnail") or item.get("avatar_url")),
        blocked=item.get("blocked") is True,
        custom_attributes=_object(item.get("custom_attributes")),
        additional_attributes=_object(item.get("additional_attributes")),
    )


def source_ids(item: Json) -> list[tuple[int, str]]:
    """How their inboxes know a contact: (inbox, source_id)."""
    pairs = []
    for one in _list(item.get("contact_inboxes")):
        inbox = _object(_object(one).get("inbox"))
        number, source = _whole(inbox.get("id")), words_in(_object(one).get("source_id"))
        if number is not None and source:
            pairs.append((number, source))
    return pairs


def attribute_kind(given: object) -> AttributeKind:
    """By name or by number; what is unknown is a text."""
    return _by_name_or_number(given, list(AttributeKind)) or AttributeKind.TEXT


def attribute_model(given: object) -> AttributeModel:
    """By name or by number."""
    return _by_name_or_number(given, list(AttributeModel)) or AttributeModel.CONVERSATION


def conversation_in(item: Json) -> RemoteConversation:
    """A conversation of a list, an answer or a webhook."""
    meta = _object(item.get("meta"))
    number, inbox_id = _whole(item.get("id")), _whole(item.get("inbox_id"))
    contact = _object(meta.get("sender"))
    if number is None or inbox_id is None or _whole(contact.get("id")) is None:
        raise Unreadable
    status, priority = words_in(item.get("status")), words_in(item.get("priority"))
    created_at = moment(item.get("created_at")) or datetime.now(UTC)
    return RemoteConversation(
        id=number,
        inbox_id=inbox_id,
        contact=contact,
        source_id=words_in(_object(item.get("contact_inbox")).get("source_id")) or None,
        status=Status(status) if status in set(Status) else Status.OPEN,
        priority=priority if priority in set(Priority) else None,
        labels=sorted({words_in(one).strip().lower() for one in _list(item.get("labels"))} - {""}),
        custom_attributes=_object(item.get("custom_attributes")),
        additional_attributes=_object(item.get("additional_attributes")),
        assignee=_object(meta.get("assignee")) or None,
        team_id=_whole(_object(meta.get("team")).get("id")),
        snoozed_until=moment(item.get("snoozed_until")),
        created_at=created_at,
        last_activity_at=moment(item.get("last_activity_at")) or created_at,
        told_at=_number(item.get("updated_at")),
        messages=[_message(one) for one in _list(item.get("messages")) if _is_message(one)],
        muted=item.get("muted") if isinstance(item.get("muted"), bool) else None,
    )


def message_in(item: Json) -> RemoteMessage:
    """A message of a list, an answer or a webhook."""
    if not _is_message(item):
        raise Unreadable
    return _message(item)


def moment(given: object) -> datetime | None:
    """A time as either way says it; None for none, and for 0, which is never."""
    if isinstance(given, bool) or not given:
        return None
    try:
        if isinstance(given, int | float):
            return datetime.fromtimestamp(given, UTC)
        found = datetime.fromisoformat(str(given))
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def number_of(item: Json) -> int:
    """The number of a thing there."""
    return _whole(item.get("id")) or 0


def _is_message(item: Any) -> bool:
    return isinstance(item, dict) and _whole(item.get("id")) is not None


def _message(item: Json) -> RemoteMessage:
    attributes = _object(item.get("content_attributes"))
    sender = _object(item.get("sender"))
    return RemoteMessage(
        id=number_of(item),
        content=words_in(item.get("content")),
        message_type=_by_name_or_number(item.get("message_type"), list(MessageType))
        or MessageType.ACTIVITY,
        private=item.get("private") is True,
        at=moment(item.get("created_at")) or datetime.now(UTC),
        sender=(words_in(sender.get("type") or item.get("sender_type")).lower(), _sender_id(item)),
        content_type=words_in(item.get("content_type")) or "text",
        content_attributes=attributes,
        source_id=words_in(item.get("source_id")) or None,
        files=tuple(
            words_in(_object(one).get("data_url")) for one in _list(item.get("attachments"))
        ),
        is_deleted=attributes.get("deleted") is True,
    )


def _sender_id(item: Json) -> int | None:
    return _whole(_object(item.get("sender")).get("id")) or _whole(item.get("sender_id"))


def _by_name_or_number(given: object, choices: list[Any]) -> Any:
    if isinstance(given, int) and not isinstance(given, bool):
        return choices[given] if 0 <= given < len(choices) else None
    return next((one for one in choices if one == given), None)


def _object(given: object) -> dict[str, Any]:
    return dict(given) if isinstance(given, dict) else {}


def _list(given: object) -> list[Any]:
    return given if isinstance(given, list) else []


def words_in(given: object) -> str:
    """A text that PostgreSQL takes; "" for anything else."""
    return given.replace("\0", "\ufffd") if isinstance(given, str) else ""


def _whole(given: object) -> int | None:
    if isinstance(given, bool) or not isinstance(given, int):
        return None
    return given if 0 < given < _MOST else None


def _number(given: object) -> float | None:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    found = moment(given)
    return found.timestamp() if found else None
