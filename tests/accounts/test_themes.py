"""Light, dark, or as the system is: chosen by the person, written into every page by the server."""

import re

import pytest

from tests.browser import Browser
from tests.people import PASSWORD, Cast


def _theme(html: str) -> str:
    found = re.search(r'<html [^>]*data-theme="(\w+)"', html)
    assert found, html[:200]
    return found[1]


def _scheme(html: str) -> str:
    found = re.search(r'<meta name="color-scheme" content="([^"]+)">', html)
    assert found, html[:400]
    return found[1]


@pytest.mark.parametrize(
    ("chosen", "scheme"), [("light", "light"), ("dark", "dark"), ("system", "light dark")]
)
@pytest.mark.parametrize("path", ["/app/profile", "/app/conversations", "/app/actions/404"])
async def test_every_page_comes_as_chosen(
    ana: Browser, chosen: str, scheme: str, path: str
) -> None:
    assert _theme((await ana.get(path)).text) == "system"
    answer = await ana.post("/app/profile/theme", {"theme": chosen})
    assert answer.headers["location"] == "/app/profile"
    page = (await ana.get(path)).text
    assert (_theme(page), _scheme(page)) == (chosen, scheme)


async def test_it_is_the_persons_in_every_browser(
    ana: Browser, beto: Browser, visitor: Browser, cast: Cast
) -> None:
    await ana.post("/app/profile/theme", {"theme": "dark"})
    await visitor.get("/sign-in")
    await visitor.post("/sign-in", {"email": cast.ana.user.email, "password": PASSWORD})
    assert _theme((await visitor.get("/app/profile")).text) == "dark"
    assert _theme((await beto.get("/app/profile")).text) == "system"


async def test_the_browser_keeps_it_for_the_sign_in_page(ana: Browser, visitor: Browser) -> None:
    chosen = await ana.post("/app/profile/theme", {"theme": "dark"})
    assert "HttpOnly" in chosen.headers["set-cookie"]
    await ana.post("/app/sign-out")
    assert _theme((await ana.get("/sign-in")).text) == "dark"
    assert _theme((await visitor.get("/sign-in")).text) == "system"


@pytest.mark.parametrize("wrong", ["", "pink", "DARK", 'dark" onload="'])
async def test_there_are_three_themes(ana: Browser, wrong: str) -> None:
    assert (await ana.post("/app/profile/theme", {"theme": wrong})).status_code == 400
    assert _theme((await ana.get("/app/profile")).text) == "system"


@pytest.mark.parametrize("cookie", ["pink", '"><script>', "", "dark; path=/"])
async def test_a_strange_cookie_changes_nothing(visitor: Browser, cookie: str) -> None:
    page = await visitor.get("/sign-in", headers={"cookie": f"recado_theme={cookie!r}"})
    assert page.status_code == 200
    assert _theme(page.text) == "system"


async def test_the_menu_shows_what_is_chosen(ana: Browser) -> None:
    menu = await ana.post("/app/profile/theme", {"theme": "dark"}, htmx=True)
    assert '<chosen-theme value="dark">' in menu.text
    pressed = re.findall(r'name="theme" value="(\w+)" aria-pressed="true"', menu.text)
    assert pressed == ["dark"]
    assert "<html" not in menu.text
