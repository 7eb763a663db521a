"""Values that go out but are never shown: encryption and its key."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recado.lib.secrets import KeyUnusable, SecretUnreadable, Vault, key_from_file

KEY = "k" * 32
VAULT = Vault(KEY)
_texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(_texts, _texts)
def test_what_is_encrypted_comes_back(value: str, about: str) -> None:
    assert VAULT.decrypt(VAULT.encrypt(value, about=about), about=about) == value


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4))
def test_the_ciphertext_shows_nothing_and_never_repeats(value: str) -> None:
    one, other = VAULT.encrypt(value, about="x"), VAULT.encrypt(value, about="x")
    assert value.encode() not in one
    assert one != other


def test_a_secret_moved_to_another_account_or_host_cannot_be_read() -> None:
    encrypted = VAULT.encrypt("sesame", about="account 1, https://a.example:443")
    for elsewhere in ("account 2, https://a.example:443", "account 1, https://b.example:443", ""):
        with pytest.raises(SecretUnreadable):
            VAULT.decrypt(encrypted, about=elsewhere)


def test_another_key_reads_nothing() -> None:
    with pytest.raises(SecretUnreadable, match="account 1"):
        Vault("l" * 32).decrypt(VAULT.encrypt("sesame", about="account 1"), about="account 1")


@given(st.integers(0, 34), st.integers(1, 255))
def test_a_changed_byte_is_noticed(index: int, change: int) -> None:
    encrypted = bytearray(VAULT.encrypt("sesame", about="x"))
    assert len(encrypted) == 35
    encrypted[index] ^= change
    with pytest.raises(SecretUnreadable):
        VAULT.decrypt(bytes(encrypted), about="x")


@given(st.binary(max_size=60))
def test_rubbish_is_unreadable_and_nothing_worse(rubbish: bytes) -> None:
    with pytest.raises(SecretUnreadable):
        VAULT.decrypt(rubbish, about="x")


def test_derived_keys_differ_by_purpose_and_by_key() -> None:
    keys = {VAULT.derived("csrf"), VAULT.derived("secrets"), Vault("l" * 32).derived("csrf")}
    assert len(keys) == 3
    assert {len(one) for one in keys} == {32}
    assert VAULT.derived("csrf") == Vault(KEY).derived("csrf")


def test_a_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    key = key_from_file(tmp_path / "secret.key")
    assert len(key) == 64
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert key_from_file(tmp_path / "secret.key") == key
    assert [one.name for one in tmp_path.iterdir()] == ["secret.key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: key_from_file(tmp_path / "secret.key"), range(32)))
    assert len(keys) == 1


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"\xff\xfe"])
def test_half_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(KeyUnusable, match=r"secret\.key"):
        key_from_file(tmp_path / "secret.key")


def test_a_key_of_ones_own_is_taken_without_its_line_break(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("x" * 40 + "\n")
    assert key_from_file(tmp_path / "secret.key") == "x" * 40
