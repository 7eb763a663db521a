"""What templates, styles and scripts may not do, and that what they name is there."""

import re
from pathlib import Path

import pytest

from recado.lib.javascript import imported, imported_later
from recado.web.assets import ORDER
from recado.web.scripts import FILES, VENDORED, import_map
from tests.browser import Browser

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "recado" / "web" / "static"
TEMPLATES = sorted(ROOT.glob("recado/*/templates/**/*.html"))
STYLES = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_needs_what_the_content_policy_forbids(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<[^>]*\sstyle=", text), "styles belong into css/"
    assert not re.search(r"<[^>]*\son\w+=", text), "behaviour belongs into js/"
    assert not re.search(r"hx-on|[\"']js:", text), "htmx would need eval"
    for script in re.findall(r"<script[^>]*>", text):
        assert "nonce=" in script


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_icon_and_picture_is_in_its_sprite(path: Path) -> None:
    text = path.read_text()
    icons = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    pictures = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "pictures.svg").read_text()))
    assert set(re.findall(r'ui\.icon\("([\w-]+)"', text)) <= icons
    assert set(re.findall(r'ui\.picture\("([\w-]+)"', text)) <= pictures


def test_an_icon_is_one_shape_but_for_what_has_a_colour_of_its_own() -> None:
    """Each shape is an element more wherever the icon stands (tools/vendor/one_path.js)."""
    symbols = re.findall(r"<symbol[^>]*>(.*?)</symbol>", (STATIC / "icons.svg").read_text())
    shapes = [re.findall(r"<[a-z][^>]*>", one) for one in symbols]
    assert symbols
    assert all(
        one[0].startswith('<path d="M') and all(" fill=" in more for more in one[1:])
        for one in shapes
    )


def test_every_style_is_loaded_and_lives_in_a_layer() -> None:
    assert {path.stem for path in STYLES} == set(ORDER)
    assert all("@layer " in path.read_text() for path in STYLES)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_no_swap_makes_the_whole_page_be_styled_again(path: Path) -> None:
    """It would, if the page itself had to be asked what stands in it."""
    assert not re.search(r"(?<![\w.#-])(?:body|html|:root)[^\s,{>]*:has\(", path.read_text())


def test_every_script_is_loaded_or_imported() -> None:
    sources = {path.stem: path.read_text() for path in SCRIPTS}
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r'ui\.script\("([\w-]+)"[,)]', path.read_text())
    }
    begun = {name for group in FILES.values() for name in group} | (named - FILES.keys())
    asked = {one for text in sources.values() for one in (*imported(text), *imported_later(text))}
    assert sources.keys() | VENDORED.keys() == begun | asked
    assert FILES.keys() - named == {"editor"}  # imported when somebody edits


def test_the_import_map_knows_what_lies_in_another_file() -> None:
    names, sources = import_map()["imports"], {one.stem: one.read_text() for one in SCRIPTS}
    later = {one for text in sources.values() for one in imported_later(text)}
    assert later | {"texts", "variables"} <= names.keys()
    assert names["texts"].startswith("/static/scripts/first.js?v=")
    assert names["news_sound"].startswith("/static/js/news_sound.js?v=")


def test_files_stay_small() -> None:
    too_long = [
        path.name for path in [*STYLES, *SCRIPTS] if len(path.read_text().splitlines()) > 120
    ]
    assert too_long == []


def test_what_others_made_comes_with_its_licence() -> None:
    licences = (STATIC / "vendor" / "LICENCES.txt").read_text()
    for name in ("htmx.org", "@codemirror/view", "lucide-static", "uplot"):
        assert name in licences


@pytest.mark.parametrize(
    ("who", "knows", "knows_not"),
    [
        ("ana", ["/app/webhooks", "/app/teams", "/app/destinations", "/app/audit"], []),
        ("beto", ["/app/labels", "/app/macros", "/app/tokens"], ["/app/webhooks", "/app/agents"]),
    ],
)
async def test_the_palette_knows_every_settings_page_one_may_open(
    ana: Browser, beto: Browser, who: str, knows: list[str], knows_not: list[str]
) -> None:
    palette = (await {"ana": ana, "beto": beto}[who].get("/app/palette")).text
    assert [one for one in knows if f'href="{one}"' not in palette] == []
    assert [one for one in knows_not if f'href="{one}"' in palette] == []
