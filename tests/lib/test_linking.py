"""Values of an answer as links: each leads to its own path, and nothing foreign gets through."""

import html
import re
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from recado.lib.colouring import pretty_json
from recado.lib.linking import linked_json
from recado.lib.paths import Path, leaves, spelled

_LINK = re.compile(r'<a class="value" href="([^"]*)">')
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)  # fmt: skip


def linked(text: str) -> str:
    return str(linked_json(text, spelled, ("body",)))


@given(JSON)
def test_every_value_leads_to_its_path_and_the_text_stays(value: Any) -> None:
    text = orjson.dumps(value).decode()
    shown = linked(text)
    found: list[Path] = [path for path, leaf in leaves(value, ("body",), limit=99) if leaf not in ([], {}) or leaf in (0, False)]  # fmt: skip
    assert [html.unescape(one) for one in _LINK.findall(shown)] == [spelled(one) for one in found]
    assert html.unescape(re.sub(r"<[^>]*>", "", shown)) == pretty_json(text)


def test_what_is_no_json_is_only_escaped() -> None:
    assert linked("<b>no</b>") == str(escape("<b>no</b>"))


def test_hostile_keys_and_values_stay_text() -> None:
    shown = linked('{"\\"><script>": "<img src=x onerror=alert(1)>"}')
    assert "<script>" not in shown
    assert "<img" not in shown
