"""Flat lists and trees."""

from typing import Any

import pytest

from recado.automation.trees import AllOf, AnyOf, Leaf, parse, to_flat, to_json
from tests.automation.rules import row


def leaf(key: str) -> Leaf:
    return Leaf(key, "is_present", [], "")


def rows(*parts: str) -> list[Any]:
    """ "a or b and c" as the API's flat list."""
    return [
        row(key, "is_present", then=joiner or None)
        for key, joiner in zip(parts[::2], [*parts[1::2], ""], strict=True)
    ]


A, B, C, D = (leaf(key) for key in "abcd")


@pytest.mark.parametrize(
    ("flat", "tree"),
    [
        (rows("a"), A),
        (rows("a", "and", "b"), AllOf((A, B))),
        (rows("a", "or", "b"), AnyOf((A, B))),
        (rows("a", "or", "b", "and", "c"), AnyOf((A, AllOf((B, C))))),
        (rows("a", "and", "b", "or", "c"), AnyOf((AllOf((A, B)), C))),
        (rows("a", "and", "b", "or", "c", "and", "d"), AnyOf((AllOf((A, B)), AllOf((C, D))))),
        ([], AllOf(())),
    ],
)
def test_a_flat_list_and_its_tree_are_the_same(flat: Any, tree: Any) -> None:
    assert parse(flat) == tree
    assert to_flat(tree) == flat
    assert to_json(tree) == flat


def test_groups_that_need_no_group_are_written_flat() -> None:
    tree = parse([{"any": [row("a", "is_present"), {"all": rows("b", "and", "c")}]}])
    assert to_flat(tree) == rows("a", "or", "b", "and", "c")


def test_groups_that_are_needed_are_kept() -> None:
    tree = AllOf((A, AnyOf((B, C))))
    assert to_flat(tree) is None
    assert parse(to_json(tree)) == tree


def test_every_condition_knows_its_place() -> None:
    tree = parse([row("a", "is_present", then="and"), {"any": rows("b", "or", "c")}])
    assert isinstance(tree, AllOf)
    last = tree.children[1]
    assert isinstance(last, AnyOf)
    assert [one.place for one in last.children if isinstance(one, Leaf)] == [
        "conditions.1.any.0",
        "conditions.1.any.1",
    ]
