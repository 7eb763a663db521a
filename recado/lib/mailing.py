"""Handing e-mails in by SMTP, from a thread. An answer for each, no exceptions.

The standard library's client: a batch goes over one connection, and each answer of the server is
waited for so long and no longer. The one way out beside `sending.py`: to the server that the operator
named, where no address guard is asked, or on a `Line` to one that an account named, where it is.
"""

import re
import smtplib
import socket
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
from recado.lib.dialing import ANSWER_SECONDS, AddressRefused, Line
from recado.lib.mail_servers import Encryption, MailServer
from recado.lib.masks import masked_text

BATCH_SECONDS: Final = 30.0  # after which no further e-mail of a batch is begun
_ID: Final = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,900}")  # of a Message-ID, in its brackets
_ON_THE_WAY: Final = SMTP.clone(max_line_length=990)  # shorter lines would break long Message-IDs
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
    ADDRESS_REFUSED = "address_refused"  # of an inbox's server, by our guard
    NO_MAILBOX = "no_mailbox"  # the inbox has no server for it, or its password cannot be read
    NO_ADDRESS = "no_address"  # the contact has none
    AUTOMATIC = "automatic"  # no person wrote it, and none would read it
    LOOP = "loop"  # too many of those in a short time
    WITHDRAWN = "withdrawn"  # its message was taken back before it was sent


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with an e-mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Heads:
    """Of an e-mail in a conversation: its Message-ID, what it answers, and whether a machine wrote it."""

    message_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    is_automatic: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail ready to go; `id` makes its Message-ID, so that a repetition can be told."""

    id: str
    recipient: str  # as `mailable` has it
    sender_name: str
    subject: str
    text: str
    written_at: datetime
    heads: Heads | None = None  # None: Recado itself writes
    html: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    cc: tuple[str, ...] = ()  # who gets a copy, as `mailable` has them
    bcc: tuple[str, ...] = ()  # the same, and nobody sees it
    choices: str = ""  # an address of a page: where its reader says what they want to get


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one e-mail: taken where there is no trouble. `said` are the server's words.

    It is taken when the server takes it for its recipient; `said` names others that were refused.
    """

    trouble: MailTrouble | None
    said: str = ""


TAKEN: Final = Answer(None)


def hand_in(
    server: MailServer,
    letters: Sequence[Letter],
    tls: ssl.SSLContext,
    line: Line | None = None,
) -> list[Answer | None]:
    """Hand e-mails in, one after the other; None for those that there was no time to begin.

    Blocks: call it in a thread. What was taken just before a break is sent twice; it keeps its
    Message-ID.
    """
    end = monotonic() + BATCH_SECONDS
    answers: list[Answer] = []
    try:
        with _connected(server, tls, line) as client:
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


def knock(server: MailServer, tls: ssl.SSLContext, line: Line | None = None) -> Answer:
    """Connect, sign in, and leave: what `recado doctor` asks, and whoever sets up an inbox."""
    try:
        with _connected(server, tls, line):
            return TAKEN
    except (OSError, smtplib.SMTPException) as error:
        return _broken(error, server)


class _NotConnected(smtplib.SMTPException):
    """There was no connection to hand anything in on."""

    def __init__(self, trouble: MailTrouble, said: str) -> None:
        super().__init__(said)
        self.answer = Answer(trouble, said)


@contextmanager
def _connected(
    server: MailServer, tls: ssl.SSLContext, line: Line | None
) -> Iterator[smtplib.SMTP]:
    try:
        client = _connect(server, tls, line)
    except (OSError, smtplib.SMTPException) as error:
        raise _not_connected(error, server) from error
    try:
        yield client
    finally:
        with suppress(OSError, smtplib.SMTPException):
            client.quit()
        client.close()


class _Client(smtplib.SMTP):
    """smtplib on a guarded line, if there is one."""

    def __init__(self, server: MailServer, tls: ssl.SSLContext, line: Line | None) -> None:
        self._line, self._tls = line, tls if server.encryption is Encryption.TLS else None
        name = server.sender.partition("@")[2]  # not the machine's, which DNS may take long to tell
        super().__init__(server.host, server.port, name, ANSWER_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        if self._line is None:
            connection = socket.create_connection((host, port), timeout)
        else:
            connection = self._line.connect(host, port)
        if self._tls is None:
            return connection
        try:
            return self._tls.wrap_socket(connection, server_hostname=host)
        except BaseException:
            connection.close()
            raise


def _connect(server: MailServer, tls: ssl.SSLContext, line: Line | None) -> smtplib.SMTP:
    client = _Client(server, tls, line)
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
    try:
        content = message_of(letter, server).as_bytes(policy=_ON_THE_WAY)
    except (ValueError, LookupError, TypeError) as error:  # the library's way with some nonsense
        return Answer(MailTrouble.CONTENT, type(error).__name__)
    try:
        refused = _send(client, server.sender, letter, content)
    except smtplib.SMTPSenderRefused as error:
        return _refused(MailTrouble.SENDER, error.smtp_code, error.smtp_error, server)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return _refused(MailTrouble.RECIPIENT, code, said, server)
    except smtplib.SMTPDataError as error:
        return _refused(MailTrouble.CONTENT, error.smtp_code, error.smtp_error, server)
    words = [f"{who}: {_told(code, said, server)}" for who, (code, said) in refused.items()]
    return Answer(None, "; ".join(words)[:_LONGEST_SAID]) if words else TAKEN


def _send(
    client: smtplib.SMTP, sender: str, letter: Letter, content: bytes
) -> dict[str, tuple[int, bytes]]:
    """Hand in for all of them; who of the others was refused, and how.

    The library sends to whom it can. Ours goes to nobody unless the recipient is taken: it is tried
    again, or mended by hand, and the others would get it twice.
    """
    code, said = client.mail(sender)
    if code != 250:
        _start_over(client)
        raise smtplib.SMTPSenderRefused(code, said, sender)
    refused = {}
    for one in dict.fromkeys([letter.recipient, *letter.cc, *letter.bcc]):
        code, said = client.rcpt(one)
        if code not in {250, 251}:
            refused[one] = (code, said)
        if letter.recipient in refused:
            _start_over(client)
            raise smtplib.SMTPRecipientsRefused(refused)
    code, said = client.data(content)
    if code != 250:
        _start_over(client)
        raise smtplib.SMTPDataError(code, said)
    return refused


def _start_over(client: smtplib.SMTP) -> None:
    """After a refusal: the next e-mail goes over the same connection, if it still is one."""
    with suppress(smtplib.SMTPServerDisconnected):
        client.rset()


def message_of(letter: Letter, server: MailServer) -> EmailMessage:
    """The e-mail as it goes out: plain text; no line of it can become a header."""
    message = EmailMessage(policy=SMTP)
    name = " ".join(letter.sender_name.split())
    message["From"] = Address(name, addr_spec=server.sender)
    message["To"] = Address(addr_spec=letter.recipient)
    if letter.cc:
        message["Cc"] = [Address(addr_spec=one) for one in letter.cc]
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(letter.written_at)
    if letter.choices:
        message["List-Unsubscribe"] = f"<{letter.choices}>"  # RFC 2369
    if letter.heads is None:
        message["Message-ID"] = f"<{letter.id}@{server.sender.partition('@')[2]}>"
        message["Auto-Submitted"] = (
            "auto-generated"  # RFC 3834: out-of-office replies are not wanted
        )
    else:
        _put_heads(message, letter.heads)
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for one in letter.enclosures:
        kind, _, subtype = one.content_type.partition("/")
        if kind in {"multipart", "message"} or not subtype:  # they would be taken apart
            kind, subtype = "application", "octet-stream"
        message.add_attachment(one.content, maintype=kind, subtype=subtype, filename=one.name)
    return message


def _put_heads(message: EmailMessage, heads: Heads) -> None:
    """Message-IDs are strangers' words: what is none is left out, so that no line becomes a header."""
    message["Message-ID"] = f"<{heads.message_id}>"
    if heads.in_reply_to and _ID.fullmatch(heads.in_reply_to):
        message["In-Reply-To"] = f"<{heads.in_reply_to}>"
    known = [f"<{one}>" for one in heads.references if _ID.fullmatch(one)]
    if known:
        message["References"] = " ".join(known)
    if heads.is_automatic:
        message["Auto-Submitted"] = "auto-replied"


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
        case smtplib.SMTPServerDisconnected():
            if isinstance(error.__context__, TimeoutError):  # which smtplib takes for an end
                return _line_broken(error.__context__)
            return Answer(MailTrouble.UNREACHABLE, "the server hung up")
        case OSError() if not isinstance(error, smtplib.SMTPException):
            return _line_broken(error)
        case _:
            return Answer(MailTrouble.UNREACHABLE, type(error).__name__)


def _line_broken(error: OSError) -> Answer:
    match error:
        case AddressRefused():
            return Answer(MailTrouble.ADDRESS_REFUSED)
        case gaierror():
            return Answer(MailTrouble.UNREACHABLE, "DNS does not know the host")
        case TimeoutError():
            return Answer(MailTrouble.UNREACHABLE, "the server did not answer in time")
        case _:
            return Answer(MailTrouble.UNREACHABLE, strerror(error))


def _told(code: int, said: bytes | str, server: MailServer) -> str:
    """The server's words on one line, our password masked: some repeat what they are told."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    line = " ".join(f"{code} {words}".replace("\0", "\ufffd").split())
    hidden = [server.password] if server.password else []
    return masked_text(line, hidden)[:_LONGEST_SAID]
