"""Codes of an authenticator app, by the vectors of RFC 6238, and recovery codes."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from recado.lib.one_time_codes import (
    RECOVERY_CODES,
    app_address,
    new_recovery_codes,
    new_secret,
    picture_of,
    recovery_digest,
    step_of,
)

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" of the RFC's appendix B


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    assert step_of(SECRET, code, now=datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(
    ("seconds_off", "is_taken"),
    [(0, True), (30, True), (-30, True), (60, False), (-60, False)],
)
def test_clocks_may_differ_by_one_step(seconds_off: int, is_taken: bool) -> None:
    now = datetime.fromtimestamp(1234567890, UTC) + timedelta(seconds=seconds_off)
    assert step_of(SECRET, "005924", now=now) == (41152263 if is_taken else None)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "287083",
        "94287082",  # of eight digits
        "28708",
        "abc",
        "287082" * 50,
    ],
)
def test_what_is_no_code(code: str) -> None:
    assert step_of(SECRET, code, now=datetime.fromtimestamp(59, UTC)) is None


@pytest.mark.parametrize(
    "code", [" 287 082 ", "２８７０８２"]
)  # full-width, of a Japanese keyboard
def test_a_code_may_be_typed_in_other_ways(code: str) -> None:
    assert step_of(SECRET, code, now=datetime.fromtimestamp(59, UTC)) == 1


def test_the_address_names_the_person_and_the_secret() -> None:
    parts = urlsplit(app_address(SECRET, "ana@acme.example"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {"secret": [SECRET], "issuer": ["Recado"]}
    assert parts.path == "/Recado:ana%40acme.example"


def test_the_picture_is_an_svg_of_our_own() -> None:
    assert picture_of(app_address(SECRET, "ana@acme.example")).startswith("data:image/svg+xml")


def test_secrets_are_long_and_never_the_same() -> None:
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(new_secret()) == 32  # 160 bits


def test_recovery_codes_differ_and_are_kept_however_they_are_typed() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == RECOVERY_CODES
    one = codes[0]
    assert len(one) == 19
    for typed in (one.upper(), one.replace("-", ""), f"  {one.replace('-', ' ')} "):
        assert recovery_digest(typed) == recovery_digest(one)
    assert len({recovery_digest(one) for one in codes}) == RECOVERY_CODES
