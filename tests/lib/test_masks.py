"""Secrets in what comes back, however they are spelled."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recado.lib.masks import MASK, masked, masked_text

SECRET = 'Bearer sk/live+"51é"\\x & <42>'
ECHOES = {
    "raw": SECRET,
    "url": quote(SECRET, safe=""),
    "url, slashes kept": quote(SECRET),
    "form": quote_plus(SECRET),
    "url in lower case": quote(SECRET, safe="").lower(),
    "url twice as careful": "".join(f"%{byte:02X}" for byte in SECRET.encode()),
    "json": json.dumps(SECRET, ensure_ascii=False),
    "json, ascii": json.dumps(SECRET),
    "json, as PHP writes it": json.dumps(SECRET).replace("/", "\\/"),
    "html": html.escape(SECRET),
    "html numbers": "".join(f"&#{ord(one)};" for one in SECRET),
    "html hexadecimal": "".join(f"&#x{ord(one):X};" for one in SECRET),
}


@pytest.mark.parametrize("how", ECHOES)
def test_a_secret_is_masked_however_it_is_escaped(how: str) -> None:
    spelled = ECHOES[how] if how != "url in lower case" else ECHOES[how].replace("bearer", "Bearer")
    shown = masked_text(f"you sent [{spelled}] to us", [SECRET])
    assert "live" not in shown
    assert MASK in shown
    assert shown.startswith("you sent [")
    assert shown.endswith("] to us")


@given(
    st.text(min_size=8, alphabet=st.characters(exclude_categories=["Cs"])),
    st.binary(max_size=9),
    st.binary(max_size=9),
)
def test_a_secret_inside_of_base64_is_masked(secret: str, before: bytes, after: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(before + secret.encode() + after)
        assert MASK.encode() in masked(encoded, [secret])


_secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)


@given(_secrets, st.text(max_size=20), st.text(max_size=20))
def test_nothing_of_an_echoed_secret_stays(secret: str, before: str, after: str) -> None:
    echoes = (
        secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1],
        html.escape(secret), base64.b64encode(secret.encode()).decode(),
    )  # fmt: skip
    for echo in echoes:
        assert echo not in masked_text(f"{before}\n{echo}\n{after}", [secret])


def test_the_part_after_a_word_is_secret_alone() -> None:
    assert masked_text("key=abcdefgh12", ["Bearer abcdefgh12"]) == f"key={MASK}"
    assert masked_text("Bearer token", ["Bearer abcdefgh12"]) == "Bearer token"


def test_very_short_secrets_do_not_riddle_every_text() -> None:
    assert masked_text("a cabbage", ["ab"]) == "a cabbage"
    assert masked_text("a cabbage", [""]) == "a cabbage"


def test_the_longer_secret_goes_first() -> None:
    assert masked_text("abcdefgh-ijkl", ["abcdefgh", "abcdefgh-ijkl"]) == MASK


def test_the_beginning_of_a_secret_at_a_cut_is_masked() -> None:
    body = b"x" * 100 + b"sesame-open-the-do"
    assert masked(body, ["sesame-open-the-door"], is_cut=True) == b"x" * 100 + MASK.encode()
    assert masked(body, ["sesame-open-the-door"]) == body


def test_texts_without_secrets_stay_as_they_are() -> None:
    assert masked_text("nothing here, né? 😀", ["sesame-open"]) == "nothing here, né? 😀"
    assert masked(bytes(range(256)), ["sesame-open"]) == bytes(range(256))
    assert masked_text("text", []) == "text"


def test_lone_surrogates_become_what_every_store_takes() -> None:
    assert masked_text("a\ud800b", []).encode()
