"""Finding secrets in what comes back, however they are spelled, and masking them.

Receivers echo what they are sent: in their pages, their JSON, their redirects, their errors.
"""

import base64
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from html import escape
from typing import Final

MASK: Final = "••••••"
_SHORTEST: Final = 4  # characters; masking "ab" would riddle every text with dots
_SHORTEST_PART: Final = 8  # of "Bearer abcdefgh", "abcdefgh" alone is secret too, "Bearer" is not
_MASK = MASK.encode()
_BASE64_STARTS: Final = (0, 2, 3)  # characters that mix in what stands before the secret
_BASE64_ENDS: Final = (0, 3, 2)  # and what comes after it


def masked(content: bytes, hidden: Iterable[str], *, is_cut: bool = False) -> bytes:
    """`content` with every secret replaced by a mask.

    Found as they are, escaped for URLs, JSON and HTML, in any mixture of these, and in Base64.
    Secrets of less than 4 characters are not looked for. `is_cut`: the end may hold the beginning
    of a secret.
    """
    for secret in _parts(hidden):
        pattern, whole = _patterns(secret)
        content = pattern.sub(_MASK, content)
        if is_cut:
            content = _without_beginning(content, whole)
    return content


def masked_text(text: str, hidden: Iterable[str], *, is_cut: bool = False) -> str:
    """The same for text; a lone surrogate becomes a replacement character."""
    raw = text.encode("utf-8", "surrogatepass")
    return masked(raw, hidden, is_cut=is_cut).decode("utf-8", "replace")


def _parts(hidden: Iterable[str]) -> list[str]:
    """Longest first: what is a part of another is masked with it."""
    found = set()
    for secret in hidden:
        found |= {one for one in (secret, secret.strip()) if len(one) >= _SHORTEST}
        found |= {one for one in secret.split() if len(one) >= _SHORTEST_PART}
    return sorted(found, key=lambda one: (-len(one), one))


@lru_cache(maxsize=256)
def _patterns(secret: str) -> tuple[re.Pattern[bytes], tuple[bytes, ...]]:
    """What matches the secret, and its commonest spellings."""
    base64s = sorted(set(_in_base64(secret.encode())), key=len, reverse=True)
    # PHP writes "/" as "\/" in JSON, which Base64 meets too
    encoded = [re.escape(one).replace(b"/", rb"\\?/") for one in base64s]
    spelled = b"".join(_spellings(character) for character in secret)
    return re.compile(b"|".join([spelled, *encoded])), (secret.encode(), *base64s)


def _spellings(character: str) -> bytes:
    """A pattern of how one character of a secret may come back."""
    raw = character.encode()
    percent = "".join(f"%{byte:02x}" for byte in raw).encode()
    units = character.encode("utf-16-be").hex()
    unicode = "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)).encode()
    numbers = f"&#0*{ord(character)};|&#x0*{ord(character):x};".encode()
    ways = [
        rb"\\?" + re.escape(raw),
        _any_case(percent),
        _any_case(re.escape(unicode)),
        _any_case(numbers),
    ]
    if character == " ":
        ways.append(rb"\+")
    if escape(character) != character:
        ways.append(re.escape(escape(character).encode()))
    return b"(?:" + b"|".join(ways) + b")"


def _any_case(pattern: bytes) -> bytes:
    return b"(?i:" + pattern + b")"


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """What Base64 makes of the secret at each of the three places it can start in a longer text."""
    for offset, start in enumerate(_BASE64_STARTS):
        encoded = base64.b64encode(b"\0" * offset + raw)
        end = len(encoded) - _BASE64_ENDS[(offset + len(raw)) % 3]
        for one in (encoded[start:end], encoded[start:]) if offset == 0 else (encoded[start:end],):
            yield one
            yield one.replace(b"+", b"-").replace(b"/", b"_")


def _without_beginning(content: bytes, spellings: Collection[bytes]) -> bytes:
    for spelling in spellings:
        for length in range(min(len(spelling) - 1, len(content)), _SHORTEST - 1, -1):
            if content.endswith(spelling[:length]):
                return content[:-length] + _MASK
    return content
