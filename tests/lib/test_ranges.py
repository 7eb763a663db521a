"""What a player asks for of a file."""

import pytest

from recado.lib.ranges import Span, span_asked


@pytest.mark.parametrize(
    ("header", "size", "span"),
    [
        ("", 10, (0, 10)),
        ("bytes=0-", 10, (0, 10)),  # what Safari asks last
        ("bytes=0-1", 10, (0, 2)),  # what it asks first
        ("Bytes=4-99", 10, (4, 10)),
        ("bytes=-3", 10, (7, 10)),
        ("bytes=-30", 10, (0, 10)),
        ("bytes=10-", 10, None),
        ("bytes=-0", 10, None),
        ("bytes=0-", 0, None),
        ("", 0, (0, 0)),
        ("bytes=5-2", 10, (0, 10)),  # nonsense counts as not asked
        ("bytes=0-1,4-5", 10, (0, 10)),
        ("bytes=-", 10, (0, 10)),
        ("lines=0-1", 10, (0, 10)),
    ],
)
def test_a_range_is_a_span(header: str, size: int, span: tuple[int, int] | None) -> None:
    found = span_asked(header, size)
    assert (None if found is None else (found.start, found.stop)) == span


def test_a_span_tells_of_itself() -> None:
    assert Span(2, 5, 10).told == "bytes 2-4/10"
    assert Span(0, 10, 10).is_whole
    assert not Span(0, 9, 10).is_whole
