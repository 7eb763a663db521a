"""Numbers as people read them, and as files hold them."""

import pytest

from recado.lib.languages import say, speaking
from recado.reports.durations import duration_text
from recado.reports.grids import Column, Grid, Kind, Line, csv_of, shown
from recado.reports.latencies import GROWTH, NO_ANSWER, percentile


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.2, "0 s"),
        (42, "42 s"),
        (59.7, "1 min"),
        (125, "2 min 5 s"),
        (7_500, "2 h 5 min"),
        (7_205, "2 h"),  # seconds beside hours say nothing
        (90_000, "1 d 1 h"),
        (864_000, "10 d"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    assert duration_text(seconds) == expected


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (None, Kind.COUNT, "–"),
        (1234, Kind.COUNT, "1.234"),
        (0.9876, Kind.SHARE, "98,8%"),
        (1.0, Kind.SHARE, "100%"),
        (0.5, Kind.SHARE, "50%"),
        (125, Kind.SECONDS, "2 min 5 s"),
        (1234.5, Kind.MILLISECONDS, "1.234 ms"),
    ],
)
def test_numbers_are_written_as_brazilians_do(
    value: float | None, kind: Kind, expected: str
) -> None:
    with speaking("pt_BR"):
        assert shown(value, kind) == expected


def test_a_file_has_plain_numbers_and_no_formulas() -> None:
    columns = [Column(say("Opened")), Column(say("Success"), Kind.SHARE), Column(say("Wait"), Kind.SECONDS)]  # fmt: skip
    lines = [Line("=HYPERLINK(1)", [1234, 0.5, None]), Line("1 Jan", [0, None, 12.4], mark="2026-01-01")]  # fmt: skip
    grid = Grid("days", say("By day"), say("Day"), columns, lines)
    assert "".join(csv_of(grid)).splitlines() == [
        "\ufeffDay,Opened,Success (%),Wait (s)",
        "'=HYPERLINK(1),1234,50.0,",
        "2026-01-01,0,,12",
    ]
    assert "".join(csv_of(grid, ";")).splitlines()[1] == "'=HYPERLINK(1);1234;50,0;"


@pytest.mark.parametrize(
    ("counts", "share", "bucket"),
    [
        ({10: 1}, 0.5, 10),
        ({10: 50, 20: 50}, 0.5, 10),
        ({10: 49, 20: 51}, 0.5, 20),
        ({10: 95, 20: 4, 30: 1}, 0.95, 10),
        ({10: 90, 20: 9, 30: 1}, 0.95, 20),
        ({NO_ANSWER: 99, 5: 1}, 0.5, 5),  # who did not answer has no latency
    ],
)
def test_percentiles_come_from_buckets(counts: dict[int, int], share: float, bucket: int) -> None:
    assert percentile(counts, share) == pytest.approx(GROWTH ** (bucket + 0.5))


def test_without_answers_there_is_no_latency() -> None:
    assert percentile({NO_ANSWER: 3}, 0.5) is None
