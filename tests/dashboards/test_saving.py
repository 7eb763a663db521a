"""Which pages may stand beside a conversation."""

import pytest

from recado.dashboards.saving import (
    MOST,
    MOST_FRAMES,
    app_problems,
    apps_of,
    create_app,
    find_app,
    frame_problem,
    is_full,
)
from recado.db.database import Transaction
from recado.lib.public_urls import public_url
from tests.people import NOW, Cast

CRM = "https://crm.example.com/chat?from=recado"
ONLY_HTTPS = "The address must begin with https:// (http:// only for localhost)."


@pytest.mark.parametrize(
    "url",
    [
        CRM,
        "HTTPS://CRM.example.com",
        "https://crm.example.com:8443/#/orders",
        "https://informação.example/",
        "http://localhost:5173/",
        "http://crm.localhost/",
        "http://127.0.0.1:8000/app",  # the agent's own machine: nobody listens on the way
    ],
)
def test_a_page_may_be_framed(url: str) -> None:
    assert frame_problem(url) is None


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://crm.example.com", ONLY_HTTPS),
        ("http://localhost.example.com", ONLY_HTTPS),
        ("http://127.0.0.1.example.com", ONLY_HTTPS),
        ("http://10.0.0.7/", ONLY_HTTPS),
        ("https://[2001:db8::1]/", "Use a host's name: browsers frame no IPv6 address."),
        ("javascript:alert(1)", "The URL must begin with http:// or https://."),
        ("data:text/html,x", "The URL must begin with http:// or https://."),
        ("//crm.example.com", "The URL must begin with http:// or https://."),
        ("https://crm.example.com; script-src *", "The URL must not contain spaces"),
        ("https://crm.example.com;script-src/", "is not valid"),
        ("https://me:secret@crm.example.com", "The URL must not contain a user name or password"),
        ("https://*/", "is not valid"),
    ],
)
def test_a_page_may_not_be_framed(url: str, sentence: str) -> None:
    assert sentence in str(frame_problem(url))


def test_recado_itself_is_never_framed() -> None:
    assert str(frame_problem(public_url("app"))) == "This is the address of Recado itself."


@pytest.mark.parametrize(
    ("name", "urls", "fields"),
    [
        ("CRM", [CRM], []),
        ("CRM", [CRM] * MOST_FRAMES, []),
        (" ", [CRM], ["name"]),
        ("x" * 256, [CRM], ["name"]),
        ("CRM", [], ["urls"]),
        ("CRM", [CRM, "http://crm.example.com"], ["urls"]),
        ("CRM", [CRM] * (MOST_FRAMES + 1), ["urls"]),
        ("", [], ["name", "urls"]),
    ],
)
def test_what_is_wrong_is_told_by_field(name: str, urls: list[str], fields: list[str]) -> None:
    assert list(app_problems(name, urls)) == fields


async def test_an_account_has_so_many_and_only_its_own(tx: Transaction, here: Cast) -> None:
    for number in range(MOST):
        assert not await is_full(tx, here.account.id)
        made = await create_app(tx, here.account.id, f" CRM {number} ", [CRM], now=NOW)
    assert await is_full(tx, here.account.id)
    assert [one.name for one in await apps_of(tx, here.account.id)][:2] == ["CRM 0", "CRM 1"]
    assert made.origins == ["https://crm.example.com:443"]
    strange = here.celia.account_id
    assert await apps_of(tx, strange) == []
    assert await find_app(tx, strange, made.id) is None
    assert not await is_full(tx, strange)
