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
    "url, twice": quote(quote(SECRET, safe=""), safe=""),
    "url in json, in a page": html.escape(json.dumps({"at": "/?key=" + quote(SECRET)})),
    "json in json": json.dumps(json.dumps(SECRET)),
    "json of .NET": json.dumps(SECRET).replace("+", "\\u002B").replace("&", "\\u0026"),
    "html, twice": html.escape(html.escape(SECRET)),
    "as Python shows it": repr(SECRET.encode()),
    "hexadecimal": SECRET.encode().hex(),
    "hexadecimal, large": SECRET.encode().hex().upper(),
    "UTF-8 taken for Latin-1": SECRET.encode().decode("latin-1"),
    "a letter lost": SECRET.replace("é", "\ufffd"),
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


BYTES = {
    "UTF-16": SECRET.encode("utf-16"),
    "UTF-16, the other way": SECRET.encode("utf-16-be"),
    "UTF-32": SECRET.encode("utf-32"),
    "Latin-1": SECRET.encode("latin-1"),
    "Base64 in lines": base64.encodebytes(b"x" * 50 + SECRET.encode()),
    "Base64 in lines, in JSON": json.dumps(
        base64.encodebytes(b"x" * 50 + SECRET.encode()).decode()
    ).encode(),
    "Base64 in a query": quote(base64.b64encode(b"ana:" + SECRET.encode()), safe="").encode(),
    "Base64 as .NET writes JSON": base64.b64encode(b"ana:" + SECRET.encode()).replace(
        b"+", b"\\u002B"
    ),
    "Base64 of a query": base64.b64encode(b"GET /in?key=" + quote(SECRET, safe="").encode()),
    "Base64 of JSON": base64.b64encode(json.dumps({"key": SECRET}).encode()),
}


@pytest.mark.parametrize("how", BYTES)
def test_a_secret_is_masked_whatever_the_bytes(how: str) -> None:
    shown = masked(b"[" + BYTES[how] + b"]", [SECRET])
    assert shown.startswith(b"[")
    assert shown.endswith(b"]")
    assert MASK.encode() in shown
    assert b"live" not in shown.replace(b"\0", b"")
    assert len(shown) < len(BYTES[how])
    assert not any(piece in shown for piece in pieces_of(BYTES[how]))


def pieces_of(spelled: bytes) -> list[bytes]:
    """What stands in the last third of a spelled secret."""
    last = spelled.rstrip(b'\n"=')[-20:-4]
    return [last[at : at + 8] for at in range(len(last) - 8)]


ENDLESS = [b"\\", b"%", b"%25", b"&", b"&amp;", b"&#0", b"\\n", b"\\u", b"a", b"\r\n", b"\0"]
ODD_SECRETS = ["\\" * 40 + "x", "%25" * 20 + "x", "&amp;" * 20 + "x", "a" * 100 + "x"]


@pytest.mark.parametrize("secret", ODD_SECRETS)
@pytest.mark.parametrize("again", ENDLESS)
def test_no_receiver_can_make_the_search_last(again: bytes, secret: str) -> None:
    """With a pattern made of the secret, some of these would not end today."""
    content = (again * 65_536)[:65_536]
    masked(content, [secret], is_cut=True)
    assert masked(content + secret.encode() + b"!", [secret]).endswith(MASK.encode() + b"!")


def test_half_of_a_long_secret_is_secret_too() -> None:
    token = "".join(f"{number:03}" for number in range(300))
    shown = masked_text(f"Bearer {token[:500]}… (truncated)", [f"Bearer {token}"])
    assert token[:300] not in shown
    assert MASK in shown


@pytest.mark.parametrize(
    "spelled",
    ["sesame/open-the-do", "sesame%2Fopen-the-do", "sesame\\/open-the-do", "sesame%2Fopen%2Dthe%2", "sesame%",
     base64.b64encode(b"x: sesame/open-the").decode(), "736573616d652f6f70"],
)  # fmt: skip
def test_the_beginning_at_a_cut_is_masked_however_it_is_escaped(spelled: str) -> None:
    shown = masked(b"x" * 100 + spelled.encode(), ["sesame/open-the-door"], is_cut=True)
    assert shown.startswith(b"x" * 100)
    assert shown.endswith(MASK.encode())
    assert b"sesame" not in shown


def test_what_stands_around_a_secret_stays() -> None:
    told = '{"a":"C:\\\\x\\n","key":"s3cr\\/3t-1","b":"%41&amp;&#x41;\\u0041"}'
    assert masked_text(told, ["s3cr/3t-1"]) == told.replace("s3cr\\/3t-1", MASK)


def test_the_key_of_a_signing_secret_is_secret_without_its_prefix() -> None:
    assert masked_text("key c2VjcmV0LXNlY3JldA==", ["whsec_c2VjcmV0LXNlY3JldA=="]) == f"key {MASK}"


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
