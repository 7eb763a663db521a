"""What happens in a conversation, and the rules that answer, for tests of running and pages."""

from typing import Any

from sqlalchemy import select

from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import ActionDraft, create_action
from recado.automation.models import AutomationRule, RuleVerdict
from recado.automation.rule_book import RuleBook
from recado.automation.running import run_rules, take_lanes
from recado.automation.saving import RuleDraft, create_rule
from recado.conversations.changing import Change, change_conversation
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.events.causes import BY_SYSTEM
from recado.lib.secrets import Vault
from tests.automation.rules import row
from tests.people import NOW, Cast, a_message

INCOMING = row("message_type", "equal_to", "incoming")
ANY_STATUS = row("status", "equal_to", "all")
VAULT = Vault("a key for tests only, long enough")


def does(name: str, *params: Any) -> dict[str, Any]:
    """An effect in the API's shape."""
    return {"action_name": name, "action_params": list(params)}


async def a_rule(
    tx: Transaction,
    cast: Cast,
    *effects: dict[str, Any],
    on: str = "message_created",
    when: Any = INCOMING,
    name: str = "Rule",
) -> AutomationRule:
    """An active rule, unchecked."""
    conditions = when if isinstance(when, list) else [when]
    draft = RuleDraft(name, on, conditions, list(effects))
    return await create_rule(tx, cast.account.id, draft, now=NOW)


async def an_action(
    tx: Transaction, cast: Cast, name: str = "CRM", state: str = ActionState.ACTIVE, **values: Any
) -> CustomAction:
    """A custom action of the cast's account."""
    given = {"url": "https://crm.example/contacts", "body": '{"text": "{{ message.content }}"}'}
    draft = ActionDraft(name=name, **(given | values))
    return await create_action(
        tx, cast.account.id, draft, vault=VAULT, now=NOW, state=ActionState(state)
    )


async def run(tx: Transaction, *, apart: bool = False) -> int:
    """Run the rules until nothing waits, as the worker does; how many events there were."""
    book, total = RuleBook(), 0
    while lanes := await take_lanes(tx):
        total += await run_rules(tx, book, lanes, now=NOW, apart=apart)
        assert total < 200
    return total


async def verdicts(tx: Transaction, rule: AutomationRule | None = None) -> list[RuleVerdict]:
    """What was decided, oldest first."""
    query = select(RuleVerdict).order_by(RuleVerdict.id)
    if rule is not None:
        query = query.where(RuleVerdict.rule_id == rule.id)
    return list(await tx.scalars(query))


async def outcomes(tx: Transaction, rule: AutomationRule) -> list[tuple[str, str]]:
    """What the effects of a rule did the last time it fired: their names and results."""
    last = [one for one in await verdicts(tx, rule) if one.effects][-1]
    return [(one["action_name"], one["result"]) for one in last.effects]


async def texts(tx: Transaction, conversation: Conversation) -> list[str]:
    """The contents of a conversation's messages, activities left out."""
    query = select(Message.content).where(
        Message.conversation_id == conversation.id, Message.message_type != "activity"
    )
    return list(await tx.scalars(query.order_by(Message.id)))


async def change(tx: Transaction, talk: Conversation, **values: Any) -> None:
    """A change by nobody in particular."""
    await change_conversation(tx, talk, Change(**values), cause=BY_SYSTEM, now=NOW)  # type: ignore[typeddict-item]


async def post(
    tx: Transaction, talk: Conversation, text: str, kind: MessageType, **values: Any
) -> Message:
    """A message, from nobody unless a sender is given."""
    draft = MessageDraft(text, kind, **values)
    return await post_message(tx, talk, draft, cause=BY_SYSTEM, now=NOW)


async def the_delivery(tx: Transaction) -> Delivery:
    """The only one there is."""
    [delivery] = await tx.scalars(select(Delivery))
    return delivery


async def after(
    tx: Transaction, people: Cast, talk: Conversation, *effects: dict[str, Any]
) -> list[str]:
    """What the effects did, once a message came."""
    rule = await a_rule(tx, people, *effects)
    await a_message(tx, talk)
    await run(tx)
    return [result for _, result in await outcomes(tx, rule)]
