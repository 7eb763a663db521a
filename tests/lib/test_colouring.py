"""JSON in colours: nothing a stranger sends becomes markup, and no character of it changes."""

import html
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recado.lib.colouring import LIMIT, coloured_json, pretty_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _visible(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def test_each_kind_of_piece_has_its_class() -> None:
    coloured = coloured_json('{"a": ["b", -1.5e3, true, null]}')
    assert coloured == (
        '{<span class="tok-key">&#34;a&#34;</span>: [<span class="tok-str">&#34;b&#34;</span>, '
        '<span class="tok-num">-1.5e3</span>, <span class="tok-lit">true</span>, '
        '<span class="tok-lit">null</span>]}'
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",  # not JSON: a page that answered instead of an API
        '{"a": NaN}',  # Python takes it, JSON does not
        '{"a": 1',  # cut off
        "[" * 60_000,  # deeper than any parser's patience
        "",
    ],
)
def test_what_is_not_json_comes_back_plain(text: str) -> None:
    coloured = coloured_json(text)
    assert "<span" not in coloured
    assert html.unescape(coloured) == text
    assert pretty_json(text) == text


def test_markup_inside_a_string_is_escaped() -> None:
    coloured = coloured_json('{"</span><img src=x>": "<b>\\"&"}')
    assert "<img" not in coloured
    assert "<b>" not in coloured


def test_beyond_the_limit_there_are_no_colours() -> None:
    text = json.dumps("x" * LIMIT)
    assert coloured_json(text) == text.replace('"', "&#34;")


def test_a_number_too_large_to_parse_stays_plain() -> None:
    text = "9" * 5_000  # Python refuses to read more than 4,300 digits
    assert coloured_json(text) == text


@given(VALUES)
def test_no_character_is_lost_or_added(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert _visible(coloured_json(text)) == text


@given(VALUES)
def test_laying_out_changes_only_the_space_between(value: object) -> None:
    laid_out = pretty_json(json.dumps(value))
    assert json.loads(laid_out) == value
    assert laid_out == json.dumps(value, indent=2)


def test_numbers_keep_their_digits() -> None:
    assert pretty_json('{"id":9007199254740993,"price":1.10}') == (
        '{\n  "id": 9007199254740993,\n  "price": 1.10\n}'
    )


def test_deep_nesting_does_not_grow_into_a_wall_of_spaces() -> None:
    deep = "[" * 500 + "]" * 500
    assert len(pretty_json(deep)) < 100 * len(deep)
