"""Files on disk: whole or not there, under names that nobody can guess."""

from pathlib import Path

from recado.lib.files import file_draft, safe_name
from recado.lib.storing import FileStore


def _files(folder: Path) -> list[str]:
    return [one.name for one in folder.rglob("*") if one.is_file()]


async def test_a_file_is_kept_and_forgotten(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    one, other = await store.keep(b"one"), await store.keep(b"other")
    assert one != other
    path = store.path_of(one)
    assert path is not None
    assert path.read_bytes() == b"one"
    await store.forget([one, one, "../x", "nothing"])
    assert store.path_of(one) is None
    assert _files(tmp_path) == [other]


async def test_a_key_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("x")
    store = FileStore(tmp_path / "files")
    for key in (
        "",
        "..",
        "../secret.key",
        "a" * 19,
        "a" * 65,
        "/etc/passwd",
        "%2e%2e%2fsecret.key",
    ):
        assert store.path_of(key) is None


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
