"""Sends requests byte for byte as clients send them, and reads what comes back, with no library between.

A request is written as it stands on the wire: its first line, its head, its body. `…` in the first
line is `/api/v1/accounts/1`, and <token> the token of the person who calls.
"""

import asyncio
import re
from dataclasses import dataclass, field
from http.client import HTTPResponse
from io import BytesIO
from typing import Any

import orjson

ACCOUNT = "/api/v1/accounts/1"
JSON = "Content-Type: application/json"
FORM = "Content-Type: application/x-www-form-urlencoded"
TOKEN = "api_access_token: <token>"

# The heads that clients send with everything, as their HTTP libraries write them.
PYTHON = (TOKEN, JSON, "Accept: application/json", "User-Agent: python-httpx/0.28.1")
FIGURO = (
    TOKEN, "Authorization: Bearer <token>", "Content-Type: application/json; charset=utf-8",
    "Accept: application/json, text/plain, */*", "User-Agent: axios/0.27.2",
)  # fmt: skip
N8N = ("Api-Access-Token: <token>", JSON, "Accept: application/json,text/html,application/xhtml+xml",
       "User-Agent: n8n")  # fmt: skip
DELTAWOOT = (TOKEN, JSON, "Accept: */*", "User-Agent: got (https://github.com/sindresorhus/got)")
NOBODY = ("Accept: */*",)
BOUNDARY = "----formdata-undici-0a1b2c"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which is JSON."""
        assert self.headers["content-type"].startswith("application/json"), self.headers
        return orjson.loads(self.body)


@dataclass
class Wire:
    """A person's program on a real connection; remembers what was asked and did not fail."""

    address: str
    token: str
    answered: list[str] = field(default_factory=list)

    async def send(
        self, line: str, head: tuple[str, ...] = PYTHON, body: str | bytes = b""
    ) -> Answer:
        """Whatever comes of it."""
        full = line.replace("…", ACCOUNT)
        content = body.encode() if isinstance(body, str) else body
        lines = [f"{full} HTTP/1.1", f"Host: {self.address}", *head, "Connection: close"]
        if content or not full.startswith("GET"):
            lines.append(f"Content-Length: {len(content)}")
        written = "\r\n".join(lines).replace("<token>", self.token)
        answer = await _exchange(self.address, written.encode("latin-1") + b"\r\n\r\n" + content)
        if answer.status < 300:
            self.answered.append(full.partition("?")[0].rstrip("/"))
        return answer

    async def ok(
        self,
        line: str,
        head: tuple[str, ...] = PYTHON,
        body: str | bytes = b"",
        *,
        status: int = 200,
    ) -> Any:
        """The JSON of what must succeed; None for an empty answer."""
        answer = await self.send(line, head, body)
        assert answer.status == status, (answer.status, answer.body)
        return answer.json if answer.body else None

    def has_answered(self, row: str) -> bool:
        """Whether a row of the contract was asked for, and succeeded."""
        method, _, path = row.partition(" ")
        full = path if path.startswith("/") else f"{ACCOUNT}/{path}"
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(f"{method} {full}"))
        return any(re.fullmatch(pattern, one) for one in self.answered)


async def _exchange(address: str, content: bytes) -> Answer:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(content)
    raw = await reader.read()
    writer.close()
    await writer.wait_closed()
    response = HTTPResponse(_Socket(raw))  # type: ignore[arg-type]
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


@dataclass
class _Socket:
    raw: bytes

    def makefile(self, _: str) -> BytesIO:
        return BytesIO(self.raw)


def multipart(*parts: tuple[str, str | bytes] | tuple[str, str | bytes, str]) -> bytes:
    """A multipart body; a third value of a part is what follows its name in its head."""
    lines = []
    for name, value, *more in parts:
        content = value.encode() if isinstance(value, str) else value
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{"".join(more)}'
        lines.append(head.encode() + b"\r\n\r\n" + content)
    return b"\r\n".join([*lines, f"--{BOUNDARY}--\r\n".encode()])


def as_multipart(head: tuple[str, ...]) -> tuple[str, ...]:
    """The same head before a multipart body."""
    kept = tuple(one for one in head if not one.startswith("Content-Type"))
    return (*kept, f"Content-Type: multipart/form-data; boundary={BOUNDARY}")
