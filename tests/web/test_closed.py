"""Every answer of a page's door is closed, also one that is made before anything was looked for."""

import pytest

from tests.browser import Browser


@pytest.mark.parametrize(
    "path", ["/app/actions/99999999999999999999", "/app/actions/77", "/nowhere"]
)
async def test_what_leads_nowhere_is_closed_too(ana: Browser, path: str) -> None:
    answer = await ana.get(path)
    assert answer.status_code == 404
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_the_page_of_another_account_is_closed_too(ana: Browser) -> None:
    answer = await ana.get("/app/labels", headers={"recado-drawn-for": "1@99"})
    assert answer.status_code == 409
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
