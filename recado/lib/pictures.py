"""Pictures of people: which files are some, judged by their first bytes, never by their name. Pure."""

from typing import Final

LARGEST: Final = 1024 * 1024  # bytes
_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def picture_type(content: bytes) -> str | None:
    """PNG, JPEG, GIF or WebP; None for anything else, such as an SVG, which may hold scripts."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _BEGINNINGS if content.startswith(start)), None)
