"""Every page with texts that are much longer: nothing is cut off, and nothing stands on anything else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from recado.lib import languages
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.places import places
from tests.journeys.pseudo import pseudo, write_pseudo
from tests.journeys.stage import Stage

pytestmark = pytest.mark.journey

_PARTS = 2  # of the pages: each takes its time
_SIZES = [(1280, 900), (360, 740)]


@pytest.fixture
def long_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All of Recado speaks the longer language, until the test is over."""
    write_pseudo(tmp_path / "locale")
    monkeypatch.setattr(languages, "_CATALOGUES", tmp_path / "locale")
    languages._catalogue.cache_clear()
    yield
    languages._catalogue.cache_clear()


@pytest.mark.parametrize(
    ("text", "longer"),
    [
        ("Send", "[Ŝéñđ ~~]"),
        ("Send this to %(name)s", "[Ŝéñđ ţĥîŝ ţö %(name)s ~~~~~]"),
        ("Type {{ name }} or <b>x</b>.", "[Ţýpé {{ name }} öŕ <b>x</b>. ~~~~]"),
    ],
)
def test_a_text_is_longer_and_says_the_same(text: str, longer: str) -> None:
    assert pseudo(text) == longer


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<button>[a ~]</button> <label>[b ~]</label>", []),
        ("<p style='width: 2000px'>[a ~]</p>", ["2008 px wide"]),
        (
            "<button style='width: 40px; overflow: hidden; white-space: nowrap'>[a longer ~]</button>",
            ["cut off by button: [a longer ~]"],
        ),
        (
            "<p class='cut' style='width: 40px; overflow: hidden; white-space: nowrap'>[a longer ~]</p>",
            ["cut off by p.cut: [a longer ~]"],
        ),
        ("<p style='width: 40px; overflow: hidden; white-space: nowrap'>Maria da Silva</p>[~]", []),
        ("<p>Send</p>", ["nothing is long here"]),
        (
            "<label style='display: block; width: 40px; white-space: nowrap'>[a longer ~]</label>",
            ["leaves label: [a longer ~]"],
        ),
        (
            "<p style='margin: 0; height: 8px'>[a ~]</p><p style='margin: 0'>[b ~]</p>",
            ["on top of each other: [a ~] | [b ~]"],
        ),
    ],
)
async def test_what_is_broken_is_found(chromium: Browser, html: str, found: list[str]) -> None:
    page = await chromium.new_page(viewport={"width": 1280, "height": 900})
    await page.set_content(f"<!doctype html><body>{html}")
    assert await page.evaluate(_BROKEN, 1280) == found
    await page.close()


@pytest.mark.timeout(900)  # seconds, also where much else runs
@pytest.mark.parametrize("part", range(_PARTS))
async def test_longer_texts_break_no_page(
    long_texts: None, site: Site, stage: Stage, open_page: OpenPage, part: int
) -> None:
    page = await open_page(site.cast.ana, Look("en"))
    wrong = {}
    for name, path in list(places(stage).items())[part::_PARTS]:
        await page.goto(path)
        await is_ready(page)
        if found := [one for size in _SIZES for one in await _broken(page, *size)]:
            wrong[name] = found
    assert wrong == {}


async def _broken(page: Page, width: int, height: int) -> list[str]:
    await page.set_viewport_size({"width": width, "height": height})
    return [f"{width}: {one}" for one in await page.evaluate(_BROKEN, width)]


_BROKEN = (Path(__file__).parent / "long_texts.js").read_text()
