"""Two people, or two tabs, in the form of one contact."""

import html
import re

import pytest

from recado.contacts.models import Contact
from recado.contacts.saving import find_contact
from recado.db.database import Database
from tests.browser import Browser
from tests.contacts.test_pages import ATTRIBUTE
from tests.people import Cast, a_contact


@pytest.fixture
async def maria(database: Database, cast: Cast) -> Contact:
    async with database.transaction() as tx:
        return await a_contact(tx, cast.account)


def fields_of(page: str) -> dict[str, str]:
    """What a form's hidden mark and its fields hold, as a browser would send them."""
    found = re.findall(r'<input[^>]* name="([^"]+)"[^>]*? value="([^"]*)"', page)
    wanted = ("opened", "name", "email", "phone_number", "identifier")
    return {name: html.unescape(value) for name, value in found if name in wanted}


async def _stored(database: Database, contact: Contact) -> Contact:
    async with database.transaction() as tx:
        found = await find_contact(tx, contact.account_id, contact.id)
    assert found
    return found


@pytest.mark.parametrize("place", ["", "/card"])
async def test_what_another_changed_meanwhile_stays(
    database: Database, ana: Browser, beto: Browser, maria: Contact, place: str
) -> None:
    here = f"/app/contacts/{maria.id}"
    shown = fields_of((await ana.get(here + place + ("/edit" if place else ""))).text)
    assert shown["name"] == "Maria Souza"
    await beto.post(here, {"email": "new@example.com"})
    saved = await ana.post(here + place, shown | {"name": "Maria Lima"}, htmx=bool(place))
    page = saved if place else await ana.get(saved.headers["location"])
    assert "what others saved of it meanwhile stays" in page.text
    stored = await _stored(database, maria)
    assert (stored.name, stored.email) == ("Maria Lima", "new@example.com")
    assert stored.phone_number == maria.phone_number


@pytest.mark.parametrize("place", ["", "/card"])
async def test_what_both_changed_is_told_and_may_be_saved_anyway(
    database: Database, ana: Browser, beto: Browser, maria: Contact, place: str
) -> None:
    here = f"/app/contacts/{maria.id}"
    shown = fields_of((await ana.get(here + place + ("/edit" if place else ""))).text)
    await beto.post(here, {"name": "Maria Reis", "identifier": "crm-9"})
    mine = shown | {"name": "Maria Lima", "phone_number": "+5511988887777"}
    told = await ana.post(here + place, mine, htmx=bool(place))
    assert told.status_code == 422
    assert "Somebody else saved this while you were editing." in told.text
    assert "Name: “Maria Souza” → “Maria Reis”" in told.text
    assert "Name: “Maria Souza” → “Maria Lima”" in told.text
    assert (await _stored(database, maria)).name == "Maria Reis"
    again = fields_of(told.text)
    assert again["name"] == "Maria Lima"  # nothing that was typed is lost
    assert again["phone_number"] == "+5511988887777"
    assert again["identifier"] == "crm-9"  # nor what the other saved beside it
    assert (await ana.post(here + place, again, htmx=bool(place))).status_code in {200, 303}
    stored = await _stored(database, maria)
    assert (stored.name, stored.identifier) == ("Maria Lima", "crm-9")
    assert stored.phone_number == "+5511988887777"


async def test_a_refused_form_still_knows_what_it_showed(
    database: Database, ana: Browser, beto: Browser, maria: Contact
) -> None:
    here = f"/app/contacts/{maria.id}"
    shown = fields_of((await ana.get(here)).text)
    await beto.post(here, {"name": "Maria Reis"})
    refused = await ana.post(here, shown | {"email": "no address"})
    assert refused.status_code == 422
    again = fields_of(refused.text)
    assert await ana.post(here, again | {"email": "lima@example.com"})
    stored = await _stored(database, maria)
    assert (stored.name, stored.email) == ("Maria Reis", "lima@example.com")


async def test_labels_of_both_stay(
    database: Database, ana: Browser, beto: Browser, maria: Contact
) -> None:
    for title in ("ouro", "vip"):
        await ana.post("/app/labels", {"title": title, "color": "#1f93ff"})
    here = f"/app/contacts/{maria.id}"
    shown = fields_of((await ana.get(here)).text)
    await beto.post(here, {"name": "Maria Souza", "has_labels": "true", "labels": "ouro"})
    await ana.post(here, shown | {"has_labels": "true", "labels": "vip"})
    assert (await _stored(database, maria)).labels == ["ouro", "vip"]


async def test_attributes_meet_one_by_one(
    database: Database, ana: Browser, beto: Browser, maria: Contact
) -> None:
    await ana.post("/app/attributes", ATTRIBUTE)
    here, field = f"/app/contacts/{maria.id}", "custom_attributes.plano"
    shown = fields_of((await ana.get(here)).text) | {field: ""}
    await beto.post(here, {"name": "Maria Souza", field: "ouro"})
    assert (await ana.post(here, shown | {"name": "M"})).status_code == 303
    assert (await _stored(database, maria)).custom_attributes["plano"] == "ouro"
    told = await ana.post(here, shown | {"name": "M", field: "prata"})
    assert told.status_code == 422
    assert "Plano: “” → “ouro”" in told.text
