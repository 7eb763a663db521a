"""Who is not who the URL says gets nothing, and is told from whoever does not answer."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from recado.lib.addresses import AddressGuard, parse_networks
from recado.lib.outcomes import Failure, Outcome, Request, Response, Trouble
from recado.lib.sending import Sender
from tests.receiver import Receiver

HERE = AddressGuard(parse_networks("127.0.0.0/8"))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def speaking_as(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


async def post(url: str, ca_file: str | None = None, *, seconds: float = 5.0) -> Outcome:
    async with Sender(
        guard=HERE, user_agent="t", ca_file=ca_file, lookup=lambda host, port: ["127.0.0.1"]
    ) as sender:
        return await sender.send(
            Request("POST", url, (), "{}"), secrets={}, deadline_seconds=seconds
        )


async def test_a_certificate_of_the_operators_authority_is_believed(
    authority: trustme.CA, ca_file: str
) -> None:
    context = speaking_as(authority.issue_cert("crm.example"))
    async with Receiver(tls=context) as receiver:
        outcome = await post(f"https://crm.example:{receiver.port}/", ca_file)
    assert isinstance(outcome, Response)
    phases = (outcome.timing.connect, outcome.timing.tls, outcome.timing.first_byte)
    assert all(phase is not None and phase > 0 for phase in phases)
    assert sum(phase or 0 for phase in phases) <= outcome.timing.total


async def test_a_kept_connection_needs_no_second_handshake(
    authority: trustme.CA, ca_file: str
) -> None:
    context = speaking_as(authority.issue_cert("127.0.0.1"))
    async with (
        Receiver(tls=context) as receiver,
        Sender(guard=HERE, user_agent="t", ca_file=ca_file) as sender,
    ):
        for _ in range(3):
            outcome = await sender.send(Request("GET", receiver.url), secrets={})
            assert isinstance(outcome, Response)
        assert receiver.connections == 1
        assert outcome.timing.tls is None


Issue = Callable[[trustme.CA], trustme.LeafCert]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CERTIFICATES: list[tuple[Issue, str]] = [
    (lambda ca: trustme.CA().issue_cert("crm.example"), "unable to get local issuer"),
    (lambda ca: ca.issue_cert("other.example"), "Hostname mismatch"),
    (lambda ca: ca.issue_cert("127.0.0.1"), "Hostname mismatch"),
    (lambda ca: ca.issue_cert("crm.example", not_after=LONG_AGO), "has expired on 2020-01-01"),
]


@pytest.mark.parametrize(("issue", "word"), CERTIFICATES)
async def test_a_certificate_with_a_flaw_gets_nothing(
    authority: trustme.CA, ca_file: str, issue: Issue, word: str
) -> None:
    async with Receiver(tls=speaking_as(issue(authority))) as receiver:
        outcome = await post(f"https://crm.example:{receiver.port}/", ca_file)
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.was_sent) == (Trouble.TLS, False)
    assert word in outcome.detail
    assert receiver.received == []


async def test_without_the_operators_authority_its_certificates_are_worth_nothing(
    authority: trustme.CA,
) -> None:
    context = speaking_as(authority.issue_cert("crm.example"))
    async with Receiver(tls=context) as receiver:
        outcome = await post(f"https://crm.example:{receiver.port}/")
    assert isinstance(outcome, Failure)
    assert outcome.trouble is Trouble.TLS


async def test_an_old_version_of_tls_is_refused(authority: trustme.CA, ca_file: str) -> None:
    context = speaking_as(authority.issue_cert("crm.example"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with Receiver(tls=context) as receiver:
        outcome = await post(f"https://crm.example:{receiver.port}/", ca_file)
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.was_sent) == (Trouble.TLS, False)
    assert receiver.received == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_demand_for_our_certificate_is_named(
    authority: trustme.CA, ca_file: str, version: ssl.TLSVersion
) -> None:
    context = speaking_as(authority.issue_cert("crm.example"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = version
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(asyncio.to_thread(demand_a_certificate, listening, context))
        outcome = await post(f"https://crm.example:{listening.getsockname()[1]}/", ca_file)
        await serving
    assert isinstance(outcome, Failure)
    assert outcome.trouble is Trouble.TLS
    assert "certificate required" in outcome.detail or "handshake failure" in outcome.detail


def demand_a_certificate(listening: socket.socket, context: ssl.SSLContext) -> None:
    """asyncio's server closes without the alert that names the reason; this one sends it."""
    plain, _ = listening.accept()
    with context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) as secured:
        with suppress(ssl.SSLError):
            secured.do_handshake()
        secured.shutdown(socket.SHUT_WR)  # from here on it reads plain bytes
        while secured.recv(4096):
            pass


async def test_a_server_without_tls_is_told_from_a_bad_certificate() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        outcome = await post(f"https://crm.example:{server.sockets[0].getsockname()[1]}/")
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.was_sent) == (Trouble.TLS, False)
    assert outcome.detail == "the server does not speak TLS on this port"


async def test_plain_http_to_a_tls_port_is_not_http(authority: trustme.CA) -> None:
    context = speaking_as(authority.issue_cert("crm.example"))
    async with Receiver(tls=context) as receiver:
        outcome = await post(f"http://crm.example:{receiver.port}/", seconds=2)
    assert isinstance(outcome, Failure)
    assert outcome.trouble in (Trouble.NOT_HTTP, Trouble.RESET)


async def test_a_handshake_that_stalls_ends_at_the_deadline() -> None:
    async with Receiver() as receiver:  # waits for a request that never comes
        outcome = await post(f"https://crm.example:{receiver.port}/", seconds=0.3)
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.detail) == (Trouble.TIMEOUT, "in the TLS handshake")
    assert not outcome.was_sent


async def test_a_handshake_that_is_broken_off_is_a_trouble_of_tls() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        outcome = await post(f"https://crm.example:{port}/")
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.was_sent) == (Trouble.TLS, False)
