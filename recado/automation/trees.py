"""The shape of conditions: the API's flat list, and the tree that it means.

A flat list is read with AND binding tighter than OR. An item of the list, or of a group, may be a
group itself: `{"all": [...]}` or `{"any": [...]}`, which the API of others does not know.
`parse` reads anything without raising; `checking.problems_in` says what is wrong with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

DEEPEST: Final = 8  # groups inside groups


class Joiner(StrEnum):
    """How a row is joined with the next one."""

    AND = "and"
    OR = "or"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition as it was written; `values` is its JSON, unchecked.

    `place` is its path ("conditions.0", "conditions.2.any.1"). An item that cannot be read is a
    Leaf without an attribute key.
    """

    attribute_key: str
    operator: str
    values: object = ()
    model: str = ""
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every child holds."""

    children: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when at least one child holds."""

    children: "tuple[Tree, ...]"


Tree = Leaf | AllOf | AnyOf
Stored = dict[str, Any]  # an item of the conditions' JSON


def parse(conditions: object) -> Tree:
    """The tree that a list of conditions means. Nothing at all is an empty AllOf."""
    items = conditions if isinstance(conditions, list) else []
    alternatives: list[list[Tree]] = [[]]
    for number, item in enumerate(items):
        alternatives[-1].append(_item(item, f"conditions.{number}", 1))
        if joiner_of(item) == Joiner.OR and number + 1 < len(items):
            alternatives.append([])
    return _any_of([_all_of(together) for together in alternatives])


def joiner_of(item: object) -> Joiner | None:
    """How an item is joined with the next; None for a blank, missing or unknown joiner."""
    written = item.get("query_operator") if isinstance(item, Mapping) else None
    try:
        return Joiner(written.lower()) if isinstance(written, str) else None
    except ValueError:
        return None


def group_of(item: Mapping[str, object]) -> str | None:
    """Which kind of group an item is: "all", "any", or None for a leaf."""
    return next((kind for kind in ("all", "any") if kind in item), None)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Every condition in the order in which it was written."""
    if isinstance(tree, Leaf):
        yield tree
        return
    for child in tree.children:
        yield from leaves(child)


def to_flat(tree: Tree) -> list[Stored] | None:
    """The API's flat list, or None when the tree needs groups."""
    alternatives = tree.children if isinstance(tree, AnyOf) else (tree,)
    rows: list[Stored] = []
    for alternative in alternatives:
        together = alternative.children if isinstance(alternative, AllOf) else (alternative,)
        for leaf in together:
            if not isinstance(leaf, Leaf):
                return None
            rows.append(_row(leaf) | {"query_operator": Joiner.AND.value})
        if rows:
            rows[-1]["query_operator"] = Joiner.OR.value
    if rows:
        rows[-1]["query_operator"] = None
    return rows


def to_json(tree: Tree) -> list[Stored]:
    """What is stored for a tree: the flat list where possible, otherwise one group."""
    flat = to_flat(tree)
    return [_grouped(tree)] if flat is None else flat


def _item(item: object, place: str, depth: int) -> Tree:
    if not isinstance(item, Mapping) or depth > DEEPEST:
        return Leaf("", "", place=place)
    kind = group_of(item)
    if kind is None:
        return _leaf(item, place)
    children = item[kind] if isinstance(item[kind], list) else []
    inside = [
        _item(child, f"{place}.{kind}.{number}", depth + 1) for number, child in enumerate(children)
    ]
    if not inside:
        return Leaf("", "", place=place)
    return _all_of(inside) if kind == "all" else _any_of(inside)


def _leaf(item: Mapping[str, object], place: str) -> Leaf:
    return Leaf(
        attribute_key=_text(item.get("attribute_key")),
        operator=_text(item.get("filter_operator")),
        values=item.get("values"),
        model=_text(item.get("custom_attribute_type")),
        place=place,
    )


def _text(written: object) -> str:
    return written.strip() if isinstance(written, str) else ""


def _all_of(children: list[Tree]) -> Tree:
    return children[0] if len(children) == 1 else AllOf(tuple(children))


def _any_of(children: list[Tree]) -> Tree:
    return children[0] if len(children) == 1 else AnyOf(tuple(children))


def _row(leaf: Leaf) -> Stored:
    return {
        "attribute_key": leaf.attribute_key,
        "filter_operator": leaf.operator,
        "values": leaf.values,
        "custom_attribute_type": leaf.model,
    }


def _grouped(tree: Tree) -> Stored:
    if isinstance(tree, Leaf):
        return _row(tree)
    kind = "all" if isinstance(tree, AllOf) else "any"
    return {kind: [_grouped(child) for child in tree.children]}
