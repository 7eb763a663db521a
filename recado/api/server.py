"""Whether the server is there: what monitors and n8n's credential test ask."""

from typing import Any

from litestar import get
from msgspec import Struct

from recado import __version__
from recado.api.door import iso, now
from recado.db.database import Database, DatabaseUnreachable


class Server(Struct):
    """The version, and whether the database answers: `ok` or `failing`."""

    version: str
    timestamp: str
    queue_services: str
    data_services: str


@get("/api")
async def show_server(database: Database) -> Server:
    """Tell whether the server is ready."""
    try:
        await database.check()
        state = "ok"
    except DatabaseUnreachable:
        state = "failing"
    # the queue is a table of the same database
    return Server(__version__, iso(now()) or "", queue_services=state, data_services=state)


handlers: list[Any] = [show_server]
