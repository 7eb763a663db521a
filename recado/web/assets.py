"""Files that are the same for everybody, kept by browsers for ever: each address changes with what it says.

The styles of every page go as one file: twenty-seven would each be a request of a first visit. All of them go
compressed, unlike pages and answers: what holds a secret beside something that a stranger may choose
tells it by its compressed length (BREACH, CVE-2013-3587).
"""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from litestar import get
from litestar.config.compression import CompressionConfig
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.response import Response
from litestar.static_files import create_static_files_router

from recado.lib.moments import kept_for_a_moment

_STATIC: Final = Path(__file__).parent / "static"
COMPRESSED: Final = DefineMiddleware(CompressionMiddleware, config=CompressionConfig("gzip"))
ORDER: Final = (
    "tokens", "reset", "base", "shell", "page", "settings", "buttons", "forms", "choices", "rows",
    "editor", "lists", "pills", "tabs", "notices", "dialogs", "palette", "code", "timeline",
    "conversations", "messages", "notifications", "attachments", "actions", "reports", "previews",
    "utilities",
)  # fmt: skip


@kept_for_a_moment
def styles_address() -> str:
    """Where a page finds them; it changes with each of the files, so browsers may keep it for ever."""
    return f"/static/styles.css?v={_fingerprint(_changes())}"


def _changes() -> tuple[float, ...]:
    return tuple((_STATIC / "css" / f"{name}.css").stat().st_mtime for name in ORDER)


@lru_cache(1)
def _joined(_when: tuple[float, ...]) -> bytes:
    return b"\n".join((_STATIC / "css" / f"{name}.css").read_bytes() for name in ORDER)


@lru_cache(1)
def _fingerprint(when: tuple[float, ...]) -> str:
    return sha256(_joined(when)).hexdigest()[:12]


def keep_for_ever(response: Response[Any]) -> Response[Any]:
    """For what has its fingerprint in its address."""
    response.headers["cache-control"] = "public, max-age=31536000, immutable"
    response.headers["x-content-type-options"] = "nosniff"
    return response


@get(
    "/static/styles.css",
    media_type="text/css",
    after_request=keep_for_ever,
    middleware=[COMPRESSED],
    sync_to_thread=False,
)
def show_styles() -> bytes:
    """What the files of ORDER say now."""
    return _joined(_changes())


handlers: list[Any] = [
    show_styles,
    create_static_files_router(
        path="/static",
        directories=[_STATIC],
        cache_control=None,
        after_request=keep_for_ever,
        middleware=[COMPRESSED],
        include_in_schema=False,
    ),
]
