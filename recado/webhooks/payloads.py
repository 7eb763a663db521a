"""What a webhook's body says: the event's facts in Chatwoot's words. Pure.

Nothing is looked up here: the facts were frozen when it happened, and what else a body needs comes
as `Around`. Fields that Chatwoot lacks (`performed_by`, `account` in a conversation) are added; none
that it has is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from recado.lib.facts import Facts
from recado.webhooks.names import Subscription

_Json = dict[str, Any]
_TYPES: Final = {"incoming": 0, "outgoing": 1, "activity": 2, "template": 3}
_CHANNELS: Final = {
    "api": "Channel::Api",
    "web_widget": "Channel::WebWidget",
    "email": "Channel::Email",
    "chatwoot": "Channel::Api",
}
_SENDER_TYPES: Final = {"contact": "Contact", "user": "User", "agent_bot": "AgentBot"}
_RENAMED: Final = {"labels": "label_list"}


@dataclass(frozen=True, slots=True)
class Around:
    """The conversation when it happened: its last chat message and who sent it, what was unread."""

    last: Facts | None = None
    sender: Facts | None = None
    unread: int = 0


def payload(name: Subscription | str, facts: Facts, around: Around, performed_by: _Json) -> _Json:
    """The body that tells of an event under this name."""
    told: _Json = {"event": str(name), "performed_by": performed_by}
    about = _ABOUT.get(str(name).partition("_")[0])
    if about is not None:
        return about(facts, around) | told
    if "typing" in name:
        typing = facts.get("typing") or {}
        user = {key: one for key, one in typing.items() if key != "is_private"}
        private = bool(typing.get("is_private"))
        return {
            "user": user,
            "conversation": _conversation(facts, around),
            "is_private": private,
        } | told
    changed = {"changed_attributes": _changed(facts)} if facts.get("changes") else {}
    return _conversation(facts, around) | changed | told


def message_data(facts: Facts, around: Around) -> _Json:
    """The message that the facts are about, as it stands in a conversation."""
    return _last(facts, Around(facts["message"], sender_of(facts), around.unread))


def conversation_data(facts: Facts, around: Around) -> _Json:
    """The conversation that the facts are about."""
    return _conversation(facts, around)


def contact_data(facts: Facts) -> _Json:
    """The contact that the facts are about."""
    return _contact(facts["contact"]) | {"account": _slim(facts["account"])}


def sender_of(facts: Facts) -> Facts | None:
    """Who sent the message that the facts are about."""
    match (facts.get("message") or {}).get("sender_type"):
        case "contact":
            return {**facts["contact"], "type": "contact"}
        case "user":
            return {**(facts.get("agent") or {}), "type": "user"}
        case "agent_bot":
            return {**(facts["message"].get("bot") or {}), "type": "agent_bot"}
        case _:
            return None


def _message(facts: Facts, around: Around) -> _Json:
    message = facts["message"]
    told = {
        "id": message["id"],
        "content": message["content"],
        "content_type": message["content_type"],
        "content_attributes": message.get("content_attributes") or {},
        "additional_attributes": {},
        "message_type": message["message_type"],
        "private": message["private"],
        "source_id": message.get("source_id"),
        "created_at": _iso(message["created_at"]),
        "sender": _sender(sender_of(facts), facts["account"]),
        "inbox": _slim(facts["inbox"]),
        "account": _slim(facts["account"]),
        "conversation": _conversation(facts, around),
    }
    files = _files(message, facts["account"])
    return told | ({"attachments": files} if files else {})


def _conversation(facts: Facts, around: Around) -> _Json:
    one = facts["conversation"]
    return {
        "id": one["id"],
        "account": _slim(facts["account"]),
        "inbox_id": facts["inbox"]["id"],
        "status": one["status"],
        "channel": _CHANNELS.get(facts["inbox"]["channel"]),
        "can_reply": True,
        "labels": one["labels"],
        "custom_attributes": one["custom_attribute"],
        "additional_attributes": one["additional_attributes"],
        "priority": one["priority"],
        "unread_count": around.unread,
        "snoozed_until": one.get("snoozed_until"),
        "contact_inbox": _contact_inbox(facts),
        "meta": _meta(facts),
        "messages": [_last(facts, around)] if around.last else [],
        **{name: _unix(one.get(name)) for name in _TIMES},
        "timestamp": _unix(one.get("last_activity_at")),
        "updated_at": _seconds(one.get("updated_at")),
    }


_TIMES: Final = (
    "waiting_since", "first_reply_created_at", "agent_last_seen_at", "contact_last_seen_at",
    "last_activity_at", "created_at",
)  # fmt: skip


def _contact_inbox(facts: Facts) -> _Json:
    one = facts["conversation"]
    began = _iso(one.get("created_at"))
    return {
        "id": one.get("contact_inbox_id"),
        "contact_id": facts["contact"]["id"],
        "inbox_id": facts["inbox"]["id"],
        "source_id": one.get("source_id"),
        "created_at": began,
        "updated_at": began,
        "hmac_verified": one.get("hmac_verified", False),
        "pubsub_token": None,
    }


def _meta(facts: Facts) -> _Json:
    assignee = facts.get("assignee")
    sender = {**facts["contact"], "type": "contact"}
    return {
        "sender": _sender(sender, facts["account"]),
        "assignee": _sender({**assignee, "type": "user"}, facts["account"]) if assignee else None,
        "assignee_type": "User" if assignee else None,
        "team": facts.get("team"),
        "hmac_verified": facts["conversation"].get("hmac_verified", False),
    }


def _last(facts: Facts, around: Around) -> _Json:
    message = around.last or {}
    sender = around.sender
    conversation = facts["conversation"]
    inside = {
        "assignee_id": (facts.get("assignee") or {}).get("id"),
        "unread_count": around.unread,
        "last_activity_at": _unix(conversation.get("last_activity_at")),
        "contact_inbox": {"source_id": conversation.get("source_id")},
    }
    told = {
        "id": message["id"],
        "content": message["content"],
        "account_id": facts["account"]["id"],
        "inbox_id": facts["inbox"]["id"],
        "conversation_id": conversation["id"],
        "message_type": _TYPES[message["message_type"]],
        "created_at": _unix(message["created_at"]),
        "updated_at": _iso(message["created_at"]),
        "private": message["private"],
        "status": message.get("status") or "sent",
        "source_id": message.get("source_id"),
        "content_type": message["content_type"],
        "content_attributes": message.get("content_attributes") or {},
        "sender_type": _SENDER_TYPES.get(sender["type"]) if sender else None,
        "sender_id": sender["id"] if sender else None,
        "external_source_ids": {},
        "additional_attributes": {},
        "processed_message_content": message["content"],
        "sentiment": {},
        "conversation": inside,
    }
    files = _files(message, facts["account"])
    return (
        told
        | ({"attachments": files} if files else {})
        | ({"sender": _sender(sender, facts["account"])} if sender else {})
    )


def _files(message: Facts, account: Facts) -> list[_Json]:
    return [
        {
            "id": one["id"],
            "message_id": message["id"],
            "file_type": one["file_type"],
            "account_id": account["id"],
            "extension": None,
            "data_url": one["url"],
            "thumb_url": one["url"] if one["file_type"] == "image" else "",
            "file_size": one["size"],
        }
        for one in message.get("attachments") or []
    ]


def _sender(sender: Facts | None, account: Facts) -> _Json | None:
    if sender is None:
        return None
    if sender["type"] == "contact":
        return {"account": _slim(account), **_contact(sender), "type": "contact"}
    if sender["type"] == "agent_bot":
        return {"id": sender.get("id"), "name": sender.get("name"), "type": "agent_bot"}
    return {
        "id": sender.get("id"),
        "name": sender.get("name"),
        "available_name": sender.get("available_name"),
        "email": sender.get("email"),
        "avatar_url": sender.get("avatar_url") or "",
        "thumbnail": sender.get("avatar_url") or "",
        "type": sender["type"],
    }


def _contact(contact: Facts) -> _Json:
    picture = contact.get("avatar_url") or ""
    return {
        "id": contact["id"],
        "name": contact["name"],
        "email": contact["email"],
        "phone_number": contact["phone_number"],
        "identifier": contact["identifier"],
        "avatar": picture,
        "thumbnail": picture,
        "custom_attributes": contact.get("custom_attribute") or {},
        "additional_attributes": contact.get("additional_attributes") or {},
        "blocked": bool(contact.get("blocked")),
    }


def _contact_told(facts: Facts, _: Around) -> _Json:
    changed = {"changed_attributes": _changed(facts)} if facts.get("changes") else {}
    return _contact(facts["contact"]) | {"account": _slim(facts["account"])} | changed


def _inbox_told(facts: Facts, _: Around) -> _Json:
    inbox = facts["inbox"]
    changed = {"changed_attributes": _changed(facts)} if facts.get("changes") else {}
    channel = {"channel_type": _CHANNELS.get(inbox.get("channel"))}
    return _slim(inbox) | channel | {"account": _slim(facts["account"])} | changed


def _visit_told(facts: Facts, around: Around) -> _Json:
    visit = facts["visit"]
    return {
        "id": visit["contact_inbox_id"],
        "contact": _contact(facts["contact"]),
        "inbox": _slim(facts["inbox"]),
        "account": _slim(facts["account"]),
        "current_conversation": _conversation(facts, around) if facts.get("conversation") else None,
        "source_id": visit["source_id"],
        "event_info": visit["info"],
    }


_ABOUT: Final = {
    "message": _message,
    "contact": _contact_told,
    "inbox": _inbox_told,
    "webwidget": _visit_told,
}


def _changed(facts: Facts) -> list[_Json]:
    return [
        {_RENAMED.get(name, name): {"previous_value": old, "current_value": new}}
        for name, (old, new) in (facts.get("changes") or {}).items()
    ]


def _slim(thing: Mapping[str, Any]) -> _Json:
    return {"id": thing["id"], "name": thing["name"]}


def _seconds(text: str | None) -> float:
    return datetime.fromisoformat(text).timestamp() if text else 0.0


def _unix(text: str | None) -> int:
    return int(_seconds(text))


def _iso(text: str | None) -> str | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
