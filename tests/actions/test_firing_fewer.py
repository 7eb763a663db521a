"""Firing an action that asks for fewer calls: each event still leaves a delivery that says why."""

from datetime import timedelta
from typing import Any

import pytest

from recado.actions.firing import FiredBy, fire
from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import ActionDraft, create_action, delete_action
from recado.actions.variables import variables_of
from recado.db.database import Transaction
from recado.deliveries.models import Allowance, Delivery
from recado.lib.facts import sample_facts, with_values
from recado.lib.secrets import Vault
from tests.conftest import KEY
from tests.deliveries.rows import broken_rules, fresh
from tests.people import NOW, Cast, gather


async def an_action(tx: Transaction, cast: Cast, **policy: Any) -> CustomAction:
    draft = ActionDraft(
        "CRM", url="https://crm.example/", body='{"said": "{{ message.content }}"}', policy=policy
    )
    return await create_action(
        tx, cast.account.id, draft, vault=Vault(KEY), now=NOW, state=ActionState.ACTIVE
    )


async def fired(
    tx: Transaction, action: CustomAction, said: str = "Oi", *, number: int = 1, after: int = 0
) -> Delivery:
    facts = sample_facts(await variables_of(tx, action.account_id))
    facts = with_values(facts, {"message.content": said, "conversation.id": number})
    delivery = await fire(tx, action, facts, FiredBy(1, "R", 1), now=NOW + timedelta(seconds=after))
    await tx.flush()
    return delivery


@pytest.mark.parametrize(
    ("said", "number", "after", "state"),
    [
        ("Oi", 1, 59, "skipped"),
        ("Oi", 1, 61, "pending"),  # long enough ago
        ("Olá", 1, 1, "pending"),
        ("Oi", 2, 1, "pending"),  # another conversation
    ],
)
async def test_the_same_call_is_not_made_again_so_soon(
    tx: Transaction, said: str, number: int, after: int, state: str
) -> None:
    action = await an_action(tx, await gather(tx), skip_same_seconds=60)
    first = await fired(tx, action)
    second = await fired(tx, action, said, number=number, after=after)
    assert (first.state, second.state) == ("pending", state)
    if state == "skipped":
        assert second.reason == {"why": "same", "by": first.id}
    assert await broken_rules(tx) == {}


async def test_calls_of_a_conversation_are_collected(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx), collect_seconds=30)
    first = await fired(tx, action, "one")
    last = await fired(tx, action, "two", after=5)
    assert (await fresh(tx, first.id)).reason == {"why": "replaced", "by": last.id}
    assert last.due_at == NOW + timedelta(seconds=30)
    assert last.request["body"] == '{"said": "two"}'


async def test_what_is_held_is_replaced_too(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx), order="newest")
    action.state, action.holds_calls = ActionState.OFF, True
    first, last = await fired(tx, action), await fired(tx, action, "newer")
    assert ((await fresh(tx, first.id)).state, last.state) == ("skipped", "held")
    assert await broken_rules(tx) == {}


async def test_a_limit_is_kept_with_the_action_and_goes_with_it(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx), most_calls=60, most_calls_per="hour")
    kept = await tx.get(Allowance, action.id)
    assert kept is not None
    assert (kept.calls, kept.seconds) == (60, 3_600)
    await delete_action(tx, action, now=NOW)
    tx.expire_all()
    assert await tx.get(Allowance, action.id) is None
