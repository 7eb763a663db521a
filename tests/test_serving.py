"""How requests reach the application, through proxies that are believed or not; and signals, whenever they come."""

import os
import signal
from typing import Any

import pytest

from recado.serving import remembered_signals, serving_config
from recado.settings import read_settings


@pytest.mark.parametrize(
    ("proxies", "peer", "asked_by"),
    [
        ("", "127.0.0.1", ("203.0.113.7", "https")),
        ("", "172.18.0.5", ("172.18.0.5", "http")),
        ("172.18.0.0/16", "172.18.0.5", ("203.0.113.7", "https")),
        ("172.18.0.0/16", "127.0.0.1", ("127.0.0.1", "http")),
    ],
)
async def test_only_a_named_proxy_says_who_asks(
    proxies: str, peer: str, asked_by: tuple[str, str]
) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["client"][0], scope["scheme"]))

    config = serving_config(app, read_settings({"RECADO_TRUSTED_PROXIES": proxies}))
    config.load()
    headers = [(b"x-forwarded-for", b"203.0.113.7"), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "client": (peer, 4711), "scheme": "http", "headers": headers}
    await config.loaded_app(scope, None, None)  # type: ignore[arg-type]
    assert seen == [asked_by]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_comes_too_early_is_remembered(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with remembered_signals() as come:
        os.kill(os.getpid(), number)
        assert come == [number]
    assert signal.getsignal(number) is before
