"""Who may read the metrics."""

from types import SimpleNamespace
from typing import Any

import pytest

from recado.web.metrics import _may_read
from tests.browser import Browser


async def test_this_machine_reads_them(visitor: Browser) -> None:
    answer = await visitor.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "recado_queue_age_seconds 0" in answer.text


@pytest.mark.parametrize(
    ("host", "headers", "token", "may"),
    [
        ("127.0.0.1", {}, None, True),
        ("::1", {}, None, True),
        ("203.0.113.7", {}, None, False),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.7"}, None, False),  # a proxy on this machine
        ("", {}, None, False),
        ("203.0.113.7", {"authorization": "Bearer right"}, "right", True),
        ("203.0.113.7", {"authorization": "Bearer wrong"}, "right", False),
        ("127.0.0.1", {}, "right", False),  # with a token set, only who has it
        ("203.0.113.7", {"authorization": "Bearer é"}, "right", False),
    ],
)
def test_who_may_read(host: str, headers: dict[str, str], token: str | None, may: bool) -> None:
    request: Any = SimpleNamespace(headers=headers, client=SimpleNamespace(host=host))
    assert _may_read(request, token) == may
