"""Which tables hold words of or about contacts, and what erasing one does to each; and why the others hold none.

A test compares it with the tables there are: a new table, or a new text in one that is only emptied,
stands here before it is used.
"""

from typing import Final

# Rows that go with the contact, and by what.
DELETED: Final = {
    "contacts": "the contact",
    "contact_inboxes": "with the contact",
    "conversations": "with the contact",
    "messages": "with the conversation",
    "attachments": "with the message; the bytes as well",
    "mail_ids": "with the conversation",
    "rule_timers": "with the conversation",
    "events": "what happened to the contact and in the conversations",
    "rule_verdicts": "of those events",
    "emails": "about the conversations, to the contact, or that name them",
    "custom_filters": "that look for this very contact",
    "replays": "that look for this very contact",
    "contact_import_rows": "that name the contact",
    "chatwoot_arrivals": "that name the contact",
}

# Rows that stay because they tell that something was done: their texts, and why one may stay.
EMPTIED: Final = {
    "deliveries": {
        "webhook_id": "a number of ours", "action_name": "a setting", "rule_name": "a setting",
        "event": "a name of ours", "told_by": "a name of ours", "request": "", "lane": "a host",
        "policy": "a setting", "ordering": "a setting", "fingerprint": "", "state": "a name of ours",
        "reason": "", "answered": "",
    },
    "attempts": {
        "timing": "milliseconds and a host's address", "trouble": "a name of ours", "asked_by": "a person of the account",
        "detail": "", "response_headers": "", "response_body": "",
    },
    "contact_imports": {
        "who": "a person of the account", "file_name": "of a person of the account",
        "encoding": "a name of ours", "separator": "a sign", "headings": "",
        "fields": "names of ours", "country": "two letters", "label": "a setting", "state": "a name of ours",
    },
    "chatwoot_links": {"kind": "a name of ours", "name": "", "notes": ""},
}  # fmt: skip

_SETTING: Final = "settings, written by people of the account"
_OWN: Final = "about people of the account, who are no contacts"
_NUMBERS: Final = "numbers, and names of ours"

# Tables with texts that say nothing of a contact.
NOT_PERSONAL: Final = {
    "accounts": _SETTING,
    "agent_bots": _SETTING,
    "automation_rules": _SETTING,
    "canned_responses": _SETTING,
    "chatwoot_servers": _SETTING,
    "custom_actions": _SETTING,
    "custom_attributes": _SETTING,
    "dashboard_apps": _SETTING,
    "inboxes": _SETTING,
    "labels": _SETTING,
    "lane_limits": _SETTING,
    "lanes": "hosts",
    "macros": _SETTING,
    "mailboxes": "the account's own mailboxes; what went wrong names servers",
    "secrets": "the account's own, encrypted",
    "teams": _SETTING,
    "uploads": "files that rules send to everybody",
    "versions": "earlier settings",
    "webhooks": _SETTING,
    "access_tokens": _OWN,
    "audit_entries": "who changed which setting; contacts are no setting",
    "authenticators": _OWN,
    "invitations": _OWN,
    "memberships": _OWN,
    "notifications": _NUMBERS,
    "password_links": _OWN,
    "recovery_codes": _OWN,
    "sessions": _OWN,
    "setup_links": _OWN,
    "sign_in_failures": _OWN,
    "users": _OWN,
    "attempt_totals": _NUMBERS,
    "call_totals": _NUMBERS,
    "conversation_totals": _NUMBERS,
    "conversations_counted": _NUMBERS,
    "counted_until": _NUMBERS,
    "field_histories": _NUMBERS,
    "message_totals": _NUMBERS,
    "reporting_events": "numbers and labels: how many there were stays known",
    "rule_counts": _NUMBERS,
    "rule_tests": _NUMBERS,
}
