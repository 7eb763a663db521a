"""The first run as a newcomer has it: an account with nothing in it, five steps, a real call."""

import time
from collections.abc import Callable

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from recado.accounts.models import Account, SetupLink
from recado.accounts.people import PersonDraft
from recado.accounts.setting_up import set_up
from recado.accounts.tokens import digest
from tests.journeys.browsing import Look, is_ready, pick
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults
from tests.people import NOW, PASSWORD
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("width", [1280, 360])
async def test_a_newcomer_reaches_another_system_in_five_steps(
    site: Site,
    receiver: Receiver,
    open_page: OpenPage,
    record_property: Callable[[str, object], None],
    width: int,
) -> None:
    async with site.database.transaction() as tx:
        person = PersonDraft("Dora Melo", "dora@nova.example", PASSWORD)
        dora = await set_up(tx, "Nova", person, language="pt_BR", now=NOW)
    page = await open_page(dora, Look(width=width, height=800))
    started = time.monotonic()
    await page.goto("/app/start")
    await is_ready(page)
    assert await faults(page) == []
    await page.get_by_role("button", name="Abrir a caixa de entrada").click()
    await page.get_by_label("URL").fill("crm")
    await page.get_by_role("button", name="Criar a ação").click()
    await expect(page.get_by_label("URL")).to_have_attribute("aria-invalid", "true")
    assert await faults(page) == []
    await page.get_by_label("URL").fill(receiver.url + "/crm")
    await page.get_by_role("button", name="Criar a ação").click()
    await page.get_by_role("button", name="Criar a regra").click()
    await page.get_by_label("Mensagem").fill('Disse "oi" 😀')
    await page.get_by_role("button", name="Enviar como cliente").click()
    await expect(page.get_by_text("Funciona")).to_be_visible()
    record_property(
        f"the first steps at {width} pixels took", f"{time.monotonic() - started:.1f} s"
    )
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    [received] = receiver.received
    assert received.json == {"name": "Maria Souza", "conversation": 1, "message": 'Disse "oi" 😀'}


@pytest.mark.parametrize(
    ("theirs", "chosen", "kept"),
    [
        ("Europe/Lisbon", "", "Europe/Lisbon"),
        ("Asia/Calcutta", "", "Asia/Calcutta"),  # an older name of one that is offered
        ("Europe/Lisbon", "Asia/Tokyo", "Asia/Tokyo"),
    ],
)
async def test_an_account_begins_in_the_time_zone_of_the_browser(
    site: Site, open_page: OpenPage, theirs: str, chosen: str, kept: str
) -> None:
    async with site.database.transaction() as tx:
        tx.add(SetupLink(digest=digest("once"), created_at=NOW))
    page = await open_page(None, Look("en", time_zone=theirs))
    await page.goto("/setup?token=once")
    await is_ready(page)
    await expect(page.get_by_role("combobox")).to_have_value(theirs)
    assert await faults(page) == []
    if chosen:
        await pick(page, "Time zone", chosen)
    for label, typed in (("Name of the company", "Nova"), ("Your name", "Dora")):
        await page.get_by_label(label).fill(typed)
    await page.get_by_label("E-mail").fill("dora@nova.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Start").click()
    await page.wait_for_url("**/app/start")
    async with site.database.transaction() as tx:
        account = await tx.scalar(select(Account).where(Account.name == "Nova"))
    assert account is not None
    assert account.time_zone == kept
