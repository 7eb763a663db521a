"""Files that people send, kept on disk under names that nobody can guess.

A file is whole or not there: it is written beside its place and moved into it.
"""

import asyncio
import os
import re
import secrets
from pathlib import Path
from typing import Final

_KEY: Final = re.compile(r"[A-Za-z0-9_\-]{20,64}")


class FileStore:
    """A folder of files by key; safe to share between processes on one disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, content: bytes) -> str:
        """Store a file and return its key."""
        key = secrets.token_urlsafe(24)
        await asyncio.to_thread(self._write, key, content)
        return key

    async def forget(self, keys: list[str]) -> None:
        """Remove files; those that are gone already are no trouble."""
        await asyncio.to_thread(self._remove, keys)

    def path_of(self, key: str) -> Path | None:
        """Where a file lies; None for what is no key, or has no file."""
        if not _KEY.fullmatch(key):
            return None
        path = self._place(key)
        return path if path.is_file() else None

    def _place(self, key: str) -> Path:
        return self._folder / key[:2] / key  # folders of a size that file systems like

    def _write(self, key: str, content: bytes) -> None:
        path = self._place(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)

    def _remove(self, keys: list[str]) -> None:
        for key in keys:
            if _KEY.fullmatch(key):
                self._place(key).unlink(missing_ok=True)
