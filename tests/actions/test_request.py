"""Requests of actions: what is made, what is refused, and how it is said."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from recado.actions.request import (
    BODY_LIMIT,
    BodyKind,
    HeaderTemplate,
    Method,
    RequestTemplate,
    names_used,
    problems_in,
    render,
)
from recado.lib.facts import STANDARD_VARIABLES, names_known, sample_facts, with_values
from recado.lib.languages import speaking
from recado.lib.outcomes import RequestHeader
from recado.lib.templating import TemplateError

KNOWN = names_known(STANDARD_VARIABLES) | {"contact.custom_attribute.age"}
FACTS = with_values(sample_facts(), {"contact.custom_attribute.age": 37})
BARE = RequestTemplate(Method.GET, "https://crm.example.com/", (), BodyKind.NONE)


def posting(body: str, kind: BodyKind = BodyKind.JSON) -> RequestTemplate:
    return replace(BARE, method=Method.POST, body_kind=kind, body=body)


def with_headers(*pairs: tuple[str, str]) -> RequestTemplate:
    return replace(BARE, headers=tuple(HeaderTemplate(*pair) for pair in pairs))


def told(template: RequestTemplate) -> list[tuple[str, str, int | None, int | None]]:
    """The problems as somebody reads them in English."""
    with speaking("en"):
        found = problems_in(template, KNOWN)
        return [(one.field, str(one.sentence), one.line, one.column) for one in found]


def refused(template: RequestTemplate, values: Mapping[str, object]) -> tuple[str, str]:
    """The field and the sentence with which rendering ends."""
    with speaking("en"), pytest.raises(TemplateError) as caught:
        render(template, with_values(FACTS, values))
    with speaking("en"):
        return caught.value.field, str(caught.value)


def test_a_whole_request_is_made() -> None:
    template = RequestTemplate(
        Method.PUT,
        "https://crm.example.com/contacts/{{ contact.id }}?mail={{ contact.email }}",
        (
            HeaderTemplate("X-Name", "{{ contact.name }}"),
            HeaderTemplate("Authorization", "Bearer ", 5),
        ),
        BodyKind.JSON,
        '{\n  "name": "{{ contact.name }}",\n  "age": {{ contact.custom_attribute.age }}\n}\n',
    )
    assert problems_in(template, KNOWN) == []
    request = render(template, FACTS)
    assert request.method == "PUT"
    assert request.url == "https://crm.example.com/contacts/7?mail=maria.souza%40example.com"
    assert request.headers == (
        RequestHeader("Content-Type", "application/json"),
        RequestHeader("X-Name", "Maria Souza"),
        RequestHeader("Authorization", "Bearer ", 5),
    )
    assert request.body == '{\n  "name": "Maria Souza",\n  "age": 37\n}\n'  # layout kept


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ('{"a": {{ contact.id }} }', '{"a": 7 }'),
        ('{"a":{"b":{{contact.id}}}}', '{"a":{"b":7}}'),
        ('{"a": {{ contact.nothing }}, "b": "{{ contact.nothing }}"}', '{"a": null, "b": ""}'),
        ('{"a": {{ contact.name }} }', '{"a": "Maria Souza" }'),  # text gets its quotes
        ("{{ conversation.labels }}", '["vip","pedido"]'),
        ('{"{{ contact.first_name }}": 1}', '{"Maria": 1}'),  # in a name
        ('{"a": "{{ contact.nothing | default: "y" }}"}', '{"a": "y"}'),  # quotes of Liquid
        ('{"a": {{ contact.custom_attribute.age | plus: 1 }} }', '{"a": 38 }'),
        ('{"a": {{ contact.custom_attribute.age | append: "" }} }', '{"a": "37" }'),
        ('{"a": {{ contact.additional_attributes | json }} }', None),  # JSON is not quoted again
        ('{"a": {{- contact.id -}} }', '{"a":7}'),
        ('{"a": 1, "a": 1.0, "n": 12345678901234567890123}', None),  # nothing is tidied up
        ("\t[ 1 ,\r\n2 ]\n", None),
        ('{"a": "{% raw %}{{ x }}{% endraw %}"}', '{"a": "{{ x }}"}'),
        ('{"a": "Ana \\"{{ contact.first_name }}\\" \\n"}', '{"a": "Ana \\"Maria\\" \\n"}'),
        (
            '[{% for l in conversation.labels %}"{{ l }}"{% unless forloop.last %},'
            "{% endunless %}{% endfor %}]",
            '["vip","pedido"]',
        ),
        ('{"a": "{% if contact.email %}yes{% else %}no{% endif %}"}', '{"a": "yes"}'),
        (
            '"{% for l in conversation.labels %}{{ l }}{% break %}{% endfor %}"',
            '"vip"',
        ),
        ('{% assign n = contact.name | upcase %}{"a": {{ n }} }', '{"a": "MARIA SOUZA" }'),
        (
            '{% capture n %}"{{ contact.name }}"{% endcapture %}{"a": "{{ n }}"}',
            '{"a": "\\"Maria Souza\\""}',
        ),
    ],
)
def test_json_bodies(source: str, body: str | None) -> None:
    template = posting(source)
    assert [one for one in told(template) if "no variable" not in one[1]] == []
    made = render(template, FACTS).body
    as_written = source.replace("{{ contact.additional_attributes | json }}", (
        '{"referer":0}' if body else '{"city":"Recife","country":"Brasil","country_code":"BR"}'
    ))  # fmt: skip
    assert made == (body or as_written)


@pytest.mark.parametrize(
    ("body", "words", "line", "column"),
    [
        ("", "Write the JSON", None, None),
        (" \n", "Write the JSON", None, None),
        ('{"a": {{ contact.id }}{{ contact.id }} }', "glued", 1, 7),
        ('{"a": 1{{ contact.id }}}', '"1{{ contact.id }}"', 1, 8),
        ('{"a": {{ contact.id }}px}', '"{{ contact.id }}px"', 1, 7),
        ('{"a": "x"{{ contact.id }}}', "glued", 1, 10),
        ("{\n {{ contact.name }}: 1}", 'A name must stand in quotes: "{{ contact.name }}".', 2, 2),
        ('{"a": "\\{{ contact.name }}"}', "A backslash", 1, 8),
        ('{"a": "{{ contact.name }}",}', "comma too many", 1, 27),
        ('{"a": 1 "b": 2}', "comma is missing", 1, 9),
        ('["{{ contact.name }}"\n "b"]', "comma is missing", 2, 2),
        ('{"a" 1}', "colon is missing", 1, 6),
        ("{'a': 1}", "straight double quotes", 1, 2),
        ('{"a": “b”}', "straight double quotes", 1, 7),
        ('{"a": 1 // no\n}', "no comments", 1, 9),
        ('{"a": nome}', "true, false and null", 1, 7),
        ('{"a": Nome}', "must stand a value", 1, 7),
        ('{"a": NaN}', "must stand a value", 1, 7),
        ('{"a": -Infinity}', "not a number", 1, 8),
        ('{"a": 007}', "begin with 0", 1, 7),
        ('{"a": 1', "ends too early", 1, 8),
        ('{"a": "x}', "never closed", 1, 7),
        ('{"a": 1}}', "after the end", 1, 9),
        ('{"a": "x\ny"}', "write \\n for a line break", 1, 9),
        ('{"a": "\\x"}', "After a backslash", 1, 8),
        ('{"a": "\\ud83d"}', "half of a character", 1, 8),
        ('{"a": 1e999}', "too large", 1, 7),
        ("[" * 1100 + "]" * 1100, "nested too deeply", 1, 1026),
        ('{"a": "é", "b": {{ contact.name }} x}', "comma is missing", 1, 36),
        ('{"a": {{ contact.nome }} }', "Did you mean “contact.name”?", 1, 10),
        ('{"a": "{{ contact.name | upcse }}"}', "Did you mean “upcase”?", 1, 26),
        ('{"a": "{{ contact.name "}', "never closed", 1, 8),
        ('{"a": "{% if contact.email %}x"{% else %}y"{% endif %}}', "inside of a tag", 1, 11),
        # leaving a loop inside of its quotes would turn inside out whatever follows
        (
            '[{% for l in conversation.labels %}"{{ l }}{% if l == "a" %}{% break %}{% endif %}",'
            '{% endfor %} "{{ contact.name }}"]',
            "inside of a tag",
            1,
            64,
        ),
        # for a contact without e-mail a comma would be left over
        ('{"a":1, {% if contact.email %}"e":1{% endif %}}', "comma too many", None, None),
        ('{"a":1 {% if contact.email %} "e":1{% endif %}}', "comma is missing", None, None),
    ],
)
def test_a_wrong_json_body_is_explained(
    body: str, words: str, line: int | None, column: int | None
) -> None:
    found = told(posting(body))
    assert len(found) == 1
    assert found[0][0] == "body"
    assert words in found[0][1]
    assert found[0][2:] == (line, column)


def test_tags_that_make_no_json_of_some_values_send_nothing() -> None:
    body = '{"a": {% if contact.id == 7 %}1{% endif %}}'
    field, sentence = refused(posting(body), {"contact.id": 8})
    assert field == "body"
    assert 'near “{"a": }”: Here must stand a value' in sentence


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("name = {{ contact.name }}\n\nid={{ contact.id }}\n", "name=Maria+Souza&id=7"),
        ("a b=1=2", "a+b=1%3D2"),  # split at the first =
        ("empty =", "empty="),
        ("ação = {{ contact.nothing }}", "a%C3%A7%C3%A3o="),
        ("x = {{ contact.name | default: 'a=b' }}\r\ny = 1", "x=Maria+Souza&y=1"),
        ("x = {% if contact.id == 7 %}seven{% endif %}", "x=seven"),
    ],
)
def test_form_bodies(source: str, body: str) -> None:
    template = posting(source, BodyKind.FORM)
    request = render(template, FACTS)
    assert request.body == body
    assert request.headers[0].value == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("", (None, None)),
        ("a = 1\nb", (2, 1)),
        ("= 1", (1, 1)),
        ("{{ contact.name }} = 1", (1, 1)),  # names are fixed
        ("a = 1\nbb = {{ contact.name", (2, 6)),
        ("a = {{ contact.nome }}", (1, 8)),
    ],
)
def test_a_wrong_form_is_explained(source: str, place: tuple[int | None, int | None]) -> None:
    found = told(posting(source, BodyKind.FORM))
    assert [(one[0], one[2:]) for one in found] == [("body", place)]


def test_text_goes_out_as_it_is() -> None:
    template = posting("<a>{{ contact.name }} & co</a>\r\n", BodyKind.TEXT)
    request = render(template, FACTS)
    assert request.body == "<a>Maria Souza & co</a>\r\n"
    assert request.headers == (RequestHeader("Content-Type", "text/plain; charset=utf-8"),)


def test_an_own_content_type_replaces_the_usual_one() -> None:
    template = replace(posting("<a/>", BodyKind.TEXT), headers=(
        HeaderTemplate("content-type", "application/xml"),
    ))  # fmt: skip
    assert render(template, FACTS).headers == (RequestHeader("content-type", "application/xml"),)


@pytest.mark.parametrize(
    ("method", "kind", "body", "sent"),
    [
        (Method.GET, BodyKind.NONE, "kept in the form", None),
        (Method.POST, BodyKind.NONE, "{", None),
        (Method.DELETE, BodyKind.NONE, "", None),
        (Method.DELETE, BodyKind.JSON, "", None),  # left empty: none is meant
        (Method.GET, BodyKind.JSON, " ", None),
        (Method.DELETE, BodyKind.JSON, "[1]", "[1]"),
        (Method.POST, BodyKind.TEXT, "", ""),
    ],
)
def test_when_there_is_a_body(method: Method, kind: BodyKind, body: str, sent: str | None) -> None:
    template = replace(BARE, method=method, body_kind=kind, body=body)
    assert told(template) == []
    request = render(template, FACTS)
    assert request.body == sent
    assert (request.headers == ()) == (sent is None)


def test_a_get_request_has_no_body() -> None:
    found = told(replace(posting("{}"), method=Method.GET))
    assert found == [
        ("body", "A GET request has no body. Choose a request without one.", None, None)
    ]


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://crm.example.com/{{ contact.name }}", "https://crm.example.com/Maria%20Souza"),
        ("http://crm.example.com:8080?q={{ contact.id }}", "http://crm.example.com:8080?q=7"),
        (
            "https://x.com/ação?ç={{ contact.first_name }}",
            "https://x.com/a%C3%A7%C3%A3o?%C3%A7=Maria",
        ),
        ("https://x.com/a%2Fb/{{ contact.nothing | default: 'a/b' }}", "https://x.com/a%2Fb/a%2Fb"),
        ("https://x.com/{% if contact.id == 7 %}vip/{% endif %}a", "https://x.com/vip/a"),
        ("https://x.com/a.{{ contact.id }}..b", "https://x.com/a.7..b"),
        ("https://x.com//a/?q={{ contact.nothing }}", "https://x.com//a/?q="),
    ],
)
def test_urls(url: str, sent: str) -> None:
    assert render(replace(BARE, url=url), FACTS).url == sent


@pytest.mark.parametrize(
    ("url", "words", "column"),
    [
        ("", "begin with http", None),
        ("ftp://x.com/", "begin with http", None),
        ("x.com/a", "begin with http", None),
        ("{{ contact.name }}", "only in the path and query", 1),
        ("https://{{ contact.name }}/", "only in the path and query", 9),
        ("https://crm.{{ contact.name }}.com/", "only in the path and query", 13),
        ("https://x.com:{{ contact.id }}/", "only in the path and query", 15),
        ("https://{{ contact.name | default: 'a/b' }}/", "only in the path and query", 9),
        ("https://{% if contact.id %}a{% endif %}.com/", "only in the path and query", 9),
        ("https://ana:secret@x.com/", "user name or password", None),
        ("https://x.com\\@evil.com/", "backslashes", None),
        ("https://x.com/a b", "spaces", None),
        ("https://x.com/\n", "line breaks", None),
        ("https://x.com/../a", "“..”", None),
        ("https://x.com/%2E%2e/a", "“..”", None),
        ("https://x.com/#{{ contact.id }}", "“#”", None),
        ("https://x.com/{{ contact.id", "never closed", 15),
        ("https://x.com/{{ contact.ids }}", "Did you mean “contact.id”?", 18),
    ],
)
def test_a_wrong_url_is_explained(url: str, words: str, column: int | None) -> None:
    found = told(replace(BARE, url=url))
    assert [one[0] for one in found] == ["url"]
    assert words in found[0][1]
    assert found[0][3] == column


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("a/{{ contact.name }}/b", "", "has no value"),
        ("{{ contact.name }}", None, "has no value"),  # DELETE /contacts/ would hit them all
        ("a/{{ contact.name }}/b", "..", "“..”"),
        ("a/.{{ contact.name }}/b", ".", "“..”"),
        ("a/%2E{{ contact.name }}", ".", "“..”"),
        ("a?q={{ contact.name }}", "x" * 9000, "longer than"),
    ],
)
def test_values_that_would_change_the_url_send_nothing(
    path: str, value: str | None, words: str
) -> None:
    field, sentence = refused(replace(BARE, url=f"https://x.com/{path}"), {"contact.name": value})
    assert field == "url"
    assert words in sentence


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Enter the header's name"),
        ("X Name", "no spaces"),
        ("X-Name:", "no spaces"),
        ("X-Ação", "letters, digits"),
        ("{{ contact.name }}", "letters, digits"),
        ("Host", "as the connection needs it"),
        ("content-length", "as the connection needs it"),
        ("Transfer-Encoding", "as the connection needs it"),
        ("Connection", "as the connection needs it"),
        ("webhook-id", "rely on it"),
        ("Webhook-Timestamp", "rely on it"),
        ("webhook-signature", "rely on it"),
        ("Idempotency-Key", "rely on it"),
    ],
)
def test_a_wrong_header_name_is_explained(name: str, words: str) -> None:
    found = told(with_headers(("X-Good", "1"), (name, "1")))
    assert [one[0] for one in found] == ["headers.1.name"]
    assert words in found[0][1]


def test_a_header_stands_once() -> None:
    found = told(with_headers(("X-A", "1"), ("User-Agent", "mine"), (" x-a ", "2")))
    assert found == [("headers.2.name", "The header x-a is there already.", None, None)]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a\nb", "The header X-A contains a line break."),
        ("a\x00b", "The header X-A contains a control character."),
        ("{{ contact.name", "never closed"),
        ("{{ contact.nome }}", "Did you mean “contact.name”?"),
    ],
)
def test_a_wrong_header_value_is_explained(value: str, words: str) -> None:
    found = told(with_headers(("X-A", value)))
    assert [one[0] for one in found] == ["headers.0.value"]
    assert words in found[0][1]


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb"])
def test_a_line_break_in_a_header_sends_nothing(value: str) -> None:
    template = with_headers(("X-A", "1"), ("X-Name", "{{ contact.name }}"))
    field, sentence = refused(template, {"contact.name": value})
    assert (field, sentence) == ("headers.1.value", "The header X-Name contains a line break.")


@pytest.mark.parametrize("value", ["ação", "名前", "嘊嘍", "a\tb"])
def test_other_characters_stay_in_headers(value: str) -> None:
    template = with_headers(("X-Name", " {{ contact.name }} "))
    facts = with_values(FACTS, {"contact.name": value})
    assert render(template, facts).headers[0].value == value


def test_what_stands_before_a_secret_keeps_its_space() -> None:
    headers = (HeaderTemplate("Authorization", " Token {{ contact.id }} ", 3),)
    assert render(replace(BARE, headers=headers), FACTS).headers == (
        RequestHeader("Authorization", "Token 7 ", 3),
    )


@pytest.mark.parametrize(
    ("template", "field", "words"),
    [
        (posting('{"a": "{{ message.content }}"}'), "body", "256 KiB"),
        (posting("{{ message.content }}", BodyKind.TEXT), "body", "256 KiB"),
        (posting("a = {{ message.content }}", BodyKind.FORM), "body", "256 KiB"),
        (
            with_headers(("X-A", "{{ contact.name }}"), ("X-B", "{{ contact.name }}")),
            "headers",
            "16 KiB",
        ),
    ],
)
def test_limits_are_told_and_nothing_is_sent(
    template: RequestTemplate, field: str, words: str
) -> None:
    long = {"message.content": "é" * (BODY_LIMIT // 2 + 1), "contact.name": "x" * 8190}
    found, sentence = refused(template, long)
    assert (found, words in sentence) == (field, True)


def test_everything_wrong_is_told_at_once() -> None:
    template = RequestTemplate(
        Method.POST,
        "https://{{ contact.name }}/{{ contact.nome }}",
        (HeaderTemplate("Host", "{{ contact.nome }}"), HeaderTemplate("", "a\nb")),
        BodyKind.JSON,
        '{"a": {{ contact.nome }}, "b": }',
    )
    assert [one[0] for one in told(template)] == [
        *("url", "url", "headers.0.name", "headers.0.value", "headers.1.name", "headers.1.value"),
        *("body", "body"),
    ]


def test_the_names_that_a_template_reads() -> None:
    template = RequestTemplate(
        Method.POST,
        "https://x.com/{{ contact.id }}",
        (HeaderTemplate("X-A", "{{ contact.name }}"),),
        BodyKind.JSON,
        '{"a": "{{ contact.name }} {{ contact.custom_attribute["a.b"] }}"}',
    )
    assert names_used(template) == [
        "contact.id",
        "contact.name",
        "contact.custom_attribute.a.b",
    ]


def test_problems_are_told_in_the_readers_language() -> None:
    (problem,) = problems_in(posting('{"a": 1,}'), KNOWN)
    said = set()
    for language in ("pt_BR", "en", "es"):
        with speaking(language):
            said.add(str(problem.sentence))
    assert len(said) == 3
