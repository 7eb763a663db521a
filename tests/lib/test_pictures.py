"""Which files are pictures, whatever they are called."""

import pytest

from recado.lib.pictures import picture_type


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....JFIF", "image/jpeg"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"RIFF....WAVEfmt ", None),  # a sound
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),  # may hold scripts
        (b"<html><script>alert(1)</script>", None),
        (b"\x89PNG", None),  # cut short
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(content: bytes, kind: str | None) -> None:
    assert picture_type(content) == kind
