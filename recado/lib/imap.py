"""Reading a mailbox by IMAP, from a thread; nothing in the mailbox is changed by it.

The standard library's client, with what it lacks: a guarded line, a limit for what a server may send,
and folder names and passwords beyond ASCII. Raises SESSION_ERRORS, which `trouble_of` makes words of.
"""

import imaplib
import re
import socket
import ssl
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from socket import gaierror
from typing import Any, Final

from recado.lib.details import strerror, tls_detail
from recado.lib.dialing import ANSWER_SECONDS, AddressRefused, Line
from recado.lib.mail_servers import Encryption
from recado.lib.masks import masked_text

LARGEST_LETTER: Final = 40 * 1024 * 1024  # bytes as they lie in the mailbox
_LARGEST_HEAD: Final = 256 * 1024  # bytes that are read of a letter beyond that
_LARGEST_ANSWER: Final = LARGEST_LETTER + 1024 * 1024  # bytes a server may send to one question
_LONGEST_SAID: Final = 300  # characters of the server's own words
_LISTENING: Final = b"LISTEN"  # what marks our question; imaplib's own marks end in a number
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxTrouble(StrEnum):
    """Why a mailbox cannot be read."""

    DNS = "dns"  # nobody knows the host
    ADDRESS_REFUSED = "address_refused"  # by our guard
    UNREACHABLE = "unreachable"  # no connection, or it broke
    TIMEOUT = "timeout"
    ENCRYPTION = "encryption"  # no STARTTLS, or no TLS on this port
    CERTIFICATE = "certificate"  # nobody vouches for it
    SIGN_IN = "sign_in"  # user or password refused
    FOLDER = "folder"  # there is none of this name
    PROTOCOL = "protocol"  # what answers is no IMAP, or sends too much
    SECRET = "secret"  # our own key does not open the password  # noqa: S105 - no password


@dataclass(frozen=True, slots=True)
class ImapServer:
    """Where a mailbox is read, as whom. The password is in no repr."""

    host: str
    port: int
    encryption: Encryption
    user: str
    password: str
    folder: str = "INBOX"

    def __repr__(self) -> str:
        return f"ImapServer({self.host}:{self.port}, {self.encryption})"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, with the server's or the system's words."""

    trouble: MailboxTrouble
    said: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as it stands: letters are numbered upwards, for as long as `validity` is the same."""

    validity: int
    next_uid: int


@dataclass(frozen=True, slots=True)
class Raw:
    """A letter as it lies in the mailbox; of one that is too large only its head."""

    uid: int
    content: bytes
    is_cut: bool = False


class MailboxRefused(Exception):
    """The server refuses what was asked."""

    def __init__(self, trouble: MailboxTrouble, said: str = "") -> None:
        super().__init__(said)
        self.trouble, self.said = trouble, said


SESSION_ERRORS: Final = (OSError, imaplib.IMAP4.error, MailboxRefused)


class Session:
    """One visit to a mailbox. Each method blocks: call it in a thread, within `on_line`."""

    def __init__(self, server: ImapServer, line: Line) -> None:
        self._server, self._line = server, line
        self._client: _Client | None = None
        self._offers_idle: bool | None = None

    @property
    def _imap(self) -> "_Client":
        if self._client is None:
            raise RuntimeError("open the session first")
        self._client.left = _LARGEST_ANSWER
        return self._client

    def open(self) -> Opened:
        """Connect, sign in and open the folder, to read only."""
        self._client = client = _Client(self._server, self._line)
        if self._server.encryption is Encryption.STARTTLS:
            _encrypt(client, self._line.tls)
        _sign_in(client, self._server)
        return self._open_folder(client)

    def close(self) -> None:
        """Leave, whatever state it is in."""
        if self._client is not None:
            with suppress(*SESSION_ERRORS):
                self._client.logout()
            with suppress(OSError):
                self._client.shutdown()  # a logout that nobody answers leaves it open
        self._line.close()

    def uids_after(self, uid: int) -> list[int]:
        """The letters that came after this one, oldest first."""
        found = self._search(f"UID {uid + 1}:*")  # * is the newest one, even if it lies before
        return [one for one in found if one > uid]

    def uids_since(self, day: str) -> list[int]:
        """The letters that came on this day (such as 25-Nov-2026) or later, oldest first."""
        return self._search(f"SINCE {day}")

    def letter(self, uid: int) -> Raw | None:
        """A letter as it lies there; None where it is gone."""
        size = self._size(uid)
        if size is None:
            return None
        is_cut = size > LARGEST_LETTER
        what = f"(BODY.PEEK[HEADER]<0.{_LARGEST_HEAD}>)" if is_cut else "(BODY.PEEK[])"
        _, found = self._imap.uid("FETCH", str(uid), what)
        bodies = [one[1] for one in found if isinstance(one, tuple) and b"BODY[" in one[0].upper()]
        return Raw(uid, bodies[0], is_cut) if bodies else None

    def listen(self) -> bool:
        """Have the server tell of what comes in (IDLE, RFC 2177); False where it does not offer that.

        Until `hush` nothing else may be asked. Whoever waits looks at the line meanwhile.
        """
        if self._offers_idle is None:  # some say it only to whoever has signed in
            _, offered = self._imap.capability()
            self._offers_idle = b"IDLE" in b" ".join(filter(None, offered)).upper().split()
        if not self._offers_idle:
            return False
        self._imap.send(_LISTENING + b" IDLE\r\n")
        return self._told_until(b"+", _LISTENING).startswith(b"+")

    def hush(self) -> None:
        """No longer listen."""
        self._imap.send(b"DONE\r\n")
        self._told_until(_LISTENING)

    def _told_until(self, *marks: bytes) -> bytes:
        while line := self._imap.readline():
            if line.startswith(marks):
                return line
        raise imaplib.IMAP4.abort("socket error: EOF")

    def _size(self, uid: int) -> int | None:
        _, found = self._imap.uid("FETCH", str(uid), "(RFC822.SIZE)")
        sizes = [size for one in found if one and (size := _SIZE.search(_joined(one)))]
        return int(sizes[0][1]) if sizes else None

    def _search(self, what: str) -> list[int]:
        state, found = self._imap.uid("SEARCH", what)
        if state != "OK":
            raise MailboxRefused(MailboxTrouble.PROTOCOL, _said(found, self._server))
        return sorted(int(one) for line in found if line for one in line.split() if one.isdigit())

    def _open_folder(self, client: "_Client") -> Opened:
        state, said = client.select(_quoted(self._server.folder), readonly=True)
        if state != "OK":
            raise MailboxRefused(MailboxTrouble.FOLDER, _said(said, self._server))
        validity = _number(client.response("UIDVALIDITY")[1])
        following = _number(client.response("UIDNEXT")[1])
        if validity is None:
            raise MailboxRefused(MailboxTrouble.PROTOCOL, "the server numbers no letters")
        if following is None:  # it is not bound to tell
            following = max(self._search("UID *"), default=0) + 1
        return Opened(validity, following)


def trouble_of(error: Exception, server: ImapServer) -> Trouble:
    """What an error of a session means; raises what is a mistake of ours."""
    match error:
        case MailboxRefused():
            return Trouble(error.trouble, error.said)
        case ssl.SSLCertVerificationError():
            return Trouble(MailboxTrouble.CERTIFICATE, tls_detail(error))
        case ssl.SSLError():
            return Trouble(MailboxTrouble.ENCRYPTION, tls_detail(error))
        case OSError():
            return _line_trouble(error)
        case imaplib.IMAP4.error():
            return _broken_off(error, server)
        case _:
            raise error


def _line_trouble(error: OSError) -> Trouble:
    match error:
        case AddressRefused():
            return Trouble(MailboxTrouble.ADDRESS_REFUSED)
        case gaierror():
            return Trouble(MailboxTrouble.DNS)
        case TimeoutError():
            return Trouble(MailboxTrouble.TIMEOUT)
        case _:
            return Trouble(MailboxTrouble.UNREACHABLE, strerror(error))


def _broken_off(error: Exception, server: ImapServer) -> Trouble:
    said = _masked(str(error), server)
    is_broken = "EOF" in said or "socket error" in said  # imaplib's words for a lost connection
    return Trouble(MailboxTrouble.UNREACHABLE if is_broken else MailboxTrouble.PROTOCOL, said)


class _Client(imaplib.IMAP4):
    """imaplib on a guarded line, which reads no more than it may."""

    def __init__(self, server: ImapServer, line: Line) -> None:
        self._line, self._is_tls = line, server.encryption is Encryption.TLS
        self.left = _LARGEST_ANSWER
        super().__init__(server.host, server.port, timeout=ANSWER_SECONDS)

    def _create_socket(self, _timeout: float | None) -> socket.socket:
        connection = self._line.connect(self.host, self.port)
        if not self._is_tls:
            return connection
        try:
            return self._line.tls.wrap_socket(connection, server_hostname=self.host)
        except BaseException:
            connection.close()
            raise

    def read(self, size: int) -> bytes:
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise MailboxRefused(MailboxTrouble.PROTOCOL, "the server sends too much")


def _encrypt(client: _Client, tls: ssl.SSLContext) -> None:
    if "STARTTLS" not in client.capabilities:
        raise MailboxRefused(MailboxTrouble.ENCRYPTION, "the server offers no STARTTLS")
    client.starttls(ssl_context=tls)


def _sign_in(client: _Client, server: ImapServer) -> None:
    """By LOGIN; what ASCII does not hold goes by AUTHENTICATE PLAIN (RFC 4616)."""
    try:
        if f"{server.user}{server.password}".isascii():
            client.login(_in_quotes(server.user), server.password)  # which it quotes itself
        else:
            proof = f"\0{server.user}\0{server.password}".encode()
            client.authenticate("PLAIN", lambda _: proof)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise MailboxRefused(MailboxTrouble.SIGN_IN, _masked(str(error), server)) from error


def _quoted(folder: str) -> str:
    """A folder's name as IMAP writes it: modified UTF-7 (RFC 3501, 5.1.3), in quotation marks."""
    return _in_quotes(re.sub(r"&|[^\x20-\x7e]+", _shifted, folder))


def _in_quotes(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shifted(found: "re.Match[str]") -> str:
    if found[0] == "&":
        return "&-"
    code = b64encode(found[0].encode("utf-16-be", "replace")).decode().rstrip("=")
    return f"&{code.replace('/', ',')}-"


def _number(found: list[Any]) -> int | None:
    text = found[-1] if found else None
    return int(text) if isinstance(text, bytes) and text.isdigit() else None


def _joined(part: Any) -> bytes:
    return b" ".join(part) if isinstance(part, tuple) else bytes(part)


def _said(found: list[Any], server: ImapServer) -> str:
    words = b" ".join(one for one in found if isinstance(one, bytes))
    return _masked(words.decode("utf-8", "replace"), server)


def _masked(text: str, server: ImapServer) -> str:
    """The server's words on one line, our password masked: some repeat what they are told."""
    line = " ".join(text.removeprefix("b").strip("'\"").replace("\0", "\ufffd").split())
    hidden = [server.password] if server.password else []
    return masked_text(line, hidden)[:_LONGEST_SAID]
