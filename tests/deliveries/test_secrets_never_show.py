"""No byte of a secret stands anywhere but in its own encrypted row, whatever a receiver echoes.

Each kind of secret goes out through the whole of Recado: entered by REST, sent by a rule through the
worker and once more by hand, echoed in every spelling in the body, the headers and the reason. Then
every column of every table, the log, the pages, the answers of the API and the exports are read.
"""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import trustme
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.models import Delivery
from recado.deliveries.sharing_secrets import shared_secret
from recado.lib.logs import JsonLines
from recado.lib.masks import MASK
from recado.lib.signing import PREFIX
from recado.webhooks.models import Webhook
from recado.webhooks.names import Subscription
from recado.webhooks.saving import keep_webhook
from recado.worker.sending import Limits
from recado.worker.working import work
from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.deliveries.echoes import an_echo, spellings, traces
from tests.deliveries.rows import every_row
from tests.people import NOW, PASSWORD, Cast
from tests.receiver import Receiver

LIMITS = Limits(concurrency=10, lane_concurrency=5, lease=timedelta(seconds=30))
RULE = {
    "name": "Tell", "event_name": "message_created",
    "conditions": [{"attribute_key": "message_type", "filter_operator": "equal_to",
                    "values": ["incoming"], "query_operator": None}],
}  # fmt: skip


def _is_varied(secret: str | bytes) -> bool:
    """Ten noughts in a row stand in a table by chance."""
    return all(len(set(secret[at : at + 10])) > 3 for at in range(len(secret) - 9))


_texts = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=12, max_size=48)
_texts = _texts.filter(_is_varied)
_tokens = st.text("ABCabc012._~+/-", min_size=12, max_size=200).filter(_is_varied)
_keys = st.binary(min_size=24, max_size=64).filter(_is_varied)
_keys = _keys.map(lambda raw: PREFIX + base64.b64encode(raw).decode())
_EACH = settings(
    max_examples=2,  # of every kind; each walks through the whole of Recado
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)


@dataclass(frozen=True)
class House:
    """All of Recado, and the receiver that echoes."""

    database: Database
    outbound: Outbound
    receiver: Receiver
    api: Program
    ana: Browser
    log: pytest.LogCaptureFixture

    def echo(self, *secrets: str, status: int = 200) -> None:
        """Whoever is asked gives these back in every way, from now on."""
        first = spellings(secrets[0])
        safe = {
            f"X-Echo-{number}": one for number, one in enumerate(first.values()) if one.isascii()
        }
        self.receiver.answer(
            status,
            an_echo(secrets),
            {**safe, "Location": "/?key=" + quote(secrets[0])},
            reason=f"{secrets[0]} {first['url']}",
        )

    async def send(self, body: dict[str, Any]) -> int:
        """An action of this kind is sent by a rule and by hand; its id."""
        name = f"CRM {next(_count)}"
        action = await self.api.post("custom_actions", {**_ACTION, "name": name, **body})
        send = {"action_name": "send_custom_action", "action_params": [action["id"]]}
        rule = await self.api.post("automation_rules", {**RULE, "actions": [send]})
        conversation = await self._conversation()
        message = {"content": "Hello", "message_type": "incoming"}
        await self.api.post(f"conversations/{conversation}/messages", message)
        await self.work()
        await self.api.call("DELETE", f"automation_rules/{rule['id']}")
        await self.api.post(f"custom_actions/{action['id']}/test", {})
        return int(action["id"])

    async def forget(self) -> None:
        """What waits for its next try would be told the secret of the next example."""
        async with self.database.transaction() as tx:
            await tx.execute(delete(Delivery))

    async def work(self) -> None:
        """The worker runs until something has been tried."""
        async with self._working(), asyncio.timeout(20):
            while True:
                newest = (await self._deliveries())[:1]
                if newest and newest[0]["attempts"]:
                    return
                await asyncio.sleep(0.05)

    async def said(self, action_id: int | None) -> dict[str, str]:
        """Everything that Recado shows or keeps, by where."""
        found = {f"table {name}": rows for name, rows in (await every_row(self.database)).items()}
        for path in await self._paths(action_id):
            answer = await self.ana.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            found[path] = answer.text
        for path in ("deliveries", *await self._api_paths(action_id)):
            found[f"API {path}"] = (await self.api.call("GET", path)).text
        lines = JsonLines()
        found["log"] = "\n".join(
            f"{one.getMessage()}\n{lines.format(one)}" for one in self.log.records
        )
        return found

    async def _paths(self, action_id: int | None) -> list[str]:
        """Pages and exports."""
        one = (await self._deliveries())[0]
        paths = [
            "/app/deliveries", f"/app/deliveries/{one['id']}", "/app/deliveries/failing",
            "/app/deliveries/export.csv", "/app/deliveries/export.json",
            "/app/deliveries/of?conversation=1", "/app/conversations", "/app/conversations/1",
            "/app/actions", "/app/webhooks", "/metrics",
        ]  # fmt: skip
        if action_id is not None:
            action = f"/app/actions/{action_id}"
            paths += [f"{action}/{one}" for one in ("edit", "test", "versions", "export", "delete")]
        return paths

    async def _api_paths(self, action_id: int | None) -> list[str]:
        one = [f"deliveries/{row['id']}" for row in await self._deliveries()]
        if action_id is None:
            return one
        action = f"custom_actions/{action_id}"
        return [*one, "custom_actions", action, f"{action}/versions", "automation_rules"]

    async def _deliveries(self) -> list[Any]:
        return list((await self.api.get("deliveries"))["payload"])

    async def _conversation(self) -> int:
        inbox = await self.api.post("inboxes", {"name": "Site", "channel": {"type": "api"}})
        made = await self.api.post("contacts", {"name": "Maria", "inbox_id": inbox["id"]})
        who = {"contact_id": made["payload"]["contact"]["id"], "inbox_id": inbox["id"]}
        return int((await self.api.post("conversations", who))["id"])

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(work(self.database, self.outbound, LIMITS, stop))
        try:
            yield
        finally:
            stop.set()
            async with asyncio.timeout(30):
                await task


_ACTION = {
    "method": "POST", "body_kind": "json", "body": '{"text": "{{ message.content }}"}',
    "state": "active", "answers": {"note": "It said: {{ response.body }}"},
}  # fmt: skip
_count = iter(range(1, 1_000_000))

Made = tuple[dict[str, Any], tuple[str, ...]]  # what the API is told, and what nobody may see
Kind = Callable[[str, str], Made]


def a_header(secret: str, url: str) -> Made:
    header = {"name": "X-Key", "value": f"Bearer {secret}", "secret": True}
    return {"url": url, "headers": [header]}, (secret,)


def _authorised(kind: str, place_of_secret: str, /, **values: str) -> Kind:
    def made(secret: str, url: str) -> Made:
        return {"url": url, "auth": {"kind": kind, place_of_secret: secret, **values}}, (secret,)

    return made


def a_signing_secret(secret: str, url: str) -> Made:
    return {"url": url, "sign": True, "signing_secret": secret}, (secret, secret[len(PREFIX) :])


KINDS: dict[str, tuple[Any, Kind]] = {
    "secret header": (_texts, a_header),
    "basic": (_texts, _authorised("basic", "password", user="ana")),
    "bearer": (_tokens, _authorised("bearer", "token")),
    "key in a header": (_texts, _authorised("api_key", "key", place="header", name="X-Key")),
    "key in the query": (_texts, _authorised("api_key", "key", place="query", name="key")),
    "signing secret": (_keys, a_signing_secret),
}


@pytest.fixture
def house(
    database: Database, outbound: Outbound, receiver: Receiver, cast: Cast,
    visitor: Browser, ana: Browser, caplog: pytest.LogCaptureFixture,
) -> House:  # fmt: skip
    for name in ("recado", "aiohttp", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    return House(database, outbound, receiver, programs(visitor, cast)[0], ana, caplog)


@pytest.mark.parametrize("kind", KINDS)
@_EACH
@given(data=st.data(), status=st.sampled_from([200, 302, 401, 422, 503]))
async def test_a_secret_is_nowhere_to_be_read(
    house: House, kind: str, data: st.DataObject, status: int
) -> None:
    drawn, make = KINDS[kind]
    body, secrets = make(data.draw(drawn), house.receiver.url + "/in")
    house.echo(*secrets, status=status)
    action_id = await house.send(body)
    assert len(house.receiver.received) >= 2
    await nothing_shows(house, action_id, secrets)
    await house.forget()


@_EACH
@given(secret=_texts, token=_tokens, in_body=st.booleans())
async def test_a_client_secret_and_its_token_are_nowhere_to_be_read(
    house: House, secret: str, token: str, in_body: bool
) -> None:
    auth = {
        "kind": "oauth2", "client_id": "crm", "client_secret": secret,
        "client_auth": "body" if in_body else "header",
    }  # fmt: skip
    async with Receiver() as tokens:
        tokens.answer(200, b'{"access_token": "%s"}' % token.encode())
        house.echo(secret, token)
        url = house.receiver.url + "/in"
        body = {"url": url, "auth": {**auth, "token_url": tokens.url + "/token"}}
        action_id = await house.send(body)
        assert house.receiver.received[-1].headers["authorization"] == f"Bearer {token}"
        await nothing_shows(house, action_id, (secret, token))
        await house.forget()


async def test_a_refused_client_secret_is_nowhere_to_be_read(house: House) -> None:
    secret = "open_sesame_and_close"  # might be an error's code, RFC 6749, 5.2
    async with Receiver() as tokens:
        tokens.answer(400, b'{"error": "%s"}' % secret.encode(), reason=secret)
        auth = {
            "kind": "oauth2", "client_id": "crm", "client_secret": secret,
            "token_url": tokens.url + "/token",
        }  # fmt: skip
        action_id = await house.send({"url": house.receiver.url + "/in", "auth": auth})
    assert house.receiver.received == []
    await nothing_shows(house, action_id, (secret,))


async def test_the_key_of_a_client_certificate_is_nowhere_to_be_read(house: House) -> None:
    leaf = trustme.CA().issue_cert("crm")
    key = leaf.private_key_pem.bytes().decode()
    pem = {"certificate": leaf.cert_chain_pems[0].bytes().decode(), "certificate_key": key}
    url = house.receiver.url.replace("http:", "https:") + "/in"  # speaks no TLS: nothing arrives
    action_id = await house.send({"url": url, "auth": {"kind": "none", **pem}})
    lines = key.splitlines()[1:-1]
    assert len(lines) > 1  # there is something to look for
    assert house.receiver.received == []
    await nothing_shows(house, action_id, (key, *lines))


async def test_the_secret_of_a_webhook_is_nowhere_but_where_administrators_read_it(
    house: House, cast: Cast
) -> None:
    webhook = Webhook(
        account_id=cast.account.id, name="Bridge", url=f"{house.receiver.url}/hook",
        subscriptions=list(Subscription), created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    async with house.database.transaction() as tx:
        await keep_webhook(tx, webhook, now=NOW, vault=house.outbound.vault)
        secret = await shared_secret(
            tx, cast.account.id, webhook.signing_ring, vault=house.outbound.vault
        )
    assert secret is not None
    house.echo(secret)
    await house._conversation()
    await house.work()
    await nothing_shows(house, None, (secret, secret[len(PREFIX) :]))


async def nothing_shows(house: House, action_id: int | None, secrets: tuple[str, ...]) -> None:
    said = await house.said(action_id)
    if house.receiver.received:
        assert MASK in said["API deliveries"]  # it was echoed, and noticed
    for secret in secrets:
        for trace in traces(secret):
            assert not [where for where, text in said.items() if trace in text], (trace, secret)


async def test_what_people_sign_in_with_is_nowhere_to_be_read(
    house: House, cast: Cast, visitor: Browser
) -> None:
    await visitor.signed_in_as(cast.beto)
    made = await visitor.post("/app/tokens", {"name": "n8n"})
    assert made.status_code in {200, 303}
    await visitor.post("/sign-in", {"email": "ana@acme.example", "password": "wrong-password-1"})
    sessions = [one.value for one in visitor._client.cookies.jar if one.name == "recado_session"]
    hidden = (PASSWORD, "wrong-password-1", *sessions, cast.ana_token, cast.beto_token)
    assert len(sessions) == 1
    rows, log = await every_row(house.database), house.log.text
    for secret in hidden:
        assert not [table for table, text in rows.items() if secret in text]
        assert secret not in log


async def test_the_tokens_of_inboxes_and_bots_are_in_no_table(house: House) -> None:
    bot = await house.api.post("agent_bots", {"name": "Bot"})
    inbox = await house.api.post("inboxes", {"name": "Site", "channel": {"type": "api"}})
    rows = await every_row(house.database)
    for secret in (bot["access_token"], inbox["hmac_token"]):
        assert not [table for table, text in rows.items() if secret in text]
