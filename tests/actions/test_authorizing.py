"""Showing who sends: what goes out, what is kept, and what nobody ever sees."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
import trustme

from recado.actions.authorizing import AuthDraft
from recado.actions.models import ActionState, CustomAction
from recado.actions.rehearsing import rehearse
from recado.actions.saving import (
    ActionDraft,
    HeaderDraft,
    action_problems,
    create_action,
    draft_of,
    update_action,
)
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.models import Delivery
from recado.deliveries.requests import USER_AGENT, shown
from recado.lib.addresses import AddressGuard, parse_networks
from recado.lib.facts import sample_facts
from recado.lib.masks import MASK
from recado.lib.secrets import Vault
from recado.lib.sending import Sender
from tests.browser import Browser
from tests.deliveries.rows import every_row
from tests.people import NOW, Cast
from tests.receiver import Receiver

FACTS = {**sample_facts([]), "event": {"name": "message_created", "at": NOW.isoformat()}}
SECRET = "s3cr3t/and+long é"
PLAIN_SECRET = "s3cr3t/and+long"


async def an_action(
    database: Database, cast: Cast, outbound: Outbound, url: str, auth: AuthDraft
) -> CustomAction:
    draft = ActionDraft("CRM", url=url, body='{"a": 1}', auth=auth)
    async with database.transaction() as tx:
        assert await action_problems(tx, cast.account.id, draft) == {}
        return await create_action(
            tx, cast.account.id, draft, vault=outbound.vault, now=NOW, state=ActionState.ACTIVE
        )


async def send(database: Database, action: CustomAction, outbound: Outbound) -> Delivery:
    return await rehearse(database, action, FACTS, outbound, now=NOW)


@pytest.mark.parametrize(
    ("auth", "path", "header", "value"),
    [
        (
            AuthDraft("basic", {"user": "ana"}, {"password": SECRET}), "/echo", "authorization",
            "Basic " + base64.b64encode(f"ana:{SECRET}".encode()).decode(),
        ),
        (AuthDraft("basic", {"user": "key"}), "/echo", "authorization", "Basic a2V5Og=="),
        (
            AuthDraft("bearer", {}, {"token": PLAIN_SECRET}), "/echo", "authorization",
            f"Bearer {PLAIN_SECRET}",
        ),
        (
            AuthDraft("api_key", {"name": "X-Key"}, {"key": PLAIN_SECRET}), "/echo", "x-key",
            PLAIN_SECRET,
        ),
        (
            AuthDraft("api_key", {"place": "query", "name": "api key"}, {"key": SECRET}),
            "/echo?api%20key=s3cr3t%2Fand%2Blong%20%C3%A9", "", "",
        ),
    ],
    ids=["basic", "user alone", "bearer", "key in header", "key in query"],
)  # fmt: skip
async def test_what_goes_out_is_nowhere_kept(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver,
    auth: AuthDraft, path: str, header: str, value: str,
) -> None:  # fmt: skip
    action = await an_action(database, cast, outbound, receiver.url + "/echo", auth)
    delivery = await send(database, action, outbound)
    [received] = receiver.received
    assert received.path == path
    assert received.headers.get(header, "") == value
    assert (delivery.state, delivery.attempts[0].status) == ("delivered", 200)
    if not auth.secrets:
        return
    coded = value.removeprefix("Basic ") if auth.kind == "basic" else path.partition("=")[2]
    for table, rows in (await every_row(database)).items():
        for spelled in (SECRET, PLAIN_SECRET, coded or SECRET):
            assert spelled not in rows, table
    told = repr(shown(delivery.request))
    assert MASK in told


async def test_the_frozen_request_has_only_names(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    auth = AuthDraft("basic", {"user": "ana"}, {"password": SECRET})
    action = await an_action(database, cast, outbound, receiver.url, auth)
    delivery = await send(database, action, outbound)
    assert delivery.request["auth"] == {
        "kind": "basic",
        "values": {"user": "ana"},
        "secrets": {"password": action.auth["secrets"]["password"]},
    }


def oauth(receiver: Receiver, **values: str) -> AuthDraft:
    given = {"token_url": receiver.url + "/token", "client_id": "crm", **values}
    return AuthDraft("oauth2", given, {"client_secret": PLAIN_SECRET})


@pytest.fixture
async def tokens() -> AsyncIterator[Receiver]:
    """The address that gives tokens."""
    async with Receiver() as server:
        server.answer(200, b'{"access_token": "first-token-1", "expires_in": 3600}')
        yield server


async def test_a_token_is_fetched_once_and_kept(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver, tokens: Receiver
) -> None:
    auth = oauth(tokens, scope="contacts.write")
    action = await an_action(database, cast, outbound, receiver.url + "/echo", auth)
    for _ in range(3):
        delivery = await send(database, action, outbound)
        assert delivery.state == "delivered"
    [asked] = tokens.received
    assert asked.method == "POST"
    assert asked.body == b"grant_type=client_credentials&scope=contacts.write"
    pair = b"crm:s3cr3t%2Fand%2Blong"  # RFC 6749, 2.3.1: both form-encoded first
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(pair).decode()
    assert {one.headers["authorization"] for one in receiver.received} == {"Bearer first-token-1"}
    for table, rows in (await every_row(database)).items():
        assert "first-token-1" not in rows, table
        assert PLAIN_SECRET not in rows, table


async def test_a_client_can_show_itself_in_the_body(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver, tokens: Receiver
) -> None:
    auth = oauth(tokens, client_auth="body")
    await send(database, await an_action(database, cast, outbound, receiver.url, auth), outbound)
    [asked] = tokens.received
    assert "authorization" not in asked.headers
    assert asked.body.endswith(b"client_id=crm&client_secret=s3cr3t%2Fand%2Blong")


async def test_a_refused_token_is_fetched_anew_once(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver, tokens: Receiver
) -> None:
    action = await an_action(database, cast, outbound, receiver.url, oauth(tokens))
    await send(database, action, outbound)
    tokens.answer(200, b'{"access_token": "second-token-2", "expires_in": "3600"}')
    receiver.answer_once(401)
    delivery = await send(database, action, outbound)
    assert (delivery.state, len(delivery.attempts)) == ("delivered", 1)
    used = [one.headers["authorization"] for one in receiver.received]
    assert used == ["Bearer first-token-1", "Bearer first-token-1", "Bearer second-token-2"]
    receiver.answer(401)
    delivery = await send(database, action, outbound)
    assert (delivery.state, delivery.attempts[0].status) == ("failed", 401)
    assert len(receiver.received) == 5  # with the kept one, once more with a fresh one, no more
    assert len(tokens.received) == 3


async def test_calls_at_once_wait_for_one_token(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver, tokens: Receiver
) -> None:
    tokens.answer(200, b'{"access_token": "first-token-1"}', delay=0.3)
    action = await an_action(database, cast, outbound, receiver.url, oauth(tokens))
    ended = await asyncio.gather(*(send(database, action, outbound) for _ in range(5)))
    assert {one.state for one in ended} == {"delivered"}
    assert (len(tokens.received), len(receiver.received)) == (1, 5)


@pytest.mark.parametrize(
    ("status", "body", "trouble", "words"),
    [
        (401, b'{"error": "invalid_client"}', "token_refused", "answered 401 invalid_client"),
        (400, b"<html>", "token_refused", "answered 400"),
        (200, b'{"token": 1}', "token_refused", "without an access_token"),
        (200, b'{"access_token": "two\\nlines"}', "token_refused", "without an access_token"),
        (200, b"[" * 5_000, "token_refused", "without an access_token"),
        (503, b"", "token", "answered 503"),
        (429, b"", "token", "answered 429"),
    ],
)
async def test_without_a_token_nothing_is_sent(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver, tokens: Receiver,
    status: int, body: bytes, trouble: str, words: str,
) -> None:  # fmt: skip
    tokens.answer(status, body)
    action = await an_action(database, cast, outbound, receiver.url, oauth(tokens))
    delivery = await send(database, action, outbound)
    assert delivery.reason["trouble"] == trouble
    assert words in delivery.attempts[0].detail
    assert receiver.connections == 0


async def test_the_token_address_is_guarded_too(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    values = {"token_url": "http://10.1.2.3/token", "client_id": "crm"}
    auth = AuthDraft("oauth2", values, {"client_secret": PLAIN_SECRET})
    action = await an_action(database, cast, outbound, receiver.url, auth)
    delivery = await send(database, action, outbound)
    assert delivery.reason["trouble"] == "address_refused"
    assert "10.1.2.3" not in delivery.attempts[0].detail
    assert receiver.connections == 0


async def test_a_client_certificate_opens_a_server_that_asks_for_one(
    database: Database, cast: Cast, tmp_path: Any
) -> None:
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(server)
    server.verify_mode = ssl.CERT_REQUIRED
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    ours = authority.issue_cert("client@crm.example")
    pems = {
        "certificate": b"".join(one.bytes() for one in ours.cert_chain_pems).decode(),
        "certificate_key": ours.private_key_pem.bytes().decode(),
    }
    guard = AddressGuard(parse_networks("127.0.0.0/8"))
    async with (
        Receiver(tls=server) as receiver,
        Sender(guard=guard, user_agent=USER_AGENT, ca_file=str(ca_file)) as sender,
    ):
        outbound = Outbound(sender, Vault("k" * 32), deadline_seconds=5.0)
        auth = AuthDraft("none", {}, pems, has_certificate=True)
        action = await an_action(database, cast, outbound, receiver.url, auth)
        assert (await send(database, action, outbound)).state == "delivered"
        async with database.transaction() as tx:
            tx.add(action)
            plain = ActionDraft("CRM", url=receiver.url, body="{}")
            await update_action(tx, action, plain, vault=outbound.vault, now=NOW)
        refused = await send(database, action, outbound)
        assert refused.state == "failed"
        assert refused.reason["trouble"] in ("tls", "reset")  # TLS 1.3 refuses after the handshake
    for rows in (await every_row(database)).values():
        assert "PRIVATE KEY" not in rows


def _pems(name: str) -> tuple[str, str]:
    made = trustme.CA().issue_cert(name)
    return made.cert_chain_pems[0].bytes().decode(), made.private_key_pem.bytes().decode()


_ONE, _OTHER = _pems("a.example"), _pems("b.example")


def certified(certificate: str, key: str, kind: str = "none") -> AuthDraft:
    return AuthDraft(
        kind, {}, {"certificate": certificate, "certificate_key": key}, has_certificate=True
    )


@pytest.mark.parametrize(
    ("auth", "field", "words"),
    [
        (AuthDraft("magic"), "kind", "Choose one of"),
        (AuthDraft("basic"), "user", "fill this in"),
        (AuthDraft("basic", {"user": "a:b"}), "user", "colon"),
        (AuthDraft("bearer"), "token", "Enter the secret"),
        (AuthDraft("bearer", {}, {"token": "a\nb"}), "token", "line break"),
        (AuthDraft("api_key", {"name": "a b"}, {"key": "x"}), "name", "no spaces"),
        (AuthDraft("api_key", {"name": "Host"}, {"key": "x"}), "name", "sets the header"),
        (AuthDraft("api_key", {"name": "X-A"}, {"key": "x"}), "name", "is there already"),
        (AuthDraft("api_key", {"name": "k", "place": "body"}, {"key": "x"}), "place", "Choose"),
        (AuthDraft("oauth2", {"client_id": "c"}, {"client_secret": "s"}), "token_url", "fill"),
        (
            AuthDraft("oauth2", {"client_id": "c", "token_url": "ftp://x"}, {"client_secret": "s"}),
            "token_url", "must begin with",
        ),
        (certified("x", _ONE[1]), "certificate", "no certificate in PEM"),
        (certified(_ONE[0], "x"), "certificate_key", "no private key in PEM"),
        (certified(_ONE[0], _OTHER[1]), "certificate_key", "does not belong"),
        (certified(_ONE[0], ""), "certificate_key", "together"),
        (certified("", ""), "certificate", "Enter the secret"),
    ],
)  # fmt: skip
async def test_what_cannot_be_used_is_refused_at_its_field(
    database: Database, cast: Cast, auth: AuthDraft, field: str, words: str
) -> None:
    draft = ActionDraft(
        "CRM", url="https://crm.example/", headers=(HeaderDraft("X-A", "1"),), body="{}", auth=auth
    )
    async with database.transaction() as tx:
        problems = await action_problems(tx, cast.account.id, draft)
    assert words in str(problems[f"auth.{field}"])


async def test_two_authorizations_are_one_too_many(database: Database, cast: Cast) -> None:
    auth = AuthDraft("bearer", {}, {"token": "abcdefgh"})
    headers = (HeaderDraft("authorization", "x"),)
    draft = ActionDraft("CRM", url="https://a.example/", headers=headers, body="{}", auth=auth)
    async with database.transaction() as tx:
        assert "auth.kind" in await action_problems(tx, cast.account.id, draft)


@pytest.mark.parametrize("change", [{"url": "https://thief.example/"}, {"token_url": "x"}])
async def test_another_host_at_either_end_drops_the_client_secret(
    database: Database, cast: Cast, outbound: Outbound, change: dict[str, str]
) -> None:
    values = {"token_url": "https://auth.example/token", "client_id": "crm"}
    auth = AuthDraft("oauth2", values, {"client_secret": PLAIN_SECRET})
    action = await an_action(database, cast, outbound, "https://crm.example/", auth)
    kept = draft_of(action)
    if "token_url" in change:
        values = {**values, "token_url": "https://thief.example/token"}
    moved = ActionDraft(
        "CRM", url=change.get("url", kept.url), body="{}",
        auth=AuthDraft("oauth2", values, kept=kept.auth.kept),
    )  # fmt: skip
    async with database.transaction() as tx:
        problems = await action_problems(tx, cast.account.id, moved, but=action.id)
    assert "enter the secret again" in str(problems["auth.client_secret"])


FORM = {
    "name": "CRM", "method": "POST", "body_kind": "json", "body": "{}", "auth-kind": "basic",
    "auth-user": "ana", "auth-password": PLAIN_SECRET,
}  # fmt: skip


async def test_the_form_keeps_a_password_without_showing_it(
    ana: Browser, database: Database, receiver: Receiver
) -> None:
    refused = await ana.post("/app/actions", {**FORM, "url": receiver.url, "name": ""})
    assert refused.status_code == 422
    assert PLAIN_SECRET not in refused.text
    assert "Enter the secret again" in refused.text
    await ana.post("/app/actions", {**FORM, "url": receiver.url})
    form = (await ana.get("/app/actions/1/edit")).text
    assert 'value="ana"' in form
    assert PLAIN_SECRET not in form
    await ana.post("/app/actions/1", {**FORM, "url": receiver.url, "auth-password": ""})
    tested = await ana.post("/app/actions/1/test", {})
    assert receiver.received[-1].headers["authorization"].startswith("Basic ")
    assert PLAIN_SECRET not in tested.text
    assert "Basic ••••" in tested.text  # the command to copy
    await ana.post("/app/actions/1", {**FORM, "url": receiver.url, "auth-kind": "none"})
    await ana.post("/app/actions/1/test", {})
    assert "authorization" not in receiver.received[-1].headers


async def test_the_api_keeps_what_is_not_sent(ana: Browser, cast: Cast, receiver: Receiver) -> None:
    path = f"/api/v1/accounts/{cast.account.id}/custom_actions"
    auth = {"kind": "api_key", "name": "X-Key", "key": PLAIN_SECRET}
    action = {"name": "CRM", "url": receiver.url, "body": "{}", "auth": auth}
    made = (await ana.api("POST", path, cast.ana_token, action)).json()
    assert made["auth"] == {
        "kind": "api_key", "place": "header", "name": "X-Key", "key": None, "has_certificate": False,
    }  # fmt: skip
    change = {"auth": {"place": "query"}}
    await ana.api("PATCH", f"{path}/{made['id']}", cast.ana_token, change)
    await ana.api("POST", f"{path}/{made['id']}/test", cast.ana_token, {})
    assert receiver.received[-1].path == "/?X-Key=s3cr3t%2Fand%2Blong"
    wrong = {"auth": {"kind": "bearer"}}
    refused = await ana.api("PATCH", f"{path}/{made['id']}", cast.ana_token, wrong)
    assert (refused.status_code, refused.json()["attributes"]) == (422, ["auth.token"])
