"""The words of an HTML e-mail, as plain text. Pure; no markup of a stranger is ever shown.

Reads each character once: the standard library's parser takes minutes for 200 KB of `<!--`.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

_LONGEST: Final = 1_000_000  # characters that are read
_LONGEST_TAG: Final = 4_000  # characters in which an address is looked for
_DEEPEST_QUOTE: Final = 5
_SILENT: Final = frozenset({"script", "style", "title"})
_BLOCKS: Final = frozenset({
    "p", "div", "table", "tr", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
    "pre", "section", "article", "header", "footer", "dl", "dt", "dd", "form", "center", "address",
    "br", "hr",
})  # fmt: skip
_PARAGRAPHS: Final = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "ul", "ol", "table"}
)
_TAG: Final = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_HREF: Final = re.compile(r"""\shref\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.I)
_LINKED: Final = re.compile(r"(https?|mailto|tel):", re.I)


def text_of_html(html: str) -> str:
    """What somebody reads who sees the HTML; quotations begin with `>`."""
    reader = _Reader()
    for piece, is_tag in _pieces(html[:_LONGEST]):
        if is_tag:
            reader.take_tag(piece)
        else:
            reader.words.append(unescape(piece))
    return reader.text()


def _pieces(html: str) -> Iterator[tuple[str, bool]]:
    """The texts and the tags, in order; comments and what is silent left out."""
    at = 0
    while (begin := html.find("<", at)) >= 0:
        yield html[at:begin], False
        if html.startswith("<!--", begin):
            at = _after(html, "-->", begin)
        elif not html.startswith(("</", "<!", "<?"), begin) and not _TAG.match(html, begin):
            yield "<", False
            at = begin + 1
        else:
            at = _after(html, ">", begin)
            tag = html[begin : min(at, begin + _LONGEST_TAG)]
            yield tag, True
            at = _after_silence(html, tag, at)
    yield html[at:], False


def _after(html: str, ending: str, at: int) -> int:
    """Where it goes on after the next `ending`; at the end where there is none."""
    found = html.find(ending, at)
    return len(html) if found < 0 else found + len(ending)


def _after_silence(html: str, tag: str, at: int) -> int:
    named = _TAG.match(tag)
    if named is None or tag.startswith("</") or named[1].lower() not in _SILENT:
        return at
    ending = re.compile(f"</{named[1]}", re.I).search(html, at)
    return ending.start() if ending else len(html)


class _Reader:
    def __init__(self) -> None:
        self.words: list[str] = []  # of the line that is read
        self._lines: list[tuple[int, str]] = []  # depth of quotation, text
        self._quotes = 0
        self._address = ""
        self._linked_from = 0

    def take_tag(self, tag: str) -> None:
        """A tag begins or ends: a line, a quotation, a link."""
        named = _TAG.match(tag)
        name = named[1].lower() if named else ""
        is_end = tag.startswith("</")
        if name in _BLOCKS:
            self._end_line(is_paragraph=name in _PARAGRAPHS)
        if name == "blockquote":
            self._quotes = max(0, self._quotes + (-1 if is_end else 1))
        elif name == "a":
            self._link(tag, is_end=is_end)
        elif not is_end and name in {"li", "td"}:
            self.words.append("• " if name == "li" else " ")

    def text(self) -> str:
        """All of it."""
        self._end_line()
        lines = [
            f"{'> ' * min(depth, _DEEPEST_QUOTE)}{line}".rstrip() for depth, line in self._lines
        ]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def _link(self, tag: str, *, is_end: bool) -> None:
        """Behind its words comes its address, where they are not it."""
        if not is_end:
            found = _HREF.search(tag)
            self._address = unescape(found[1].strip("\"'")).strip() if found else ""
            self._linked_from = len(self.words)
            return
        words = "".join(self.words[self._linked_from :]).strip()
        shown = re.sub(r"^(mailto|tel):", "", self._address, flags=re.I)
        if _LINKED.match(self._address) and words and shown.rstrip("/") not in words:
            self.words.append(f" ({shown})")
        self._address = ""

    def _end_line(self, *, is_paragraph: bool = False) -> None:
        line = " ".join("".join(self.words).split())
        self.words, self._linked_from = [], 0
        if line:
            self._lines.append((self._quotes, line))
        if is_paragraph and self._lines and self._lines[-1][1]:
            self._lines.append((self._quotes, ""))
