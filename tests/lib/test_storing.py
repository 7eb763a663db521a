"""Files, on disk and in a bucket: whole or not there, under names that nobody can guess."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from recado.lib.addresses import AddressGuard, parse_networks
from recado.lib.bucket_storing import BucketStore
from recado.lib.buckets import bucket
from recado.lib.files import disposition, file_draft, safe_name
from recado.lib.sending import Sender
from recado.lib.storing import DiskStore, FileStore, StorageAway, place_of
from tests.lib.storage import NAME, address, storage

LARGE = bytes(range(256)) * 20_000  # 5 MB: several parts
HERE = AddressGuard(parse_networks("127.0.0.0/8"))


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    async with Sender(guard=HERE, user_agent="Recado/test") as sender:
        yield sender


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the bytes lie at last."""
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept"


@pytest.fixture(params=["disk", "bucket"])
async def store(
    request: pytest.FixtureRequest, folder: Path, sender: Sender
) -> AsyncIterator[FileStore]:
    if request.param == "disk":
        yield DiskStore(folder)
        return
    async with storage(folder) as port:
        yield BucketStore(bucket(address(port)), sender)


async def read(store: FileStore, key: str, start: int = 0, stop: int = 10_000_000) -> bytes | None:
    parts = await store.open(key, start=start, stop=stop)
    return None if parts is None else b"".join([one async for one in parts])


def _files(folder: Path) -> list[str]:
    return [one.name for one in folder.rglob("*") if one.is_file()]


async def test_a_file_is_kept_and_forgotten(store: FileStore, folder: Path) -> None:
    one, other = await store.keep(b"one"), await store.keep(b"other")
    assert one != other
    assert await read(store, one, stop=3) == b"one"
    await store.forget([one, one, "../x", "nothing"])
    assert await read(store, one, stop=3) is None
    assert _files(folder) == [other]


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, len(LARGE)),
        (0, 1),
        (len(LARGE) - 1, len(LARGE)),
        (2_000_000, 4_500_000),  # begins and ends within parts
        (7, 7),  # nothing
    ],
)
async def test_a_part_is_read(store: FileStore, start: int, stop: int) -> None:
    key = await store.keep(LARGE)
    assert await read(store, key, start, stop) == LARGE[start:stop]


async def test_an_empty_file_is_a_file(store: FileStore) -> None:
    assert await read(store, await store.keep(b""), stop=0) == b""


async def test_what_is_put_aside_cannot_be_read_until_it_is_back(store: FileStore) -> None:
    one, other = await store.keep(b"one"), await store.keep(b"other")
    await store.put_aside([one, "a-key-that-nobody-ever-had"])
    assert await read(store, one, stop=3) is None
    assert await store.keys(older_than=timedelta()) == [other]
    assert await store.keys_aside() == [one]
    assert await store.keys_aside(older_than=timedelta(hours=1)) == []
    await store.put_back([one])
    assert await read(store, one, stop=3) == b"one"
    assert await store.keys_aside() == []
    await store.put_aside([one])
    await store.forget([one])
    assert await store.keys_aside() == []


async def test_what_has_just_come_is_not_listed(store: FileStore) -> None:
    key = await store.keep(b"x")
    assert await store.keys(older_than=timedelta(hours=1)) == []
    assert await store.keys(older_than=timedelta()) == [key]


async def test_a_key_leads_nowhere_else(store: FileStore, folder: Path) -> None:
    (folder.parent / "secret.key").write_text("x")
    for key in (
        "",
        "..",
        "../secret.key",
        "a" * 19,
        "a" * 65,
        "/etc/passwd",
        "%2e%2e%2fsecret.key",
    ):
        assert await store.open(key, start=0, stop=1) is None


async def test_files_lie_in_a_bucket_as_they_do_on_disk(folder: Path, sender: Sender) -> None:
    """So that an operator moves them by copying the folder."""
    async with storage(folder) as port:
        there = BucketStore(bucket(address(port)), sender)
        key = await there.keep(b"x")
        assert (folder / NAME / "desk" / place_of(key)).read_bytes() == b"x"
        assert await read(DiskStore(folder / NAME / "desk"), key, stop=1) == b"x"


async def test_what_others_have_in_the_bucket_is_left_alone(folder: Path, sender: Sender) -> None:
    async with storage(folder) as port:
        (folder / NAME / "desk").mkdir()
        (folder / NAME / "desk" / "report.pdf").write_text("theirs")
        there = BucketStore(bucket(address(port)), sender)
        key = await there.keep(b"x")
        assert await there.keys(older_than=timedelta()) == [key]


async def test_a_storage_that_refuses_says_why_without_its_keys(
    folder: Path, sender: Sender
) -> None:
    async with storage(folder) as port:
        wrong = BucketStore(bucket(address(port, secret="wrong")), sender)
        with pytest.raises(StorageAway) as refused:
            await wrong.keep(b"x")
        with pytest.raises(StorageAway):
            await wrong.open("a-key-that-nobody-ever-had", start=0, stop=1)
    assert str(refused.value) == "403 SignatureDoesNotMatch"
    assert _files(folder) == []


async def test_a_storage_that_is_away_is_told(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recado.lib.bucket_storing._WAITS", (0.0, 0.0))
    with pytest.raises(StorageAway, match="connect"):
        await BucketStore(bucket(address(1)), sender).keep(b"x")


def test_names_can_stand_anywhere() -> None:
    for given, safe in (
        ("photo.png", "photo.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\m\\á é.pdf", "á é.pdf"),
        ('a"b<c>.html', "a_b_c_.html"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".jpeg", "x" * 145 + ".jpeg"),
    ):
        assert safe_name(given) == safe


def test_a_type_is_found_where_none_was_told() -> None:
    for name, told, kind in (
        ("a.png", "image", "image/png"),
        ("a.png", "", "image/png"),
        ("a.ogg", "audio/ogg; codecs=opus", "audio/ogg"),
        ("a", "nonsense", "application/octet-stream"),
    ):
        assert file_draft(name, told, 1).content_type == kind
    assert file_draft("voice", "audio/mpeg", 1).name == "voice.mp3"


def test_a_name_stands_in_the_header_in_ascii() -> None:
    for name, kind, told in (
        ("a.png", "image/png", 'inline; filename="a.png"'),
        ("a.html", "text/html", 'attachment; filename="a.html"'),
        ("á é.pdf", "application/pdf", "attachment; filename*=utf-8''%C3%A1%20%C3%A9.pdf"),
    ):
        assert disposition(name, kind) == told
