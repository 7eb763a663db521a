"""Whatever bytes come, there is a letter; what is well-formed says what it says."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from recado.lib.files import MOST
from recado.mailboxes.reading import MOST_REFERENCES, File, Letter, Person, letter_from

HEAD = b"From: Maria <maria@example.com>\r\nMessage-ID: <a@example.com>\r\n"


def read(text: str | bytes) -> Letter:
    """The letter of a head and a body, lines ending as one likes."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return letter_from(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def parts(*inside: str, kind: str = "mixed", boundary: str = "b") -> str:
    """A multipart of these parts, with its head."""
    body = "".join(f"--{boundary}\n{one}\n" for one in inside)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{body}--{boundary}--\n'


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nplain"
HTML = "Content-Type: text/html; charset=utf-8\n\n<p>html</p>"
PDF = 'Content-Type: application/pdf\nContent-Disposition: attachment; filename="a.pdf"\n\n%PDF-'
PICTURE = (
    'Content-Type: image/png; name="x.png"\nContent-Disposition: inline\nContent-ID: <x@y>\n'
    "Content-Transfer-Encoding: base64\n\niVBORw0KGgo="
)

TEXTS = [
    ("a plain text", "Subject: Hi\n\nHello\n", "Hello"),
    ("nothing but a head", "Subject: Hi\n", ""),
    ("an empty body", "Subject: Hi\n\n", ""),
    ("nothing at all", "", ""),
    ("only spaces", "\n   \n\n", ""),
    ("Latin-1", b"Content-Type: text/plain; charset=iso-8859-1\n\nOl\xe1", "Olá"),
    ("a charset that is a lie", b"Content-Type: text/plain; charset=utf-8\n\nOl\xe1", "Olá"),
    ("a charset nobody knows", b"Content-Type: text/plain; charset=martian\n\nOl\xc3\xa1", "Olá"),
    ("no charset, UTF-8", b"\nOl\xc3\xa1", "Olá"),
    ("a codec that is no charset", b"Content-Type: text/plain; charset=zlib\n\nHello", "Hello"),
    ("a codec that is slow", b"Content-Type: text/plain; charset=punycode\n\nHello", "Hello"),
    ("UTF-16", b"Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\n"
     b"//5IAGkA", "Hi"),
    ("NUL in the text", b"\nHe\0llo", "Hello"),
    ("quoted-printable", "Content-Transfer-Encoding: quoted-printable\n"
     "Content-Type: text/plain; charset=utf-8\n\nOl=C3=A1 =\nali", "Olá ali"),
    ("base64 that is broken", "Content-Transfer-Encoding: base64\n\nSGVsbG8", "Hello"),
    ("an encoding nobody knows", "Content-Transfer-Encoding: x-uu7\n\nHello", "Hello"),
    ("both forms: the plain one", parts(PLAIN, HTML, kind="alternative"), "plain"),
    ("both, in the wrong order", parts(HTML, PLAIN, kind="alternative"), "plain"),
    ("an empty plain form", parts("Content-Type: text/plain\n\n ", HTML, kind="alternative"), "html"),
    ("HTML alone", "Content-Type: text/html\n\n<style>p{}</style><p>A</p><p>B</p>", "A\n\nB"),
    ("two texts", parts(PLAIN, "Content-Type: text/plain\n\nand more"), "plain\n\nand more"),
    ("related", parts(parts(PLAIN, HTML, kind="alternative", boundary="c"), PICTURE, kind="related"),
     "plain"),
    ("a boundary that never comes", 'Content-Type: multipart/mixed; boundary="z"\n\nHello', ""),
    ("a multipart without boundary", "Content-Type: multipart/mixed\n\nHello", ""),
    ("a type that is nonsense", "Content-Type: ;;;=\n\nHello", "Hello"),
    ("a head without end", "Subject: Hi\n" + "X: y\n" * 5_000 + "\nHello", "Hello"),
    ("a header of 1 MB", f"X: {'y' * 1_000_000}\n\nHello", "Hello"),
    ("a line that is no header", "Subject: Hi\nno header\n\nHello", "no header\n\nHello"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "text"), [one[1:] for one in TEXTS], ids=[one[0] for one in TEXTS])
def test_what_a_letter_says(raw: str | bytes, text: str) -> None:
    assert read(raw).text == text


SUBJECTS = [
    ("=?utf-8?q?Ol=C3=A1?=", "Olá"),
    ("=?utf-8?B?T2zDoQ==?= =?utf-8?B?IQ==?=", "Olá!"),
    ("=?iso-8859-1?q?Ol=E1?= you", "Olá you"),
    ("=?martian?q?Ola?=", "Ola"),
    ("=?utf-8?q?broken", "=?utf-8?q?broken"),
    ("=?utf-8?b?!!!?=", ""),
    ("folded\n over\n\tlines", "folded over lines"),
    ("Olá", "Olá"),
    ("Ol\udce1", "Olá"),
    ("=?utf-8?q?a=0D=0ABcc=3A_x?=", "a Bcc: x"),
    ("x" * 2_000, "x" * 500),
]


@pytest.mark.parametrize(("written", "subject"), SUBJECTS, ids=[one[0][:20] for one in SUBJECTS])
def test_what_a_subject_says(written: str, subject: str) -> None:
    assert read(f"Subject: {written}\n\nx").subject == subject


SENDERS = [
    ("Maria <maria@example.com>", Person("Maria", "maria@example.com")),
    ("MARIA@Example.COM", Person("", "maria@example.com")),
    ('"Souza, Maria" <m@example.com>', Person("Souza, Maria", "m@example.com")),
    ("=?utf-8?q?Jos=C3=A9?= <j@example.com>", Person("José", "j@example.com")),
    ("José <j@example.com>", Person("José", "j@example.com")),
    ("Jos\udce9 <j@example.com>", Person("José", "j@example.com")),
    ("nobody", Person("", "")),
    ("", Person("", "")),
    ("<>", Person("", "")),
    ("a@b@c.example", Person("", "")),
    ("first@example.com, second@example.com", Person("", "first@example.com")),
    (f"{'x' * 300}@example.com", Person("", "")),
    ('"victim@bank.example" <thief@evil.example>', Person("victim@bank.example", "thief@evil.example")),
]  # fmt: skip


@pytest.mark.parametrize(("written", "sender"), SENDERS, ids=[one[0][:30] for one in SENDERS])
def test_who_wrote_it(written: str, sender: Person) -> None:
    assert read(f"From: {written}\n\nx").sender == sender


FILES = [
    ("an attachment", parts(PLAIN, PDF), [("a.pdf", "application/pdf", b"%PDF-")]),
    ("a picture in the text", parts(PLAIN, PICTURE, kind="related"),
     [("x.png", "image/png", b"\x89PNG\r\n\x1a\n")]),
    ("a name in two encodings", parts(
        "Content-Type: text/csv\nContent-Disposition: attachment; filename*=utf-8''pre%C3%A7os.csv\n\na"),
     [("preços.csv", "text/csv", b"a")]),
    ("a name as Outlook writes it", parts(
        'Content-Type: text/csv; name="=?utf-8?q?pre=C3=A7os.csv?="\n\na'),
     [("preços.csv", "text/csv", b"a")]),
    ("no name", parts("Content-Type: application/zip\n\na"), [("application", "application/zip", b"a")]),
    ("an invitation", parts("Content-Type: text/calendar\n\nBEGIN"),
     [("invite.ics", "text/calendar", b"BEGIN")]),
    ("a text as a file", parts(PLAIN, 'Content-Type: text/plain; name="n.txt"\n\nnote'),
     [("n.txt", "text/plain", b"note")]),
    ("a letter in the letter", parts(PLAIN, "Content-Type: message/rfc822\n\nSubject: Old\n\nbody"),
     [("Old.eml", "message/rfc822", b"Subject: Old\n\nbody")]),
    ("an empty file", parts(PLAIN, "Content-Type: application/zip\n\n"), []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "files"), [one[1:] for one in FILES], ids=[one[0] for one in FILES]
)
def test_which_files_came(raw: str, files: list[tuple[str, str, bytes]]) -> None:
    found = read(raw).files
    assert [(one.name, one.content_type, one.content) for one in found] == files


def test_files_that_are_too_many_are_counted() -> None:
    letter = read(parts(PLAIN, *[PDF] * (MOST + 3)))
    assert (len(letter.files), letter.left_out, letter.text) == (MOST, 3, "plain")


def test_parts_within_parts_within_parts_come_to_an_end() -> None:
    raw = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (one, one)
        for one in range(3_000)
    )
    letter = letter_from(HEAD + raw)
    assert letter.is_cut or letter.left_out
    assert letter.sender.address == "maria@example.com"


def test_of_many_lines_only_the_head_is_read() -> None:
    letter = letter_from(HEAD + b"\r\n" + b"\n" * 1_000_001)
    assert letter.is_cut
    assert letter.id == "a@example.com"


def test_a_letter_without_a_message_id_gets_one_that_stays() -> None:
    first, again, other = read("\nHello"), read("\nHello"), read("\nHello!")
    assert first.id == again.id != other.id
    assert first.id.startswith("sha256:")


def test_references_are_read_as_they_come() -> None:
    letter = read("In-Reply-To: <c@x>\nReferences: <a@x> <b@x>\n <c@x>\n\nx")
    assert letter.references == ("a@x", "b@x", "c@x")
    assert letter.earlier_ids == ("c@x", "b@x", "a@x")


def test_of_many_references_the_last_ones_count() -> None:
    many = " ".join(f"<{number}@x>" for number in range(5_000))
    letter = read(f"References: {many}\n\nx")
    assert len(letter.references) == MOST_REFERENCES
    assert letter.references[-1] == "4999@x"


def test_a_message_id_that_no_index_holds_is_none() -> None:
    assert read(f"Message-ID: <{'x' * 2_000}@x>\n\nx").id.startswith("sha256:")


DATES = [
    ("Mon, 02 Nov 2026 10:00:00 -0300", datetime(2026, 11, 2, 13, tzinfo=UTC)),
    ("Mon, 02 Nov 2026 10:00:00", datetime(2026, 11, 2, 10, tzinfo=UTC)),
    ("yesterday", None),
    ("Mon, 99 Nov 99999 10:00:00 +9999", None),
    ("", None),
]


@pytest.mark.parametrize(("written", "date"), DATES, ids=[one[0] for one in DATES])
def test_when_it_was_written(written: str, date: datetime | None) -> None:
    assert read(f"Date: {written}\n\nx").date == date


AUTOMATIC = [
    ("Auto-Submitted: auto-replied", True),
    ("Auto-Submitted: auto-generated; owner=x", True),
    ("Auto-Submitted: no", False),
    ("Precedence: bulk", True),
    ("Precedence: LIST", True),
    ("X-Auto-Response-Suppress: All", True),
    ("X-Autoreply: yes", True),
    ("List-Id: <news.example.com>", True),
    ("Return-Path: <>", True),
    ("From: Mail Delivery <MAILER-DAEMON@mx.example>", True),
    ("From: no-reply@shop.example", True),
    ("From: maria.noreply.souza@example.com", False),
    ("Subject: Out of office", False),
]


@pytest.mark.parametrize(("header", "is_so"), AUTOMATIC, ids=[one[0] for one in AUTOMATIC])
def test_what_no_person_wrote(header: str, is_so: bool) -> None:
    assert read(f"{header}\n\nx").is_automatic is is_so


DOUBTS = [
    ("mx; spf=pass; dkim=pass; dmarc=pass", False),
    ("mx; dmarc=fail (p=none)", True),
    ("mx; spf=fail", True),
    ("mx; spf=fail; dkim=pass", False),
    ("mx; spf=softfail; dkim=none", False),
    ("mx; none", False),
]


@pytest.mark.parametrize(("found", "is_so"), DOUBTS, ids=[one[0] for one in DOUBTS])
def test_whose_sender_may_be_forged(found: str, is_so: bool) -> None:
    assert read(f"Authentication-Results: {found}\n\nx").is_doubtful is is_so


def test_the_header_of_the_receiving_server_counts_not_the_forgers() -> None:
    raw = "Authentication-Results: mx; dmarc=fail\nAuthentication-Results: evil; dmarc=pass\n\nx"
    assert read(raw).is_doubtful


@given(some.binary(max_size=2_000))
def test_any_bytes_are_a_letter(raw: bytes) -> None:
    assert isinstance(letter_from(raw), Letter)


_LINES = some.sampled_from([
    "From: ", "From: =?utf-8?q?", "To: a@b, <", "Subject: =?x?b?", "Message-ID: <", "References: <a@b> <",
    "Content-Type: multipart/mixed; boundary=b", "Content-Type: text/html; charset=", "--b", "--b--",
    "Content-Type: message/delivery-status", "Content-Type: multipart/report; boundary=b",
    "Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "Content-Disposition: attachment; filename*=",
    "Date: ", "", "> quoted", "<blockquote>", "Em x escreveu:", "\udce1\udcff", "\0", " ",
])  # fmt: skip


@given(some.lists(_LINES, max_size=40), some.text(max_size=20))
def test_any_lines_are_a_letter(lines: list[str], text: str) -> None:
    raw = "\r\n".join(f"{line}{text}" if line.endswith(" ") else line for line in lines)
    letter = letter_from(raw.encode("utf-8", "surrogateescape"))
    assert "\0" not in letter.text + letter.subject + letter.sender.name
    assert all(isinstance(one, File) for one in letter.files)
