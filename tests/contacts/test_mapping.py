"""Which column is what, and what a row says."""

from typing import Any

import pytest

from recado.contacts.keeping_imports import country_of
from recado.contacts.mapping import chosen, guessed, looks_like_a_contact, mapping_problem
from recado.contacts.models import AttributeKind, AttributeModel, CustomAttribute
from recado.contacts.reading_rows import contact_in, labels_in
from tests.people import NOW

ZONE = "America/Sao_Paulo"


def attribute(key: str, kind: str, name: str = "", **more: Any) -> CustomAttribute:
    return CustomAttribute(
        account_id=1, name=name or key, key=key, kind=kind, model=AttributeModel.CONTACT,
        created_at=NOW, updated_at=NOW, **more,
    )  # fmt: skip


OWN = [
    attribute("plano", AttributeKind.LIST, "Plano", choices=["Ouro", "Prata"]),
    attribute("limite", AttributeKind.CURRENCY, "Limite de crédito"),
    attribute("desde", AttributeKind.DATE, "Cliente desde"),
    attribute("ativo", AttributeKind.CHECKBOX, "Ativo"),
    attribute("codigo", AttributeKind.TEXT, "Código"),
]


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        ("Nome;E-mail;Telefone;Empresa", "name email phone_number company_name"),
        ("NOME COMPLETO;e_mail;Celular;Cidade", "name email phone_number city"),
        ("Name;Email address;Phone number;Tags", "name email phone_number labels"),
        ("Nombre;Correo electrónico;Teléfono;País", "name email phone_number country"),
        ("First name;Last Name;Mobile", "first_name last_name phone_number"),
        ("Primeiro nome;Sobrenome;WhatsApp", "first_name last_name phone_number"),
        ("id;name;email;phone_number;identifier", "id name email phone_number identifier"),
        ("id;name;email", "identifier name email"),  # another system's number
        ("Nome;Nome;Observações", "name - -"),  # each field once
        ("Limite de crédito;Cliente desde;PLANO", "custom:limite custom:desde custom:plano"),
        ("Código;E-mail", "custom:codigo email"),  # the account's own word comes first
    ],
)
def test_columns_are_guessed_in_three_languages(headings: str, fields: str) -> None:
    expected = ["" if one == "-" else one for one in fields.split()]
    assert guessed(headings.split(";"), OWN) == expected


@pytest.mark.parametrize(
    ("first", "is_one"),
    [
        ("Maria Silva;maria@x.example;", True),
        ("Maria;(11) 91234-5678", True),
        ("Nome;E-mail;Telefone 1", False),
        ("Nome;E-mail @ trabalho", False),
        ("2024;2025", False),
    ],
)
def test_a_contact_in_the_place_of_headings_is_noticed(first: str, is_one: bool) -> None:
    assert looks_like_a_contact(first.split(";")) is is_one


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (["name", ""], None),
        (["first_name"], None),
        (["phone_number", "custom:plano"], None),
        (["", ""], "Choose a column for name"),
        (["city"], "Choose a column for name"),
        (["email", "email"], "Two columns are “E-mail”"),
    ],
)
def test_what_is_too_little_to_import(fields: list[str], problem: str | None) -> None:
    found = mapping_problem(fields)
    assert (found is None) if problem is None else problem in str(found)


def test_only_what_is_offered_can_be_chosen() -> None:
    form = {"column-0": "name", "column-1": "account_id", "column-2": "custom:plano"}
    assert chosen(form, 4, OWN) == ["name", "", "custom:plano", ""]


@pytest.mark.parametrize(
    ("field", "cell", "kept"),
    [
        ("custom:limite", "1.234,56", 1234.56),
        ("custom:limite", "12,5", 12.5),
        ("custom:limite", "1.234", 1234),  # as it is written where commas part decimals
        ("custom:limite", "12.5", 12.5),
        ("custom:desde", "31/12/2025", "2025-12-31"),
        ("custom:desde", "31/12/2025 00:00", "2025-12-31"),
        ("custom:desde", "1.2.2025 9:30:15", "2025-02-01"),
        ("custom:desde", "1.2.2025", "2025-02-01"),
        ("custom:desde", "2025-12-31", "2025-12-31"),
        ("custom:desde", "2025-12-31T02:00:00Z", "2025-12-30"),
        ("custom:ativo", "Sim", True),
        ("custom:ativo", "não", False),
        ("custom:ativo", "X", True),
        ("custom:plano", "OURO", "Ouro"),
    ],
)
def test_values_are_read_as_people_write_them(field: str, cell: str, kept: object) -> None:
    read = contact_in(["Maria", cell], ["name", field], OWN, time_zone=ZONE)
    assert read.problem is None
    assert read.draft.custom_attributes == {field.removeprefix("custom:"): kept}


@pytest.mark.parametrize(
    ("field", "cell", "why"),
    [
        ("email", "maria(at)x", "This is not an e-mail address."),
        ("phone_number", "1234", "Enter the number with its country"),
        ("custom:plano", "Bronze", "Choose one of: Ouro, Prata."),
        ("custom:desde", "31/02/2025", "Enter a date as 2026-12-31."),
        ("custom:limite", "muito", "Enter a number"),
        ("name", "x" * 256, "Use at most 255 characters."),
    ],
)
def test_a_wrong_cell_is_named(field: str, cell: str, why: str) -> None:
    read = contact_in([cell], [field], OWN, time_zone=ZONE, country="BR")
    assert read.problem is not None
    assert read.problem.field == field
    assert why in str(read.problem.why)


def test_a_row_that_names_nobody_is_refused() -> None:
    read = contact_in(["Recife"], ["city"], OWN, time_zone=ZONE)
    assert read.problem is not None
    assert "no name, e-mail, phone or identifier" in str(read.problem.why)


@pytest.mark.parametrize(
    ("cell", "country", "kept"),
    [
        ("(11) 91234-5678", "BR", "+5511912345678"),
        ("11912345678", "BR", "+5511912345678"),
        ("+351 912 345 678", "BR", "+351912345678"),
        ("55 5123 4567", "MX", "+525551234567"),
    ],
)
def test_a_phone_number_gets_the_country_of_the_list(cell: str, country: str, kept: str) -> None:
    read = contact_in([cell], ["phone_number"], [], time_zone=ZONE, country=country)
    assert (read.draft.phone_number, read.problem) == (kept, None)


def test_first_and_last_name_are_one_name() -> None:
    read = contact_in(
        ["Maria", "Souza", ""], ["first_name", "last_name", "email"], [], time_zone=ZONE
    )
    assert (read.draft.name, read.draft.email) == ("Maria Souza", None)


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("VIP", ["vip"]),
        ("vip, Novo cliente; VIP|sul", ["vip", "novo-cliente", "sul"]),
        (" , ", []),
    ],
)
def test_labels_are_parted(cell: str, labels: list[str]) -> None:
    assert labels_in(cell) == labels


@pytest.mark.parametrize(
    ("zone", "country"),
    [("America/Sao_Paulo", "BR"), ("America/Mexico_City", "MX"), ("Europe/Lisbon", "PT"),
     ("UTC", ""), ("nonsense", "")],
)  # fmt: skip
def test_the_country_is_that_of_the_clock(zone: str, country: str) -> None:
    assert country_of(zone) == country
