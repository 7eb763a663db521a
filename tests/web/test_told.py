"""What was saved or deleted is said once, on the page that opens next."""

import pytest

from tests.browser import Browser

LABEL = {"title": "vip", "color": "#1f93ff"}


@pytest.mark.parametrize("is_htmx", [False, True])
async def test_it_is_said_once(ana: Browser, is_htmx: bool) -> None:
    assert "Saved." not in (await ana.get("/app/labels")).text
    await ana.post("/app/labels", LABEL, htmx=is_htmx)
    part = await ana.get("/app/notifications/count", headers={"hx-request": "true"})
    assert "Saved." not in part.text  # and does not use it up
    assert "Saved." in (await ana.get("/app/labels")).text
    assert "Saved." not in (await ana.get("/app/labels")).text
    await ana.post("/app/labels/1/delete", htmx=is_htmx)
    assert "Deleted." in (await ana.get("/app/labels")).text


async def test_what_is_refused_says_nothing(ana: Browser) -> None:
    assert (await ana.post("/app/labels", {**LABEL, "title": "a b"})).status_code == 422
    assert "Saved." not in (await ana.get("/app/labels")).text


async def test_nobody_else_puts_words_there(ana: Browser) -> None:
    ana._client.cookies.set("recado_told", "<b>Pay here</b>")
    assert "Pay here" not in (await ana.get("/app/labels")).text
