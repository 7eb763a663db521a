"""Which conditions let events through: counts over the shapes a tree can have."""

import pytest

from recado.automation.sifting import Sieve
from recado.automation.trees import parse


def _conditions(*joiners: str | None) -> list[dict[str, object]]:
    return [
        {
            "attribute_key": "content", "filter_operator": "contains", "values": [str(at)],
            "query_operator": joiner,
        }
        for at, joiner in enumerate(joiners)
    ]  # fmt: skip


ALL_THREE = _conditions("and", "and", None)
EITHER = _conditions("or", None)
PAIR_OR_ONE = _conditions("and", "or", None)  # (0 and 1) or 2
ONE_AND_EITHER = [
    {**_conditions("and")[0]},
    {"any": _conditions("or", None), "query_operator": None},
]


@pytest.mark.parametrize(
    ("conditions", "events", "held", "alone"),
    [
        (ALL_THREE, [(True, True, True)], [1, 1, 1], [0, 0, 0]),
        (ALL_THREE, [(True, True, False)] * 2, [2, 2, 0], [0, 0, 2]),
        (ALL_THREE, [(True, False, False)], [1, 0, 0], [0, 0, 0]),
        (ALL_THREE, [(True, None, True)], [1, 0, 1], [0, 1, 0]),
        (EITHER, [(False, False)], [0, 0], [1, 1]),
        (EITHER, [(False, True)], [0, 1], [0, 0]),
        (PAIR_OR_ONE, [(True, False, False)], [1, 0, 0], [0, 1, 1]),
        (PAIR_OR_ONE, [(False, False, False)], [0, 0, 0], [0, 0, 1]),
        (ONE_AND_EITHER, [(True, False, False)], [1, 0, 0], [0, 1, 1]),
        (ONE_AND_EITHER, [(False, True, False)], [0, 1, 0], [1, 0, 0]),
        (ALL_THREE, [], [0, 0, 0], [0, 0, 0]),
    ],
)
def test_a_sieve_counts_what_held_and_what_stood_alone_in_the_way(
    conditions: object, events: list[tuple[bool | None, ...]], held: list[int], alone: list[int]
) -> None:
    sieve = Sieve(parse(conditions))
    for results in events:
        sieve.add(results)
    assert [one.held for one in sieve.sifted()] == held
    assert [one.alone for one in sieve.sifted()] == alone
