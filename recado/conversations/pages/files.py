"""Files in requests, put into the store for a message; for pages and for the API."""

from typing import Final

from litestar.datastructures import FormMultiDict, UploadFile

from recado.conversations.posting import StoredFile
from recado.lib.files import LARGEST, file_draft
from recado.lib.storing import FileStore

LARGEST_UPLOAD: Final = LARGEST + 1024 * 1024  # bytes of a whole request: the texts come on top


def files_of(form: FormMultiDict) -> list[UploadFile]:
    """The files that were chosen; a field that was left empty sends one without a name."""
    given = form.getall("attachments", [])
    return [one for one in given if isinstance(one, UploadFile) and one.filename]


async def keep_files(store: FileStore, files: list[UploadFile]) -> tuple[StoredFile, ...]:
    """Put files into the store; from now on somebody must hang them on a message."""
    kept = []
    for one in files:
        content = await one.read()
        about = file_draft(one.filename or "", one.content_type or "", len(content))
        kept.append(StoredFile(await store.keep(content), about))
    return tuple(kept)
