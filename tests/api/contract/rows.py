"""The contract as data: every endpoint that clients of Chatwoot use, and every rule they rely on.

A test says with `@row(...)` or `@rule(...)` what it shows; `test_complete.py` fails when a line here
has no test, and `conftest.py` when a test did not really ask for the rows it names.
"""

from dataclasses import dataclass
from typing import Final

import pytest

row = pytest.mark.row
rule = pytest.mark.rule

EVERYBODY = "nearly every client"
SEVERAL = "several clients"
FEW = "few clients, and scripts that provision"


@dataclass(frozen=True)
class Later:
    """A line of the contract that is not served, and why."""

    method: str
    path: str
    why: str


# Below /api/v1/accounts/{id}/ unless it begins with a slash; in the order of the contract's table.
ROWS: Final = {
    "POST conversations/{id}/messages": EVERYBODY,
    "GET conversations/{id}/messages": EVERYBODY,
    "GET contacts/search": EVERYBODY,
    "POST contacts": EVERYBODY,
    "GET contacts/{id}": EVERYBODY,
    "PUT contacts/{id}": EVERYBODY,
    "PATCH contacts/{id}": EVERYBODY,
    "DELETE contacts/{id}": EVERYBODY,
    "POST conversations": EVERYBODY,
    "GET conversations/{id}": EVERYBODY,
    "POST conversations/{id}/toggle_status": EVERYBODY,
    "GET inboxes": EVERYBODY,
    "POST inboxes": EVERYBODY,
    "GET inboxes/{id}": EVERYBODY,
    "PATCH inboxes/{id}": EVERYBODY,
    "DELETE inboxes/{id}": EVERYBODY,
    "GET contacts/{id}/conversations": EVERYBODY,
    "GET /api/v1/profile": EVERYBODY,
    "GET conversations/{id}/labels": EVERYBODY,
    "POST conversations/{id}/labels": EVERYBODY,
    "GET conversations": SEVERAL,
    "GET conversations/meta": SEVERAL,
    "POST conversations/{id}/assignments": SEVERAL,
    "POST contacts/filter": SEVERAL,
    "POST conversations/filter": SEVERAL,
    "GET webhooks": SEVERAL,
    "POST webhooks": SEVERAL,
    "PATCH webhooks/{id}": SEVERAL,
    "DELETE webhooks/{id}": SEVERAL,
    "GET automation_rules": SEVERAL,
    "POST automation_rules": SEVERAL,
    "GET automation_rules/{id}": SEVERAL,
    "PATCH automation_rules/{id}": SEVERAL,
    "DELETE automation_rules/{id}": SEVERAL,
    "POST automation_rules/{id}/clone": SEVERAL,
    "GET macros": SEVERAL,
    "POST macros": SEVERAL,
    "GET macros/{id}": SEVERAL,
    "PUT macros/{id}": SEVERAL,
    "DELETE macros/{id}": SEVERAL,
    "POST macros/{id}/execute": SEVERAL,
    "GET custom_attribute_definitions": SEVERAL,
    "POST custom_attribute_definitions": SEVERAL,
    "GET custom_attribute_definitions/{id}": SEVERAL,
    "PATCH custom_attribute_definitions/{id}": SEVERAL,
    "DELETE custom_attribute_definitions/{id}": SEVERAL,
    "GET canned_responses": SEVERAL,
    "POST canned_responses": SEVERAL,
    "PATCH canned_responses/{id}": SEVERAL,
    "DELETE canned_responses/{id}": SEVERAL,
    "GET inbox_members/{id}": SEVERAL,
    "POST inbox_members": SEVERAL,
    "PATCH inbox_members": SEVERAL,
    "DELETE inbox_members": SEVERAL,
    "GET teams": SEVERAL,
    "POST teams": SEVERAL,
    "GET teams/{id}": SEVERAL,
    "PATCH teams/{id}": SEVERAL,
    "DELETE teams/{id}": SEVERAL,
    "GET teams/{id}/team_members": SEVERAL,
    "POST teams/{id}/team_members": SEVERAL,
    "PATCH teams/{id}/team_members": SEVERAL,
    "DELETE teams/{id}/team_members": SEVERAL,
    "GET agents": SEVERAL,
    "POST agents": SEVERAL,
    "PATCH agents/{id}": SEVERAL,
    "DELETE agents/{id}": SEVERAL,
    "GET agent_bots": SEVERAL,
    "POST agent_bots": SEVERAL,
    "GET agent_bots/{id}": SEVERAL,
    "PATCH agent_bots/{id}": SEVERAL,
    "DELETE agent_bots/{id}": SEVERAL,
    "POST agent_bots/{id}/reset_access_token": SEVERAL,
    "POST agent_bots/{id}/reset_secret": SEVERAL,
    "GET inboxes/{id}/agent_bot": SEVERAL,
    "POST inboxes/{id}/set_agent_bot": SEVERAL,
    "DELETE conversations/{id}/messages/{id}": SEVERAL,
    "GET contacts/{id}/labels": SEVERAL,
    "POST contacts/{id}/labels": SEVERAL,
    "POST contacts/{id}/contact_inboxes": SEVERAL,
    "GET contacts/{id}/contactable_inboxes": SEVERAL,
    "POST contacts/{id}/destroy_custom_attributes": SEVERAL,
    "GET labels": SEVERAL,
    "POST labels": SEVERAL,
    "GET labels/{id}": SEVERAL,
    "PATCH labels/{id}": SEVERAL,
    "DELETE labels/{id}": SEVERAL,
    "GET /public/api/v1/inboxes/{inbox}": SEVERAL,
    "POST /public/api/v1/inboxes/{inbox}/contacts": SEVERAL,
    "GET /public/api/v1/inboxes/{inbox}/contacts/{me}": SEVERAL,
    "PATCH /public/api/v1/inboxes/{inbox}/contacts/{me}": SEVERAL,
    "GET /public/api/v1/inboxes/{inbox}/contacts/{me}/conversations": SEVERAL,
    "POST /public/api/v1/inboxes/{inbox}/contacts/{me}/conversations": SEVERAL,
    "GET /public/api/v1/inboxes/{inbox}/contacts/{me}/conversations/{id}": SEVERAL,
    "GET /public/api/v1/inboxes/{inbox}/contacts/{me}/conversations/{id}/messages": SEVERAL,
    "POST /public/api/v1/inboxes/{inbox}/contacts/{me}/conversations/{id}/messages": SEVERAL,
    "PATCH /public/api/v1/inboxes/{inbox}/contacts/{me}/conversations/{id}/messages/{n}": SEVERAL,
    "POST /public/api/v1/inboxes/{inbox}/contacts/{me}/conversations/{id}/toggle_status": SEVERAL,
    "POST /public/api/v1/inboxes/{inbox}/contacts/{me}/conversations/{id}/toggle_typing": SEVERAL,
    "POST /public/api/v1/inboxes/{inbox}/contacts/{me}/conversations/{id}/update_last_seen": SEVERAL,
    "POST actions/contact_merge": FEW,
    "PATCH conversations/{id}": FEW,
    "POST conversations/{id}/toggle_priority": FEW,
    "POST conversations/{id}/custom_attributes": FEW,
    "POST conversations/{id}/toggle_typing_status": FEW,
    "POST conversations/{id}/mute": FEW,
    "POST conversations/{id}/unmute": FEW,
    "POST conversations/{id}/update_last_seen": FEW,
    "POST conversations/{id}/unread": FEW,
    "POST conversations/{id}/transcript": FEW,
    "GET custom_filters": FEW,
    "POST custom_filters": FEW,
    "GET custom_filters/{id}": FEW,
    "PATCH custom_filters/{id}": FEW,
    "DELETE custom_filters/{id}": FEW,
    "GET /api": "n8n's credential test",
    "PATCH conversations/{id}/messages/{id}": FEW,
    "GET contacts": FEW,
}

LATER: Final = (
    Later("GET", "/api/v2/accounts/1/reports", "reports: MCP servers, figuro and n8n only"),
    Later("GET", "/api/v2/accounts/1/summary_reports/agent", "reports"),
    Later("GET", "/platform/api/v1/users/1", "platform tokens: provisioning scripts"),
    Later("POST", "/auth/sign_in", "the mobile app"),
    Later("GET", "…/dashboard_apps", "iframes in the desk"),
    Later("GET", "…/notifications", "the mobile app"),
    Later("GET", "…/conversations/1/participants", "the mobile app"),
    Later("POST", "…/bulk_actions", "the mobile app"),
)

RULES: Final = {
    "the token's header in any spelling": "every client; n8n sends only the hyphens",
    "Authorization may stand beside the token": "figuro's SDK, Evolution API",
    "a trailing slash is the same path": "figuro's SDK, n8n, generated clients",
    "bodies: JSON, null, empty form, multipart": "chatwoot-client, figuro's SDK, Evolution, celai",
    "multipart: JSON strings, flags, several files, bare types": "Evolution, celai, deltawoot",
    "flat and wrapped bodies": "SDKs flat, dashboards and scripts wrapped",
    "ids as strings": "Evolution, n8n",
    "blanks are absent and do not collide": "n8n sends every field",
    "n8n's conversation list left alone": "n8n",
    "queries in the JSON body of a GET": "deltawoot",
    "arrays in queries": "chatwoot-sdk and others",
    "enums by number or name": "everybody",
    "message_type is a name in requests, a number in answers": "everybody",
    "times are Unix integers or ISO strings": "chatwoot-sdk and chatwoot-api raise otherwise",
    "200 on create": "simple-chatwoot demands exactly 200",
    "a conversation's id is its number in the account": "everybody",
    "data_url is absolute, open and ends in the file's name": "Evolution, deltawoot",
    "errors have their status and shape": "SDKs map statuses to exceptions",
    "deleting answers 200 empty, or 204": "SDKs",
    "limits": "whoever sends much",
    "agents see only their inboxes": "everybody",
    "envelopes": "generated clients read nothing where one differs",
    "a bot's token opens few endpoints": "celai, agent bots",
    "new conversations of a bot's inbox are pending": "celai, agent bots",
    "identifier_hash proves who a contact is": "client API",
    "a contact never sees notes and activities": "client API",
}
