"""Files that people send, kept on disk under names that nobody can guess.

A file is whole or not there: it is written beside its place and moved into it.
"""

import asyncio
import os
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

_KEY: Final = re.compile(r"[A-Za-z0-9_\-]{20,64}")
_ASIDE: Final = "aside"  # the folder of what waits to be forgotten


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

    async def keys(self, *, older_than: timedelta) -> list[str]:
        """What is stored, but for what has just come and may be written down nowhere yet."""
        return await asyncio.to_thread(self._list, self._folder, older_than)

    async def put_aside(self, keys: list[str]) -> None:
        """Keep files where nobody can read them, until they are forgotten or put back."""
        await asyncio.to_thread(self._move, keys, self._place, self._aside)

    async def put_back(self, keys: list[str]) -> None:
        """Let files that were put aside be read again."""
        await asyncio.to_thread(self._move, keys, self._aside, self._place)

    async def keys_aside(self, *, older_than: timedelta = timedelta()) -> list[str]:
        """What was put aside, at least so long ago."""
        return await asyncio.to_thread(self._list, self._folder / _ASIDE, older_than)

    def path_of(self, key: str) -> Path | None:
        """Where a file lies; None for what is no key, or has no file."""
        if not _KEY.fullmatch(key):
            return None
        path = self._place(key)
        return path if path.is_file() else None

    def _place(self, key: str) -> Path:
        return self._folder / key[:2] / key  # folders of a size that file systems like

    def _aside(self, key: str) -> Path:
        return self._folder / _ASIDE / key[:2] / key

    def _list(self, folder: Path, older_than: timedelta) -> list[str]:
        until = time.time() - older_than.total_seconds()
        files = folder.glob("??/*")
        return [one.name for one in files if _KEY.fullmatch(one.name) and _is_older(one, until)]

    def _move(
        self, keys: list[str], source: Callable[[str], Path], target: Callable[[str], Path]
    ) -> None:
        for key in keys:
            path = target(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                source(key).rename(path)
                os.utime(path)

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
                self._aside(key).unlink(missing_ok=True)


def _is_older(path: Path, until: float) -> bool:
    try:
        return path.stat().st_mtime <= until
    except FileNotFoundError:  # somebody else was faster
        return False
