"""Files in requests: what was sent, whether it will do, and keeping it."""

from typing import Any, Final

from litestar.datastructures import UploadFile

from recado.conversations.posting import StoredFile
from recado.lib.files import LARGEST, MOST, file_draft
from recado.lib.languages import Sentence, say
from recado.lib.storing import FileStore

LARGEST_UPLOAD: Final = LARGEST + 1024 * 1024  # bytes of a whole request: the texts come on top
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], [""], [None])


def files_in(given: Any) -> list[UploadFile]:
    """The files among what stands under `attachments`."""
    several = given if isinstance(given, list) else [given]
    return [one for one in several if isinstance(one, UploadFile)]


def files_problem(given: Any) -> Sentence | None:
    """Why these cannot be attached."""
    files = files_in(given)
    several = given if isinstance(given, list) else [given]
    if len(several) > MOST:
        return say("Attach at most %(number)s files.", number=MOST)
    if len(files) < len(several) and _is_something(given):
        return say("Send files as multipart, each as a part named attachments[].")
    return None


async def keep_files(store: FileStore, files: list[UploadFile]) -> tuple[StoredFile, ...]:
    """Put files into the store; from now on somebody must hang them on a message."""
    kept = []
    for one in files:
        content = await one.read()
        about = file_draft(one.filename or "", one.content_type or "", len(content))
        kept.append(StoredFile(await store.keep(content), about))
    return tuple(kept)


def _is_something(given: Any) -> bool:
    is_unset = type(given).__name__ == "UnsetType"
    return not is_unset and given not in _NOTHING
