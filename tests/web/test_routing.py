"""Routes are mapped as Litestar maps them."""

import subprocess
import sys
from typing import Any

from litestar import Litestar, WebSocket, get, patch, post, websocket

from recado.web.routing import Application


@get("/talks")
async def shown() -> None: ...


@post("/talks")
async def made() -> None: ...


@patch("/talks")
async def changed() -> None: ...


@websocket("/talks")
async def live(socket: WebSocket[Any, Any, Any]) -> None: ...


def _others(number: int) -> list[Any]:
    return [get(f"/other-{one}")(shown.fn) for one in range(number)]


def test_every_handler_of_a_path_is_mapped() -> None:
    app = Application(route_handlers=[shown, *_others(3), made, changed, live], openapi_config=None)
    assert set(app.route_handler_method_map["/talks"]) == {
        "GET", "POST", "PATCH", "OPTIONS", "websocket",
    }  # fmt: skip
    assert app.route_handler_method_map == _as_litestar_maps(app)


def _as_litestar_maps(app: Application) -> Any:
    return Litestar.route_handler_method_map.fget(app)  # type: ignore[attr-defined]


_LOADED = """
import sys
from recado.web.routing import Application
from tests.web.test_routing import shown
Application(route_handlers=[shown], openapi_config=None)
print("pydantic" in sys.modules)
"""


def test_no_library_that_happens_to_be_installed_is_loaded_for_our_doors() -> None:
    run = [sys.executable, "-c", _LOADED]
    done = subprocess.run(run, capture_output=True, text=True, check=True)  # noqa: S603 - ourselves
    assert done.stdout == "False\n"
