"""A website's inbox, and visitors who talk to it as the frame does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from recado.db.database import Database
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.people import NOW, VAULT, Cast

OpenSite = Callable[..., Awaitable[Inbox]]


@dataclass
class Visitor:
    """Somebody in a frame, with a secret that the frame made up."""

    browser: Browser
    token: str
    source_id: str

    async def call(self, method: str, path: str, json: Any = None) -> Any:
        return await self.browser.api(
            method, f"/public/api/v1/inboxes/{self.token}/contacts{path}", None, json
        )

    async def own(self, method: str, path: str = "", json: Any = None) -> Any:
        return await self.call(method, f"/{self.source_id}{path}", json)

    async def arrive(self, **about: Any) -> Any:
        answer = await self.call("POST", "", {"source_id": self.source_id, **about})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def write(self, content: str) -> int:
        """Start a conversation with this; its number."""
        one = (await self.own("POST", "/conversations")).json()["id"]
        sent = await self.own("POST", f"/conversations/{one}/messages", {"content": content})
        assert sent.status_code == 200, sent.text
        return int(one)


@pytest.fixture
async def open_site(database: Database, cast: Cast) -> OpenSite:
    """`await open_site(widget_color="#112233")`: an inbox of Ana's for a website."""

    async def open_one(**settings: Any) -> Inbox:
        own = {"website_url": "https://loja.example", **settings}
        draft = InboxDraft("Loja", Channel.WEB_WIDGET, own)
        async with database.transaction() as tx:
            return await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOW)

    return open_one


@pytest.fixture
def api(visitor: Browser, cast: Cast) -> Program:
    """Ana's program: she administers the account."""
    return programs(visitor, cast)[0]
