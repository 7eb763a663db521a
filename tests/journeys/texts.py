"""Whether a page speaks one language: every text on it, compared with the catalogues."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from playwright.async_api import Page

import recado
from recado.lib.languages import LANGUAGES

_CATALOGUES = Path(recado.__file__).parent / "locale"
_PLACE = re.compile(r"%\(\w+\)s|%%")

# Every text somebody can read or hear: text nodes, and the attributes that are spoken or shown.
# Not: code, what others wrote, and what says itself that it is in a language of its own.
_READ = """(written) => {
  const texts = [], skip = "script, style, template, pre, code, .cm-editor, [data-theirs], body [lang]"
  const walker = document.createTreeWalker(written.documentElement, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode
    if (!node.parentElement.closest(skip)) texts.push(node.textContent)
  }
  for (const element of written.querySelectorAll("[title], [aria-label], [placeholder], [alt]"))
    for (const name of ["title", "aria-label", "placeholder", "alt"])
      if (!element.closest(skip)) texts.push(element.getAttribute(name) ?? "")
  return texts.map((one) => one.replace(/\\s+/g, " ").trim()).filter((one) => /\\p{L}/u.test(one))
}"""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language: its whole texts, and patterns for those with something put in."""

    whole: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def has(self, text: str) -> bool:
        """Whether the language says this."""
        return text in self.whole or any(one.fullmatch(text) for one in self.patterns)


async def texts_of(page: Page) -> set[str]:
    """Every text of the page as it stands now."""
    return set(await page.evaluate(f"({_READ})(document)"))


async def texts_sent(page: Page, paths: Sequence[str]) -> list[set[str]]:
    """Every text of the pages at these addresses, as the server sends them: no script runs."""
    return [set(one) for one in await page.evaluate(_READ_SENT, paths)]


_READ_SENT = f"""async (paths) => Promise.all(paths.map(async (path) => {{
  const answer = await fetch(path)
  if (!answer.ok) throw new Error(`${{path}} ${{answer.status}}`)
  const written = new DOMParser().parseFromString(await answer.text(), "text/html")
  written.querySelectorAll("relative-time").forEach((one) => one.remove())  // scripts say it in words
  return ({_READ})(written)
}}))"""


def foreign_texts(texts: set[str], language: str) -> set[str]:
    """Texts that only the other languages have."""
    own = spoken(language)
    others = [spoken(one) for one in LANGUAGES if one != language]
    return {
        text
        for text in texts
        if not own.has(text) and any(text in one.whole or _long(one, text) for one in others)
    }


def _long(language: Spoken, text: str) -> bool:
    return any(one.fullmatch(text) and len(one.pattern) > 20 for one in language.patterns)


@cache
def spoken(language: str) -> Spoken:
    """What the catalogue of a language says."""
    with (_CATALOGUES / language / "LC_MESSAGES" / "recado.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    found = {
        " ".join(text.split())
        for message in catalogue
        if message.id
        for text in (message.string if isinstance(message.string, tuple) else (message.string,))
    }
    whole = frozenset(text for text in found if not _PLACE.search(text))
    return Spoken(whole, tuple(_pattern(text) for text in sorted(found - whole)))


def _pattern(text: str) -> re.Pattern[str]:
    parts = [
        "%" if one == "%%" else ".+" if one.startswith("%(") else re.escape(one)
        for one in re.split(f"({_PLACE.pattern})", text)
    ]
    return re.compile("".join(parts), re.DOTALL)
