"""Answers that are good for a moment."""

import pytest

from recado.lib import moments
from recado.lib.moments import kept_for_a_moment


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was really asked; the clock stands."""
    monkeypatch.setattr(moments.time, "monotonic", lambda: 100.0)
    return []


def test_the_same_is_asked_once_and_another_apart(asked: list[str]) -> None:
    answer = kept_for_a_moment(lambda name: (asked.append(name), name.upper())[1])
    assert [answer("a"), answer("a"), answer("b"), answer("a")] == ["A", "A", "B", "A"]
    assert asked == ["a", "b"]


@pytest.mark.parametrize(
    ("later", "times"),
    [
        (0.9, 1),
        (1.1, 2),  # seconds: a file may have changed
    ],
)
def test_after_a_moment_it_is_asked_again(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, later: float, times: int
) -> None:
    answer = kept_for_a_moment(lambda name: (asked.append(name), len(asked))[1])
    answer("a")
    monkeypatch.setattr(moments.time, "monotonic", lambda: 100.0 + later)
    assert answer("a") == times
