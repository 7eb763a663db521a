"""What a sent file is: its name, its kind, and whether a browser may show it. Pure.

Nobody's word about a file is trusted where it matters: only a closed list of types, none of which
can hold a script, is shown in a page; everything else is offered to be saved.
"""

import mimetypes
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

LARGEST: Final = 40 * 1024 * 1024  # bytes of one file, as the API has it
MOST: Final = 15  # files of one message, as the API has it
_LONGEST_NAME: Final = 150  # characters
_UNWANTED: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|#%;]+')
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+\-]*/[a-z0-9][a-z0-9!#$&^_.+\-]*")
_SHOWN: Final = frozenset(
    ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp",
     "audio/mpeg", "audio/ogg", "audio/opus", "audio/wav", "audio/x-wav", "audio/aac", "audio/mp4",
     "audio/webm", "audio/amr", "video/mp4", "video/webm", "video/ogg", "video/quicktime",
     "video/3gpp"]
)  # fmt: skip
_UNKNOWN: Final = "application/octet-stream"


class FileKind(StrEnum):
    """How a file is drawn; the API shows these names."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class FileDraft:
    """A file as it was sent."""

    name: str
    content_type: str
    size: int


def file_draft(name: str, told_type: str, size: int) -> FileDraft:
    """What is kept about a file; `told_type` may be nonsense, such as the bare word `image`."""
    safe = safe_name(name)
    kind = told_type.partition(";")[0].strip().lower()
    if not _TYPE.fullmatch(kind) or kind == _UNKNOWN:
        kind = mimetypes.guess_type(safe)[0] or _UNKNOWN
    if "." not in safe and (ending := mimetypes.guess_extension(kind)):
        safe += ending
    return FileDraft(safe, kind, size)


def safe_name(name: str) -> str:
    """A file's name as it can stand in any address and on any disk, its ending kept."""
    last = name.replace("\\", "/").rpartition("/")[2]
    tidy = _UNWANTED.sub("_", last).strip(" ._") or "file"
    ending = PurePosixPath(tidy).suffix[:20]
    return tidy if len(tidy) <= _LONGEST_NAME else tidy[: _LONGEST_NAME - len(ending)] + ending


def kind_of(content_type: str) -> FileKind:
    """How a file of this type is drawn; an SVG is a document, since it may hold scripts."""
    first = content_type.partition("/")[0]
    if content_type == "image/svg+xml" or first not in {*FileKind} - {FileKind.FILE}:
        return FileKind.FILE
    return FileKind(first)


def type_as_served(content_type: str) -> str:
    """What a browser is told: the type where it can do no harm, else only that it is bytes."""
    return content_type if content_type in _SHOWN else _UNKNOWN


def is_shown(content_type: str) -> bool:
    """Whether a browser may show it in place; everything else it offers to save."""
    return content_type in _SHOWN


def disposition(name: str, content_type: str) -> str:
    """Content-Disposition, the name in UTF-8 where ASCII does not hold it (RFC 6266)."""
    how = "inline" if is_shown(content_type) else "attachment"
    escaped = quote(name, safe="")
    return f'{how}; filename="{name}"' if escaped == name else f"{how}; filename*=utf-8''{escaped}"
