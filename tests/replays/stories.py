"""A call that failed, and what has changed since."""

from dataclasses import replace

from recado.actions.firing import FiredBy, fire
from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import ActionDraft, create_action, draft_of, update_action
from recado.actions.versions import keep_action_version
from recado.contacts.models import Contact
from recado.conversations.describing import facts_about
from recado.conversations.finding import find_conversation
from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.deliveries.recording import record
from recado.events.models import Event
from recado.lib.secrets import Vault
from tests.conftest import KEY
from tests.deliveries.rows import answered, claim, tried
from tests.people import NOW, Cast, a_contact, a_conversation


async def failed_story(tx: Transaction, people: Cast) -> tuple[CustomAction, Delivery, Contact]:
    """An action that failed on what Maria was called then."""
    action = await create_action(
        tx, people.account.id, ActionDraft("CRM", url="https://crm.example/", body='{"n": "{{ contact.name }}"}'),
        vault=Vault(KEY), now=NOW, state=ActionState.ACTIVE,
    )  # fmt: skip
    contact = await a_contact(tx, people.account, name="Maria")
    talk = await a_conversation(tx, people.inbox, contact)
    conversation = await find_conversation(tx, people.account.id, talk.display_id)
    assert conversation is not None
    facts = {
        **facts_about(conversation, now=NOW),
        "event": {"name": "message_created", "at": "then"},
    }
    event = Event(
        account_id=people.account.id, name="message_created", conversation_id=talk.id, lane=0,
        facts=facts, cause={},
        created_at=NOW, processed_at=NOW,
    )  # fmt: skip
    tx.add(event)
    await tx.flush()
    made = await fire(tx, action, facts, FiredBy(1, "Rule", event.id), now=NOW)
    await tx.flush()
    [mine] = await claim(tx)
    await record(tx, [tried(mine, answered(422))], now=NOW)
    await keep_action_version(tx, action, by=None, now=NOW)
    contact.name = "Maria Souza"
    draft = replace(draft_of(action), body='{"name": "{{ contact.name }}"}')
    await update_action(tx, action, draft, vault=Vault(KEY), now=NOW)
    await keep_action_version(tx, action, by=None, now=NOW)
    await tx.refresh(made)
    return action, made, contact
