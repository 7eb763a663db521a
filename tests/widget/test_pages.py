"""The script for websites and the page in their frame: small, closed, without cookies."""

import gzip
from pathlib import Path
from typing import Any

import pytest

import recado
from tests.browser import Browser
from tests.people import Cast
from tests.widget.conftest import OpenSite

_SCRIPTS = Path(recado.__file__).parent / "web" / "static" / "widget"


async def test_websites_get_a_script_of_five_kilobytes(
    visitor: Browser, record_property: Any
) -> None:
    answer = await visitor.get("/packs/js/sdk.js")
    size = len(gzip.compress(answer.content))
    record_property("sdk.js, bytes gzipped", size)
    assert size <= 5 * 1024
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "set-cookie" not in answer.headers


def test_the_frame_needs_forty_kilobytes_at_most(record_property: Any) -> None:
    parts = [one for one in _SCRIPTS.iterdir() if one.name != "sdk.js"]
    size = sum(len(gzip.compress(one.read_bytes())) for one in parts)
    record_property("the frame's scripts and styles, bytes gzipped", size)
    assert size <= 40 * 1024


async def test_the_frame_may_stand_anywhere_but_runs_only_our_scripts(
    visitor: Browser, open_site: OpenSite
) -> None:
    inbox = await open_site(welcome_title="Oi <b>", widget_color="#112233")
    answer = await visitor.get(f"/widget?website_token={inbox.identifier}")
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert "frame-ancestors http: https:" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "Oi &lt;b&gt;" in answer.text
    assert "Oi <b>" not in answer.text
    assert "#112233" in answer.text
    assert 'rel="icon"' in answer.text  # or a window of its own asks for one that is not there
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("token", ["", "nobody", "' or 1=1"])
async def test_an_unknown_token_opens_no_frame(visitor: Browser, token: str) -> None:
    answer = await visitor.get("/widget", params={"website_token": token})
    assert answer.status_code == 404


async def test_the_identifier_of_an_api_inbox_opens_no_frame(visitor: Browser, cast: Cast) -> None:
    answer = await visitor.get(f"/widget?website_token={cast.inbox.identifier}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("accepted", "asked", "title"),
    [
        ("pt-BR,pt;q=0.9", "", "Fale com a gente"),
        ("en-GB", "", "Talk to us"),
        ("es-AR,es", "", "Habla con nosotros"),
        ("en", "&locale=es", "Habla con nosotros"),
        ("", "", "Fale com a gente"),
    ],
)
async def test_the_frame_speaks_the_visitors_language(
    visitor: Browser, open_site: OpenSite, accepted: str, asked: str, title: str
) -> None:
    inbox = await open_site()
    answer = await visitor.get(
        f"/widget?website_token={inbox.identifier}{asked}", headers={"accept-language": accepted}
    )
    assert title in answer.text
