"""An account's first steps, from an inbox to a call that arrived; each is one verb of the usual ones.

Nothing here is special to beginners: what the steps make is what the settings pages make.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recado.accounts.models import Membership
from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import ActionDraft, action_problems, actions_of, create_action
from recado.actions.versions import keep_action_version
from recado.automation.models import AutomationRule
from recado.automation.saving import RuleDraft, actions_used, create_rule, rules_of
from recado.automation.versions import keep_rule_version
from recado.contacts.saving import ContactDraft, create_contact, find_contact
from recado.conversations.finding import Filter, conversations_page, find_conversation
from recado.conversations.models import Conversation, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.conversations.starting import (
    ConversationDraft,
    find_contact_inbox,
    introduce,
    start_conversation,
)
from recado.db.database import Transaction
from recado.deliveries.filtering import LogFilter
from recado.deliveries.models import Delivery
from recado.deliveries.searching import deliveries_page
from recado.deliveries.states import State
from recado.events.causes import Actor, Cause
from recado.events.names import EventName
from recado.inboxes.models import Inbox
from recado.inboxes.opening import inboxes_of
from recado.lib.languages import Sentence
from recado.lib.secrets import Vault

FIRST_BODY: Final = """{
  "name": "{{ contact.name }}",
  "conversation": {{ conversation.id }},
  "message": "{{ message.content }}"
}"""
_SOURCE_ID: Final = "first-steps"  # whom the inbox knows the example's contact by
_INCOMING: Final = {
    "attribute_key": "message_type",
    "filter_operator": "equal_to",
    "values": ["incoming"],
    "query_operator": None,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """What there is already: each step needs those before it."""

    inbox: Inbox | None = None
    action: CustomAction | None = None  # the one that `rule` sends, where there is one
    rule: AutomationRule | None = None
    delivery: Delivery | None = None  # the newest that a rule made
    conversation: Conversation | None = None  # the example's

    @property
    def step(self) -> int:
        """Which comes next: 1 inbox, 2 action, 3 rule, 4 message, 5 its delivery, 6 all is done."""
        made = (self.inbox, self.action, self.rule, self.delivery or self.conversation)
        first_open = next((number for number, one in enumerate(made, 1) if one is None), 5)
        return 6 if first_open == 5 and self.has_arrived else first_open

    @property
    def has_arrived(self) -> bool:
        """Whether another system has heard of a message."""
        return self.delivery is not None and self.delivery.state == State.DELIVERED


async def progress_of(tx: Transaction, member: Membership) -> Progress:
    """How far the account is."""
    account_id = member.account_id
    inbox = next(iter(await inboxes_of(tx, account_id)), None)
    actions = {one.id: one for one in await actions_of(tx, account_id) if one.is_active}
    rules = [one for one in await rules_of(tx, account_id) if _tells(one, actions)]
    rule = rules[0] if rules else None
    used = [actions[one] for one in sorted(actions_used(rule)) if one in actions] if rule else []
    sent, _ = await deliveries_page(tx, account_id, LogFilter(is_test=False), limit=1)
    return Progress(
        inbox,
        next(iter(used or actions.values()), None),
        rule,
        sent[0] if sent else None,
        await _example(tx, member, inbox) if inbox else None,
    )


async def make_first_action(
    tx: Transaction, member: Membership, name: str, url: str, *, vault: Vault, now: datetime
) -> dict[str, Sentence]:
    """An active action that sends what was written to this address; or what is wrong with it."""
    draft = ActionDraft(name=name, url=url, body=FIRST_BODY)
    problems = await action_problems(tx, member.account_id, draft)
    if not problems:
        made = await create_action(
            tx, member.account_id, draft, vault=vault, now=now, state=ActionState.ACTIVE
        )
        await keep_action_version(tx, made, by=member.user_id, now=now)
    return problems


async def make_first_rule(
    tx: Transaction, member: Membership, action: CustomAction, name: str, *, now: datetime
) -> None:
    """A rule that sends this action for every message that comes in."""
    send = {"action_name": "send_custom_action", "action_params": [action.id]}
    draft = RuleDraft(name, EventName.MESSAGE_CREATED, [_INCOMING], [send])
    made = await create_rule(tx, member.account_id, draft, now=now)
    await keep_rule_version(tx, made, by=member.user_id, now=now)


async def write_as_contact(
    tx: Transaction, member: Membership, inbox: Inbox, content: str, *, now: datetime
) -> Conversation:
    """What a contact writes in this inbox; the example's contact is made when there is none."""
    conversation = await _example(tx, member, inbox) or await _begin(tx, inbox, now=now)
    locked = await find_conversation(
        tx, inbox.account_id, conversation.display_id, for_change=True
    ) or conversation  # fmt: skip
    message = MessageDraft(content, MessageType.INCOMING, sender=locked.contact)
    cause = Cause(Actor.CONTACT, locked.contact_id)
    await post_message(tx, locked, message, cause=cause, now=now)
    return locked


def _tells(rule: AutomationRule, active: dict[int, CustomAction]) -> bool:
    return rule.is_active and bool(actions_used(rule) & active.keys())


async def _example(tx: Transaction, member: Membership, inbox: Inbox) -> Conversation | None:
    known = await find_contact_inbox(tx, inbox.id, _SOURCE_ID)
    if known is None:
        return None
    wanted = Filter(status=None, contact_id=known.contact_id, inbox_id=inbox.id)
    return next(iter(await conversations_page(tx, member, wanted)), None)


async def _begin(tx: Transaction, inbox: Inbox, *, now: datetime) -> Conversation:
    known = await find_contact_inbox(tx, inbox.id, _SOURCE_ID)
    contact = await find_contact(tx, inbox.account_id, known.contact_id) if known else None
    if contact is None:
        contact = await create_contact(
            tx, inbox.account_id, ContactDraft(name="Maria Souza"), now=now
        )
    contact_inbox = await introduce(tx, contact, inbox, source_id=_SOURCE_ID, now=now)
    if contact_inbox is None:
        raise AssertionError("The inbox knows somebody else by the example's id.")
    by = Cause(Actor.CONTACT, contact.id)
    return await start_conversation(tx, contact_inbox, ConversationDraft(), cause=by, now=now)
