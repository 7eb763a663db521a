"""Routes are mapped as Litestar maps them."""

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
