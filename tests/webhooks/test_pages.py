"""The settings page of webhooks."""

from recado.db.database import Database
from recado.webhooks.models import Webhook
from recado.webhooks.saving import keep_webhook, webhooks_of
from tests.browser import Browser
from tests.people import NOW, Cast

FORM = {"url": "https://example.com/hook", "name": "Bridge", "subscriptions": ["message_created"]}


async def test_a_webhook_is_added_changed_and_deleted(
    ana: Browser, cast: Cast, database: Database
) -> None:
    assert (await ana.get("/app/webhooks")).status_code == 200
    assert (await ana.get("/app/webhooks/new")).status_code == 200
    assert (await ana.post("/app/webhooks", FORM)).status_code == 303
    page = (await ana.get("/app/webhooks")).text
    assert "Bridge" in page
    assert "Nothing was sent yet" in page
    changed = {**FORM, "name": "", "subscriptions": ["contact_created", "message_updated"]}
    assert (await ana.post("/app/webhooks/1", changed)).status_code == 303
    async with database.transaction() as tx:
        [kept] = await webhooks_of(tx, cast.account.id)
    assert (kept.name, kept.subscriptions) == (
        "example.com",
        ["message_updated", "contact_created"],
    )
    assert (await ana.post("/app/webhooks/1/delete", {"name": "wrong"})).status_code == 422
    assert (await ana.post("/app/webhooks/1/delete", {"name": "example.com"})).status_code == 303
    assert "No webhooks yet" in (await ana.get("/app/webhooks")).text


async def test_what_is_wrong_is_said_and_nothing_is_lost(
    ana: Browser, cast: Cast, database: Database
) -> None:
    for form in ({**FORM, "url": "nonsense"}, {**FORM, "subscriptions": []}):
        refused = await ana.post("/app/webhooks", form)
        assert refused.status_code == 422
        assert str(form["url"]) in refused.text
    other = Webhook(
        account_id=cast.account.id, name="", url=FORM["url"], subscriptions=["message_created"],
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    async with database.transaction() as tx:
        await keep_webhook(tx, other, now=NOW)
    refused = await ana.post("/app/webhooks", FORM)
    assert "Another webhook has this address already." in refused.text
    assert (await ana.post("/app/webhooks/1", {**FORM, "name": "New"})).status_code == 303


async def test_an_address_that_nothing_is_sent_to_is_refused_on_saving(ana: Browser) -> None:
    for url in ("http://10.0.0.5/hook", "http://169.254.169.254/", "http://[fd00::1]/hook"):
        refused = await ana.post("/app/webhooks", {**FORM, "url": url})
        assert refused.status_code == 422
        assert "it is not on the public internet" in refused.text
        assert url in refused.text
    allowed = await ana.post("/app/webhooks", {**FORM, "url": "http://localhost:8000/hook"})
    assert allowed.status_code == 303  # this machine is allowed here


async def test_only_administrators_see_webhooks(beto: Browser) -> None:
    assert (await beto.get("/app/webhooks")).status_code == 403
