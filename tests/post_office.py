"""A real mail server on this machine that answers as told and keeps what came."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "recado", "s3cret/with@signs"


@dataclass
class PostOffice:
    """Refuses recipients by their names: refused@… for good, later@… for now, full@… after the text.

    `hangup@…` breaks the connection. `only_from` is the one sender that it takes.
    """

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    taken_for: list[list[str]] = field(default_factory=list)  # of each letter, by its envelope
    sign_ins: list[str] = field(default_factory=list)
    connections: int = 0
    only_from: str = ""

    @property
    def recipients(self) -> list[str]:
        return [str(one["To"]) for one in self.letters]

    async def handle_MAIL(
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.only_from and address != self.only_from:
            return "553 5.7.1 not your address"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]
    ) -> str:
        if address.startswith("refused@"):
            return f"550 5.1.1 no such user, {PASSWORD}"
        if address.startswith("later@"):
            return "451 4.7.1 greylisted"
        if address.startswith("hangup@"):
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        if envelope.rcpt_tos[0].startswith("full@"):
            return "552 5.2.2 mailbox full"
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.SMTP)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.taken_for.append(list(envelope.rcpt_tos))
        return "250 OK"

    def authenticate(
        self, _: Any, __: Any, ___: Any, ____: str, given: LoginPassword
    ) -> AuthResult:
        self.sign_ins.append(given.login.decode())
        fits = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=fits, handled=False)


@asynccontextmanager
async def post_office(
    *, tls: ssl.SSLContext | None = None, wants_password: bool = False
) -> AsyncIterator[PostOffice]:
    """A mail server on a free port; with `tls` it offers STARTTLS and insists on it."""
    office = PostOffice()

    def answer() -> SMTP:
        office.connections += 1
        return SMTP(
            office, hostname="mail.test", loop=asyncio.get_running_loop(), tls_context=tls,
            require_starttls=tls is not None, auth_required=wants_password,
            authenticator=office.authenticate, auth_require_tls=tls is not None,
        )  # fmt: skip

    server = await asyncio.get_running_loop().create_server(answer, "127.0.0.1", 0)
    office.port = server.sockets[0].getsockname()[1]
    async with server:
        yield office
