"""Percentiles of counted sizes: exact where a size is alone, otherwise right to five percent."""

from math import floor, log
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recado.reports.spreads import GROWTH, LONGEST, Spread, spread_of


def sized(values: list[float]) -> list[tuple[int, int, float]]:
    """Values in sizes, as `adding_up.py` has PostgreSQL put them."""
    sizes: dict[int, list[float]] = {}
    for value in values:
        size = 0 if value < 1 else min(LONGEST, 1 + floor(log(value) / log(GROWTH)))
        sizes.setdefault(size, []).append(value)
    return [(size, len(those), sum(those)) for size, those in sizes.items()]


def exact(values: list[float], share: float) -> float:
    """The percentile as PostgreSQL's percentile_cont has it."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    lower = floor(position)
    upper = min(lower + 1, len(ordered) - 1)
    return ordered[lower] + (ordered[upper] - ordered[lower]) * (position - lower)


@pytest.mark.parametrize(
    ("values", "median", "high"),
    [
        ([240.0], 240.0, 240.0),
        ([0.0], 0.0, 0.0),
        ([120.0, 720.0], 420.0, 660.0),
        ([120.0, 240.0, 720.0], 240.0, 624.0),
        ([60.0] * 5, 60.0, 60.0),
        ([1.0, 10.0, 100.0, 1_000.0, 10_000.0], 100.0, 6_400.0),
        ([0.2, 0.4, 300.0], 0.3, 240.06),  # below a second there is one size
    ],
    ids=["one", "at once", "two", "three", "all alike", "far apart", "below a second"],
)
def test_few_values_are_exact(values: list[float], median: float, high: float) -> None:
    spread = spread_of(sized(values))
    assert spread == Spread(len(values), pytest.approx(median), pytest.approx(high))


@given(st.lists(st.floats(0, 3e7), min_size=1, max_size=300))
def test_any_values_are_right_to_five_percent_or_a_second(values: list[float]) -> None:
    spread = spread_of(sized(values))
    assert spread.count == len(values)
    assert spread.median == pytest.approx(exact(values, 0.5), rel=0.05, abs=1)
    assert spread.high == pytest.approx(exact(values, 0.9), rel=0.05, abs=1)


def test_the_order_in_which_sizes_come_is_nothing() -> None:
    sizes = sized([3.0, 30.0, 300.0, 31.0])
    assert spread_of(sizes) == spread_of(reversed(sizes))


def test_the_reference_of_these_tests_is_what_statistics_has() -> None:
    values = [3.0, 8.0, 21.0, 55.0, 144.0]
    assert exact(values, 0.5) == quantiles(values, n=4, method="inclusive")[1]
    assert exact(values, 0.9) == pytest.approx(quantiles(values, n=10, method="inclusive")[-1])
