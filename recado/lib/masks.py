"""Finding secrets in what comes back, however they are spelled, and masking them.

Receivers echo what they are sent: in their pages, their JSON, their redirects, their errors.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus

from recado.lib.readings import Reading, Span, as_it_is, in_lower_case, unescaped, unwrapped

MASK: Final = "••••••"
_SHORTEST: Final = 4  # characters; masking "ab" would riddle every text with dots
_SHORTEST_PART: Final = 8  # of "Bearer abcdefgh", "abcdefgh" alone is secret too, "Bearer" is not
_PIECE: Final = 96  # characters: of longer secrets, a part of this length is secret too
_SIGNING: Final = "whsec_"  # what follows is the key
_HALF: Final = 12  # bytes: an escape that a cut went through is shorter
_BASE64_STARTS: Final = (0, 2, 3)  # characters that mix in what stands before the secret
_BASE64_ENDS: Final = (0, 3, 2)  # and what comes after it
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="


def masked(content: bytes, hidden: Iterable[str], *, is_cut: bool = False) -> bytes:
    """`content` with every secret replaced by a mask.

    Found as they are, escaped for URLs, JSON and HTML, once or more often and in any mixture, in
    Base64 wherever they stand in what was encoded, in hexadecimal, and in other character sets.
    Secrets of less than 4 characters are not looked for. `is_cut`: the end may hold the beginning
    of a secret.
    """
    spans: list[Span] = []
    for read, needles in _looked_for(tuple(sorted(set(hidden)))):
        reading = read(content)
        text = reading.text
        for one in needles:
            if one.text in text:
                spans += _found(reading, one)
            if is_cut and one.text[: one.least] in text[-len(one.text) - _HALF :]:
                spans += [(first, len(content)) for first in _begun(reading, one)]
    return _without(content, spans) if spans else content


def masked_text(text: str, hidden: Iterable[str], *, is_cut: bool = False) -> str:
    """The same for text; a lone surrogate becomes a replacement character."""
    raw = text.encode("utf-8", "surrogatepass")
    return masked(raw, hidden, is_cut=is_cut).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class _Needle:
    """What a secret looks like in a reading.

    `is_open_before`, `is_open_after`: the characters beside it hold bits of the secret as well.
    `least`: so many bytes of its beginning are told from chance.
    """

    text: bytes
    is_open_before: bool = False
    is_open_after: bool = False
    least: int = _SHORTEST


def _found(reading: Reading, needle: _Needle) -> Iterator[Span]:
    at = reading.text.find(needle.text)
    while at >= 0:
        first, last = at, at + len(needle.text) - 1
        if needle.is_open_before and _is_base64(reading.text[max(first - 1, 0) : first]):
            first -= 1
        if needle.is_open_after and _is_base64(reading.text[last + 1 : last + 2]):
            last += 1
        yield reading.origin((first, last + 1))
        at = reading.text.find(needle.text, at + 1)


def _is_base64(character: bytes) -> bool:
    return character != b"" and character in _BASE64


def _begun(reading: Reading, needle: _Needle) -> Iterator[int]:
    """Where the beginning of a secret stands at the end."""
    for text in _cut(reading.text):
        for length in range(min(len(needle.text) - 1, len(text)), needle.least - 1, -1):
            if text.endswith(needle.text[:length]):
                yield reading.origin((len(text) - length, len(text)))[0]
                break


def _cut(text: bytes) -> set[bytes]:
    """The text, and the text without an escape that the cut went through."""
    tail = max(text.rfind(sign, max(len(text) - _HALF, 0)) for sign in (b"%", b"&", b"\\"))
    return {text, text[:tail] if tail >= 0 else text}


def _without(content: bytes, spans: Iterable[Span]) -> bytes:
    """With a mask for each run of spans that touch."""
    kept: list[bytes] = []
    at = 0
    for first, last in sorted(spans):
        if first > at or not kept:
            kept += [content[at:first], MASK.encode()]
        at = max(at, last)
    return b"".join([*kept, content[at:]])


_Read = Callable[[bytes], Reading]


@lru_cache(maxsize=256)
def _looked_for(secrets: tuple[str, ...]) -> tuple[tuple[_Read, frozenset[_Needle]], ...]:
    """The readings to make, and what to look for in each."""
    parts = {part for secret in secrets for part in _parts(secret)}
    spelled = {one for part in parts for one in _in_character_sets(part)}
    read = {unescaped(one).text for one in spelled}
    encoded = {one for part in parts for form in _forms(part) for one in _in_base64(form.encode())}
    looked_for: list[tuple[_Read, Iterable[_Needle]]] = [
        (as_it_is, map(_Needle, spelled)),  # of what is nothing but escapes, no other has a trace
        (unescaped, (_Needle(one) for one in read if len(one) >= _SHORTEST)),
        (unwrapped, encoded),
        (in_lower_case, (_Needle(one.hex().encode(), least=8) for one in spelled)),
    ]
    return tuple((how, frozenset(needles)) for how, needles in looked_for if parts)


def _parts(secret: str) -> Iterator[str]:
    """What is secret of a secret."""
    whole = {one for one in (secret, secret.strip()) if len(one) >= _SHORTEST}
    words = {*secret.split(), secret.removeprefix(_SIGNING)}
    for one in whole | {word for word in words if len(word) >= _SHORTEST_PART}:
        length = -(-len(one) // -(-len(one) // _PIECE))
        yield from (one[at : at + length] for at in range(0, len(one), length))


def _in_character_sets(part: str) -> Iterator[bytes]:
    """The bytes that a receiver may have made of it."""
    raw = part.encode("utf-8", "surrogatepass")
    yield raw
    if part.isascii():
        return
    yield raw.decode("latin-1").encode()  # UTF-8 taken for Latin-1
    yield "".join(one if one.isascii() else "\ufffd" for one in part).encode()
    wide = part.encode("utf-16-be", "surrogatepass")
    units = [wide[at : at + 2] for at in range(0, len(wide), 2)]
    yield b"".join(units).replace(b"\0", b"")
    yield b"".join(unit[::-1] for unit in units).replace(b"\0", b"")
    yield "".join(chr(int.from_bytes(unit)) for unit in units).encode("utf-8", "surrogatepass")


def _forms(part: str) -> set[str]:
    """How it stands in what is then encoded as a whole."""
    return {part, quote(part, safe=""), quote_plus(part), json.dumps(part)[1:-1]}


def _in_base64(raw: bytes) -> Iterator[_Needle]:
    """What Base64 makes of it at each of the three places it can start in a longer text."""
    for offset, start in enumerate(_BASE64_STARTS):
        encoded = base64.b64encode(b"\0" * offset + raw)
        mixed = _BASE64_ENDS[(offset + len(raw)) % 3]
        core = encoded[start : len(encoded) - mixed]
        yield _Needle(core, is_open_before=offset > 0, is_open_after=mixed > 0)
