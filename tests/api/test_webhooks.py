"""Webhooks through the API, in Chatwoot's envelopes."""

import pytest

from recado.db.database import Database
from recado.webhooks.saving import find_webhook
from tests.api.calling import Program

URL = "https://example.com/hook"


@pytest.mark.parametrize("wrapped", [True, False])
async def test_a_webhook_comes_flat_or_wrapped(api: Program, wrapped: bool) -> None:
    body = {"url": URL, "subscriptions": ["message_created", "conversation_created"]}
    made = await api.post("webhooks", {"webhook": body} if wrapped else body)
    kept = made["payload"]["webhook"]
    assert (kept["url"], kept["name"], kept["account_id"]) == (URL, "example.com", api.account_id)
    assert kept["subscriptions"] == ["conversation_created", "message_created"]
    assert await api.get("webhooks") == {"payload": {"webhooks": [kept]}}
    path = f"webhooks/{kept['id']}"
    changed = await api.patch(path, {"name": "Bridge", "subscriptions": ["inbox_updated"]})
    assert changed["payload"]["webhook"]["subscriptions"] == ["inbox_updated"]
    assert changed["payload"]["webhook"]["url"] == URL
    assert kept["secret"].startswith("whsec_")
    moved = await api.patch(path, {"url": "https://elsewhere.example/hook"})
    assert moved["payload"]["webhook"]["secret"] == kept["secret"]
    gone = await api.call("DELETE", path)
    assert (gone.status_code, gone.content) == (200, b"")
    assert await api.get("webhooks") == {"payload": {"webhooks": []}}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"url": URL, "subscriptions": []}, "subscriptions"),
        ({"url": URL}, "subscriptions"),
        ({"url": URL, "subscriptions": ["nothing_happened"]}, "subscriptions"),
        ({"url": "ftp://example.com", "subscriptions": ["message_created"]}, "url"),
        ({"url": "", "subscriptions": ["message_created"]}, "url"),
        ({"url": "http://10.0.0.5/hook", "subscriptions": ["message_created"]}, "url"),
        ({"url": "http://[::1]/hook", "subscriptions": ["message_created"]}, "url"),
    ],
)
async def test_a_wrong_webhook_is_refused(api: Program, body: object, wrong: str) -> None:
    answer = await api.call("POST", "webhooks", body)
    assert (answer.status_code, answer.json()["attributes"]) == (422, [wrong])


async def test_an_address_stands_once_in_an_account(api: Program, stranger_api: Program) -> None:
    body = {"url": URL, "subscriptions": ["message_created"]}
    await api.post("webhooks", body)
    again = await api.call("POST", "webhooks", body)
    assert (again.status_code, again.json()["attributes"]) == (422, ["url"])
    await stranger_api.post("webhooks", body)


async def test_what_the_network_allows_is_kept(api: Program) -> None:
    body = {"url": "http://127.0.0.1:9/hook", "subscriptions": ["message_created"]}
    assert (await api.post("webhooks", body))["payload"]["webhook"]["url"] == body["url"]


async def test_an_address_of_before_is_refused_only_where_it_is_sent(
    api: Program, database: Database
) -> None:
    inside = "http://10.0.0.5/hook"
    await api.post("webhooks", {"url": URL, "subscriptions": ["message_created"]})
    async with database.transaction() as tx:
        kept = await find_webhook(tx, api.account_id, 1)
        assert kept
        kept.url = inside  # from before this was asked
    renamed = await api.patch("webhooks/1", {"name": "Bridge"})
    assert renamed["payload"]["webhook"]["name"] == "Bridge"
    again = await api.call("PATCH", "webhooks/1", {"url": inside})
    assert (again.status_code, again.json()["attributes"]) == (422, ["url"])


async def test_agents_do_not_configure_webhooks(agent_api: Program) -> None:
    assert (await agent_api.call("GET", "webhooks")).status_code == 401
