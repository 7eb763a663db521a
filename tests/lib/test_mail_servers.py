"""How an operator names a mail server, and which addresses can be written to."""

import pytest

from recado.lib.mail_servers import Encryption, mail_server, mailable

DESK = "Recado <desk@example.com>"


@pytest.mark.parametrize(
    ("url", "host", "port", "encryption"),
    [
        ("smtp://mail.example.com", "mail.example.com", 587, Encryption.STARTTLS),
        ("smtp://mail.example.com:2525/", "mail.example.com", 2525, Encryption.STARTTLS),
        ("smtps://mail.example.com", "mail.example.com", 465, Encryption.TLS),
        ("smtp://127.0.0.1?tls=none", "127.0.0.1", 25, Encryption.NONE),
        ("smtp://[::1]:1025?tls=none", "::1", 1025, Encryption.NONE),
    ],
)
def test_a_server_is_named_by_its_address(
    url: str, host: str, port: int, encryption: Encryption
) -> None:
    server = mail_server(url, DESK)
    assert (server.host, server.port, server.encryption) == (host, port, encryption)
    assert (server.sender, server.is_signed_in) == ("desk@example.com", False)


def test_user_and_password_are_unescaped_and_never_shown() -> None:
    server = mail_server("smtps://me%40example.com:p%2Fw%40rd@mail.example.com", DESK)
    assert (server.user, server.password) == ("me@example.com", "p/w@rd")
    assert "p/w@rd" not in repr(server)


@pytest.mark.parametrize(
    ("url", "sender", "said"),
    [
        ("mail.example.com:587", DESK, "smtp://"),
        ("https://mail.example.com", DESK, "smtp://"),
        ("smtp://", DESK, "smtp://"),
        ("smtp://mail:port", DESK, "smtp://"),
        ("smtp://[::1", DESK, "smtp://"),
        ("smtp://mail/inbox", DESK, "smtp://"),
        ("smtp://user@mail", DESK, "a user and a password"),
        ("smtp://user:pw@mail?tls=none", DESK, "without encryption"),
        ("smtps://mail?tls=none", DESK, "?tls=none"),
        ("smtp://mail?tls=some", DESK, "?tls=none"),
        ("smtp://mail", "", "RECADO_MAIL_FROM"),
        ("smtp://mail", "Recado", "RECADO_MAIL_FROM"),
        ("smtp://mail", "desk@", "RECADO_MAIL_FROM"),
    ],
)
def test_nonsense_is_told(url: str, sender: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("?", r"\?").replace("//", ".*")):
        mail_server(url, sender)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (" maria@example.com ", "maria@example.com"),
        ("o'neil+tag@sub.example.co", "o'neil+tag@sub.example.co"),
        ("maria@exemplo-ação.com.br", "maria@xn--exemplo-ao-n5a1c.com.br"),
        ("maria", None),
        ("@example.com", None),
        ("maria@", None),
        ("maria@example.com\r\nBcc: x@example.com", None),  # a header of one's own
        ("maria@example.com, x@example.com", None),
        ("maria <maria@example.com>", None),
        ("mária@example.com", None),  # few servers take it
        ("a..b@example.com", None),
        ("a@-example.com", None),
        (f"{'a' * 65}@example.com", None),
    ],
)
def test_addresses(written: str, address: str | None) -> None:
    assert mailable(written) == address
