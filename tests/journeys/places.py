"""The pages of the tutorial, as an account in use has them."""

from tests.journeys.stage import Stage


def places(stage: Stage) -> dict[str, str]:
    """Where each page stands."""
    return {
        "first steps": "/app/start",
        "list": "/app/actions",
        "import": "/app/actions/import",
        "form": "/app/actions/new",
        "edit": f"/app/actions/{stage.sends.id}/edit",
        "test": f"/app/actions/{stage.sends.id}/test",
        "delete": f"/app/actions/{stage.sends.id}/delete",
        "rules": "/app/automation",
        "new rule": "/app/automation/new",
        "rule": f"/app/automation/{stage.rule.id}",
        "edit rule": f"/app/automation/{stage.rule.id}/edit",
        "log": "/app/deliveries",
        "delivered": "/app/deliveries/1",
        "refused": "/app/deliveries/2",
        "destinations": "/app/destinations",
        "replay": "/app/replays/new",
        "conversations": "/app/conversations",
        "conversation": f"/app/conversations/{stage.conversation.display_id}",
        "snooze": f"/app/conversations/{stage.conversation.display_id}/snooze",
        "new view": "/app/views/new?f-0-key=priority&f-0-value=urgent",
        "contacts": "/app/contacts",
        "filtered contacts": "/app/contacts?f-0-key=name&f-0-operator=contains&f-0-value=a",
        "contact": f"/app/contacts/{stage.conversation.contact_id}",
        "delete contact": f"/app/contacts/{stage.conversation.contact_id}/delete",
        "attributes": "/app/attributes",
        "inboxes": "/app/inboxes",
        "business hours": f"/app/inboxes/{stage.conversation.inbox_id}/hours",
        "labels": "/app/labels",
        "connections": "/app/connections",
        "connect": "/app/connections/new",
        "teams": "/app/teams",
        "agents": "/app/agents",
        "invite": "/app/agents/new",
        "reports": "/app/reports",
        "report of agents": "/app/reports/agents",
        "report of calls": "/app/reports/actions",
        "tokens": "/app/tokens",
        "profile": "/app/profile",
        "notifications": "/app/notifications",
        "what you are told": "/app/profile/notifications",
    }
