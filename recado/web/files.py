"""Serving the files of messages, so that nothing in them runs as a page of ours.

Whoever knows a file's address may read it: bridges and bots fetch it without a token. Its key is
192 random bits.
"""

from typing import Any, Final

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.response import File

from recado.conversations.finding import find_attachment
from recado.conversations.uploading import find_upload_by_key
from recado.db.database import Database
from recado.lib.files import is_shown, type_as_served
from recado.lib.storing import FileStore

_CLOSING: Final = {
    "content-security-policy": "default-src 'none'; media-src 'self'; img-src 'self'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "private, max-age=31536000, immutable",
}


@get("/public/attachments/{key:str}/{name:str}")
async def show_attachment(database: Database, store: FileStore, key: str, name: str) -> File:
    """The file, shown in place where that is harmless, else to be saved."""
    async with database.transaction() as tx:
        attachment = await find_attachment(tx, key) or await find_upload_by_key(tx, key)
    path = store.path_of(key) if attachment else None
    if attachment is None or path is None or attachment.name != name:
        raise NotFoundException
    return File(
        path, filename=attachment.name, media_type=type_as_served(attachment.content_type),
        content_disposition_type="inline" if is_shown(attachment.content_type) else "attachment",
        headers=_CLOSING,
    )  # fmt: skip


handlers: list[Any] = [show_attachment]
