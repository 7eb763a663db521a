"""Where connected desks send their webhooks."""

from datetime import UTC, datetime
from typing import Any, Final

from litestar import MediaType, Request, post
from litestar.response import Response

from recado.chatwoot.hearing import Heard, hear, server_of_key
from recado.db.database import Database
from recado.deliveries.delivering import Outbound

_NOTHING: Final = {"error": "Resource could not be found"}
_UNSIGNED: Final = {"error": "The signature does not fit, or is too old."}


@post("/public/chatwoot/{key:str}", status_code=200)
async def receive(
    request: Request[Any, Any, Any], database: Database, outbound: Outbound, key: str
) -> Response[Any]:
    """Keep what a connected desk tells."""
    heard = Heard(
        await request.body(),
        request.headers.get("X-Chatwoot-Timestamp", ""),
        request.headers.get("X-Chatwoot-Signature", ""),
        request.headers.get("X-Chatwoot-Delivery", ""),
    )
    async with database.transaction() as tx:
        server = await server_of_key(tx, key)
        if server is None:
            return _answer(_NOTHING, 404)
        is_kept = await hear(tx, server, heard, vault=outbound.vault, now=datetime.now(UTC))
    return _answer({}, 200) if is_kept else _answer(_UNSIGNED, 401)


def _answer(content: dict[str, str], status: int) -> Response[Any]:
    return Response(content, status_code=status, media_type=MediaType.JSON)


handlers: list[Any] = [receive]
