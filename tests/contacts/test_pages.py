"""Contacts, labels and custom attributes in a browser."""

import pytest

from recado.contacts.models import Contact
from recado.db.database import Database
from tests.browser import Browser
from tests.people import Cast, a_contact

HTMX = {"hx-request": "true"}
ATTRIBUTE = {
    "name": "Plano", "key": "", "kind": "list", "model": "contact_attribute",
    "choices": "ouro\nprata", "description": "O que assinou",
}  # fmt: skip


@pytest.fixture
async def maria(database: Database, cast: Cast) -> Contact:
    """Known to the account of Ana and Beto."""
    async with database.transaction() as tx:
        return await a_contact(tx, cast.account, custom_attributes={"bridge": {"id": 7}})


@pytest.fixture
async def plan(ana: Browser) -> str:
    """A custom attribute of contacts with two values; its address."""
    assert (await ana.post("/app/attributes", ATTRIBUTE)).status_code == 303
    return "/app/attributes/1"


@pytest.mark.parametrize("path", ["", "/card", "/card/edit"])
async def test_who_may_see_a_contact(
    ana: Browser, beto: Browser, celia: Browser, visitor: Browser, maria: Contact, path: str
) -> None:
    seen = f"/app/contacts/{maria.id}{path}"
    assert "Maria Souza" in (await ana.get(seen)).text
    assert "maria@example.com" in (await beto.get(seen)).text
    assert (await celia.get(seen)).status_code == 404
    assert (await visitor.get(seen)).status_code == 303


async def test_a_strangers_contact_cannot_be_changed(
    celia: Browser, beto: Browser, ana: Browser, maria: Contact
) -> None:
    for path in ("", "/card", "/delete"):
        form = {"name": "Maria Souza"}
        assert (await celia.post(f"/app/contacts/{maria.id}{path}", form)).status_code == 404
    deletion = f"/app/contacts/{maria.id}/delete"
    assert (await beto.post(deletion, {"name": "Maria Souza"})).status_code == 403
    assert (await ana.get(f"/app/contacts/{maria.id}")).status_code == 200


async def test_the_list_is_searched(ana: Browser, celia: Browser, maria: Contact) -> None:
    assert "Maria Souza" in (await ana.get("/app/contacts?q=91234")).text
    nobody = await ana.get("/app/contacts?q=%3Cb%3E")
    assert "Nobody found" in nobody.text
    assert "<b>" not in nobody.text
    assert "No contacts yet" in (await celia.get("/app/contacts")).text
    assert (await ana.get("/app/contacts?page=nonsense")).status_code == 200
    assert (await ana.get("/app/contacts?page=999999")).status_code == 200


async def test_a_contact_is_added_and_changed(ana: Browser, beto: Browser, plan: str) -> None:
    form = {"name": "João", "phone_number": "+55 11 91234-5678", "custom_attributes.plano": "ouro"}
    added = await beto.post("/app/contacts", form)
    assert added.headers["location"] == "/app/contacts/1"
    page = (await beto.get("/app/contacts/1")).text
    assert 'value="+5511912345678"' in page
    assert '<option value="ouro" selected>' in page
    changed = await beto.post("/app/contacts/1", {"name": "João Pereira", "phone_number": ""})
    assert changed.status_code == 303
    assert "The contact is saved." in (await beto.get(changed.headers["location"])).text
    page = (await beto.get("/app/contacts/1")).text
    assert "João Pereira" in page
    assert "+5511912345678" not in page.replace("With the country: +5511912345678", "")


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"name": "", "email": ""}, "Enter a name, or something else"),
        ({"name": "João", "email": "joao"}, "This is not an e-mail address."),
        ({"name": "João", "email": "MARIA@example.com"}, "Another contact has this already."),
        ({"name": "João", "phone_number": "91234"}, "Enter the number with its country"),
        ({"name": "João", "custom_attributes.plano": "bronze"}, "Choose one of: ouro, prata."),
    ],
)
async def test_a_refused_contact_stays_typed(
    ana: Browser, maria: Contact, plan: str, form: dict[str, str], problem: str
) -> None:
    answer = await ana.post("/app/contacts", form)
    assert answer.status_code == 422
    assert problem in answer.text
    assert 'aria-invalid="true"' in answer.text
    for typed in form.values():
        assert typed in answer.text or typed == "bronze"  # no such option to show


async def test_the_card_is_edited_where_it_stands(beto: Browser, maria: Contact) -> None:
    path = f"/app/contacts/{maria.id}/card"
    card = await beto.get(path)
    assert "bridge" in card.text  # what programs stored is shown too
    wrong = await beto.post(path, {"name": "Maria", "email": "no"}, htmx=True)
    assert wrong.status_code == 422
    assert "<html" not in wrong.text
    right = await beto.post(path, {"name": "Maria", "email": "m@example.com"}, htmx=True)
    assert right.status_code == 200
    assert "m@example.com" in right.text
    assert "bridge" in right.text
    without_scripts = await beto.post(path, {"name": "Maria"})
    assert without_scripts.headers["location"] == f"/app/contacts/{maria.id}"


async def test_a_contact_is_blocked_and_let_in_again(
    beto: Browser, celia: Browser, maria: Contact
) -> None:
    path = f"/app/contacts/{maria.id}"
    assert (await celia.post(f"{path}/block", {"blocked": "true"})).status_code == 404
    assert (await beto.post(f"{path}/block", {"blocked": "true"})).status_code == 303
    assert "This contact is blocked." in (await beto.get(path)).text
    assert "Blocked" in (await beto.get("/app/contacts")).text
    await beto.post(f"{path}/block", {"blocked": "false"})
    assert "This contact is blocked." not in (await beto.get(path)).text


async def test_labels_of_a_contact_are_chosen_on_its_page(
    ana: Browser, beto: Browser, maria: Contact
) -> None:
    await ana.post("/app/labels", {"title": "vip", "color": "#ff0000"})
    path = f"/app/contacts/{maria.id}"
    await beto.post(path, {"name": "Maria Souza", "has_labels": "true", "labels": "vip"})
    assert 'value="vip" checked' in (await beto.get(path)).text
    await beto.post(f"{path}/card", {"name": "Maria S."})  # says nothing of labels
    assert 'value="vip" checked' in (await beto.get(path)).text
    await beto.post(path, {"name": "Maria Souza", "has_labels": "true"})
    assert 'value="vip" checked' not in (await beto.get(path)).text


async def test_a_contact_is_deleted_by_typing_the_name(ana: Browser, maria: Contact) -> None:
    path = f"/app/contacts/{maria.id}/delete"
    assert "Yes, delete Maria Souza" in (await ana.get(path)).text
    assert (await ana.post(path, {"name": "maria"})).status_code == 422
    assert (await ana.post(path, {"name": "Maria Souza"})).status_code == 303
    assert (await ana.get(path)).status_code == 404


# --- custom attributes ---


async def test_only_administrators_define_attributes(
    ana: Browser, beto: Browser, celia: Browser, visitor: Browser, plan: str
) -> None:
    for path in ("/app/attributes", "/app/attributes/new", plan, f"{plan}/delete"):
        assert (await ana.get(path)).status_code == 200
        assert (await beto.get(path)).status_code == 403
        assert (await visitor.get(path)).status_code == 303
    for path in (plan, f"{plan}/delete"):
        assert (await celia.get(path)).status_code == 404
        assert (await celia.post(path, {"name": "Plano"})).status_code == 404
        assert (await beto.post(path, {"name": "Plano"})).status_code == 403


async def test_a_key_is_made_and_shown(ana: Browser, plan: str) -> None:
    contacts = await ana.get("/app/attributes")
    assert "plano" in contacts.text
    other = await ana.get("/app/attributes?model=conversation_attribute")
    assert "No custom attributes yet" in other.text


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"name": "", "key": "x"}, "Please enter a name."),
        ({"name": "日本"}, "Use letters, digits, dots, hyphens and underscores."),
        ({"choices": " \n"}, "Enter at least one value to choose from."),
        ({"kind": "text", "regex_pattern": "("}, "This is not a valid regular expression."),
        ({"name": "Name"}, "is the name of a standard attribute."),
        ({"name": "Plano", "key": "plano"}, "This key is taken."),
    ],
)
async def test_a_refused_definition_stays_typed(
    ana: Browser, plan: str, changed: dict[str, str], problem: str
) -> None:
    answer = await ana.post("/app/attributes", {**ATTRIBUTE, **changed})
    assert answer.status_code == 422
    assert problem in answer.text
    assert "O que assinou" in answer.text


@pytest.mark.parametrize("changed", [{"kind": "poem"}, {"model": "sky"}])
async def test_a_kind_that_is_not_there_cannot_be_chosen(
    ana: Browser, changed: dict[str, str]
) -> None:
    assert (await ana.post("/app/attributes", {**ATTRIBUTE, **changed})).status_code == 400


async def test_a_definition_is_changed_but_not_its_key(ana: Browser, plan: str) -> None:
    form = {"name": "Assinatura", "key": "other", "kind": "number", "choices": "bronze"}
    assert (await ana.post(plan, form)).status_code == 303
    page = (await ana.get(plan)).text
    for text in ("Assinatura", "plano", "bronze"):
        assert text in page
    assert "other" not in page
    assert (await ana.post(plan, {"name": ""})).status_code == 422


async def test_a_definition_is_deleted_by_typing_the_name(ana: Browser, plan: str) -> None:
    asked = (await ana.get(f"{plan}/delete")).text
    assert "/app/actions" in asked
    assert "/app/automation" in asked
    assert (await ana.post(f"{plan}/delete", {"name": "plano"})).status_code == 422
    assert (await ana.post(f"{plan}/delete", {"name": "Plano"})).status_code == 303
    assert (await ana.get(plan)).status_code == 404
