"""The main job: a message arrives, a rule matches, a custom action reaches another system."""

import asyncio
from datetime import timedelta

import orjson

from recado.actions.models import ActionState
from recado.actions.saving import ActionDraft, action_problems, create_action
from recado.automation.knowing import known_of
from recado.automation.saving import RuleDraft, create_rule, rule_problems
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.filtering import LogFilter
from recado.deliveries.searching import deliveries_page
from recado.worker.sending import Limits
from recado.worker.working import work
from tests.people import NOW, Cast, a_contact, a_conversation, a_message
from tests.receiver import Receiver

LIMITS = Limits(concurrency=10, lane_concurrency=5, lease=timedelta(seconds=30))


async def test_a_message_reaches_another_system_through_a_rule(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    draft = ActionDraft(
        name="CRM",
        url=receiver.url + "/contacts/{{ contact.id }}",
        body='{"text": "{{ message.content }}", "labels": {{ conversation.labels }}}',
    )
    async with database.transaction() as tx:
        assert await action_problems(tx, cast.account.id, draft) == {}
        action = await create_action(
            tx, cast.account.id, draft, vault=outbound.vault, now=NOW, state=ActionState.ACTIVE
        )
        rule = RuleDraft(
            "Tell the CRM",
            "message_created",
            [
                {
                    "attribute_key": "message_type",
                    "filter_operator": "equal_to",
                    "values": ["incoming"],
                    "query_operator": None,
                }
            ],
            [{"action_name": "send_custom_action", "action_params": [action.id]}],
        )
        assert rule_problems(rule, await known_of(tx, cast.account.id)) == []
        await create_rule(tx, cast.account.id, rule, now=NOW)
    stop = asyncio.Event()
    worker = asyncio.create_task(work(database, outbound, LIMITS, stop))
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account)
        conversation = await a_conversation(tx, cast.inbox, contact)
        await a_message(tx, conversation, 'He said "hi"\n😀')
    await receiver.wait_for(1)
    await asyncio.sleep(0.3)
    stop.set()
    await worker
    [received] = receiver.received
    assert orjson.loads(received.body) == {"text": 'He said "hi"\n😀', "labels": []}
    assert received.path == f"/contacts/{contact.id}"
    async with database.transaction() as tx:
        [delivery], _ = await deliveries_page(tx, cast.account.id, LogFilter())
    assert (delivery.state, delivery.rule_name) == ("delivered", "Tell the CRM")
    assert received.headers["webhook-id"] == delivery.webhook_id
