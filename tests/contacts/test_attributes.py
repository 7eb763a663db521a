"""Custom attributes: which definitions are accepted, and which values each kind takes."""

from typing import Any

import pytest

from recado.accounts.models import Account
from recado.contacts.attributes import (
    AttributeDraft,
    attribute_problems,
    attributes_of,
    checked_values,
    create_attribute,
    delete_attribute,
    find_attribute,
    key_from,
    update_attribute,
)
from recado.contacts.labels import create_label, delete_label, label_problems, labels_of
from recado.contacts.models import AttributeKind, AttributeModel, Contact, CustomAttribute
from recado.contacts.reading import attribute_draft, contact_draft, nameless_problem, typed_again
from recado.contacts.saving import ContactDraft
from recado.db.database import Transaction
from tests.people import NOW, Cast

KIND, MODEL = AttributeKind, AttributeModel
ZONE = "America/Sao_Paulo"


def _definition(kind: AttributeKind, **more: Any) -> CustomAttribute:
    return CustomAttribute(
        account_id=1, name="A", key="a", kind=kind, model=MODEL.CONTACT,
        created_at=NOW, updated_at=NOW, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Número do pedido", "numero_do_pedido"),
        ("CPF / CNPJ", "cpf_cnpj"),
        ("  Plano  ", "plano"),
        ("¿Cuándo?", "cuando"),
        ("日本", ""),  # then the person is asked for a key
    ],
)
def test_a_key_is_made_from_the_name(name: str, key: str) -> None:
    assert key_from(name) == key


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (KIND.TEXT, "São Paulo", "São Paulo"),
        (KIND.TEXT, 12, "12"),
        (KIND.NUMBER, "12", 12),
        (KIND.NUMBER, "12.50", 12.5),
        (KIND.NUMBER, 0, 0),
        (KIND.NUMBER, "-3", -3),
        (KIND.CURRENCY, "1e3", 1000),
        (KIND.PERCENT, 12.5, 12.5),
        (KIND.LINK, " https://example.com/a?b=c ", "https://example.com/a?b=c"),
        (KIND.DATE, "2026-12-31", "2026-12-31"),
        (KIND.DATE, "2026-12-31T10:00:00+00:00", "2026-12-31"),
        (KIND.CHECKBOX, True, True),
        (KIND.CHECKBOX, "on", True),
        (KIND.CHECKBOX, "false", False),
        (KIND.CHECKBOX, 0, False),
        (KIND.LIST, "gold", "gold"),
    ],
)
def test_values_are_kept_in_their_type(kind: AttributeKind, given: Any, kept: Any) -> None:
    values, problems = checked_values(
        [_definition(kind, choices=["gold", "silver"])], {"a": given}, ZONE
    )
    assert problems == {}
    assert values == {"a": kept}
    assert type(values["a"]) is type(kept)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (KIND.NUMBER, "a dozen"),
        (KIND.NUMBER, "NaN"),
        (KIND.NUMBER, "Infinity"),
        (KIND.NUMBER, "1e99"),
        (KIND.NUMBER, True),  # an int to Python, but no number to people
        (KIND.NUMBER, [1]),
        (KIND.CURRENCY, "R$ 10"),
        (KIND.PERCENT, "10%"),
        (KIND.LINK, "javascript:alert(1)"),
        (KIND.LINK, "example.com"),
        (KIND.LINK, "https://"),
        (KIND.LINK, "http://[broken"),
        (KIND.LINK, "https://example.com/" + "x" * 2_048),
        (KIND.DATE, "31/12/2026"),
        (KIND.DATE, "2026-02-30"),
        (KIND.DATE, "2026-12-31 some time"),
        (KIND.CHECKBOX, "maybe"),
        (KIND.LIST, "bronze"),
        (KIND.LIST, ["gold"]),
        (KIND.TEXT, "x" * 1_501),
    ],
)
def test_values_of_another_kind_are_refused(kind: AttributeKind, given: Any) -> None:
    _, problems = checked_values(
        [_definition(kind, choices=["gold", "silver"])], {"a": given}, ZONE
    )
    assert set(problems) == {"a"}


@pytest.mark.parametrize("kind", list(KIND))
def test_nothing_takes_a_value_away(kind: AttributeKind) -> None:
    for nothing in (None, ""):
        assert checked_values([_definition(kind)], {"a": nothing}, ZONE) == ({"a": None}, {})


def test_keys_without_a_definition_are_kept_as_they_are() -> None:
    given = {"bridge": {"id": [1, None]}, "empty": ""}
    assert checked_values([], given, ZONE) == (given, {})


@pytest.mark.parametrize(
    ("text", "is_right"), [("123.456.789-09", True), ("12345678909", False), ("x", False)]
)
def test_a_text_follows_its_pattern(text: str, is_right: bool) -> None:
    cpf = _definition(KIND.TEXT, regex_pattern=r"^\d{3}\.\d{3}\.\d{3}-\d\d$", regex_cue="a CPF")
    _, problems = checked_values([cpf], {"a": text}, ZONE)
    assert (problems == {}) is is_right
    assert is_right or str(problems["a"]) == "This does not look right: a CPF"


def test_a_wicked_pattern_cannot_hold_us_up() -> None:
    """re2 takes linear time where Python's own would take years."""
    wicked = _definition(KIND.TEXT, regex_pattern=r"^(a+)+$")
    _, problems = checked_values([wicked], {"a": "a" * 1_400 + "b"}, ZONE)
    assert set(problems) == {"a"}


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, set()),
        ({"name": " "}, {"name"}),
        ({"key": "número"}, set()),  # Unicode letters are allowed
        ({"key": "a b"}, {"key"}),
        ({"key": ""}, {"key"}),
        ({"key": "{{"}, {"key"}),
        ({"key": "x" * 101}, {"key"}),
        ({"key": "email"}, {"key"}),  # a standard one of contacts
        ({"key": "status"}, set()),  # a standard one only of conversations
        ({"key": "status", "model": MODEL.CONVERSATION}, {"key"}),
        ({"kind": KIND.LIST}, {"choices"}),
        ({"kind": KIND.LIST, "choices": ["a"]}, set()),
        ({"regex_pattern": "("}, {"regex_pattern"}),
        ({"regex_pattern": r"(?=lookahead)"}, {"regex_pattern"}),  # re2 has none
    ],
)
async def test_what_is_wrong_with_a_definition(
    tx: Transaction, here: Cast, changed: dict[str, Any], wrong: set[str]
) -> None:
    values = {"name": "Pedido", "key": "pedido", "kind": KIND.TEXT, "model": MODEL.CONTACT}
    draft = AttributeDraft(**{**values, **changed})
    assert set(await attribute_problems(tx, here.account.id, draft)) == wrong


async def test_a_key_is_taken_once_for_each_model(tx: Transaction, here: Cast) -> None:
    draft = AttributeDraft("Pedido", "pedido", KIND.TEXT, MODEL.CONTACT)
    saved = await create_attribute(tx, here.account.id, draft, now=NOW)
    assert set(await attribute_problems(tx, here.account.id, draft)) == {"key"}
    assert await attribute_problems(tx, here.account.id, draft, but=saved.id) == {}
    assert await attribute_problems(tx, here.other_account.id, draft) == {}
    other = AttributeDraft("Pedido", "pedido", KIND.TEXT, MODEL.CONVERSATION)
    assert await attribute_problems(tx, here.account.id, other) == {}


async def _version(tx: Transaction, account: Account) -> int:
    await tx.refresh(account, ["rules_version"])
    return account.rules_version


async def test_rules_are_compiled_anew_when_a_definition_changes(
    tx: Transaction, here: Cast
) -> None:
    before = await _version(tx, here.account)
    draft = AttributeDraft("Pedido", "pedido", KIND.TEXT, MODEL.CONTACT)
    saved = await create_attribute(tx, here.account.id, draft, now=NOW)
    created = await _version(tx, here.account)
    other = AttributeDraft("Ordem", "ignored", KIND.NUMBER, MODEL.CONVERSATION, "the shop's")
    await update_attribute(tx, saved, other, now=NOW)
    changed = await _version(tx, here.account)
    assert (saved.name, saved.key, saved.kind, saved.description) == (
        "Ordem", "pedido", "text", "the shop's",
    )  # fmt: skip
    await delete_attribute(tx, saved)
    assert before < created < changed < await _version(tx, here.account)
    assert await attributes_of(tx, here.account.id) == []


async def test_a_strangers_definition_is_not_found(tx: Transaction, here: Cast) -> None:
    draft = AttributeDraft("Pedido", "pedido", KIND.TEXT, MODEL.CONTACT)
    saved = await create_attribute(tx, here.account.id, draft, now=NOW)
    assert await find_attribute(tx, here.other_account.id, saved.id) is None


def test_a_form_makes_a_definition() -> None:
    form = {
        "name": " Plano ", "key": "", "kind": "list", "model": "contact_attribute",
        "choices": "ouro\r\n\r\n prata \nouro", "regex_pattern": "x", "description": "d",
    }  # fmt: skip
    draft = attribute_draft(form)
    assert (draft.name, draft.key, draft.choices) == ("Plano", "plano", ["ouro", "prata"])
    assert draft.regex_pattern is None  # only texts have one


def test_a_form_cannot_change_key_and_kind_of_a_saved_definition() -> None:
    saved = _definition(KIND.TEXT)
    draft = attribute_draft({"name": "B", "key": "b", "kind": "number", "model": "x"}, saved)
    assert (draft.key, draft.kind, draft.model) == ("a", "text", "contact_attribute")


def test_a_form_makes_a_contact() -> None:
    form = {
        "name": " Maria ",
        "email": "",
        "custom_attributes.a": " 1 ",
        "custom_attributes.z": "2",
    }
    draft = contact_draft(form, [_definition(KIND.NUMBER)])
    assert (draft.name, draft.email, draft.phone_number) == ("Maria", "", None)
    assert draft.custom_attributes == {"a": "1"}
    assert nameless_problem(draft) == {}
    assert set(nameless_problem(ContactDraft(name=""))) == {"name"}


def test_a_refused_form_shows_what_was_typed_over_what_is_saved() -> None:
    saved = Contact(
        account_id=1, name="Maria", custom_attributes={"a": 1, "own": 2},
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    form = {"name": "Mar", "custom_attributes.a": "one"}
    values = typed_again(form, [_definition(KIND.NUMBER)], saved)
    assert (values["name"], values["email"]) == ("Mar", "")
    assert values["custom_attributes"] == {"a": "one", "own": 2}


@pytest.mark.parametrize(
    ("title", "color", "wrong"),
    [
        ("reembolso", "#1f93ff", set()),
        ("não-urgente_2", "#1F93FF", set()),
        ("VIP", "#1f93ff", {"title"}),  # exists, in small letters
        ("two words", "#1f93ff", {"title"}),
        ("", "blue", {"title", "color"}),
    ],
)
async def test_what_is_wrong_with_a_label(
    tx: Transaction, here: Cast, title: str, color: str, wrong: set[str]
) -> None:
    await create_label(tx, here.account.id, "vip")
    assert set(await label_problems(tx, here.account.id, title, color)) == wrong


async def test_labels_are_kept_in_small_letters_and_listed_by_title(
    tx: Transaction, here: Cast
) -> None:
    vip = await create_label(tx, here.account.id, " VIP ", description=" Importante ")
    await create_label(tx, here.account.id, "boleto")
    assert [one.title for one in await labels_of(tx, here.account.id)] == ["boleto", "vip"]
    assert vip.description == "Importante"
    await delete_label(tx, vip)
    assert [one.title for one in await labels_of(tx, here.account.id)] == ["boleto"]
    assert await labels_of(tx, here.other_account.id) == []
