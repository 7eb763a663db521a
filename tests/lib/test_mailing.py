"""Handing e-mails in to a real mail server: what it takes, what it refuses, and what it says."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from recado.lib import mailing
from recado.lib.mail_servers import MailServer, mail_server
from recado.lib.mailing import Answer, Letter, MailTrouble, hand_in, knock, mail_tls, message_of
from tests.post_office import PASSWORD, USER, post_office

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TLS = mail_tls(None)


def a_letter(recipient: str = "maria@example.com", **values: str) -> Letter:
    given = {"sender_name": "Acme", "subject": "Olá, Maria", "text": "Até já\n"} | values
    return Letter("recado.1.2", recipient, written_at=AT, **given)


def server_at(port: int, extra: str = "?tls=none", sign_in: str = "") -> MailServer:
    return mail_server(f"smtp://{sign_in}127.0.0.1:{port}{extra}", "desk@acme.example")


async def handed(
    server: MailServer, *letters: Letter, tls: ssl.SSLContext = TLS
) -> list[Answer | None]:
    return await asyncio.to_thread(hand_in, server, letters, tls)


async def test_an_email_arrives_as_it_was_written() -> None:
    async with post_office() as office:
        assert await handed(server_at(office.port), a_letter()) == [Answer(None)]
    [letter] = office.letters
    assert (letter["From"], letter["To"]) == ("Acme <desk@acme.example>", "maria@example.com")
    assert (letter["Subject"], letter.get_content()) == ("Olá, Maria", "Até já\r\n")
    assert letter["Message-ID"] == "<recado.1.2@acme.example>"
    assert letter["Auto-Submitted"] == "auto-generated"


async def test_a_batch_goes_over_one_connection_and_each_has_its_answer() -> None:
    names = ["maria", "refused", "later", "full", "joao"]
    async with post_office() as office:
        letters = [a_letter(f"{one}@example.com") for one in names]
        answers = await handed(server_at(office.port), *letters)
    assert [one.trouble if one else "none" for one in answers] == [
        None, MailTrouble.RECIPIENT, MailTrouble.LATER, MailTrouble.CONTENT, None,
    ]  # fmt: skip
    assert office.recipients == ["maria@example.com", "joao@example.com"]
    assert office.connections == 1


async def test_after_a_break_the_rest_was_not_tried() -> None:
    async with post_office() as office:
        letters = [a_letter(f"{one}@example.com") for one in ("maria", "hangup", "joao")]
        answers = await handed(server_at(office.port), *letters)
    assert answers[0] == Answer(None)
    assert answers[1] is not None
    assert answers[1].trouble is MailTrouble.UNREACHABLE
    assert answers[2] is None


async def test_nobody_there_is_an_answer_for_each() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    answers = await handed(server_at(port), a_letter(), a_letter())
    assert answers == [Answer(MailTrouble.UNREACHABLE, "Connection refused")] * 2


async def test_an_unknown_host_is_told() -> None:
    server = mail_server("smtp://mail.invalid", "desk@acme.example")
    [answer] = await handed(server, a_letter())
    assert answer == Answer(MailTrouble.UNREACHABLE, "DNS does not know the host")


async def test_what_is_no_mail_server_is_told() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        [answer] = await handed(server_at(port), a_letter())
    assert answer is not None
    assert answer.trouble is MailTrouble.UNREACHABLE


async def test_a_server_that_says_nothing_did_not_hang_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and that is all
        [answer] = await handed(server_at(silent.getsockname()[1]), a_letter())
    assert answer == Answer(MailTrouble.UNREACHABLE, "the server did not answer in time")


async def test_without_starttls_nothing_is_told() -> None:
    async with post_office() as office:
        [answer] = await handed(server_at(office.port, extra=""), a_letter())
    assert answer == Answer(MailTrouble.ENCRYPTION, "the server offers no STARTTLS")
    assert office.letters == []


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """A server's certificate, and the file of who vouches for it."""
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return server, str(tmp_path / "ca.pem")


async def test_starttls_and_password(certificate: tuple[ssl.SSLContext, str]) -> None:
    tls, ca_file = certificate
    async with post_office(tls=tls, wants_password=True) as office:
        server = server_at(office.port, "", f"{USER}:s3cret%2Fwith%40signs@")
        assert await handed(server, a_letter(), tls=mail_tls(ca_file)) == [Answer(None)]
    assert (office.sign_ins, office.recipients) == ([USER], ["maria@example.com"])


async def test_a_wrong_password_is_told(certificate: tuple[ssl.SSLContext, str]) -> None:
    tls, ca_file = certificate
    async with post_office(tls=tls, wants_password=True) as office:
        server = server_at(office.port, "", f"{USER}:wrong-password@")
        answers = await handed(server, a_letter(), a_letter(), tls=mail_tls(ca_file))
        knocked = await asyncio.to_thread(knock, server, mail_tls(ca_file))
    assert [one.trouble for one in answers if one] == [MailTrouble.SIGN_IN] * 2
    assert knocked.trouble is MailTrouble.SIGN_IN
    assert knocked.said.startswith("535")


async def test_a_strange_certificate_is_not_believed(
    certificate: tuple[ssl.SSLContext, str],
) -> None:
    async with post_office(tls=certificate[0]) as office:
        [answer] = await handed(server_at(office.port, ""), a_letter())
    assert answer is not None
    assert answer.trouble is MailTrouble.ENCRYPTION
    assert "certificate" in answer.said


async def test_a_refused_sender_is_told() -> None:
    async with post_office() as office:
        office.only_from = "other@acme.example"
        [answer] = await handed(server_at(office.port), a_letter())
    assert answer == Answer(MailTrouble.SENDER, "553 5.7.1 not your address")


async def test_a_server_that_repeats_the_password_does_not_show_it(
    certificate: tuple[ssl.SSLContext, str],
) -> None:
    tls, ca_file = certificate
    async with post_office(tls=tls, wants_password=True) as office:
        server = server_at(office.port, "", f"{USER}:s3cret%2Fwith%40signs@")
        [answer] = await handed(server, a_letter("refused@example.com"), tls=mail_tls(ca_file))
    assert answer is not None
    assert answer.said.startswith("550 5.1.1 no such user")
    assert PASSWORD not in answer.said


async def test_knocking_sends_nothing() -> None:
    async with post_office() as office:
        assert await asyncio.to_thread(knock, server_at(office.port), TLS) == Answer(None)
    assert office.letters == []


@pytest.mark.parametrize(
    "values",
    [
        {"subject": "Hello\r\nBcc: everybody@example.com"},
        {"sender_name": "Acme\nBcc: everybody@example.com"},
        {"text": "\r\n.\r\nRCPT TO:<everybody@example.com>\r\n"},
    ],
)
async def test_no_text_becomes_a_header_or_a_command(values: dict[str, str]) -> None:
    async with post_office() as office:
        assert await handed(server_at(office.port), a_letter(**values)) == [Answer(None)]
    [letter] = office.letters
    assert letter["Bcc"] is None
    assert office.recipients == ["maria@example.com"]


def test_long_lines_and_emoji_fit_into_mail() -> None:
    text = "😀" * 2_000
    message = message_of(a_letter(text=text), server_at(25)).as_bytes()
    assert max(len(line) for line in message.splitlines()) < 200
    assert message.isascii()
