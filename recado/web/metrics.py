"""What an operator's monitoring asks for: only from this machine, or with the token of the settings."""

import hmac
from ipaddress import ip_address
from typing import Any

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.response import Response

from recado.accounts.doors import AnyRequest, client_address
from recado.db.database import Database, database_now
from recado.deliveries.measuring import metrics_text
from recado.settings import Settings


@get("/metrics")
async def show_metrics(
    request: AnyRequest, database: Database, settings: Settings
) -> Response[str]:
    """For Prometheus; to everybody else there is nothing here."""
    if not _may_read(request, settings.metrics_token):
        raise NotFoundException
    async with database.transaction() as tx:
        told = await metrics_text(tx, now=await database_now(tx))
    return Response(told, media_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read(request: AnyRequest, token: str | None) -> bool:
    if token is not None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False  # through a proxy, whose own address is of this machine
    try:
        return ip_address(client_address(request)).is_loopback
    except ValueError:
        return False


handlers: list[Any] = [show_metrics]
