"""Receivers that do something wrong, by name, and what must come of a call to each.

The list serves the tests and `python -m benchmarks.hostile`; what they do stands in receiver.py, and for
TLS in the certificates and versions here.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import trustme

from recado.lib.outcomes import Trouble
from tests.receiver import Receiver

HOST: Final = "crm.example"
_LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Hostile:
    """One receiver. `comes_to`: a trouble, or the status and body of an answer that counts.

    `detail`: a word of what technicians are told. `lasts`: it would go on for ever, so the deadline
    ends it. `server`: who does it, by a name among TLS, or "" for the receiver that goes by paths.
    """

    name: str
    comes_to: Trouble | tuple[int, bytes]
    detail: str = ""
    path: str = "/"
    server: str = ""
    lasts: bool = False


def _path(name: str, path: str, comes_to: Trouble | tuple[int, bytes], detail: str = "") -> Hostile:
    return Hostile(name, comes_to, detail, path, lasts=comes_to is Trouble.TIMEOUT)


def _tls(name: str, detail: str) -> Hostile:
    return Hostile(name, Trouble.TLS, detail, server=name)


HOSTILE: Final = (
    _path("slow headers", "/slow-headers", Trouble.TIMEOUT, "middle"),
    _path("slow body", "/slow-body", Trouble.TIMEOUT, "middle"),
    _path("silence", "/silence", Trouble.TIMEOUT, "waiting"),
    _path("endless body", "/endless-body", (200, bytes(64 * 1024))),
    _path("endless headers", "/endless-headers", Trouble.TOO_LARGE, "65536"),
    _path("ten thousand headers", "/many-headers", Trouble.TOO_LARGE, "65536"),
    _path("endless 100 Continue", "/endless-informations", Trouble.TOO_LARGE, "65536"),
    _path("a header of 1 MB", "/big-header", Trouble.TOO_LARGE, "65536"),
    _path("two headers of 40 KB", "/two-big-headers", Trouble.TOO_LARGE, "65536"),
    _path("a header of 40 KB", "/rather-big-header", (200, b"fine")),
    _path("reset at once", "/reset", Trouble.RESET, "before"),
    _path("reset in the headers", "/reset-mid-headers", Trouble.RESET, "middle"),
    _path("reset in the body", "/reset-mid-body", Trouble.RESET, "body"),
    _path("reset in a body without length", "/reset-mid-endless", Trouble.RESET, "body"),
    _path("gzip bomb", "/gzip-bomb", (200, bytes(64 * 1024))),
    _path("gzip that nobody asked for", "/gzip", (200, b"unpacked")),
    _path("deflate that nobody asked for", "/deflate", (200, b"unpacked")),
    _path("gzip that is none", "/gzip-broken", (200, b"\x1f\x8bnot really")),
    _path("longer Content-Length", "/wrong-length", Trouble.RESET, "body"),
    _path("Content-Length in words", "/no-number", Trouble.NOT_HTTP, "rules"),
    _path("two Content-Lengths", "/two-lengths", Trouble.NOT_HTTP, "rules"),
    _path("broken chunks", "/bad-chunk", Trouble.NOT_HTTP, "rules"),
    _path("100 Continue, unasked", "/continue", (200, b"after all")),
    _path("103 Early Hints", "/early-hints", (200, b"after all")),
    _path("101 Switching Protocols", "/101", (101, b"")),
    _path("invalid UTF-8", "/invalid-utf8", (200, b"\xff\x00\xfe")),
    _path("empty 200", "/status/200", (200, b"")),
    _path("no answer at all", "/empty", Trouble.RESET, "without an answer"),
    _path("HTTP/1.0", "/http10", (200, b"old but fine")),
    _path("half a status line", "/half-line", Trouble.RESET, "middle"),
    _path("status 99", "/status-99", Trouble.NOT_HTTP, "rules"),
    _path("status 418", "/status/418", (418, b"")),
    _path("status 999", "/status/999", (999, b"")),
    _path("204 with a body", "/204-with-body", (204, b"")),
    _path("304 with a body", "/304-with-body", (304, b"")),
    _path("401 with a challenge", "/401", (401, b"")),
    _path("407 with a challenge", "/407", (407, b"")),
    _path("garbage", "/garbage", Trouble.NOT_HTTP, "no HTTP at all"),
    _path("SSH", "/ssh-banner", Trouble.NOT_HTTP, "SSH-2.0"),
    _path("SMTP", "/smtp-banner", Trouble.NOT_HTTP, "220 mail"),
    _path("HTTP/2", "/http2", Trouble.NOT_HTTP, "begins"),
    _path("TLS on a port for http", "/tls-alert", Trouble.NOT_HTTP, "https://"),
    _tls("expired certificate", "expired"),
    _tls("certificate of tomorrow", "not yet valid"),
    _tls("self-signed certificate", "self-signed certificate"),
    _tls("certificate of another name", "Hostname mismatch"),
    _tls("certificate of an unknown authority", "unable to get local issuer"),
    _tls("TLS 1.1", "version"),
    _tls("http on a port for TLS", "the server does not speak TLS on this port"),
    _tls("broken off handshake", "broke off the TLS handshake"),
    Hostile(
        "stalled handshake", Trouble.TIMEOUT, "in the TLS handshake", server="stalled handshake",
        lasts=True,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Met:
    """Where they all are, and whom to believe."""

    ports: Mapping[str, int]  # by server
    ca_file: str

    def url(self, one: Hostile) -> str:
        """Where to call one."""
        scheme = "https" if one.server else "http"
        return f"{scheme}://{HOST}:{self.ports[one.server]}{one.path}"


@asynccontextmanager
async def hostile_receivers(folder: Path, plain: Receiver) -> AsyncIterator[Met]:
    """Everybody of the list; `plain` is the one that goes by paths."""
    authority = trustme.CA()
    ca_file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    ports = {"": plain.port}
    async with AsyncExitStack() as stack:
        for name, make in _FLAWS.items():
            receiver = Receiver(tls=make(authority, folder))
            ports[name] = (await stack.enter_async_context(receiver)).port
        for name, meet in _WITHOUT_TLS.items():
            server = await asyncio.start_server(meet, "127.0.0.1", 0)
            await stack.enter_async_context(server)
            ports[name] = server.sockets[0].getsockname()[1]
        yield Met(ports, str(ca_file))


def _showing(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def _self_signed(_: trustme.CA, folder: Path) -> ssl.SSLContext:
    own = trustme.CA()
    pem = folder / "self-signed.pem"
    pem.write_bytes(own.private_key_pem.bytes() + own.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


_FLAWS: Final[Mapping[str, Callable[[trustme.CA, Path], ssl.SSLContext]]] = {
    "expired certificate": lambda ca, _: _showing(ca.issue_cert(HOST, not_after=_LONG_AGO)),
    "certificate of tomorrow": lambda ca, _: _showing(
        ca.issue_cert(HOST, not_before=datetime(2999, 1, 1, tzinfo=UTC),
                      not_after=datetime(2999, 2, 1, tzinfo=UTC))
    ),
    "self-signed certificate": _self_signed,
    "certificate of another name": lambda ca, _: _showing(ca.issue_cert("other.example")),
    "certificate of an unknown authority": lambda *_: _showing(trustme.CA().issue_cert(HOST)),
}  # fmt: skip


async def _answer_plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await reader.read()
    writer.close()


async def _know_only_old_versions(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await reader.read(5)  # the hello has come
    writer.write(b"\x15\x03\x02\x00\x02\x02\x46")  # the alert "protocol version", RFC 4346, 7.2
    await reader.read()
    writer.close()


async def _hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()  # until the other side goes
    writer.close()


_WITHOUT_TLS: Final = {
    "TLS 1.1": _know_only_old_versions,
    "http on a port for TLS": _answer_plainly,
    "broken off handshake": _hang_up,
    "stalled handshake": _stall,
}
