"""The catalogue of variables, and finding values by name."""

import copy

import orjson
import pytest

from recado.lib.facts import (
    ALIASES,
    KIND_LABELS,
    STANDARD_VARIABLES,
    Facts,
    Kind,
    attribute_variable,
    names_known,
    path_of,
    sample_facts,
    spelling,
    value_of,
    with_values,
)
from recado.lib.languages import Sentence

CPF = attribute_variable("contact", "cpf", Sentence("CPF"), Kind.TEXT, "529.982.247-25")
DOTTED = attribute_variable("conversation", "nº.pedido x", Sentence("Pedido"), Kind.NUMBER)


def test_every_standard_variable_has_its_sample_in_the_sample_facts() -> None:
    facts = sample_facts()
    found = {one.name: value_of(facts, one.name) for one in STANDARD_VARIABLES}
    assert found == {one.name: one.sample for one in STANDARD_VARIABLES}


def test_no_name_stands_twice_and_no_label_is_empty() -> None:
    names = [one.name for one in STANDARD_VARIABLES]
    assert len(names) == len(set(names))
    assert all(str(one.label) for one in STANDARD_VARIABLES)


def test_every_kind_has_a_label() -> None:
    assert set(KIND_LABELS) == set(Kind)


def test_the_first_variables_are_what_a_crm_asks_for() -> None:
    assert [one.name for one in STANDARD_VARIABLES[:5]] == [
        "contact.name",
        "contact.first_name",
        "contact.last_name",
        "contact.email",
        "contact.phone_number",
    ]


def test_samples_are_json() -> None:
    facts = sample_facts([CPF, DOTTED])
    assert orjson.loads(orjson.dumps(facts)) == facts


def test_sample_facts_hold_the_attributes_of_the_account() -> None:
    facts = sample_facts([CPF, DOTTED])
    assert facts["contact"]["custom_attribute"] == {"cpf": "529.982.247-25"}
    assert facts["conversation"]["custom_attribute"] == {"nº.pedido x": 42}


@pytest.mark.parametrize("kind", list(Kind))
def test_an_attribute_of_any_kind_has_a_sample(kind: Kind) -> None:
    variable = attribute_variable("contact", "k", Sentence("K"), kind)
    assert variable.sample is not None


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("contact.name", "contact.name"),
        ("contact.custom_attribute.cpf", "contact.custom_attribute.cpf"),
        ("contact.custom_attribute.cpf_2", "contact.custom_attribute.cpf_2"),
        (
            "contact.custom_attribute.data-de-nascimento",
            "contact.custom_attribute.data-de-nascimento",
        ),
        ("contact.custom_attribute.endereço", "contact.custom_attribute.endereço"),
        ("contact.custom_attribute.my.key", 'contact.custom_attribute["my.key"]'),
        ("contact.custom_attribute.two words", 'contact.custom_attribute["two words"]'),
        ("contact.custom_attribute.2nd", 'contact.custom_attribute["2nd"]'),  # begins with a digit
        ("contact.custom_attribute.-a", 'contact.custom_attribute["-a"]'),
        ('contact.custom_attribute.a"b', "contact.custom_attribute['a\"b']"),
    ],
)
def test_a_name_is_spelled_as_liquid_reads_it(name: str, written: str) -> None:
    assert spelling(name) == written


def test_a_placeholder_is_ready_to_insert() -> None:
    assert CPF.placeholder == "{{ contact.custom_attribute.cpf }}"


def test_the_key_of_a_custom_attribute_is_never_split() -> None:
    assert path_of("contact.custom_attribute.a.b") == ("contact", "custom_attribute", "a.b")
    assert path_of("contact.custom_attribute") == ("contact", "custom_attribute")


def test_known_names_have_the_aliases_of_what_is_known() -> None:
    known = names_known([*STANDARD_VARIABLES, CPF])
    assert {"contact.phone", "contact.phone_number", CPF.name} <= known
    assert "contact.phone" not in names_known([CPF])


def test_an_alias_finds_the_same_value() -> None:
    facts = sample_facts()
    assert {value_of(facts, alias) == value_of(facts, name) for alias, name in ALIASES.items()} == {
        True
    }


@pytest.mark.parametrize(
    "name",
    [
        "nobody.name",
        "contact.nothing",
        "agent.name",
        "contact.name.first",
        "contact.custom_attribute.x",
    ],
)
def test_a_missing_value_is_none(name: str) -> None:
    facts: Facts = {"contact": {"name": "Maria", "custom_attribute": {}}, "agent": None}
    assert value_of(facts, name) is None


def test_other_values_leave_the_facts_as_they_are() -> None:
    facts = sample_facts([CPF])
    before = copy.deepcopy(facts)
    changed = with_values(facts, {"contact.name": "Zé", CPF.name: 1, "contact.phone": "+55"})
    assert facts == before
    assert value_of(changed, "contact.name") == "Zé"
    assert changed["contact"]["custom_attribute"] == {"cpf": 1}
    assert changed["contact"]["phone_number"] == "+55"
    assert changed["contact"]["email"] == facts["contact"]["email"]


def test_values_can_be_set_where_there_is_nobody_yet() -> None:
    assert with_values({"agent": None}, {"agent.name": "Ana", "team.name": "Vendas"}) == {
        "agent": {"name": "Ana"},
        "team": {"name": "Vendas"},
    }


def test_a_name_that_leads_through_a_text_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"contact\.name\.first"):
        with_values(sample_facts(), {"contact.name.first": "Zé"})
