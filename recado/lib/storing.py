"""Files that people send, kept under names that nobody can guess: on disk, or elsewhere.

A file is whole or not there. What nobody holds any more is put aside first and forgotten later.
"""

import asyncio
import os
import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

_KEY: Final = re.compile(r"[A-Za-z0-9_\-]{20,64}")
_PART: Final = 256 * 1024  # bytes that are in memory of a file that is read
ASIDE: Final = "aside"  # the folder of what waits to be forgotten


class StorageAway(Exception):
    """The files cannot be reached just now; the text says why, for technicians."""


class FileStore(ABC):
    """Files by key; safe to share between processes. What is no key has no file."""

    @abstractmethod
    async def keep(self, content: bytes) -> str:
        """Store a file and return its key."""

    @abstractmethod
    async def open(self, key: str, *, start: int, stop: int) -> AsyncIterator[bytes] | None:
        """The bytes from `start` up to `stop`, in parts; None where there is no file."""

    @abstractmethod
    async def forget(self, keys: list[str]) -> None:
        """Remove files; those that are gone already are no trouble."""

    async def let_go(self, keys: list[str]) -> None:
        """Remove what nobody holds: now, or by a later sweep where the storage is away just now."""
        with suppress(StorageAway):
            await self.forget(keys)

    @abstractmethod
    async def keys(self, *, older_than: timedelta) -> list[str]:
        """What is stored, but for what has just come and may be written down nowhere yet."""

    @abstractmethod
    async def put_aside(self, keys: list[str]) -> None:
        """Keep files where nobody can read them, until they are forgotten or put back."""

    @abstractmethod
    async def put_back(self, keys: list[str]) -> None:
        """Let files that were put aside be read again."""

    @abstractmethod
    async def keys_aside(self, *, older_than: timedelta = timedelta()) -> list[str]:
        """What was put aside, at least so long ago."""


def new_key() -> str:
    """A name of 192 random bits."""
    return secrets.token_urlsafe(24)


def is_key(text: str) -> bool:
    """Whether a file can have this name: it leads nowhere else."""
    return _KEY.fullmatch(text) is not None


def place_of(key: str, *, aside: bool = False) -> str:
    """Where a file lies, the same on disk and elsewhere: folders of a size that file systems like."""
    return f"{ASIDE}/{key[:2]}/{key}" if aside else f"{key[:2]}/{key}"


class DiskStore(FileStore):
    """A folder of files; several processes may share it on one disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, content: bytes) -> str:
        """Written beside its place and moved into it."""
        key = new_key()
        await asyncio.to_thread(self._write, key, content)
        return key

    async def open(self, key: str, *, start: int, stop: int) -> AsyncIterator[bytes] | None:
        """Opened when the first part is asked for, so that nothing stays open unread."""
        path = self._place(key)
        if not is_key(key) or not await asyncio.to_thread(path.is_file):
            return None
        return _parts(path, start, stop)

    async def forget(self, keys: list[str]) -> None:
        """In a thread, as everything that touches the disk."""
        await asyncio.to_thread(self._remove, keys)

    async def keys(self, *, older_than: timedelta) -> list[str]:
        """By the files' own times."""
        return await asyncio.to_thread(self._list, self._folder, older_than)

    async def put_aside(self, keys: list[str]) -> None:
        """Moved, which is at once."""
        await asyncio.to_thread(self._move, keys, self._place, self._aside)

    async def put_back(self, keys: list[str]) -> None:
        """Moved, which is at once."""
        await asyncio.to_thread(self._move, keys, self._aside, self._place)

    async def keys_aside(self, *, older_than: timedelta = timedelta()) -> list[str]:
        """By the time when they were moved."""
        return await asyncio.to_thread(self._list, self._folder / ASIDE, older_than)

    def _place(self, key: str) -> Path:
        return self._folder / place_of(key)

    def _aside(self, key: str) -> Path:
        return self._folder / place_of(key, aside=True)

    def _list(self, folder: Path, older_than: timedelta) -> list[str]:
        until = time.time() - older_than.total_seconds()
        files = folder.glob("??/*")
        return [one.name for one in files if is_key(one.name) and _is_older(one, until)]

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
        for key in filter(is_key, keys):
            self._place(key).unlink(missing_ok=True)
            self._aside(key).unlink(missing_ok=True)


async def _parts(path: Path, start: int, stop: int) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        await asyncio.to_thread(file.seek, start)
        for at in range(start, stop, _PART):
            yield await asyncio.to_thread(file.read, min(_PART, stop - at))
    finally:
        file.close()


def _is_older(path: Path, until: float) -> bool:
    try:
        return path.stat().st_mtime <= until
    except FileNotFoundError:  # somebody else was faster
        return False
