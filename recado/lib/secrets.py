"""Keeping values that go out but are never shown: encryption and its key.

Encrypted with AES-256-GCM. The words of `about` are authenticated with each value, so a ciphertext
moved to another account or host does not decrypt there.
"""

import os
import secrets
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_KEY: Final = 32  # characters
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12


class SecretUnreadable(Exception):
    """A stored secret does not decrypt: another key, another account or another host."""


class KeyUnusable(Exception):
    """The key file holds no key; the text says which file."""


class Vault:
    """Encrypts with one key, which is given as text of at least 32 characters.

    What was encrypted with one of the `previous` keys it reads as well, so a key can be changed
    while Recado runs.
    """

    def __init__(self, key: str, previous: Sequence[str] = ()) -> None:
        self._key = key.encode()
        self._cipher = _cipher(self._key)
        self._previous = tuple(_cipher(one.encode()) for one in previous)

    def encrypt(self, value: str, *, about: str) -> bytes:
        """The value as it may be stored; only `decrypt` with the same `about` reads it."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, value.encode(), about.encode())

    def decrypt(self, encrypted: bytes, *, about: str) -> str:
        """The value, or SecretUnreadable."""
        for cipher in (self._cipher, *self._previous):
            if (value := _decrypted(cipher, encrypted, about)) is not None:
                return value
        raise SecretUnreadable(f"The secret of {about} cannot be read with this key.")

    def is_current(self, encrypted: bytes, *, about: str) -> bool:
        """Whether a value is encrypted with the key itself, not with a previous one."""
        return _decrypted(self._cipher, encrypted, about) is not None

    def renewed(self, encrypted: bytes, *, about: str) -> bytes | None:
        """The same value under the present key; None where it is so already. Or SecretUnreadable."""
        if self.is_current(encrypted, about=about):
            return None
        return self.encrypt(self.decrypt(encrypted, about=about), about=about)

    def derived(self, purpose: str) -> bytes:
        """32 bytes for another purpose, from which the key cannot be found (RFC 5869)."""
        return _derived(self._key, purpose)


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"recado {purpose}".encode()).derive(key)


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_derived(key, "secrets"))


def _decrypted(cipher: AESGCM, encrypted: bytes, about: str) -> str | None:
    version, rest = encrypted[:1], encrypted[1:]
    nonce, sealed = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
    if version != _VERSION:
        return None
    try:
        return cipher.decrypt(nonce, sealed, about.encode()).decode()
    except (InvalidTag, ValueError):
        return None


def key_from_file(path: Path) -> str:
    """The key kept in `path`; made, readable by its owner only, when there is none.

    It appears whole or not at all, so two processes that start together agree on one, and a crash
    leaves no half of one. KeyUnusable when the file holds no key.
    """
    if not path.exists():
        _make_key_file(path)
    key = path.read_bytes().decode("utf-8", "replace").strip()
    if len(key) < SHORTEST_KEY:
        raise KeyUnusable(f"The key file {path} holds no key of {SHORTEST_KEY} characters or more.")
    return key


def _make_key_file(path: Path) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".key-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # somebody was faster: theirs is the key
            os.link(name, path)
        _sync_folder(path.parent)  # what the key encrypts must never outlive it
    finally:
        Path(name).unlink()


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
