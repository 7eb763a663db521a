"""Somebody is invited, joins by the link, sets up the second step, and signs in with a code."""

import pytest
from playwright.async_api import expect
from pyotp import TOTP

from tests.journeys.browsing import Look
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults

pytestmark = pytest.mark.journey

PASSWORD = "uma senha bem comprida"


async def test_from_the_invitation_to_a_sign_in_with_a_code(
    site: Site, open_page: OpenPage
) -> None:
    ana = await open_page(site.cast.ana)
    await ana.goto("/app/agents/new")
    await ana.get_by_label("E-mail").fill("davi@acme.example")
    await ana.get_by_role("button", name="Convidar", exact=True).click()
    link = await ana.locator("#invitation-link").inner_text()
    found = {"invited": await faults(ana)}

    davi = await open_page(look=Look(width=360, height=740))
    await davi.goto(link)
    found["join"] = await faults(davi)
    await davi.get_by_label("Seu nome").fill("Davi Luz")
    await davi.get_by_label("Senha").fill(PASSWORD)
    await davi.get_by_role("button", name="Entrar na conta").click()
    await davi.wait_for_url("**/app/conversations")
    await davi.goto("/app/profile/second-step")
    await davi.get_by_role("button", name="Configurar").click()
    secret = await davi.locator("#secret").inner_text()
    found["app"] = await faults(davi)
    await davi.get_by_label("Código").fill(TOTP(secret).now())
    await davi.get_by_label("Senha").fill(PASSWORD)
    await davi.get_by_role("button", name="Ativar").click()
    codes = await davi.locator("#recovery-codes li").all_inner_texts()
    found["codes"] = await faults(davi)

    again = await open_page(look=Look(theme="dark"))
    await again.goto("/sign-in")
    await again.get_by_label("E-mail").fill("davi@acme.example")
    await again.get_by_label("Senha").fill(PASSWORD)
    await again.get_by_role("button", name="Entrar").click()
    await again.get_by_label("Código").fill("000000")
    await again.get_by_role("button", name="Entrar").click()
    await expect(again.get_by_text("Este código está errado").first).to_be_visible()
    found["wrong code"] = await faults(again)
    await again.get_by_label("Código").fill(codes[0])
    await again.get_by_role("button", name="Entrar").click()
    await again.wait_for_url("**/app/conversations")

    await ana.goto("/app/agents")
    await expect(ana.get_by_role("heading", name="Davi Luz")).to_be_visible()
    for place in ("/app/account", "/app/audit", f"/app/inboxes/{site.cast.inbox.id}"):
        found[place] = await faults(ana, place)
    assert {name: one for name, one in found.items() if one} == {}
