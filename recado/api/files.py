"""Files in requests of the API: what was sent, and whether it will do."""

from typing import Any, Final

from litestar.datastructures import UploadFile

from recado.lib.files import MOST
from recado.lib.languages import Sentence, say

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


def _is_something(given: Any) -> bool:
    is_unset = type(given).__name__ == "UnsetType"
    return not is_unset and given not in _NOTHING
