"""An e-mail as it came becomes a Letter. Pure, and never in doubt: whatever the bytes are, there is one.

The standard library's parser, with its old policy: the new one raises on headers that strangers send.
What is broken is left out and counted, never an error.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.parser import BytesHeaderParser, BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from typing import Final

from recado.lib.files import LARGEST, MOST
from recado.mailboxes.automatic import Returned, is_automatic, returned
from recado.mailboxes.headers import LENIENT, Mail, inside
from recado.mailboxes.html_text import text_of_html
from recado.mailboxes.quoting import Reply, apart

MOST_REFERENCES: Final = 100  # Message-IDs of one letter that are looked for
_MOST_LINES: Final = 1_000_000  # each is an object: more would cost too much memory
_MOST_BOUNDARIES: Final = 5_000
_MOST_PARTS: Final = 500
_DEEPEST: Final = 30  # parts within parts
_LONGEST_SUBJECT: Final = 500  # characters
_LONGEST_TEXT: Final = 100_000  # characters
_LONGEST_ID: Final = 900  # characters of a Message-ID; an index takes no longer ones
_ID: Final = re.compile(r"<([^<>\s]+)>")
_BAD_CODECS: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape"})  # slow


@dataclass(frozen=True, slots=True)
class Person:
    """A name and an address as a header has them; the address in lower case."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a letter."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What an e-mail says. `id` is its Message-ID, or one made of its bytes where it has none."""

    id: str
    sender: Person
    reply_to: Person | None = None
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    subject: str = ""
    date: datetime | None = None
    reply: Reply = field(default_factory=lambda: Reply("", ""))
    files: tuple[File, ...] = ()
    left_out: int = 0  # files that are too many or too large
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()  # oldest first, as they came
    is_automatic: bool = False
    is_doubtful: bool = False  # the receiving server says that the sender may be forged
    is_cut: bool = False  # too large, too deep or too broken to be read as a whole
    returned: Returned | None = None  # a letter of ours that came back

    @property
    def text(self) -> str:
        """What is new in it."""
        return self.reply.new

    @property
    def earlier_ids(self) -> tuple[str, ...]:
        """The letters it may answer, the likeliest first."""
        known = (self.in_reply_to, *reversed(self.references))
        return tuple(dict.fromkeys(one for one in known if one))


def letter_from(raw: bytes, *, is_cut: bool = False) -> Letter:
    """The letter in these bytes; with `is_cut` they are only its head."""
    is_too_much = raw.count(b"\n") > _MOST_LINES or raw.count(b"\n--") > _MOST_BOUNDARIES
    if is_cut or is_too_much:
        return _letter(_head(raw), raw, is_cut=True)
    try:
        mail: Mail = BytesParser(policy=LENIENT).parsebytes(raw)
        return _letter(mail, raw)
    except (RecursionError, MessageError):
        return _letter(_head(raw), raw, is_cut=True)


def _head(raw: bytes) -> Mail:
    return BytesHeaderParser(policy=LENIENT).parsebytes(raw[: 256 * 1024])


def _letter(mail: Mail, raw: bytes, *, is_cut: bool = False) -> Letter:
    found = _Found()
    if not is_cut:
        _gather(mail, found)
    senders = _people(mail, "From") or _people(mail, "Sender")
    ids = _ids(mail, "Message-ID")
    return Letter(
        id=ids[0] if ids else f"sha256:{sha256(raw).hexdigest()}",
        sender=senders[0] if senders else Person("", ""),
        reply_to=next(iter(_people(mail, "Reply-To")), None),
        to=_people(mail, "To"), cc=_people(mail, "Cc"),
        subject=_words(mail, "Subject")[:_LONGEST_SUBJECT], date=_date(mail),
        reply=apart("\n\n".join(found.texts).strip()[:_LONGEST_TEXT]),
        files=tuple(found.files), left_out=found.left_out,
        in_reply_to=next(iter(_ids(mail, "In-Reply-To")), None),
        references=_ids(mail, "References")[-MOST_REFERENCES:],
        is_automatic=is_automatic(mail), is_doubtful=_is_doubtful(mail), is_cut=is_cut,
        returned=returned(mail),
    )  # fmt: skip


# --- headers ---


def _words(mail: Mail, name: str) -> str:
    """A header in words, on one line."""
    return " ".join(decoded(str(mail.get(name, ""))).split()).replace("\0", "")


def decoded(text: str) -> str:
    """Encoded words (RFC 2047) as they are read; what is not well-formed stays as it is."""
    try:
        pieces = decode_header(text) if "=?" in text else [(text, None)]
        return "".join(_piece(*one) for one in pieces)
    except (HeaderParseError, ValueError):
        return text


def _piece(content: bytes | str, charset: str | None) -> str:
    return content if isinstance(content, str) else in_charset(content, charset)


def in_charset(content: bytes, charset: str | None) -> str:
    """Bytes as text, in the charset that they are said to have or one that fits."""
    for name in (charset, "utf-8", "cp1252"):
        if name and name.lower().replace("-", "_") not in _BAD_CODECS:
            try:
                return content.decode(name, "replace" if name == "cp1252" else "strict")
            except (LookupError, ValueError):
                continue
    return content.decode("utf-8", "replace")


def _people(mail: Mail, name: str) -> tuple[Person, ...]:
    """The addresses of a header; at most a hundred, each looking like one."""
    given = [str(one)[:20_000] for one in mail.get_all(name, [])][:5]
    try:
        pairs = getaddresses(given)[:100]
    except (ValueError, IndexError):
        return ()
    named = [(" ".join(decoded(one).split()), address.strip().lower()) for one, address in pairs]
    return tuple(Person(one[:255], address) for one, address in named if _is_address(address))


def _is_address(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    is_plain = not any(one.isspace() or one in '<>,;"\0' for one in text)
    return bool(local and at and domain) and is_plain and len(text) <= 254


def _ids(mail: Mail, name: str) -> tuple[str, ...]:
    """Message-IDs, without their brackets; those that nobody could keep are left out."""
    found = _ID.findall(" ".join(str(one) for one in mail.get_all(name, [])))
    return tuple(one for one in found if len(one) <= _LONGEST_ID and "\0" not in one)


def _date(mail: Mail) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(mail.get("Date", "")))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _is_doubtful(mail: Mail) -> bool:
    """What the receiving server found; its header stands above those that a stranger may have put."""
    found = str(mail.get("Authentication-Results", "")).lower()
    verdicts = dict(re.findall(r"\b(dmarc|dkim|spf)\s*=\s*([a-z]+)", found))
    if dmarc := verdicts.get("dmarc"):
        return bool(dmarc == "fail")
    found_so = set(verdicts.values())
    return "fail" in found_so and "pass" not in found_so


# --- parts ---


@dataclass(slots=True)
class _Found:
    texts: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    left_out: int = 0
    parts: int = 0


def _gather(part: Mail, found: _Found, depth: int = 0) -> None:
    """Texts and files of a part, in their order."""
    found.parts += 1
    if found.parts > _MOST_PARTS or depth > _DEEPEST:
        found.left_out += 1
    elif part.get_content_type() == "multipart/alternative":
        _gather_best(part, found, depth)
    elif part.is_multipart() and part.get_content_maintype() == "multipart":
        for one in inside(part):
            _gather(one, found, depth + 1)
    elif _is_text(part):
        _add_text(part, found)
    else:
        _add_file(part, found)


def _gather_best(part: Mail, found: _Found, depth: int) -> None:
    """Of several forms of the same: the plain text if it says something; files in any of them."""
    forms = []
    for one in inside(part):
        form = _Found(parts=found.parts)
        _gather(one, form, depth + 1)
        found.parts = form.parts
        found.left_out += form.left_out
        forms.append((one.get_content_type() != "text/plain", form))
    for file in (file for _, form in forms for file in form.files):
        _keep(file, found)
    saying = [form.texts for _, form in sorted(forms, key=lambda one: one[0]) if form.texts]
    found.texts += saying[0] if saying else []


def _is_text(part: Mail) -> bool:
    is_readable = part.get_content_type() in {"text/plain", "text/html"}
    return is_readable and _disposition(part) != "attachment" and not part.get_filename()


def _disposition(part: Mail) -> str:
    return str(part.get("Content-Disposition", "")).partition(";")[0].strip().lower()


def _add_text(part: Mail, found: _Found) -> None:
    text = in_charset(_content(part), part.get_content_charset()).replace("\0", "")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.get_content_type() == "text/html":
        text = text_of_html(text)
    if text.strip():
        found.texts.append(text.strip("\n"))


def _add_file(part: Mail, found: _Found) -> None:
    kind = part.get_content_type()
    name = decoded(part.get_filename() or "")
    if kind == "message/rfc822":
        content = b"".join(one.as_bytes() for one in inside(part))
        name = name or f"{''.join(_words(one, 'Subject') for one in inside(part)) or 'e-mail'}.eml"
    else:
        content = _content(part)
    if content:
        _keep(File(name or _usual_name(kind), kind, content), found)


def _keep(file: File, found: _Found) -> None:
    if len(found.files) < MOST and len(file.content) <= LARGEST:
        found.files.append(file)
    else:
        found.left_out += 1


def _usual_name(kind: str) -> str:
    return "invite.ics" if kind == "text/calendar" else kind.partition("/")[0] or "file"


def _content(part: Mail) -> bytes:
    """The bytes of a part, decoded as far as they can be."""
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError):
        payload = None
    if isinstance(payload, bytes):
        return payload
    parts = inside(part)  # of what calls itself a text and has parts, or of a report
    if parts:
        return b"\n".join(one.as_bytes() for one in parts)
    return str(part.get_payload()).encode("utf-8", "surrogateescape")
