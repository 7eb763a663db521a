"""The server that takes our e-mails, as the operator names it. Pure; `mailing.py` talks to it.

Without one Recado sends no e-mail, and says so wherever somebody asks for one.
"""

from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum
from re import compile as pattern
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import idna


class Encryption(StrEnum):
    """How the way to the server is closed to others."""

    TLS = "tls"  # from the first byte
    STARTTLS = "starttls"  # asked for before anything is told; without it nothing is
    NONE = "none"


_SCHEMES: Final = {"smtps": Encryption.TLS, "smtp": Encryption.STARTTLS}
_PORTS: Final = {Encryption.TLS: 465, Encryption.STARTTLS: 587, Encryption.NONE: 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mails are handed in, as whom, and from which address. The password is in no repr."""

    host: str
    port: int
    encryption: Encryption
    user: str
    password: str
    sender: str  # the address that e-mails come from

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port}, {self.encryption}, from {self.sender})"

    @property
    def is_signed_in(self) -> bool:
        """Whether it wants to know who we are."""
        return bool(self.user)


def mail_server(url: str, sender: str) -> MailServer:
    """The server of an address such as smtp://user:password@host:587; ValueError says what is wrong.

    `smtps` encrypts from the first byte, `smtp` by STARTTLS; `?tls=none` leaves the way open, for a
    relay on this machine.
    """
    parts = _parts(url)
    encryption = _encryption(parts)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("give a user and a password, or neither")
    if user and encryption is Encryption.NONE:
        raise ValueError("a password is not sent without encryption: leave out ?tls=none")
    return MailServer(
        parts.hostname or "", parts.port or _PORTS[encryption], encryption, user, password,
        _sender(sender),
    )  # fmt: skip


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is never closed
        is_whole = False
        parts = urlsplit("")
    if not is_whole or parts.path not in {"", "/"}:
        raise ValueError(
            "it must look like smtp://user:password@mail.example.com:587 or smtps://…:465; "
            "special characters in the password are written as %40 for @, %2F for / and so on"
        )
    return parts


def _encryption(parts: SplitResult) -> Encryption:
    asked = parse_qs(parts.query, keep_blank_values=True)
    if not asked:
        return _SCHEMES[parts.scheme]
    if asked != {"tls": ["none"]} or parts.scheme != "smtp":
        raise ValueError("the only thing that may follow is ?tls=none, after smtp://")
    return Encryption.NONE


def _sender(written: str) -> str:
    address = mailable(parseaddr(written)[1])
    if address is None:
        raise ValueError(
            "the address that e-mails come from is missing or wrong: set RECADO_MAIL_FROM, "
            "for example to desk@example.com"
        )
    return address


_LOCAL: Final = pattern(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,64}")
_DOMAIN: Final = pattern(r"[A-Za-z0-9]([A-Za-z0-9.\-]{0,250}[A-Za-z0-9])?")


def mailable(address: str) -> str | None:
    """An address as SMTP takes it, its domain in ASCII; None for what is no address."""
    local, _, domain = address.strip().rpartition("@")
    try:
        domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return None
    is_one = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and ".." not in address
    return f"{local}@{domain}" if is_one else None


_current: MailServer | None = None


def use_mail_server(server: MailServer | None) -> None:
    """Say which server this process has; told once, when it starts."""
    global _current
    _current = server


def has_mail_server() -> bool:
    """Whether e-mails that are written now will go anywhere."""
    return _current is not None
