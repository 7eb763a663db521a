"""Paths: read as people write them, and always found again as they are spelled."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recado.lib.paths import MISSING, leaves, parse_path, spelled, value_at

ANSWER = {"data": {"id": 881, "tags": ["a", {"b c": None}], "1": "one"}, 'q"': 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data.id", 881),
        ("data.tags[0]", "a"),
        ("data.tags.0", "a"),
        ('data.tags[1]["b c"]', None),
        ("data.tags[1]['b c']", None),
        ("data.1", "one"),  # a name that looks like a number
        ("data['1']", "one"),
        ("['q\"']", 1),
        ("data.tags[2]", MISSING),
        ("data.nothing", MISSING),
        ("data.id.deeper", MISSING),
        ("data.tags.id", MISSING),
    ],
)
def test_a_path_finds_its_value(text: str, expected: object) -> None:
    path = parse_path(text)
    assert path is not None
    assert value_at(ANSWER, path) is expected or value_at(ANSWER, path) == expected


@pytest.mark.parametrize(
    "text", ["", ".", "a..b", "a b", "a[", "a[]", "a[x]", "[0]a", 'a[""]', "a." * 40 + "a", "{{a}}"]
)
def test_what_is_no_path(text: str) -> None:
    assert parse_path(text) is None


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
    max_leaves=20,
)


@given(JSON)
def test_every_leaf_is_found_again_by_its_spelling(value: Any) -> None:
    for path, leaf in leaves(value, ("body",), limit=50):
        if any(isinstance(step, str) and ('"' in step and "'" in step) for step in path):
            continue  # no quotes are left to write it with
        assert parse_path(spelled(path)) == path
        assert value_at({"body": value}, path) == leaf
