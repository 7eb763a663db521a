"""Other people's pages, each on a port of its own: a website with the chat's snippet in it, for one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from recado.inboxes.embedding import snippet
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import InboxDraft, open_inbox, set_inbox_members
from tests.journeys.conftest import Site

_PAGE = """<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>Loja</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<script>window.chatwootSettings = {settings}</script></head>
<body><h1>Loja do Zé</h1><p>Botas e chapéus.</p>{snippet}</body></html>"""


async def a_website_inbox(site: Site, **settings: Any) -> Inbox:
    """An inbox for a website, in which Beto answers."""
    draft = InboxDraft(
        "Loja", Channel.WEB_WIDGET, {"website_url": "https://loja.example", **settings}
    )
    async with site.database.transaction() as tx:
        inbox = await open_inbox(
            tx, site.cast.account.id, draft, vault=site.outbound.vault, now=datetime.now(UTC)
        )
        await set_inbox_members(tx, inbox, {site.cast.beto.user_id})
    return inbox


@asynccontextmanager
async def a_website(site: Site, inbox: Inbox, settings: str = "{}") -> AsyncIterator[str]:
    """Its address."""
    page = _PAGE.replace("{settings}", settings).replace("{snippet}", snippet(site.url, inbox))
    async with a_page(page) as address:
        yield address


@asynccontextmanager
async def a_page(page: str) -> AsyncIterator[str]:
    """The address of a server that has nothing but this page."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            body = page.encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # browsers open connections that they never use
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://localhost:{server.sockets[0].getsockname()[1]}"
