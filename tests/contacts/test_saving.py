"""Contacts: what is refused, what is tidied, how they are found."""

from typing import Any

import pytest

from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel
from recado.contacts.saving import (
    PAGE,
    ContactDraft,
    contact_problems,
    contacts_page,
    create_contact,
    delete_contact,
    find_contact,
    merged,
    phone_in_e164,
    remove_attributes,
    update_contact,
)
from recado.db.database import Transaction
from recado.lib.languages import speaking
from tests.people import NOW, Cast, a_contact

LATER = NOW.replace(hour=13)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+5511912345678", "+5511912345678"),
        ("+55 (11) 91234-5678", "+5511912345678"),
        ("+1 212 555 0123", "+12125550123"),
        ("+54 9 11 2345-6789", "+5491123456789"),
        ("11912345678", None),  # no country
        ("5511912345678", None),  # no plus
        ("+551", None),  # too short
        ("+55119123456789012345", None),  # too long
        ("+999123456789", None),  # no such country
        ("phone", None),
        ("", None),
    ],
)
def test_phone_numbers_are_kept_in_e164(typed: str, kept: str | None) -> None:
    assert phone_in_e164(typed) == kept


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, set()),
        ({"name": "x" * 256}, {"name"}),
        ({"email": "nobody"}, {"email"}),
        ({"email": ""}, set()),  # takes the e-mail away
        ({"phone_number": "11912345678"}, {"phone_number"}),
        ({"phone_number": " "}, set()),
        ({"email": "maria@example.com"}, {"email"}),  # Maria's
        ({"email": "MARIA@example.com"}, {"email"}),
        ({"phone_number": "+55 11 91234-5678"}, {"phone_number"}),
        ({"identifier": "crm-7"}, {"identifier"}),
        ({"custom_attributes": {"since": "soon"}}, {"custom_attributes.since"}),
        ({"custom_attributes": {"since": "2026-12-31", "own": [1]}}, set()),
    ],
)
async def test_what_is_wrong_with_a_contact(
    tx: Transaction, here: Cast, values: dict[str, Any], wrong: set[str]
) -> None:
    await a_contact(tx, here.account, identifier="crm-7")
    since = AttributeDraft("Since", "since", AttributeKind.DATE, AttributeModel.CONTACT)
    await create_attribute(tx, here.account.id, since, now=NOW)
    assert set(await contact_problems(tx, here.account.id, ContactDraft(**values))) == wrong


async def test_a_contact_may_keep_its_own_email(tx: Transaction, here: Cast) -> None:
    maria = await a_contact(tx, here.account)
    draft = ContactDraft(email=" Maria@Example.com ")
    assert await contact_problems(tx, here.account.id, draft, but=maria.id) == {}
    assert draft.email == "maria@example.com"


async def test_another_account_may_know_the_same_person(tx: Transaction, here: Cast) -> None:
    await a_contact(tx, here.account)
    draft = ContactDraft(email="maria@example.com", phone_number="+5511912345678")
    assert await contact_problems(tx, here.other_account.id, draft) == {}


async def test_not_given_stays_and_empty_takes_away(tx: Transaction, here: Cast) -> None:
    maria = await a_contact(tx, here.account, custom_attributes={"cpf": "1", "plan": "gold"})
    draft = ContactDraft(email="", custom_attributes={"cpf": None, "since": "2026-01-01"})
    await update_contact(tx, maria, draft, now=LATER)
    assert (maria.name, maria.email) == ("Maria Souza", None)
    assert maria.custom_attributes == {"plan": "gold", "since": "2026-01-01"}
    assert maria.updated_at == LATER


async def test_attributes_are_removed_by_key(tx: Transaction, here: Cast) -> None:
    maria = await a_contact(tx, here.account, custom_attributes={"cpf": "1", "plan": "gold"})
    await remove_attributes(tx, maria, ["cpf", "unknown"], now=LATER)
    assert maria.custom_attributes == {"plan": "gold"}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"name": "Maria"}, "Maria"),
        ({"email": "m@x.example", "phone_number": "+5511912345678"}, "m@x.example"),
        ({"phone_number": "+5511912345678"}, "+5511912345678"),
        ({"identifier": "crm-7"}, "crm-7"),
    ],
)
async def test_a_contact_is_shown_by_the_best_there_is(
    tx: Transaction, here: Cast, values: dict[str, str], shown: str
) -> None:
    contact = await create_contact(tx, here.account.id, ContactDraft(**values), now=NOW)  # type: ignore[arg-type]
    assert contact.shown_name == contact.told_name == shown


async def test_who_gave_no_name_is_a_visitor_in_the_readers_language(
    tx: Transaction, here: Cast
) -> None:
    contact = await create_contact(tx, here.account.id, ContactDraft(), now=NOW)
    assert contact.shown_name == f"Visitor {contact.id}"
    with speaking("pt_BR"):
        assert contact.shown_name == f"Visitante {contact.id}"
        assert contact.told_name == f"#{contact.id}"  # what is kept has no language


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("", ["Ana", "João", "Maria"]),
        ("MAR", ["Maria"]),
        ("joao@", ["João"]),
        ("91234", ["João"]),
        ("crm-", ["Maria"]),
        ("%", []),  # no wildcard of the database
        ("_", []),
        ("\\", []),
    ],
)
async def test_searching_looks_into_name_email_phone_and_identifier(
    tx: Transaction, here: Cast, q: str, names: list[str]
) -> None:
    for draft in (
        ContactDraft("Maria", "maria@example.com", identifier="crm-7"),
        ContactDraft("João", "joao@example.com", "+5511912345678"),
        ContactDraft("Ana"),
    ):
        await create_contact(tx, here.account.id, draft, now=NOW)
    await create_contact(tx, here.other_account.id, ContactDraft("Maria elsewhere"), now=NOW)
    found, total = await contacts_page(tx, here.account.id, q=q)
    assert [one.name for one in found] == names
    assert total == len(names)


async def test_contacts_come_in_pages_and_in_the_order_asked_for(
    tx: Transaction, here: Cast
) -> None:
    for number in range(PAGE + 2):
        await create_contact(tx, here.account.id, ContactDraft(f"C{number:02}"), now=NOW)
    second, total = await contacts_page(tx, here.account.id, page=2)
    assert ([one.name for one in second], total) == ([f"C{PAGE}", f"C{PAGE + 1}"], PAGE + 2)
    backwards, _ = await contacts_page(tx, here.account.id, sort="-name")
    assert backwards[0].name == f"C{PAGE + 1}"
    assert (await contacts_page(tx, here.account.id, sort="nonsense"))[0][0].name == "C00"


async def test_a_deleted_contact_is_gone(tx: Transaction, here: Cast) -> None:
    maria = await a_contact(tx, here.account)
    assert await find_contact(tx, here.other_account.id, maria.id) is None
    await delete_contact(tx, maria)
    assert await find_contact(tx, here.account.id, maria.id) is None


def test_none_removes_a_key_when_merging() -> None:
    assert merged({"a": 1, "b": 2}, {"b": None, "c": False}) == {"a": 1, "c": False}
