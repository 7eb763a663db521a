"""Who hears what over `/cable`, and in which shape. Pure."""

from dataclasses import dataclass
from typing import Any, Final

from recado.lib.facts import Facts
from recado.webhooks.payloads import Around, contact_data, conversation_data, message_data

_Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hearing:
    """An event, and the conversation around it when it happened."""

    name: str
    facts: Facts
    around: Around


_MESSAGES: Final = {"message_created": "message.created", "message_updated": "message.updated"}
_TYPING: Final = {
    "conversation_typing_on": "conversation.typing_on",
    "conversation_typing_off": "conversation.typing_off",
}
_CONTACTS: Final = {"contact_created": "contact.created", "contact_updated": "contact.updated"}


def heard_by_member(hearing: Hearing, inbox_ids: frozenset[int] | None) -> list[_Json]:
    """What a person hears: everything of the inboxes they see; None: of all."""
    inbox = hearing.facts.get("inbox")
    if inbox is not None and inbox_ids is not None and inbox["id"] not in inbox_ids:
        return []
    if name := _MESSAGES.get(hearing.name):
        return [_told(name, message_data(hearing.facts, hearing.around))]
    if name := _CONTACTS.get(hearing.name):
        return [_told(name, contact_data(hearing.facts))]
    if hearing.facts.get("conversation") is None:
        return []
    return [_told(name, data) for name, data in _of_conversation(hearing)]


def heard_by_contact(hearing: Hearing, contact_inbox_id: int) -> list[_Json]:
    """What a contact hears: what was said to them, and where their conversation stands."""
    conversation = hearing.facts.get("conversation") or {}
    if conversation.get("contact_inbox_id") != contact_inbox_id:
        return []
    if name := _MESSAGES.get(hearing.name):
        message = hearing.facts["message"]
        hidden = message["private"] or message["message_type"] == "activity"
        return [] if hidden else [_told(name, _own_message(hearing))]
    if hearing.name in _TYPING and (hearing.facts.get("typing") or {}).get("is_private"):
        return []
    own = _own_conversation(conversation)
    return [
        _told(name, {**own, "user": data["user"], "conversation": own} if "user" in data else own)
        for name, data in _of_conversation(hearing)
        if name != "conversation.updated"
    ]


def _of_conversation(hearing: Hearing) -> list[tuple[str, _Json]]:
    data = conversation_data(hearing.facts, hearing.around)
    if name := _TYPING.get(hearing.name):
        typing = hearing.facts.get("typing") or {}
        user = {key: typing.get(key) for key in ("id", "name", "type")}
        private = bool(typing.get("is_private"))
        return [(name, {"conversation": data, "user": user, "is_private": private})]
    if hearing.name == "conversation_created":
        return [("conversation.created", data)]
    if hearing.name != "conversation_updated":
        return []
    changed = [("conversation.updated", data)]
    if "status" in (hearing.facts.get("changes") or {}):
        changed.insert(0, ("conversation.status_changed", data))
    return changed


def _own_message(hearing: Hearing) -> _Json:
    """A message without what the account's people keep about the contact."""
    whole = message_data(hearing.facts, hearing.around)
    kept = (
        "id", "content", "content_type", "content_attributes", "message_type", "created_at",
        "conversation_id", "private", "status", "attachments",
    )  # fmt: skip
    sender = whole.get("sender") or {}
    told = {name: whole[name] for name in kept if name in whole}
    return {**told, "sender": {key: sender.get(key) for key in _OF_SENDER}}


_OF_SENDER = ("id", "name", "thumbnail", "type")


def _own_conversation(conversation: Facts) -> _Json:
    return {"id": conversation["id"], "status": conversation["status"]}


def _told(name: str, data: _Json) -> _Json:
    return {"event": name, "data": data}
