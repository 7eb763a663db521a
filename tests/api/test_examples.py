"""Every request on the pages of docs/api is sent as it stands there, and answered as it stands there.

Each page begins with a fresh account: Acme, where Ana administers, with the API inbox Site; what
more a page takes for granted is in `STAGES`. `WRITE_EXAMPLES=1` writes into the pages what came.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from recado.accounts.models import Role, User
from recado.accounts.passwords import hash_password
from recado.accounts.people import add_member, create_account
from recado.accounts.tokens import create_token
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from recado.lib.mail_servers import mail_server, use_mail_server
from recado.worker.sending import Limits
from recado.worker.working import work
from tests.api.examples import PAGES, Example, difference, examples_of, rewritten, written
from tests.browser import Browser
from tests.people import NOW, PLATFORM_TOKEN, VAULT
from tests.receiver import Receiver

PASSWORD_HASH = hash_password("correct horse battery")
LIMITS = Limits(concurrency=10, lane_concurrency=10, lease=timedelta(seconds=30))
Call = tuple[str, str, Any]

MARIA: Call = (
    "POST", "contacts",
    {"name": "Maria Souza", "email": "maria@example.com", "phone_number": "+5511912345678",
     "inbox_id": 1, "source_id": "wa:5511912345678", "custom_attributes": {"plan": "gold"}},
)  # fmt: skip
CHAT: tuple[Call, ...] = (MARIA, ("POST", "conversations", {"contact_id": 1, "inbox_id": 1}))
BETO: Call = ("POST", "agents", {"name": "Beto Reis", "email": "beto@acme.example"})
VIP: Call = ("POST", "labels", {"title": "vip"})
ACTION: Call = (
    "POST", "custom_actions",
    {"name": "CRM", "url": "https://crm.example/contacts", "state": "active", "body_kind": "json",
     "body": '{"name": "{{ contact.name }}"}'},
)  # fmt: skip
CRM_ID: Call = (
    "POST",
    "custom_attribute_definitions",
    {
        "attribute_display_name": "Number in the CRM", "attribute_key": "crm_id",
        "attribute_display_type": "text", "attribute_model": "contact_attribute",
    },
)  # fmt: skip
RULE: Call = (
    "POST", "automation_rules",
    {"name": "Tell the CRM", "event_name": "message_created",
     "conditions": [{"attribute_key": "content", "filter_operator": "contains",
                     "values": ["order"], "query_operator": None}],
     "actions": [{"action_name": "send_custom_action", "action_params": [1]}]},
)  # fmt: skip
ORDER: Call = (
    "POST", "conversations/1/messages",
    {"content": "Where is my order?", "message_type": "incoming"},
)  # fmt: skip
MINE: Call = ("POST", "conversations/1/assignments", {"assignee_id": 1})
STAGES: dict[str, tuple[Call, ...]] = {
    "conversations.md": (MARIA, VIP),
    "messages.md": CHAT,
    "emails.md": CHAT,
    "macros.md": (*CHAT, ACTION),
    "notifications.md": (*CHAT, ACTION, RULE, MINE, ORDER),
    "inbox_members.md": (BETO,),
    "teams.md": (BETO,),
    "automation_rules.md": (ACTION, VIP),
    "custom_actions.md": (*CHAT, CRM_ID, ORDER),
    "deliveries.md": (*CHAT, ACTION, RULE, ORDER),
    "destinations.md": (*CHAT, ACTION, RULE, ORDER),
    "replays.md": (*CHAT, ACTION, RULE, ORDER),
    "rule_verdicts.md": (*CHAT, ACTION, RULE, ORDER),
    "reports.md": (*CHAT, ORDER),
}  # fmt: skip
WORKED = {
    "deliveries.md",
    "destinations.md",
    "notifications.md",
    "replays.md",
    "rule_verdicts.md",
}  # the worker has done its part


@dataclass
class Desk:
    """A fresh account, called by Ana; `crm.example` is a real receiver on this machine."""

    browser: Browser
    token: str
    receiver: Receiver
    identifier: str
    source: str = "none"

    async def call(self, method: str, path: str, json: Any = None) -> Any:
        text = self.there(orjson.dumps(json).decode()) if json is not None else ""
        full = path if path.startswith("/") else f"/api/v1/accounts/1/{path}"
        token = PLATFORM_TOKEN if path.startswith("/platform/") else self.token
        headers = {"Content-Type": "application/json", "Api-Access-Token": token}
        return await self.browser._client.request(
            method, self.there(full), content=text, headers=headers
        )

    def there(self, text: str) -> str:
        """A page's names for what they stand for."""
        text = text.replace("https://crm.example:443", "https://crm.example")
        text = text.replace("https://crm.example", self.receiver.url)
        return text.replace("IDENTIFIER", self.identifier).replace("SOURCE", self.source)

    def here(self, text: str) -> str:
        """And back."""
        host = self.receiver.url.removeprefix("http://")
        text = text.replace(self.receiver.url, "https://crm.example")
        return text.replace(host, "crm.example").replace(self.identifier, "IDENTIFIER")


@pytest.fixture(autouse=True)
def _mail_server() -> Iterator[None]:
    """A mail server that nobody asks: no worker runs while e-mails wait."""
    use_mail_server(mail_server("smtp://127.0.0.1:1?tls=none", "desk@acme.example"))
    yield
    use_mail_server(None)


@pytest.fixture
async def desk(visitor: Browser, database: Database, receiver: Receiver) -> Desk:
    async with database.transaction() as tx:
        account = await create_account(tx, "Acme", now=NOW, language="en")
        ana = User(name="Ana Lima", email="ana@acme.example", password_hash=PASSWORD_HASH, language="en",
                   created_at=NOW)  # fmt: skip
        tx.add(ana)
        await tx.flush()
        await add_member(tx, account.id, ana.id, Role.ADMINISTRATOR)
        inbox = await open_inbox(
            tx, account.id, InboxDraft("Site", Channel.API), vault=VAULT, now=NOW
        )
        token = await create_token(tx, ana.id, "examples", now=NOW)
    return Desk(visitor, token, receiver, inbox.identifier)


@asynccontextmanager
async def working(database: Database, outbound: Outbound) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(work(database, outbound, LIMITS, stop))
    yield
    stop.set()
    async with asyncio.timeout(30):
        await task


async def staged(desk: Desk, page: str, database: Database, outbound: Outbound) -> None:
    for call in STAGES.get(page, ()):
        answer = await desk.call(*call)
        assert answer.status_code == 200, (call, answer.text)
    if page in WORKED:
        async with working(database, outbound):
            await desk.receiver.wait_for(1)


async def sent(desk: Desk, example: Example) -> Any:
    method, _, path = example.line.partition(" ")
    body = orjson.loads(example.body) if example.body else None
    answer = await desk.call(method, path, body)
    assert answer.status_code == example.status, (example.line, answer.text)
    if not answer.content:
        return None
    got = orjson.loads(desk.here(answer.text))
    if path.startswith("/public/") and path.endswith("/contacts"):
        desk.source = got["source_id"]
    return got


def keep(page: Path, texts: list[tuple[tuple[int, int], str]]) -> None:
    """Put answers in their places."""
    text = page.read_text()
    for (begin, end), answer in reversed(texts):
        text = text[:begin] + answer + text[end:]
    page.write_text(text)


@pytest.mark.parametrize("name", sorted(one.name for one in PAGES.glob("*.md")))
async def test_the_examples_of_a_page_are_true(
    name: str, desk: Desk, database: Database, outbound: Outbound
) -> None:
    page = PAGES / name
    found = examples_of(page.read_text())
    desk.receiver.answer(201, b'{"id": 881, "ok": true}', {"Content-Type": "application/json"})
    await staged(desk, name, database, outbound)
    texts = []
    for example in found:
        got = await sent(desk, example)
        if example.answer is None:
            assert got is None, f"{example.line}: the page says that nothing comes back"
            continue
        told = orjson.loads(example.answer)
        if example.is_part:
            got = {name: got[name] for name in told}
        if os.environ.get("WRITE_EXAMPLES"):
            texts.append((example.span, written(rewritten(told, got))))
        else:
            assert difference(told, got) == "", example.line
    keep(page, texts)


def test_every_request_on_a_page_is_an_example() -> None:
    pages = {one.name: one.read_text() for one in PAGES.glob("*.md")}
    for name, text in pages.items():
        found = examples_of(text)
        assert len(found) == text.count("```http"), name
        assert [one.line for one in found if not one.status] == [], name
    without = {name for name, text in pages.items() if not examples_of(text)}
    assert without == {"README.md", "cable.md"}  # the WebSocket's are in test_cable.py


@pytest.mark.parametrize(
    ("told", "got", "is_different"),
    [
        ({"a": 1}, {"a": 1}, False),
        ({"a": 1}, {"a": 2}, True),
        ({"a": 1}, {"a": True}, True),
        ({"a": 1}, {"a": 1, "b": 1}, True),
        ({"id": 1}, {"id": 2}, False),
        ({"id": 1}, {"id": "2"}, True),
        ({"created_at": 1}, {"created_at": 9}, False),
        ({"when": "2026-11-23T12:00:00.000Z"}, {"when": "2027-11-23T12:00:00.000Z"}, False),
        ({"secret": "whsec_J9…"}, {"secret": "whsec_other"}, False),
        ([1], [1, 2], True),
        ([{"id": 1, "name": "a"}], [{"id": 7, "name": "b"}], True),
    ],
)
def test_only_ids_times_and_secrets_may_differ(told: Any, got: Any, is_different: bool) -> None:
    assert bool(difference(told, got)) is is_different
