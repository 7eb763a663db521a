"""The application's routes, put together at the start."""

from litestar import Litestar
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.routes import ASGIRoute, HTTPRoute, WebSocketRoute
from litestar.types.internal_types import RouteHandlerMapItem

_Route = HTTPRoute | ASGIRoute | WebSocketRoute


class Application(Litestar):
    """Litestar, which maps all routes anew for each one that is added: with some five hundred of
    them that was half of the time it took to make it. It also takes plugins for every library of
    models that happens to be installed, which costs a second of a start; no door of ours takes such.
    """

    def __init__(self, **options: object) -> None:
        self._mapped: list[_Route] = []
        self._handlers: dict[str, RouteHandlerMapItem] = {}
        super().__init__(**options)  # type: ignore[arg-type]

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]

    @property
    def route_handler_method_map(self) -> dict[str, RouteHandlerMapItem]:
        """The handlers of each path; what has not changed since it was last asked is kept."""
        for place, route in enumerate(self.routes):
            if place == len(self._mapped):
                self._mapped.append(route)
            elif self._mapped[place] is route:
                continue
            self._mapped[place] = route
            self._handlers.setdefault(route.path, {}).update(_handlers_of(route))
        return self._handlers


def _handlers_of(route: _Route) -> RouteHandlerMapItem:
    if isinstance(route, HTTPRoute):
        return {method: one for one in route.route_handlers for method in one.http_methods}
    if isinstance(route, WebSocketRoute):
        return {"websocket": route.route_handler}
    return {"asgi": route.route_handler}
