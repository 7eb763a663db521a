"""Inboxes in a browser."""

import pytest

from recado.accounts.auditing import AuditFilter, audit_page
from recado.conversations.models import Conversation
from recado.db.database import Database
from recado.inboxes.keeping_tokens import hmac_of
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.browser import Browser
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation

NEW = {"name": "Loja", "channel": "api", "website_url": "", "webhook_url": ""}


async def test_only_administrators_open_inboxes(
    ana: Browser, beto: Browser, celia: Browser, visitor: Browser
) -> None:
    for path in ("/app/inboxes", "/app/inboxes/new", "/app/inboxes/1", "/app/inboxes/1/delete"):
        assert (await ana.get(path)).status_code == 200
        assert (await beto.get(path)).status_code == 403
        assert (await visitor.get(path)).status_code == 303
    for path in ("/app/inboxes/1", "/app/inboxes/1/delete"):
        assert (await celia.get(path)).status_code == 404
        assert (await celia.post(path, {"name": "Site"})).status_code == 404
        assert (await beto.post(path, {"name": "Site"})).status_code == 403
    assert (await beto.post("/app/inboxes", NEW)).status_code == 403


async def test_an_api_inbox_shows_how_to_post(ana: Browser, cast: Cast) -> None:
    answer = await ana.post("/app/inboxes", NEW)
    assert answer.headers["location"] == "/app/inboxes/3"
    page = (await ana.get("/app/inboxes/3")).text
    assert f"http://127.0.0.1:3000/api/v1/accounts/{cast.account.id}" in page
    assert "&#34;inbox_id&#34;: 3" in page
    assert "message_type" in page


async def test_a_website_has_an_address_and_no_curl(ana: Browser) -> None:
    refused = await ana.post("/app/inboxes", {**NEW, "channel": "web_widget"})
    assert refused.status_code == 422
    assert "Enter the address of the website." in refused.text
    assert 'value="Loja"' in refused.text
    form = {**NEW, "channel": "web_widget", "website_url": "https://loja.example"}
    assert (await ana.post("/app/inboxes", form)).status_code == 303
    page = (await ana.get("/app/inboxes/3")).text
    assert "https://loja.example" in page
    assert "curl $API" not in page
    assert "packs/js/sdk.js" in page


async def test_only_a_website_has_a_snippet(ana: Browser, cast: Cast) -> None:
    assert "packs/js/sdk.js" not in (await ana.get(f"/app/inboxes/{cast.inbox.id}")).text


@pytest.mark.parametrize(
    ("changed", "status"), [({"name": " "}, 422), ({"channel": "pigeon"}, 400)]
)
async def test_a_wrong_inbox_is_refused(ana: Browser, changed: dict[str, str], status: int) -> None:
    assert (await ana.post("/app/inboxes", {**NEW, **changed})).status_code == status


async def test_name_and_members_are_changed(ana: Browser, beto: Browser, cast: Cast) -> None:
    assert (await beto.get("/app/conversations/new")).text.count("You answer in no inbox") == 0
    strangers = {"members": [str(cast.celia.user_id), "x"]}
    assert (await ana.post("/app/inboxes/1", {"name": "Suporte", **strangers})).status_code == 303
    assert "Suporte" in (await ana.get("/app/inboxes")).text
    assert "You answer in no inbox" in (await beto.get("/app/conversations/new")).text
    assert (await ana.post("/app/inboxes/1", {"name": ""})).status_code == 422


async def test_who_answers_there_no_more_has_none_of_its_conversations(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        talk.assignee_id = cast.beto.user_id
    await ana.post("/app/inboxes/1", {"name": "Site", "members": [str(cast.beto.user_id)]})
    async with database.transaction() as tx:
        assert (await tx.get_one(Conversation, talk.id)).assignee_id == cast.beto.user_id
    await ana.post("/app/inboxes/1", {"name": "Site"})
    async with database.transaction() as tx:
        assert (await tx.get_one(Conversation, talk.id)).assignee_id is None


async def test_an_inbox_that_deals_to_nobody_says_so(ana: Browser, cast: Cast) -> None:
    form: dict[str, str | list[str]] = {"name": "Site", "deals_out": "true"}
    saved = await ana.post("/app/inboxes/1", form)
    assert saved.headers["location"] == "/app/inboxes/1?saved=yes"  # where it is said, not the list
    assert "No agent is ticked above" in (await ana.get("/app/inboxes/1")).text
    saved = await ana.post("/app/inboxes/1", {**form, "members": [str(cast.beto.user_id)]})
    assert saved.headers["location"] == "/app/inboxes?saved=yes"
    assert "The inbox is saved." in (await ana.get("/app/inboxes?saved=yes")).text
    assert "No agent is ticked above" not in (await ana.get("/app/inboxes/1")).text


async def test_a_refused_change_keeps_what_was_typed(ana: Browser, cast: Cast) -> None:
    chosen = [str(cast.ana.user_id)]
    form = {"name": "Suporte", "deals_out": "true", "most_dealt": "many", "members": chosen}
    refused = await ana.post("/app/inboxes/1", form)
    assert refused.status_code == 422
    assert 'value="Suporte"' in refused.text
    assert 'value="many"' in refused.text
    assert f'name="members" value="{cast.ana.user_id}" checked' in refused.text
    assert f'name="members" value="{cast.beto.user_id}" checked' not in refused.text


async def test_an_inbox_is_deleted_by_typing_the_name(ana: Browser) -> None:
    assert (
        "All conversations of this inbox are deleted"
        in (await ana.get("/app/inboxes/1/delete")).text
    )
    assert (await ana.post("/app/inboxes/1/delete", {"name": "site"})).status_code == 422
    assert (await ana.post("/app/inboxes/1/delete", {"name": "Site"})).status_code == 303
    assert "No inboxes yet" in (await ana.get("/app/inboxes")).text


@pytest.mark.parametrize(
    ("channel", "told"), [("api", "openssl dgst -sha256"), ("web_widget", "$chatwoot.setUser")]
)
async def test_identity_verification_is_seen_and_set(
    ana: Browser,
    beto: Browser,
    celia: Browser,
    cast: Cast,
    database: Database,
    channel: str,
    told: str,
) -> None:
    async with database.transaction() as tx:
        draft = InboxDraft("Loja", Channel(channel), {"website_url": "https://loja.example"})
        inbox = await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOW)
    here = f"/app/inboxes/{inbox.id}"
    page = (await ana.get(here)).text
    assert hmac_of(inbox, VAULT) in page
    assert told in page
    assert 'name="hmac_mandatory" value="true">' in page
    for stranger, status in ((beto, 403), (celia, 404)):
        refused = await stranger.post(f"{here}/identity", {"hmac_mandatory": "true"})
        assert refused.status_code == status
    assert (await ana.post(f"{here}/identity", {"hmac_mandatory": "true"})).status_code == 303
    assert 'name="hmac_mandatory" value="true" checked>' in (await ana.get(here)).text
    async with database.transaction() as tx:
        kept = await tx.get_one(Inbox, inbox.id)
        assert kept.settings == {"website_url": "https://loja.example", "hmac_mandatory": True}
        entries, _ = await audit_page(tx, cast.account.id, AuditFilter(), before=None)
    [entry] = [one for one in entries if (one.kind, one.what) == ("inbox", "changed")]
    assert entry.subject_id == inbox.id
    assert entry.changes["settings"][1]["hmac_mandatory"] is True
    assert (await ana.post(f"{here}/identity", {})).status_code == 303
    assert 'name="hmac_mandatory" value="true">' in (await ana.get(here)).text


async def test_a_mailbox_has_no_identity_to_verify(
    ana: Browser, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        draft = InboxDraft("Cartas", Channel.EMAIL)
        inbox = await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOW)
    page = (await ana.get(f"/app/inboxes/{inbox.id}")).text
    assert 'id="identity"' not in page
    assert hmac_of(inbox, VAULT) not in page
    refused = await ana.post(f"/app/inboxes/{inbox.id}/identity", {"hmac_mandatory": "true"})
    assert refused.status_code == 404


async def test_a_webhook_inside_the_network_is_refused_on_saving(ana: Browser) -> None:
    refused = await ana.post("/app/inboxes", NEW | {"webhook_url": "http://10.0.0.5/hook"})
    assert refused.status_code == 422
    assert "it is not on the public internet" in refused.text
    assert (
        await ana.post("/app/inboxes", NEW | {"webhook_url": "http://127.0.0.1:9/hook"})
    ).status_code == 303  # this machine is allowed here
