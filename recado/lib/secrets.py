"""Keeping values that go out but are never shown: encryption, keys, masks.

Encrypted with AES-256-GCM. The words of `about` are authenticated with each value, so a ciphertext
moved to another account or host does not decrypt there.
"""

import base64
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MASK: Final = "••••••"
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_SHORTEST_MASKED: Final = 4  # characters; masking "ab" would riddle every text with dots


class SecretUnreadable(Exception):
    """A stored secret does not decrypt: another key, another account or another host."""


class Vault:
    """Encrypts and decrypts with one key, which is given as text of at least 32 characters."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._cipher = AESGCM(self.derived("secrets"))

    def encrypt(self, value: str, *, about: str) -> bytes:
        """The value as it may be stored; only `decrypt` with the same `about` reads it."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, value.encode(), about.encode())

    def decrypt(self, encrypted: bytes, *, about: str) -> str:
        """The value, or SecretUnreadable."""
        nonce, sealed = encrypted[1 : 1 + _NONCE_BYTES], encrypted[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, sealed, about.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretUnreadable(f"The secret of {about} cannot be read with this key.") from error

    def derived(self, purpose: str) -> bytes:
        """32 bytes for another purpose, from which the key cannot be found (RFC 5869)."""
        return HKDF(SHA256(), 32, salt=None, info=f"recado {purpose}".encode()).derive(self._key)


def key_from_file(path: Path) -> str:
    """The key kept in `path`; made, readable by its owner only, when there is none."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())  # what it encrypts must never outlive it
    return path.read_text(encoding="ascii").strip()


def masked(content: bytes, hidden: Iterable[str]) -> bytes:
    """`content` with every secret replaced by a mask: as it is, URL-encoded, or in Base64."""
    mask = MASK.encode()
    for spelling in sorted(_spellings(hidden), key=len, reverse=True):
        content = content.replace(spelling, mask)
    return content


def masked_text(text: str, hidden: Iterable[str]) -> str:
    """The same for text."""
    return masked(text.encode("utf-8", "surrogatepass"), hidden).decode("utf-8", "replace")


def _spellings(hidden: Iterable[str]) -> set[bytes]:
    found: set[bytes] = set()
    for secret in hidden:
        for part in {secret, *secret.split()}:  # of "Bearer abc", "abc" alone is secret too
            if len(part) >= _SHORTEST_MASKED and (part == secret or len(part) >= 2 * _SHORTEST_MASKED):
                found |= _spellings_of(part)
    return found


def _spellings_of(secret: str) -> set[bytes]:
    raw = secret.encode()
    escaped = secret.replace("\\", "\\\\").replace('"', '\\"')
    plain = {raw, quote(secret, safe="").encode(), quote_plus(secret).encode(), escaped.encode()}
    return plain | set(_in_base64(raw))


def _in_base64(raw: bytes) -> Iterable[bytes]:
    """What Base64 makes of the secret at each of the three places it can start in a longer text."""
    if len(raw) < 2 * _SHORTEST_MASKED:
        return
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw)
        start = (0, 2, 3)[offset]  # characters that mix in what stands before
        end = len(encoded) - (0, 3, 2)[(offset + len(raw)) % 3]  # and what comes after
        yield encoded[start:end]
        yield encoded[start:end].replace(b"+", b"-").replace(b"/", b"_")
