"""Serving the files of messages, so that nothing in them runs as a page of ours.

Whoever knows a file's address may read it: bridges and bots fetch it without a token. Its key is
192 random bits.
"""

from collections.abc import AsyncIterator
from typing import Any, Final

from litestar import HttpMethod, MediaType, Request, get, route
from litestar.exceptions import NotFoundException
from litestar.response import Response, Stream

from recado.accounts.picturing import is_picture
from recado.conversations.finding import find_attachment
from recado.conversations.models import Attachment, Upload
from recado.conversations.uploading import find_upload_by_key
from recado.db.database import Database
from recado.lib.files import disposition, type_as_served
from recado.lib.pictures import LARGEST, picture_type
from recado.lib.ranges import Span, span_asked
from recado.lib.storing import FileStore

_CLOSING: Final = {
    "content-security-policy": "default-src 'none'; media-src 'self'; img-src 'self'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "private, max-age=31536000, immutable",
}


@route("/public/attachments/{key:str}/{name:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def show_attachment(
    request: Request[Any, Any, Any], database: Database, store: FileStore, key: str, name: str
) -> Stream | Response[bytes]:
    """The file, shown in place where that is harmless, else to be saved; a part, if one is asked for."""
    async with database.transaction() as tx:
        found = await find_attachment(tx, key) or await find_upload_by_key(tx, key)
    if found is None or found.name != name:
        raise NotFoundException
    span = span_asked(request.headers.get("range", ""), found.size)
    if span is None:
        nothing = {"content-range": f"bytes */{found.size}"}
        return Response(b"", status_code=416, headers=nothing, media_type=MediaType.TEXT)
    parts = await store.open(key, start=span.start, stop=span.stop)
    if parts is None:
        raise NotFoundException
    if request.method == "HEAD":
        parts = _nothing()
    return Stream(
        parts, status_code=200 if span.is_whole else 206,
        media_type=type_as_served(found.content_type), headers=_headers(found, span),
    )  # fmt: skip


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield


@get("/public/avatars/{key:str}")
async def show_avatar(database: Database, store: FileStore, key: str) -> Response[bytes]:
    """Somebody's picture, for colleagues, contacts and programs; its key is 192 random bits."""
    async with database.transaction() as tx:
        is_somebodys = await is_picture(tx, key)
    parts = await store.open(key, start=0, stop=LARGEST) if is_somebodys else None
    if parts is None:
        raise NotFoundException
    content = b"".join([part async for part in parts])
    if (kind := picture_type(content)) is None:
        raise NotFoundException
    return Response(content, media_type=kind, headers=_CLOSING)


def _headers(found: Attachment | Upload, span: Span) -> dict[str, str]:
    told = {
        "content-disposition": disposition(found.name, found.content_type),
        "content-length": str(span.stop - span.start),
        "accept-ranges": "bytes",
        "etag": f'"{found.key}"',  # what it names never changes
    }
    return _CLOSING | told | ({} if span.is_whole else {"content-range": span.told})


handlers: list[Any] = [show_attachment, show_avatar]
