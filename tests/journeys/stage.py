"""What stands on the pages before somebody opens them: actions, a rule, a conversation, deliveries."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import ActionDraft, create_action
from recado.automation.models import AutomationRule
from recado.automation.saving import RuleDraft, create_rule
from recado.conversations.finding import find_conversation
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.filtering import LogFilter
from recado.deliveries.models import Delivery
from recado.deliveries.searching import deliveries_page
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.people import Cast, a_contact, a_conversation
from tests.receiver import Receiver

_BODY = '{"nome": "{{ contact.name }}", "mensagem": "{{ message.content }}"}'


@dataclass(frozen=True, slots=True)
class Stage:
    """An account in use."""

    sends: CustomAction
    refused: CustomAction
    rule: AutomationRule
    conversation: Conversation
    mail: Inbox  # whose mailbox is not set up yet


async def set_stage(
    database: Database, outbound: Outbound, cast: Cast, receiver: Receiver
) -> Stage:
    """Two active actions, one that is off, one draft; a rule that sends both; a conversation."""
    urls = {"Zap": "/zap", "Recusado": "/status/400", "Parado": "/off", "Esboço": "/draft"}
    states = dict(
        zip(urls, (ActionState.ACTIVE, ActionState.ACTIVE, ActionState.OFF), strict=False)
    )
    async with database.transaction() as tx:
        actions = {
            name: await create_action(
                tx, cast.account.id, ActionDraft(name, "Aviso", url=receiver.url + path, body=_BODY),
                vault=outbound.vault, now=_now(), state=states.get(name, ActionState.DRAFT),
            )
            for name, path in urls.items()
        }  # fmt: skip
        sent = [actions["Zap"], actions["Recusado"]]
        rule = await create_rule(tx, cast.account.id, rule_sending(*sent), now=_now())
        conversation = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        mail = await open_inbox(
            tx, cast.account.id, InboxDraft("Acme", Channel.EMAIL), vault=outbound.vault,
            now=_now(),
        )  # fmt: skip
    return Stage(*sent, rule, conversation, mail)


def rule_sending(*actions: CustomAction, name: str = "Zebra") -> RuleDraft:
    """A rule for every message that comes in."""
    incoming = {
        "attribute_key": "message_type",
        "filter_operator": "equal_to",
        "values": ["incoming"],
        "query_operator": None,
    }
    effects = [{"action_name": "send_custom_action", "action_params": [one.id]} for one in actions]
    return RuleDraft(name, "message_created", [incoming], effects)


async def say(database: Database, conversation: Conversation, content: str) -> Message:
    """The conversation's contact writes."""
    async with database.transaction() as tx:
        found = await _locked(tx, conversation)
        draft = MessageDraft(content, MessageType.INCOMING, sender=found.contact)
        by = Cause(Actor.CONTACT, found.contact_id)
        return await post_message(tx, found, draft, cause=by, now=_now())


async def ended_deliveries(database: Database, account_id: int, count: int) -> list[Delivery]:
    """The account's deliveries, newest first, as soon as `count` have ended."""
    async with asyncio.timeout(10):
        while True:
            async with database.transaction() as tx:
                found, _ = await deliveries_page(tx, account_id, LogFilter())
            if sum(one.finished_at is not None for one in found) >= count:
                return found
            await asyncio.sleep(0.02)


async def _locked(tx: Transaction, conversation: Conversation) -> Conversation:
    found = await find_conversation(
        tx, conversation.account_id, conversation.display_id, for_change=True
    )
    assert found is not None
    return found


def _now() -> datetime:
    return datetime.now(UTC)
