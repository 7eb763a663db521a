"""A client that leaves while it still sends: no accident, and no harm."""

import asyncio
import logging
from typing import Any

import pytest

from tests.browser import Browser
from tests.people import Cast
from tests.serving import serving

JSON = "Content-Type: application/json"
FORM = "Content-Type: application/x-www-form-urlencoded"
MULTIPART = "Content-Type: multipart/form-data; boundary=x"
API = "POST /api/v1/accounts/1/labels HTTP/1.1"
PUBLIC = "POST /public/api/v1/inboxes/{inbox}/contacts HTTP/1.1"
PART = 'Content-Disposition: form-data; name="title"'


async def leave(address: str, head: list[str], body: str) -> None:
    """Promise a thousand bytes, send some, and hang up."""
    host, _, port = address.rpartition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    lines = [*head, f"Host: {address}", "Content-Length: 1000", "", body]
    writer.write("\r\n".join(lines).encode())
    await writer.drain()
    await asyncio.sleep(0.05)  # it is being read
    writer.transport.abort()


async def heard(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What was logged about somebody who left, once it is."""
    for _ in range(400):
        told = [one for one in caplog.records if "left before its body" in one.message]
        if told or any(one.levelno >= logging.WARNING for one in caplog.records):
            return told
        await asyncio.sleep(0.02)
    return []


@pytest.mark.parametrize(
    ("line", "kind", "body"),
    [
        (API, JSON, '{"title": "v'),
        (API, FORM, "title=v"),
        (API, MULTIPART, f"--x\r\n{PART}\r\n\r\nv"),
        (PUBLIC, JSON, "{"),
        ("POST /sign-in HTTP/1.1", FORM, "email=a"),
    ],
)
async def test_it_is_no_accident(
    app: Any, cast: Cast, caplog: pytest.LogCaptureFixture, line: str, kind: str, body: str
) -> None:
    caplog.set_level(logging.INFO)
    line = line.replace("{inbox}", cast.inbox.identifier)
    async with serving(app) as address:
        await leave(address, [line, kind, f"Api-Access-Token: {cast.ana_token}"], body)
        [told] = await heard(caplog)
    assert told.levelno == logging.INFO
    assert line.split(" ")[1] in told.message
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


async def test_nothing_of_it_is_kept(app: Any, visitor: Browser, cast: Cast) -> None:
    async with serving(app) as address:
        token = f"Api-Access-Token: {cast.ana_token}"
        await leave(address, [API, JSON, token], '{"title": "vip"}')
    told = await visitor.api("GET", "/api/v1/accounts/1/labels", cast.ana_token)
    assert told.json() == {"payload": []}
