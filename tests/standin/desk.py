"""What the stand-in Chatwoot keeps, and how it shows it: rows in memory, in Chatwoot's shapes."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import time
from typing import Any, Final

Json = dict[str, Any]
TYPES: Final = {"incoming": 0, "outgoing": 1, "activity": 2, "template": 3}


@dataclass
class Desk:
    """One account of it. Tests fill the lists by the `add_…` functions, or directly."""

    account_id: int = 7
    account_name: str = "Loja Antiga"
    inboxes: list[Json] = field(default_factory=list)
    contacts: list[Json] = field(default_factory=list)
    attributes: list[Json] = field(default_factory=list)
    labels: list[Json] = field(default_factory=list)
    teams: list[Json] = field(default_factory=list)
    agents: list[Json] = field(default_factory=list)
    canned: list[Json] = field(default_factory=list)
    apps: list[Json] | None = field(default_factory=list)  # None: it is too old for them
    rules: list[Json] = field(default_factory=list)
    conversations: list[Json] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    webhooks: list[Json] = field(default_factory=list)
    members: dict[int, list[int]] = field(default_factory=dict)  # agents by team
    _ids: Any = field(default_factory=lambda: itertools.count(1001))

    def __post_init__(self) -> None:
        self.me = self.add_agent("Rita Mello", "rita@antiga.example", role="administrator")

    def new_id(self) -> int:
        return int(next(self._ids))

    def add_agent(self, name: str, email: str, role: str = "agent") -> Json:
        agent = {
            "id": self.new_id(), "account_id": self.account_id, "name": name, "email": email,
            "role": role, "confirmed": True, "availability_status": "online",
        }  # fmt: skip
        self.agents.append(agent)
        return agent

    def add_inbox(self, name: str, channel_type: str = "Channel::Api", **more: Any) -> Json:
        one = self.new_id()
        inbox = {
            "id": one, "channel_id": one, "name": name, "channel_type": channel_type,
            "avatar_url": "", "working_hours_enabled": False, "greeting_enabled": False,
        } | more  # fmt: skip
        if channel_type == "Channel::Api":
            inbox = {"inbox_identifier": f"ident{one}", "hmac_token": f"hmac{one}",
                     "webhook_url": None} | inbox  # fmt: skip
        if channel_type == "Channel::WebWidget":
            inbox = {"website_url": "https://loja.example", "website_token": f"site{one}"} | inbox
        self.inboxes.append(inbox)
        return inbox

    def add_contact(self, name: str, inbox: Json | None = None, **more: Any) -> Json:
        contact = {
            "id": self.new_id(), "name": name, "email": None, "phone_number": None,
            "identifier": None, "thumbnail": "", "blocked": False, "availability_status": "offline",
            "custom_attributes": {}, "additional_attributes": {}, "created_at": int(time()),
            "last_activity_at": None, "labels": [],
        } | more  # fmt: skip
        contact["contact_inboxes"] = [self._contact_inbox(contact, inbox)] if inbox else []
        self.contacts.append(contact)
        return contact

    def _contact_inbox(self, contact: Json, inbox: Json) -> Json:
        return {"source_id": f"source-{contact['id']}-{inbox['id']}", "inbox": inbox}

    def add_attribute(self, key: str, kind: str, model: str, **more: Any) -> Json:
        attribute = {
            "id": self.new_id(), "attribute_display_name": key.title(),
            "attribute_display_type": kind, "attribute_description": f"About {key}",
            "attribute_key": key, "attribute_model": model, "attribute_values": [],
            "regex_pattern": None, "regex_cue": None, "default_value": None,
            "created_at": _iso(time()), "updated_at": _iso(time()),
        } | more  # fmt: skip
        self.attributes.append(attribute)
        return attribute

    def add_label(self, title: str, color: str = "#1f93ff", description: str = "") -> Json:
        label = {"id": self.new_id(), "title": title, "color": color,
                 "description": description, "show_on_sidebar": True}  # fmt: skip
        self.labels.append(label)
        return label

    def add_team(self, name: str, description: str = "") -> Json:
        team = {"id": self.new_id(), "name": name, "description": description,
                "allow_auto_assign": True, "account_id": self.account_id}  # fmt: skip
        self.teams.append(team)
        return team

    def add_canned(self, short_code: str, content: str) -> Json:
        canned = {"id": self.new_id(), "account_id": self.account_id, "short_code": short_code,
                  "content": content, "created_at": _iso(time())}  # fmt: skip
        self.canned.append(canned)
        return canned

    def add_app(self, title: str, *urls: str) -> Json:
        app = {"id": self.new_id(), "title": title, "created_at": _iso(time()),
               "content": [{"type": "frame", "url": one} for one in urls]}  # fmt: skip
        assert self.apps is not None
        self.apps.append(app)
        return app

    def add_rule(
        self, name: str, event: str, conditions: list[Json], actions: list[Json], **more: Any
    ) -> Json:
        rule = {
            "id": self.new_id(), "account_id": self.account_id, "name": name, "description": None,
            "event_name": event, "conditions": conditions, "actions": actions,
            "created_on": int(time()), "active": True,
        } | more  # fmt: skip
        self.rules.append(rule)
        return rule

    def add_conversation(self, contact: Json, inbox: Json, **more: Any) -> Json:
        now = time()
        conversation = {
            "id": self.new_id(), "contact_id": contact["id"], "inbox_id": inbox["id"],
            "status": "open", "priority": None, "assignee_id": None, "team_id": None, "labels": [],
            "custom_attributes": {}, "additional_attributes": {}, "muted": False,
            "snoozed_until": None, "created_at": now, "updated_at": now, "last_activity_at": now,
        } | more  # fmt: skip
        self.conversations.append(conversation)
        return conversation

    def add_message(self, conversation: Json, content: str | None, **more: Any) -> Json:
        now = time()
        message = {
            "id": self.new_id(), "conversation_id": conversation["id"],
            "inbox_id": conversation["inbox_id"], "content": content, "message_type": "incoming",
            "private": False, "content_type": "text", "content_attributes": {}, "source_id": None,
            "status": "sent", "sender_id": conversation["contact_id"], "sender_type": "Contact",
            "created_at": now, "attachments": [],
        } | more  # fmt: skip
        self.messages.append(message)
        conversation["last_activity_at"] = conversation["updated_at"] = message["created_at"]
        return message

    def find(self, rows: list[Json], number: object) -> Json | None:
        return next((one for one in rows if str(one["id"]) == str(number)), None)

    def contact_json(self, contact: Json) -> Json:
        return {key: value for key, value in contact.items() if key != "labels"}

    def sender_json(self, message: Json) -> Json | None:
        if message["sender_type"] == "Contact":
            contact = self.find(self.contacts, message["sender_id"])
            return self.contact_json(contact) | {"type": "contact"} if contact else None
        agent = self.find(self.agents, message["sender_id"])
        return self._user(agent) if agent else None

    def _user(self, agent: Json) -> Json:
        return {"id": agent["id"], "name": agent["name"], "available_name": agent["name"],
                "email": agent["email"], "type": "user"}  # fmt: skip

    def message_json(self, message: Json) -> Json:
        sender = self.sender_json(message)
        shown = {key: value for key, value in message.items() if key != "attachments"}
        shown |= {"account_id": self.account_id, "created_at": int(message["created_at"]),
                  "message_type": TYPES[message["message_type"]]}  # fmt: skip
        shown |= {"attachments": message["attachments"]} if message["attachments"] else {}
        return shown | ({"sender": sender} if sender else {})

    def messages_of(self, conversation: Json) -> list[Json]:
        return [one for one in self.messages if one["conversation_id"] == conversation["id"]]

    def conversation_json(self, conversation: Json) -> Json:
        contact = self.find(self.contacts, conversation["contact_id"])
        inbox = self.find(self.inboxes, conversation["inbox_id"])
        assert contact is not None
        assert inbox is not None
        said = [one for one in self.messages_of(conversation) if one["message_type"] != "activity"]
        assignee = self.find(self.agents, conversation["assignee_id"])
        team = self.find(self.teams, conversation["team_id"])
        hidden = {"contact_id", "assignee_id", "team_id"}
        shown = {key: value for key, value in conversation.items() if key not in hidden}
        return shown | {
            "account_id": self.account_id,
            "can_reply": True, "unread_count": 0, "waiting_since": 0,
            "agent_last_seen_at": 0, "contact_last_seen_at": 0, "first_reply_created_at": None,
            "created_at": int(conversation["created_at"]),
            "last_activity_at": int(conversation["last_activity_at"]),
            "timestamp": int(conversation["last_activity_at"]),
            "messages": [self.message_json(said[-1])] if said else [],
            "contact_inbox": {"source_id": self._source_id(contact, inbox),
                              "contact_id": contact["id"], "inbox_id": inbox["id"]},
            "meta": {
                "sender": self.contact_json(contact) | {"type": "contact"},
                "channel": inbox["channel_type"],
                "assignee": self._user(assignee) if assignee else None,
                "team": team, "hmac_verified": False,
            },
        }  # fmt: skip

    def _source_id(self, contact: Json, inbox: Json) -> str:
        return str(self._contact_inbox(contact, inbox)["source_id"])

    def webhook_message(self, message: Json) -> Json:
        conversation = self.find(self.conversations, message["conversation_id"])
        inbox = self.find(self.inboxes, message["inbox_id"])
        assert conversation is not None
        assert inbox is not None
        files = {"attachments": message["attachments"]} if message["attachments"] else {}
        return files | {
            "id": message["id"], "content": message["content"],
            "content_type": message["content_type"],
            "content_attributes": message["content_attributes"], "additional_attributes": {},
            "message_type": message["message_type"], "private": message["private"],
            "source_id": message["source_id"], "created_at": _iso(message["created_at"]),
            "sender": self.sender_json(message),
            "inbox": {"id": inbox["id"], "name": inbox["name"]},
            "account": {"id": self.account_id, "name": self.account_name},
            "conversation": self.conversation_json(conversation),
        }  # fmt: skip


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
