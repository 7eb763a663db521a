"""No contact's data can break a request: any value in any template, by construction."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recado.actions.request import BodyKind, HeaderTemplate, Method, RequestTemplate, render
from recado.lib.facts import Facts
from recado.lib.templating import TemplateError

quick = settings(max_examples=100, deadline=None)

HOSTILE = [
    'He said "hi"\n😀',
    "\\",
    '\\"',
    '"},"admin":true,{"a":"',
    "{{ contact.email }}",
    "{% raw %}",
    "}}",
    "\r\nX-Injected: 1",
    "\x00\x1f\x7f\x85\u2028\u2029",
    "\ud800",
    "\udc00 \ud83d",
    "../../admin",
    "a/b?c=d&e=f#g",
    "%2e%2e%2f",
    "&=+ ;",
    "</script>",
    "\u202eevil",
    "嘊嘍",  # their low bytes are LF and CR
    "''; drop table",
    "$(reboot) `id`",
    "null",
    "0012",
]
texts = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=[]), max_size=30)
numbers = (
    st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([2**53 + 1, -(2**63), 10**30, 0, -0.0, 1e300, 5e-324])
)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
NAMES = ("a", "b", "c", "d")
all_facts = st.fixed_dictionaries(dict.fromkeys(NAMES, values))
spaces = st.sampled_from(["", " ", "\n", "\t", "\r\n  "])


def cleaned(value: Any) -> Any:
    """The value as UTF-8 can carry it."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [cleaned(one) for one in value]
    if isinstance(value, dict):
        return {cleaned(key): cleaned(one) for key, one in value.items()}
    return value


def as_text(value: Any) -> str:
    """What a value reads as inside quotes."""
    if isinstance(value, str):
        return str(cleaned(value))
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(
            compact(one) if isinstance(one, list | dict) else as_text(one) for one in value
        )
    return compact(value)


def compact(value: Any) -> str:
    return json.dumps(cleaned(value), ensure_ascii=False, separators=(",", ":"))


def placeholder(name: str) -> str:
    return "{{ " + name + " }}"


@st.composite
def bodies(draw: st.DrawFn, facts: Facts, depth: int = 3) -> tuple[str, Any]:
    """A JSON template and what it must become with these facts."""
    kind = draw(
        st.sampled_from(["value", "string", "literal", "list", "object"][: 5 if depth else 3])
    )
    if kind == "value":
        name = draw(st.sampled_from(NAMES))
        return placeholder(name), cleaned(facts[name])
    if kind == "string":
        return draw(strings(facts))
    if kind == "literal":
        return draw(st.sampled_from([("null", None), ("-1.5e3", -1500.0), ("true", True)]))
    if kind == "list":
        items = draw(st.lists(bodies(facts, depth - 1), max_size=3))
        between = f"{draw(spaces)},{draw(spaces)}"
        return f"[{between.join(one[0] for one in items)}]", [one[1] for one in items]
    pairs = draw(st.lists(st.tuples(strings(facts), bodies(facts, depth - 1)), max_size=3))
    inside = ",".join(f"{key[0]}{draw(spaces)}:{draw(spaces)}{one[0]}" for key, one in pairs)
    return "{" + inside + draw(spaces) + "}", {key[1]: one[1] for key, one in pairs}


@st.composite
def strings(draw: st.DrawFn, facts: Facts) -> tuple[str, str]:
    """Literal text and placeholders inside quotes."""
    source, meaning = "", ""
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from((*NAMES, "")))
        if name:
            source += placeholder(name) if draw(st.booleans()) else f"{{{{{name}}}}}"
            meaning += as_text(facts[name])
        else:
            literal = draw(st.text("ab \\\"'\n{}é😀\x01/:,[]", max_size=6)).replace("{", "{ ")
            source += json.dumps(literal, ensure_ascii=draw(st.booleans()))[1:-1]
            meaning += literal
    return f'"{source}"', meaning


def body_of(source: str, facts: Facts, kind: BodyKind = BodyKind.JSON) -> str:
    template = RequestTemplate(Method.POST, "https://example.com/", (), kind, source)
    return render(template, facts).body or ""


@given(data=st.data(), facts=all_facts)
@settings(max_examples=150, deadline=None)
def test_a_json_body_is_what_its_template_means(data: st.DataObject, facts: Facts) -> None:
    source, meaning = data.draw(bodies(facts))
    body = body_of(source, facts)
    orjson.loads(body)  # the strictest reader
    assert json.loads(body) == meaning  # every digit kept
    assert type(json.loads(body)) is type(meaning)


@given(value=values)
@example(value=2**53 + 1)
@example(value={"deep": [[[[{"er": [None, True, 1.0, 2**63]}]]]]})
@example(value="x\ud800" * 30_000)
@quick
def test_a_lone_placeholder_keeps_its_type(value: Any) -> None:
    body = body_of('{"v":{{ a }}}', {"a": value})
    again = json.loads(body)["v"]
    assert again == cleaned(value)
    assert type(again) is type(value)


@given(value=texts)
@quick
def test_text_inside_quotes_comes_back_as_it_was(value: str) -> None:
    source = '{"{{ a }}": "<{{ a }}>", "f": "{{ a | append: a }}", "u": {{ a | default: null }}}'
    body = json.loads(body_of(source, {"a": value, "b": "never expanded"}))
    own = cleaned(value)
    assert body == {own: f"<{own}>", "f": own + own, "u": own or None}


def test_64_kb_of_what_needs_escaping_come_back_as_they_were() -> None:
    value = '"\\\n\x00{{ b }}\ud800😀\u2028' * 5_000
    assert len(value) > 64 * 1024
    body = json.loads(body_of('{"a": "{{ a }}"}', {"a": value, "b": "never expanded"}))
    assert (body["a"] == cleaned(value)) is True


@given(values=st.lists(texts, max_size=4), name=texts)
@quick
def test_tags_around_values_are_as_safe(values: list[str], name: str) -> None:
    source = """{"all": [{% for v in a %}{"v": "{{ v }}", "raw": {{ v }} }
      {%- unless forloop.last %},{% endunless %}{% endfor %}],
      "name": "{% if b %}<{{ b }}>{% else %}nobody{% endif %}"}"""
    body = json.loads(body_of(source, {"a": values, "b": name}))
    assert body["all"] == [{"v": cleaned(v), "raw": cleaned(v)} for v in values]
    assert body["name"] == f"<{cleaned(name)}>"  # in Liquid an empty text is true


@given(fields=st.dictionaries(st.sampled_from(NAMES), texts, min_size=1))
@quick
def test_form_fields_come_back_as_they_were(fields: dict[str, str]) -> None:
    source = "\n".join(f"{name} = {placeholder(name)}" for name in fields)
    body = body_of(source, fields, BodyKind.FORM)
    again = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
    assert again == {name: cleaned(value) for name, value in fields.items()}


@given(value=texts)
@quick
def test_plain_text_is_as_written(value: str) -> None:
    source, facts = "<n>{{ a }}</n>\r\n", {"a": value}
    if "\0" in value:
        with pytest.raises(TemplateError):
            body_of(source, facts, BodyKind.TEXT)
    else:
        assert body_of(source, facts, BodyKind.TEXT) == f"<n>{cleaned(value)}</n>\r\n"


@given(first=texts, second=texts, third=texts)
@quick
def test_a_url_keeps_its_shape(first: str, second: str, third: str) -> None:
    source = "https://example.com/a/{{ a }}/b-{{ b }}?q={{ c }}&r={{ a }}{{ b }}&s"
    template = RequestTemplate(Method.GET, source, (), BodyKind.NONE)
    facts = {"a": first, "b": second, "c": third}
    if first in ("", ".", ".."):
        with pytest.raises(TemplateError):
            render(template, facts)
        return
    url = render(template, facts).url
    parts = urlsplit(url)
    assert url.isascii()
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "example.com", "")
    assert [unquote(one) for one in parts.path.split("/")] == [
        *("", "a", cleaned(first), "b-" + cleaned(second)),
    ]
    assert parse_qsl(parts.query, keep_blank_values=True) == [
        ("q", cleaned(third)),
        ("r", cleaned(first) + cleaned(second)),
        ("s", ""),
    ]


@given(value=texts)
@quick
def test_no_header_ever_holds_a_control_character(value: str) -> None:
    headers = (HeaderTemplate("X-Name", "<{{ a }}>"),)
    template = RequestTemplate(Method.GET, "https://example.com/", headers, BodyKind.NONE)
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
        with pytest.raises(TemplateError) as caught:
            render(template, {"a": value})
        assert caught.value.field == "headers.0.value"
        return
    sent = render(template, {"a": value}).headers[0].value
    assert sent == f"<{cleaned(value)}>"
    assert sent.encode()  # nothing that UTF-8 cannot carry
