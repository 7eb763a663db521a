"""Handing e-mails in to the operator's server by SMTP, from a thread. An answer for each, no exceptions.

The standard library's client: a batch goes over one connection, and each answer of the server is
waited for so long and no longer. The one way out beside `sending.py`; it leads nowhere but to the
server that the operator named, so no address guard is asked.
"""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from socket import gaierror
from time import monotonic
from typing import Final

from recado.lib.details import strerror, tls_detail
from recado.lib.mail_servers import Encryption, MailServer
from recado.lib.masks import masked_text

ANSWER_SECONDS: Final = 15.0  # for each answer of the server
BATCH_SECONDS: Final = 30.0  # after which no further e-mail of a batch is begun
_LONGEST_SAID: Final = 300  # characters of the server's own words


class MailTrouble(StrEnum):
    """Why an e-mail was not taken."""

    UNREACHABLE = "unreachable"  # no connection, or it broke
    ENCRYPTION = "encryption"  # no STARTTLS, or a certificate that nobody vouches for
    SIGN_IN = "sign_in"  # user or password refused
    SENDER = "sender"  # our address refused
    RECIPIENT = "recipient"  # their address refused, for good
    CONTENT = "content"  # refused as a whole, for good
    LATER = "later"  # not now, says the server
    NO_SERVER = "no_server"  # the operator has named none
    TOO_MANY = "too_many"  # of the account in a day


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail ready to go; `id` makes its Message-ID, so that a repetition can be told."""

    id: str
    recipient: str  # as `mailable` has it
    sender_name: str
    subject: str
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one e-mail: taken where there is no trouble. `said` are the server's words."""

    trouble: MailTrouble | None
    said: str = ""


TAKEN: Final = Answer(None)


def hand_in(
    server: MailServer, letters: Sequence[Letter], tls: ssl.SSLContext
) -> list[Answer | None]:
    """Hand e-mails in, one after the other; None for those that there was no time to begin.

    Blocks: call it in a thread. What was taken just before a break is sent twice; it keeps its
    Message-ID.
    """
    end = monotonic() + BATCH_SECONDS
    answers: list[Answer] = []
    try:
        with _connected(server, tls) as client:
            for letter in letters:
                if monotonic() > end:
                    break
                answers.append(_hand_in(client, server, letter))
    except (OSError, smtplib.SMTPException) as error:
        broken = _broken(error, server)
        if not answers and not _is_connected(error):
            return [broken] * len(letters)
        answers.append(broken)  # the one that was under way; the others have not been tried
    return [*answers, *[None] * (len(letters) - len(answers))]


def mail_tls(ca_file: str | None) -> ssl.SSLContext:
    """Verifies against the system's authorities and those in `ca_file`."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


def knock(server: MailServer, tls: ssl.SSLContext) -> Answer:
    """Connect, sign in, and leave: what `recado doctor` asks."""
    try:
        with _connected(server, tls):
            return TAKEN
    except (OSError, smtplib.SMTPException) as error:
        return _broken(error, server)


class _NotConnected(smtplib.SMTPException):
    """There was no connection to hand anything in on."""

    def __init__(self, trouble: MailTrouble, said: str) -> None:
        super().__init__(said)
        self.answer = Answer(trouble, said)


@contextmanager
def _connected(server: MailServer, tls: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    try:
        client = _connect(server, tls)
    except (OSError, smtplib.SMTPException) as error:
        raise _not_connected(error, server) from error
    try:
        yield client
    finally:
        with suppress(OSError, smtplib.SMTPException):
            client.quit()
        client.close()


def _connect(server: MailServer, tls: ssl.SSLContext) -> smtplib.SMTP:
    name = server.sender.partition("@")[2]  # not the machine's, which DNS may take long to tell
    host, port = server.host, server.port
    if server.encryption is Encryption.TLS:
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, local_hostname=name, timeout=ANSWER_SECONDS, context=tls
        )
    else:
        client = smtplib.SMTP(host, port, local_hostname=name, timeout=ANSWER_SECONDS)
    try:
        client.ehlo_or_helo_if_needed()
        if server.encryption is Encryption.STARTTLS:
            _encrypt(client, tls)
        if server.is_signed_in:
            client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    return client


def _encrypt(client: smtplib.SMTP, tls: ssl.SSLContext) -> None:
    if not client.has_extn("starttls"):
        raise _NotConnected(MailTrouble.ENCRYPTION, "the server offers no STARTTLS")
    client.starttls(context=tls)
    client.ehlo()


def _hand_in(client: smtplib.SMTP, server: MailServer, letter: Letter) -> Answer:
    content = message_of(letter, server).as_bytes()
    try:
        client.sendmail(server.sender, [letter.recipient], content)
    except smtplib.SMTPSenderRefused as error:
        return _refused(MailTrouble.SENDER, error.smtp_code, error.smtp_error, server)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return _refused(MailTrouble.RECIPIENT, code, said, server)
    except smtplib.SMTPDataError as error:
        return _refused(MailTrouble.CONTENT, error.smtp_code, error.smtp_error, server)
    return TAKEN


def message_of(letter: Letter, server: MailServer) -> EmailMessage:
    """The e-mail as it goes out: plain text; no line of it can become a header."""
    message = EmailMessage(policy=SMTP)
    name = " ".join(letter.sender_name.split())
    message["From"] = Address(name, addr_spec=server.sender)
    message["To"] = Address(addr_spec=letter.recipient)
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.id}@{server.sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office replies are not wanted
    message.set_content(letter.text, cte="quoted-printable")
    return message


def _refused(trouble: MailTrouble, code: int, said: bytes | str, server: MailServer) -> Answer:
    is_passing = 400 <= code < 500
    return Answer(MailTrouble.LATER if is_passing else trouble, _told(code, said, server))


def _not_connected(error: Exception, server: MailServer) -> _NotConnected:
    match error:
        case _NotConnected():
            return error
        case smtplib.SMTPAuthenticationError() if 400 <= error.smtp_code < 500:
            said = _told(error.smtp_code, error.smtp_error, server)
            return _NotConnected(MailTrouble.LATER, said)
        case smtplib.SMTPAuthenticationError():
            said = _told(error.smtp_code, error.smtp_error, server)
            return _NotConnected(MailTrouble.SIGN_IN, said)
        case smtplib.SMTPNotSupportedError():
            return _NotConnected(MailTrouble.SIGN_IN, "the server takes no password")
        case _:
            answer = _broken(error, server)
            return _NotConnected(answer.trouble or MailTrouble.UNREACHABLE, answer.said)


def _is_connected(error: Exception) -> bool:
    return not isinstance(error, _NotConnected)


def _broken(error: Exception, server: MailServer) -> Answer:
    match error:
        case _NotConnected():
            return error.answer
        case ssl.SSLError():
            return Answer(MailTrouble.ENCRYPTION, tls_detail(error))
        case smtplib.SMTPResponseException():
            said = _told(error.smtp_code, error.smtp_error, server)
            return Answer(MailTrouble.UNREACHABLE, said)
        case gaierror():
            return Answer(MailTrouble.UNREACHABLE, "DNS does not know the host")
        case TimeoutError():
            return Answer(MailTrouble.UNREACHABLE, "the server did not answer in time")
        case smtplib.SMTPServerDisconnected():
            return Answer(MailTrouble.UNREACHABLE, "the server hung up")
        case OSError() if not isinstance(error, smtplib.SMTPException):
            return Answer(MailTrouble.UNREACHABLE, strerror(error))
        case _:
            return Answer(MailTrouble.UNREACHABLE, type(error).__name__)


def _told(code: int, said: bytes | str, server: MailServer) -> str:
    """The server's words on one line, our password masked: some repeat what they are told."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    line = " ".join(f"{code} {words}".replace("\0", "\ufffd").split())
    hidden = [server.password] if server.password else []
    return masked_text(line, hidden)[:_LONGEST_SAID]
