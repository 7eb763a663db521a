"""Every page, opened once: everybody can read it, on a phone too, and in one language only."""

import re
from collections.abc import Awaitable, Callable, Iterable

import pytest
from playwright.async_api import Page

from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.places import places
from tests.journeys.seeing import faults
from tests.journeys.stage import Stage
from tests.journeys.texts import foreign_texts, spoken, texts_of, texts_sent

pytestmark = pytest.mark.journey

_PARTS = 4  # of the pages: each takes its time

# What people wrote and what is no language: names, addresses, methods, keys.
_THEIRS = {
    *("Acme", "Ana", "Ana Lima", "Aviso", "Beto Reis", "Esboço", "Maria Souza", "Parado", "Recado"),
    *("Recusado", "Site", "Zap", "Zebra", "Oi", "Celular", "tests"),
    *("GET", "POST", "PUT", "PATCH", "DELETE", "JSON", "URL", "Response", "AL", "BR", "MS"),
    *("DNS", "TLS", "webhook-id", "message_created", "maria@example.com", "ana@acme.example"),
    *("beto@acme.example", "Authorization", "X-Api-Key", "contacts.write", "response.body.id"),
    *("BEGIN CERTIFICATE", "BEGIN PRIVATE KEY", "CSV"),
}


@pytest.mark.timeout(900)  # seconds, also where much else runs
@pytest.mark.parametrize("part", range(_PARTS))
async def test_every_page_is_fit_for_everybody(
    site: Site, stage: Stage, open_page: OpenPage, part: int
) -> None:
    pages = dict(list(places(stage).items())[part::_PARTS])
    page = await open_page(site.cast.ana)
    wrong: dict[str, list[str]] = {name: [] for name in pages}
    texts: dict[str, set[str]] = {}
    for name, path in pages.items():
        await page.set_viewport_size({"width": 1280, "height": 900})
        await page.goto(path)
        await is_ready(page)
        texts[name] = await texts_of(page)
        wrong[name] += [found for look in _LOOKS for found in await look(page)]
    written = await _written_by_scripts(page, pages, texts)
    seen = {"pt_BR": texts}
    for language in ("en", "es"):
        page = await open_page(site.cast.ana, Look(language))
        seen[language] = await _texts(page, pages, written)
    for name in pages:
        wrong[name] += _mixed({language: said[name] for language, said in seen.items()})
    assert {name: found for name, found in wrong.items() if found} == {}


async def _disorder(page: Page) -> list[str]:
    """One heading of the first level, and none that skips a level."""
    levels = await page.evaluate(_HEADINGS)
    steps = zip([0, *levels], levels, strict=False)
    is_in_order = levels.count(1) == 1 and all(after <= before + 1 for before, after in steps)
    return [] if is_in_order else [f"headings {levels}"]


_HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .filter((one) => one.checkVisibility()).map((one) => Number(one.tagName[1]))"""


async def _overflow(page: Page) -> list[str]:
    """On a phone no page is wider than the screen."""
    await page.set_viewport_size({"width": 360, "height": 740})
    width = await page.evaluate(_WIDTH)
    return [] if width <= 360 else [f"{width} px wide on a phone"]


_WIDTH = """async () => {
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame)  // what draws by size has drawn
  return document.documentElement.scrollWidth
}"""


async def _unknown(page: Page) -> list[str]:
    """Every element of ours is there with its script."""
    return [f"no script for {one}" for one in await page.evaluate(_UNDEFINED)]


_UNDEFINED = (
    """() => [...document.querySelectorAll(":not(:defined)")].map((one) => one.localName)"""
)

_LOOKS: list[Callable[[Page], Awaitable[list[str]]]] = [faults, _disorder, _unknown, _overflow]


async def _written_by_scripts(
    page: Page, pages: dict[str, str], texts: dict[str, set[str]]
) -> set[str]:
    """The pages that say more than the server sent; of more than when something was."""
    sent = await texts_sent(page, list(pages.values()))
    more = {name: texts[name] - one for name, one in zip(pages, sent, strict=True)}
    return {name for name, those in more.items() if not all(map(_WHEN.fullmatch, those))}


_WHEN = re.compile(r"agora|há \d+ \w+\.?|\d+ de \w+\. de \d{4}, [\d:]+")


async def _texts(page: Page, pages: dict[str, str], written: set[str]) -> dict[str, set[str]]:
    """What each page says: as it is sent, and where scripts write, as it stands."""
    await page.goto("/app/profile")
    texts = dict(zip(pages, await texts_sent(page, list(pages.values())), strict=True))
    for name in written:
        await page.goto(pages[name])
        await is_ready(page)
        texts[name] = await texts_of(page)
    return texts


def _mixed(texts: dict[str, set[str]]) -> Iterable[str]:
    """Texts of a page that are in another language than the reader's, or in none of ours."""
    ours = {
        language: {one for one in said if not _is_theirs(one)} for language, said in texts.items()
    }
    for language, said in ours.items():
        yield from (f"{language}: {one}" for one in foreign_texts(said, language))
    for one in ours["es"] & ours["en"]:
        if not spoken("es").has(one):
            yield f"the same in English and Spanish, and in no catalogue: {one}"


def _is_theirs(text: str) -> bool:
    rest = _NAMES.sub("", _ADDRESS.sub("", text))
    return not any(letter.isalpha() for letter in rest)


_ADDRESS = re.compile(r"https?://\S+")
_NAMES = re.compile("|".join(rf"\b{re.escape(one)}\b" for one in sorted(_THEIRS, key=len)[::-1]))
