"""What is new in a letter and what it quotes; the words of HTML."""

import pytest

from recado.mailboxes.html_text import text_of_html
from recado.mailboxes.quoting import apart

QUOTED = [
    ("Gmail, English", "Thanks\n\nOn Mon, Nov 2, 2026 at 10:00 AM Ana <ana@x.com> wrote:\n> Hi", "Thanks"),
    ("Gmail, Portuguese", "Obrigada\n\nEm seg., 2 de nov. de 2026 às 10:00, Ana <a@x.com>\nescreveu:\n\n> Oi",
     "Obrigada"),
    ("Gmail, Spanish", "Gracias\n\nEl lun, 2 nov 2026 a las 10:00, Ana (<a@x.com>) escribió:\n> Hola",
     "Gracias"),
    ("Outlook, English", "Thanks\n\n-----Original Message-----\nFrom: Ana\nSent: Monday\n\nHi", "Thanks"),
    ("Outlook, a line", "Thanks\n\n________________________________\nFrom: Ana <a@x.com>\n"
     "Sent: Monday, 2 November\nTo: Maria\nSubject: Hi\n\nHi", "Thanks\n\n________________________________"),
    ("Outlook, Portuguese", "Obrigada\n\nDe: Ana <a@x.com>\nEnviado: segunda-feira\nPara: Maria\n\nOi",
     "Obrigada"),
    ("only marks", "Thanks\n\n> Hi\n> there\n", "Thanks"),
    ("answers between", "> Is it blue?\nYes\n> Is it big?\nNo", None),
    ("a quotation above", "> Is it blue?\n\nYes, it is.", None),
    ("nothing but a quotation", "> Hi", None),
    ("nothing but a history", "On Monday Ana wrote:\n> Hi", None),
    ("a line that looks like it", "On Monday she wrote:\nDear friend", None),
    ("nothing quoted", "Just a text", None),
    ("an address in the text", "From: São Paulo\nTo: Rio", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "new"), [one[1:] for one in QUOTED], ids=[one[0] for one in QUOTED]
)
def test_the_history_is_cut_off(text: str, new: str | None) -> None:
    reply = apart(text)
    assert reply.new == (text if new is None else new)
    assert bool(reply.quoted) is (new is not None)


HTML = [
    ("<p>One</p><p>Two</p>", "One\n\nTwo"),
    ("One<br>Two<br/>Three", "One\nTwo\nThree"),
    ("<div>One</div><div>Two</div>", "One\nTwo"),
    ("  much   \n space ", "much space"),
    ("<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
    ("a &lt;b&gt; &amp; &eacute; &#x41;", "a <b> & é A"),
    ("<script>alert(1)</script>safe<style>p{}</style>", "safe"),
    ("<script>never ends", ""),
    ("<title>T</title>body", "body"),
    ("<!-- hidden --><b>bold</b>", "bold"),
    ("<!-- never ends", ""),
    ('<a href="https://x.example/y">here</a>', "here (https://x.example/y)"),
    ('<a href="https://x.example/">https://x.example</a>', "https://x.example"),
    ('<a href="javascript:alert(1)">here</a>', "here"),
    ('<a href="mailto:a@b.example">write</a>', "write (a@b.example)"),
    ("<a>nowhere</a>", "nowhere"),
    ("Hi<blockquote>old<blockquote>older</blockquote></blockquote>", "Hi\n> old\n> > older"),
    ("</blockquote>Hi", "Hi"),
    ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
    ("<p", ""),
    ("", ""),
]


@pytest.mark.parametrize(("html", "text"), HTML, ids=[one[0][:40] for one in HTML])
def test_the_words_of_html(html: str, text: str) -> None:
    assert text_of_html(html) == text


NASTY = ["<!--", "<![", "<a href='", "</", "<", "&#", "<blockquote>", "<script>", "<a>", "<p>", ">"]


@pytest.mark.parametrize("piece", NASTY)
@pytest.mark.timeout(20)
def test_a_long_piece_of_nonsense_is_read_in_no_time(piece: str) -> None:
    assert isinstance(text_of_html(piece * (400_000 // len(piece))), str)


@pytest.mark.parametrize(
    "line", ["> a\n", ">\n", "On a wrote:\n", "From: a\n", "-- \n", "______\n"]
)
@pytest.mark.timeout(20)
def test_a_long_history_is_cut_in_no_time(line: str) -> None:
    text = line * (100_000 // len(line))
    assert isinstance(apart(f"{text}end").new, str)
    assert isinstance(apart(f"start\n{text}").new, str)
