"""Templates: filling in, limits, mistakes, unknown names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recado.lib.facts import (
    STANDARD_VARIABLES,
    Kind,
    attribute_variable,
    names_known,
    sample_facts,
    with_values,
)
from recado.lib.languages import Sentence, speaking
from recado.lib.templating import TemplateError, render_text, render_value, unknown_names

FACTS = with_values(
    sample_facts(),
    {
        "contact.custom_attribute.age": 37,
        "contact.custom_attribute.vip": True,
        "contact.custom_attribute.my.key": "dotted",
        "contact.custom_attribute.nothing": None,
        "contact.custom_attribute.big": 2**63 + 1,
        "contact.custom_attribute.tags": ["a", {"b": [1, None]}],
    },
)
KNOWN = names_known(
    [
        *STANDARD_VARIABLES,
        attribute_variable("contact", "my.key", Sentence("Key"), Kind.TEXT),
        attribute_variable("contact", "cpf", Sentence("CPF"), Kind.TEXT),
    ]
)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("no placeholder", "no placeholder"),
        ("Hi {{ contact.first_name }}!", "Hi Maria!"),
        ("{{contact.first_name}}", "Maria"),
        ("{{ contact.phone }}", "+5511987654321"),  # alias
        ('{{ contact["phone"] }}', "+5511987654321"),
        ("{{ contact.phone | upcase }}", "+5511987654321"),  # alias with a filter
        ("{{ contact.nothing }}|{{ nobody.name }}", "|"),  # missing is empty
        ("{{ contact.custom_attribute.nothing }}", ""),
        ('{{ contact.custom_attribute["my.key"] }}', "dotted"),
        ("{{ contact.custom_attribute.age }}", "37"),
        ("{{ contact.custom_attribute.vip }}", "true"),
        ("{{ contact.custom_attribute.big }}", "9223372036854775809"),
        ("{{ conversation.labels }}", "vip, pedido"),  # a list reads as a list
        ("{{ conversation.labels.size }} {{ conversation.labels[0] }}", "2 vip"),
        ("{{ conversation.labels | join: '+' }}", "vip+pedido"),
        ("{{ contact.custom_attribute.tags }}", 'a, {"b":[1,null]}'),  # never Python's spelling
        ("{{ contact.additional_attributes.city }}", "Recife"),
        ("{{ contact.nothing | default: 'y' }}", "y"),
        ("{{ contact.name | json }}", '"Maria Souza"'),
        ("{% for l in conversation.labels %}{{ forloop }}{% endfor %}", "ForLoop" * 2),
        ("{{ contact.nothing | json }}", "null"),
        ("{{ contact.name.__class__ }}{{ contact.keys }}{{ contact.__len__ }}", ""),  # data only
        ("a\r\nb\r{{ '\r\n' }}", "a\r\nb\r\r\n"),  # line breaks stay
        ("{% if true %}a\r\nb{% endif %}", "a\r\nb"),
        ("{% if contact.email %}y{% else %}n{% endif %}", "y"),
        (
            "{% for l in conversation.labels %}{{ forloop.index }}{{ l }};{% endfor %}",
            "1vip;2pedido;",
        ),
        ("{% for i in (1..3) reversed %}{{ i }}{% endfor %}", "321"),
        ("{% assign x = contact.name | upcase %}{{ x }}", "MARIA SOUZA"),
        ("{% capture x %}<{{ contact.name }}>{% endcapture %}{{ x }}", "<Maria Souza>"),
        ("{% case contact.first_name %}{% when 'Maria' %}M{% else %}?{% endcase %}", "M"),
        ("{% raw %}{{ contact.name }}{% endraw %}", "{{ contact.name }}"),
        ("{% comment %}{{ contact.name }}{% endcomment %}{% # note %}", ""),
        ("{{- contact.first_name -}}  x", "Mariax"),
        ("{{ 'now' | date: '%Y-%m-%d %H:%M' }}", "2026-11-23 12:00"),  # the event's moment
        ("{{ 0 | date: '%Y %H' }} {{ '86400' | date: '%d' }}", "1970 00 02"),  # UTC everywhere
        ("{{ event.at | date: '%d/%m/%Y' }}", "23/11/2026"),
        ("{{ 'no date' | date: '%Y' }}", "no date"),
    ],
)
def test_templates_are_filled_in(source: str, text: str) -> None:
    assert render_text(source, FACTS) == text


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ contact.custom_attribute.age }}", 37),
        ("{{ contact.custom_attribute.age | plus: 0.5 }}", 37.5),
        ("{{ contact.custom_attribute.vip }}", True),
        ("{{ contact.custom_attribute.big }}", 2**63 + 1),
        ("{{ contact.custom_attribute.nothing }}", None),
        ("{{ contact.missing }}", None),
        ("{{ conversation.labels }}", ["vip", "pedido"]),
        ("{{ conversation.labels | size }}", 2),
        ("{{ 'a-b' | split: '-' }}", ["a", "b"]),
        ("{{ contact.custom_attribute.tags | json }}", ["a", {"b": [1, None]}]),
        ("{{ (1..3) }}", [1, 2, 3]),
        ("{{ contact.custom_attribute.age | divided_by: 2.0 }}", 18.5),
        ("{{ empty }}", ""),  # one of Liquid's own words
        ("{{ contact.name }}", "Maria Souza"),
        ("{{ contact.name }}\x00", "Maria Souza\x00"),  # not alone: a text
        ("{{ contact.custom_attribute.age }} years", "37 years"),
    ],
)
def test_a_lone_placeholder_keeps_its_type(source: str, value: object) -> None:
    assert render_value(source, FACTS) == value
    assert type(render_value(source, FACTS)) is type(value)


@given(value=st.text(st.characters(exclude_categories=[]), max_size=200))
@settings(max_examples=100, deadline=None)
def test_a_value_is_never_a_template(value: str) -> None:
    hostile = "{{ contact.email }}{% raw %}" + value
    facts = with_values(FACTS, {"contact.name": hostile})
    expected = "".join("\ufffd" if 0xD800 <= ord(one) <= 0xDFFF else one for one in hostile)
    assert render_text("<{{ contact.name }}>", facts) == f"<{expected}>"
    assert render_text("{% if true %}{{ contact.name }}{% endif %}", facts) == expected


@pytest.mark.parametrize(
    ("source", "words", "position"),
    [
        ("a\n {{ contact.name", "“{{” is never closed", (2, 2)),
        ("x {% if a %", "“{%” is never closed", (1, 3)),
        ("{{ }}", "nothing between", (1, 1)),
        ("{{- -}}", "nothing between", (1, 1)),
        ("{% %}", "no tag name", (1, 1)),
        ("{% inclde 'x' %}", "no tag “inclde”", (1, 1)),
        ("{% include 'x' %}", "no tag “include”", (1, 1)),
        ("{% render 'x' %}", "no tag “render”", (1, 1)),
        ("{% foor a in b %}", "Did you mean “for”?", (1, 1)),
        ("{% raw %}{{", "“raw” is never closed", (1, 1)),
        ("\n{% if a %}x", "“if” is never closed", (2, 1)),
        ("{{ contact.name | upcse }}", "Did you mean “upcase”?", (1, 19)),
        ("{% if a %}{{ a | zzzz }}{% endif %}", "no filter “zzzz”.", (1, 18)),
        ('{{ a | default: \\"y\\" }}', "without a backslash", (1, 17)),
        ("{{ contact..name }}", "cannot read “{{ contact..name }}”", (1, 11)),
        ('ab {{ "x }}', "cannot read", (1, 7)),
        ("{% endif %}", "cannot read", (1, 4)),
        ("{% break %}", "cannot read", (1, 4)),
        ("{% for i in (1..contact.id) %}{% endfor %}", "two plain numbers", (1, 13)),
        ("{% for i in (1..20000) reversed %}{% endfor %}", "two plain numbers", (1, 13)),
        ("{{ 1 | divided_by: 0 }}", "The filter “divided_by” cannot", (1, 8)),
        ("{{ '9' | times: 1 | upcase: 2 }}", "The filter “upcase” cannot", (1, 21)),
        ("{{ '9999999999999999999' | date: '%Y' }}", "The filter “date” cannot", (1, 28)),
        ("{{ contact.name | base64_decode }}", "A filter cannot be used on this value", (1, 1)),
        ("{% if contact.name > 1 %}{% endif %}", "different kinds", (1, 20)),
        ("{% if contact contains conversation.labels %}{% endif %}", "different kinds", None),
        ("{{ 'nan' | plus: 1 }}", "no number", (1, 1)),
        ("{{ '1e999' | times: 1 }}", "no number", (1, 1)),
    ],
)
def test_a_mistake_is_explained_with_its_place(
    source: str, words: str, position: tuple[int, int] | None
) -> None:
    with speaking("en"), pytest.raises(TemplateError) as caught:
        render_text(source, FACTS)
    with speaking("en"):
        assert words in str(caught.value)
    assert caught.value.position == position


LOOP = "{% for i in (1..9000) %}{% endfor %}"
DOUBLING = "{% assign x = message.content %}" + "{% assign x = x | append: x %}" * 30
DOUBLING_LIST = (
    "{% assign x = message.content | split: '' %}" + "{% assign x = x | concat: x %}" * 30
)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (LOOP * 2, "10,000 times"),  # one after the other
        ("{% for i in (1..200) %}{% for j in (1..200) %}{% endfor %}{% endfor %}", "10,000 times"),
        ("x" * (256 * 1024 + 1), "longer than 256 KiB"),
        ("{{ message.content }}" * 5, "longer than 256 KiB"),
        ("{% for i in (1..9) %}{{ message.content }}{% endfor %}", "longer than 256 KiB"),
        ("{{ message.content | replace: '', message.content }}", "longer than 256 KiB"),  # 4 GB
        ("{{ message.content | split: '' | join: message.content }}", "longer than 256 KiB"),
        (DOUBLING, "longer than 256 KiB"),
        (DOUBLING_LIST, "assigned in the template are too large"),
        ("{% if true %}" * 40 + "{% endif %}" * 40, "nested too deeply"),
        ("{% assign a = message.content %}{% assign b = a %}" + "".join(
            f"{{% capture v{n} %}}{{{{ a }}}}{{% endcapture %}}" for n in range(20)
        ), "assigned"),
        ("{{ " + " " * 100_000 + "}}", "nothing between"),  # the parser would need minutes for
        ("{{ " + " " * 100_000, "never closed"),  # each of these
        ("{% " + "a" * 100_000, "never closed"),
        ("{% raw %}" * 20_000, "never closed"),
        ("{% doc %}" * 20_000, "no tag “doc”"),
    ],
)  # fmt: skip
def test_time_and_size_are_bounded(source: str, words: str) -> None:
    facts = with_values(FACTS, {"message.content": "x" * 64 * 1024})
    with speaking("en"), pytest.raises(TemplateError) as caught:
        render_text(source, facts)
    with speaking("en"):
        assert words in str(caught.value)


def test_five_thousand_placeholders_are_no_trouble() -> None:
    assert render_text("{{ contact.first_name }}" * 5000, FACTS) == "Maria" * 5000


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("{{ contact.name }}{{ contact.phone }}", []),
        ("{{ contact.nome }}", [("contact.nome", "contact.name", 1, 4)]),
        ("\n  {{ contct.email }}", [("contct.email", "contact.email", 2, 6)]),
        ("{{ zzz }}", [("zzz", None, 1, 4)]),
        ("{{ now }}", [("now", None, 1, 4)]),  # Liquid's own clock is not ours
        (
            "{{ contact.custom_attributes.cpf }}",
            [("contact.custom_attributes.cpf", "contact.custom_attribute.cpf", 1, 4)],
        ),
        ("{{ contact.custom_attribute.pqr }}", [("contact.custom_attribute.pqr", None, 1, 4)]),
        ('{{ contact.custom_attribute["my.key"] }}', []),
        (
            "{{ contact.custom_attribute.my.key }}",
            [("contact.custom_attribute.my.key", 'contact.custom_attribute["my.key"]', 1, 4)],
        ),
        ("{{ contact.email.domain }}", [("contact.email.domain", None, 1, 4)]),
        ("{{ contact | json }}{{ contact.custom_attribute.size }}", []),  # all that stands in it
        ("{{ contact.custom_attribute[contact.name] }}", []),  # looked up when rendered
        (
            "{{ contact.custom_attribute[contact.nome] }}",
            [("contact.nome", "contact.name", 1, 29)],
        ),
        ("{{ contact.additional_attributes.any.thing }}{{ changes.status[0] }}", []),
        ("{{ conversation.recent_messages[0].content }}{{ contact.email.size }}", []),
        ("{% assign x = contact.name %}{{ x }}{% capture y %}{% endcapture %}{{ y }}", []),
        ("{% for l in conversation.labels %}{{ l }}{{ forloop.last }}{% endfor %}", []),
        (
            "{% for l in conversation.labels %}{% endfor %}{{ l }}",  # the loop is over
            [("l", None, 1, 50)],
        ),
        (
            "{% if contact.nome == 'x' %}{{ contact.x | default: contact.nome }}{% endif %}",
            [
                ("contact.nome", "contact.name", 1, 7),
                ("contact.x", None, 1, 32),
                ("contact.nome", "contact.name", 1, 53),
            ],
        ),
        ("{% raw %}{{ zzz }}{% endraw %}{% comment %}{{ zzz }}{% endcomment %}", []),
    ],
)
def test_unknown_names_are_found_with_the_nearest_known_one(
    source: str, found: list[tuple[str, str | None, int, int]]
) -> None:
    assert [tuple(one) for one in unknown_names(source, KNOWN)] == found


def test_an_unknown_name_is_said_in_the_readers_language() -> None:
    near, far = unknown_names("{{ contact.nome }}{{ zzz }}", KNOWN)
    with speaking("en"):
        assert str(near.sentence) == (
            "There is no variable “contact.nome”. Did you mean “contact.name”?"
        )
        assert str(far.sentence) == "There is no variable “zzz”."
    with speaking("pt_BR"):
        assert "contact.nome" in str(near.sentence)
        assert "There is" not in str(near.sentence)


def test_a_value_that_nothing_can_write_is_an_error() -> None:
    endless: list[object] = []
    for _ in range(100_000):
        endless = [endless]
    facts = {"deep": endless, "digits": 10**5000}
    for source in ("{{ deep }}", "{{ deep | json }}", "{{ digits }}", "{{ digits | json }}"):
        with pytest.raises(TemplateError):
            render_value(source, facts)
