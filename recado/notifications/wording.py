"""What a notification says. Pure: everything it tells is loaded."""

from typing import Final
from urllib.parse import urlencode

from recado.conversations.mentioning import as_read
from recado.lib.languages import Sentence, say
from recado.notifications.models import Kind, Notification

KINDS: Final = {
    Kind.ASSIGNMENT: say("A conversation is assigned to me"),
    Kind.MENTION: say("Somebody mentions me or my team"),
    Kind.NEW_MESSAGE: say("A new message in my conversation, while I look elsewhere"),
    Kind.FOLLOWED: say("A new message in a conversation that I follow, while I look elsewhere"),
    Kind.FAILING_ACTION: say("A custom action fails"),
    Kind.FAILING_INBOX: say("The mailbox of an inbox cannot be read"),
}
ICONS: Final = {
    Kind.ASSIGNMENT: "agent",
    Kind.MENTION: "at",
    Kind.NEW_MESSAGE: "conversations",
    Kind.FOLLOWED: "conversations",
    Kind.FAILING_ACTION: "warning",
    Kind.FAILING_INBOX: "warning",
}
_WHAT_NOW: Final = {
    Kind.FAILING_ACTION: say(
        "Its latest calls did not arrive. Open them to see why, and what helps."
    ),
    Kind.FAILING_INBOX: say("Its e-mails do not arrive here until then. Open it to see why."),
}
_EXCERPT: Final = 160  # characters


def title_of(one: Notification) -> Sentence:
    """What happened, in a sentence."""
    talk, who = one.conversation, one.by_user.name if one.by_user else ""
    contact = talk.contact.shown_name if talk else ""
    match Kind(one.kind):
        case Kind.FAILING_ACTION:
            return say("“%(name)s” fails", name=one.action.name if one.action else "")
        case Kind.FAILING_INBOX:
            name = one.inbox.name if one.inbox else ""
            return say("The mailbox of “%(name)s” cannot be read", name=name)
        case Kind.NEW_MESSAGE | Kind.FOLLOWED:
            return _new_messages(one, contact)
        case Kind.MENTION:
            return say("%(who)s mentioned you with %(name)s", who=who or "Recado", name=contact)
        case Kind.ASSIGNMENT if who:
            return say("%(who)s assigned %(name)s to you", who=who, name=contact)
        case Kind.ASSIGNMENT:
            return say("%(name)s was assigned to you", name=contact)


def _new_messages(one: Notification, contact: str) -> Sentence:
    if one.kind == Kind.NEW_MESSAGE:
        if one.times > 1:
            return say("%(number)s new messages from %(name)s", number=one.times, name=contact)
        return say("New message from %(name)s", name=contact)
    if one.times > 1:
        return say("%(number)s new messages with %(name)s", number=one.times, name=contact)
    return say("New message with %(name)s", name=contact)


def text_of(one: Notification) -> str:
    """What was written, as far as it fits a line, or what there is to do."""
    if one.message is None:
        return str(_WHAT_NOW.get(Kind(one.kind), ""))
    content = as_read(one.message.content).strip()
    if not content and one.message.attachments:
        content = one.message.attachments[0].name
    return content if len(content) <= _EXCERPT else f"{content[: _EXCERPT - 1]}…"


def path_of(one: Notification) -> str:
    """Where it leads: to the message itself, however old it is by now."""
    if one.inbox_id:
        return path_of_inbox(one.inbox_id)
    if one.conversation is None:
        return path_of_action(one.action_id) if one.action_id else "/app/notifications"
    message = one.message_id
    at = f"?message={message}#message-{message}" if message else ""
    return f"/app/conversations/{one.conversation.display_id}{at}"


def path_of_action(action_id: int) -> str:
    """Where one about an action leads: its log, which outlives it."""
    return f"/app/deliveries?action={action_id}"


def path_of_inbox(inbox_id: int) -> str:
    """Where one about an inbox leads."""
    return f"/app/inboxes/{inbox_id}/mailbox"


def opening_path(one: Notification) -> str:
    """What leads there and has it read; a conversation that is looked at is read anyway.

    It says what else it is about: the address may be followed when the notification is long gone.
    """
    about = {"action": one.action_id, "inbox": one.inbox_id}
    query = urlencode({name: value for name, value in about.items() if value})
    return f"/app/notifications/{one.id}/open" + (f"?{query}" if query else "")
