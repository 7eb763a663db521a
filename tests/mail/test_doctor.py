"""`recado doctor` looks at the mail server too."""

import socket
from dataclasses import replace

from recado.commands.doctor import mail_finding
from recado.lib.mail_servers import MailServer, mail_server
from recado.settings import Settings


async def test_no_mail_server_is_well_and_said(settings: Settings) -> None:
    finding = await mail_finding(settings)
    assert finding.is_well
    assert "RECADO_SMTP_URL" in finding.what


async def test_a_mail_server_that_takes_us_is_well(settings: Settings, server: MailServer) -> None:
    finding = await mail_finding(replace(settings, mail_server=server))
    assert finding.is_well, finding.what


async def test_a_mail_server_out_of_reach_is_not(settings: Settings) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    away = mail_server(f"smtp://127.0.0.1:{port}?tls=none", "desk@acme.example")
    finding = await mail_finding(replace(settings, mail_server=away))
    assert not finding.is_well
    assert "check host, port and firewall" in finding.what


async def test_a_mail_server_that_cannot_encrypt_is_not(
    settings: Settings, server: MailServer
) -> None:
    insisting = mail_server(f"smtp://127.0.0.1:{server.port}", "desk@acme.example")
    finding = await mail_finding(replace(settings, mail_server=insisting))
    assert not finding.is_well
    assert "STARTTLS" in finding.what
