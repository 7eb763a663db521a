"""Signing an action's requests, verified as receivers do it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from recado.actions.firing import FiredBy, fire
from recado.actions.models import ActionState, CustomAction
from recado.actions.rehearsing import rehearse
from recado.actions.saving import (
    ActionDraft,
    action_problems,
    create_action,
    draft_of,
    find_action,
    update_action,
)
from recado.actions.signing import SigningDraft, signing_state
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound, deliver
from recado.deliveries.keeping_secrets import sealed_secrets
from recado.deliveries.recording import record
from recado.deliveries.replacing_secrets import prune_secrets
from recado.deliveries.requests import secret_ids
from recado.lib.facts import sample_facts
from recado.lib.signing import new_signing_secret
from tests.browser import Browser
from tests.deliveries.rows import claim, every_row
from tests.people import NOW, Cast, gather
from tests.receiver import Received, Receiver

BODY = '{"name": "{{ contact.name }}"}'
FACTS = {**sample_facts([]), "event": {"name": "message_created", "at": NOW.isoformat()}}


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


async def signed_action(
    tx: Transaction, account_id: int, url: str, outbound: Outbound, secret: str
) -> CustomAction:
    draft = ActionDraft("CRM", url=url + "/in", body=BODY, signing=SigningDraft(True, secret))
    assert await action_problems(tx, account_id, draft) == {}
    return await create_action(
        tx, account_id, draft, vault=outbound.vault, now=NOW, state=ActionState.ACTIVE
    )


async def change(
    tx: Transaction, action: CustomAction, outbound: Outbound, *, now: Any = NOW, **wish: Any
) -> None:
    signing = SigningDraft(**{"is_on": True, "ring_id": action.signing_ring, **wish})
    kept = draft_of(action)
    draft = ActionDraft(kept.name, url=kept.url, body=kept.body, signing=signing)
    assert await action_problems(tx, action.account_id, draft, but=action.id) == {}
    await update_action(tx, action, draft, vault=outbound.vault, now=now)


async def send(tx: Transaction, outbound: Outbound, now: Any) -> None:
    for one in await claim(tx, now=now):
        sealed = await sealed_secrets(tx, secret_ids(one.request))
        await record(tx, [await deliver(one, sealed, outbound, now=now)], now=now, dice=0.5)


def verified_by(secret: str, request: Received) -> bool:
    at = int(request.headers["webhook-timestamp"])
    with time_machine.travel(at, tick=False):
        try:
            Webhook(secret).verify(request.body.decode(), dict(request.headers))
        except WebhookVerificationError:
            return False
    return True


async def test_each_attempt_is_signed_with_its_own_time(
    tx: Transaction, people: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    secret = new_signing_secret()
    action = await signed_action(tx, people.account.id, receiver.url, outbound, secret)
    await fire(tx, action, FACTS, FiredBy(1, "Rule", 1), now=NOW)
    receiver.answer_once(503)
    await send(tx, outbound, NOW)
    await send(tx, outbound, NOW + timedelta(minutes=1))
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert verified_by(secret, first)
    assert verified_by(secret, second)
    assert not verified_by(new_signing_secret(), first)


async def test_while_a_secret_is_replaced_both_sign_for_a_day(
    tx: Transaction, people: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    old, new = new_signing_secret(), new_signing_secret()
    action = await signed_action(tx, people.account.id, receiver.url, outbound, old)
    await fire(tx, action, FACTS, FiredBy(1, "Rule", 1), now=NOW)  # frozen before the change
    await change(tx, action, outbound, secret=new)
    await send(tx, outbound, NOW)
    [both] = receiver.received
    assert both.headers["webhook-signature"].count("v1,") == 2
    assert verified_by(old, both)
    assert verified_by(new, both)
    later = NOW + timedelta(hours=24, seconds=1)
    await fire(tx, action, FACTS, FiredBy(1, "Rule", 1), now=later)
    await send(tx, outbound, later)
    assert verified_by(new, receiver.received[-1])
    assert not verified_by(old, receiver.received[-1])
    assert await prune_secrets(tx, now=later) == 1


async def test_no_more_than_two_secrets_sign_at_once(
    tx: Transaction, people: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    secrets = [new_signing_secret() for _ in range(3)]
    action = await signed_action(tx, people.account.id, receiver.url, outbound, secrets[0])
    await change(tx, action, outbound, secret=secrets[1])
    await change(tx, action, outbound, secret=secrets[2], now=NOW + timedelta(hours=1))
    await fire(tx, action, FACTS, FiredBy(1, "Rule", 1), now=NOW + timedelta(hours=1))
    await send(tx, outbound, NOW + timedelta(hours=1))
    [request] = receiver.received
    assert [verified_by(one, request) for one in secrets] == [False, True, True]


async def test_an_old_secret_can_be_ended_at_once(
    tx: Transaction, people: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    old, new = new_signing_secret(), new_signing_secret()
    action = await signed_action(tx, people.account.id, receiver.url, outbound, old)
    await change(tx, action, outbound, secret=new)
    state = await signing_state(tx, people.account.id, action.signing_ring, now=NOW)
    assert state is not None
    assert state.old_until == NOW + timedelta(hours=24)
    await change(tx, action, outbound, ends_replaced=True)
    await fire(tx, action, FACTS, FiredBy(1, "Rule", 1), now=NOW)
    await send(tx, outbound, NOW)
    assert [verified_by(one, receiver.received[0]) for one in (old, new)] == [False, True]


async def test_a_call_whose_secret_is_gone_is_not_sent_unsigned(
    tx: Transaction, people: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    action = await signed_action(
        tx, people.account.id, receiver.url, outbound, new_signing_secret()
    )
    delivery = await fire(tx, action, FACTS, FiredBy(1, "Rule", 1), now=NOW)
    [one] = await claim(tx)
    await record(tx, [await deliver(one, {}, outbound, now=NOW)], now=NOW)
    await tx.refresh(delivery)
    assert (delivery.state, delivery.reason["trouble"]) == ("failed", "secret")
    assert receiver.connections == 0


async def test_without_signing_there_is_no_signature(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    async with database.transaction() as tx:
        draft = ActionDraft("CRM", url=receiver.url, body=BODY)
        action = await create_action(tx, cast.account.id, draft, vault=outbound.vault, now=NOW)
    await rehearse(database, action, FACTS, outbound, now=NOW)
    assert "webhook-signature" not in receiver.received[0].headers


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        (SigningDraft(True), "needs a secret"),
        (SigningDraft(True, "hunter2"), "whsec_"),
        (SigningDraft(True, "whsec_c2hvcnQ="), "whsec_"),  # less than 24 bytes
        (SigningDraft(True, "whsec_" + "=" * 40), "whsec_"),
        (SigningDraft(True, ring_id=987_654), "needs a secret"),  # nobody's
    ],
)
async def test_a_wish_that_cannot_sign_is_refused(
    tx: Transaction, people: Cast, wish: SigningDraft, word: str
) -> None:
    draft = ActionDraft("CRM", url="https://crm.example/", body="{}", signing=wish)
    problems = await action_problems(tx, people.account.id, draft)
    assert word in str(problems["signing.secret"])


FORM = {"name": "CRM", "method": "POST", "body_kind": "json", "body": "{}"}


async def _only(database: Database, account_id: int) -> CustomAction:
    async with database.transaction() as tx:
        action = await find_action(tx, account_id, 1)
    assert action is not None
    return action


async def test_the_form_offers_a_secret_and_never_shows_it_again(
    ana: Browser, database: Database, cast: Cast, receiver: Receiver
) -> None:
    offered = (await ana.get("/app/actions/new")).text
    secret = "whsec_" + offered.partition('value="whsec_')[2].partition('"')[0]
    form = {**FORM, "url": receiver.url, "signing-on": "true", "signing-fresh": "true"}
    form["signing-secret"] = secret
    refused = await ana.post("/app/actions", {**form, "name": ""})
    assert (refused.status_code, secret in refused.text) == (422, True)  # it may be copied already
    assert (await ana.post("/app/actions", form)).status_code in (200, 303)
    action = await _only(database, cast.account.id)
    assert action.signing_ring
    for path in ("/edit", "/test", ""):
        shown = (await ana.get(f"/app/actions/{action.id}{path}")).text
        assert secret not in shown
    assert "The secret is saved" in (await ana.get(f"/app/actions/{action.id}/edit")).text
    assert not any(secret in rows for rows in (await every_row(database)).values())
    await ana.post(f"/app/actions/{action.id}/test", {})
    assert verified_by(secret, receiver.received[0])


async def test_saving_the_form_keeps_replaces_or_drops_the_secret(
    ana: Browser, database: Database, cast: Cast, receiver: Receiver
) -> None:
    first, second = new_signing_secret(), new_signing_secret()
    signed = {**FORM, "url": receiver.url, "signing-on": "true"}
    await ana.post("/app/actions", {**signed, "signing-fresh": "true", "signing-secret": first})
    ring = (await _only(database, cast.account.id)).signing_ring
    offered = new_signing_secret()  # stands in the form, but nobody asked to replace
    await ana.post("/app/actions/1", {**signed, "signing-secret": offered})
    await ana.post("/app/actions/1/test", {})
    assert verified_by(first, receiver.received[-1])
    assert not verified_by(offered, receiver.received[-1])
    await ana.post(
        "/app/actions/1", {**signed, "signing-replace": "true", "signing-secret": second}
    )
    assert (await _only(database, cast.account.id)).signing_ring == ring
    assert "The secret before it signs as well" in (await ana.get("/app/actions/1/edit")).text
    await ana.post("/app/actions/1/test", {})
    assert verified_by(first, receiver.received[-1])
    assert verified_by(second, receiver.received[-1])
    await ana.post("/app/actions/1", {**FORM, "url": receiver.url})
    assert (await _only(database, cast.account.id)).signing_ring is None


async def test_another_host_gets_a_secret_of_its_own(
    ana: Browser, database: Database, cast: Cast, receiver: Receiver
) -> None:
    first = new_signing_secret()
    form = {**FORM, "url": "https://old.example/", "signing-on": "true"}
    await ana.post("/app/actions", {**form, "signing-fresh": "true", "signing-secret": first})
    moved = {**form, "url": receiver.url}
    refused = await ana.post("/app/actions/1", moved)
    assert refused.status_code == 422
    assert "the new host gets a signing secret of its own" in refused.text
    assert 'name="signing-fresh"' in refused.text
    second = new_signing_secret()
    await ana.post("/app/actions/1", {**moved, "signing-fresh": "true", "signing-secret": second})
    await ana.post("/app/actions/1/test", {})
    assert verified_by(second, receiver.received[0])
    assert not verified_by(first, receiver.received[0])


async def test_a_strangers_ring_signs_nothing(
    tx: Transaction, people: Cast, outbound: Outbound
) -> None:
    url = "https://crm.example"
    theirs = await signed_action(tx, people.other_account.id, url, outbound, new_signing_secret())
    wish = SigningDraft(True, ring_id=theirs.signing_ring)
    draft = ActionDraft("CRM", url=url, body="{}", signing=wish)
    assert "signing.secret" in await action_problems(tx, people.account.id, draft)


async def test_a_rehearsal_is_signed(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    secret = new_signing_secret()
    async with database.transaction() as tx:
        action = await signed_action(tx, cast.account.id, receiver.url, outbound, secret)
    delivery = await rehearse(database, action, FACTS, outbound, now=NOW)
    assert isinstance(delivery.attempts[0].status, int)
    assert verified_by(secret, receiver.received[0])
