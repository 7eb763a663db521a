"""A page of another system beside a conversation: set up, opened, told who writes, and nobody else is."""

import os
from pathlib import Path

import orjson
import pytest
from playwright.async_api import FrameLocator, Page, expect

from recado.dashboards.saving import create_app
from tests.journeys.browsing import Complaints, Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults
from tests.journeys.stage import Stage
from tests.journeys.website import a_page
from tests.people import NOW

pytestmark = pytest.mark.journey

# What a CRM's page would do: show what it is told, and by whom; ask again at the press of a button.
_CRM = """<!doctype html><html lang="pt-BR"><meta charset="utf-8"><title>CRM</title>
<h1>Ficha no CRM</h1><p><label>Anotação <input></label></p><p><button>Atualizar</button></p>
<pre id="told"></pre><p id="times">0</p>
<script>
let times = 0
addEventListener("message", (event) => {
  document.getElementById("told").textContent = JSON.stringify({ by: event.origin, is: typeof event.data, text: event.data })
  document.getElementById("times").textContent = ++times
})
document.querySelector("button").onclick = () => parent.postMessage("chatwoot-dashboard-app:fetch-info", "*")
</script></html>"""


async def picture(page: Page, name: str) -> None:
    """Where somebody wants to look at the pages."""
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def told(frame: FrameLocator, times: int) -> dict[str, object]:
    """What the page was told, the last of so many times."""
    await expect(frame.locator("#times")).to_have_text(str(times))
    heard = orjson.loads(await frame.locator("#told").inner_text())
    assert heard["is"] == "string"
    return {"by": heard["by"], **orjson.loads(heard["text"])}


async def test_a_page_of_the_crm_is_told_who_writes(
    site: Site, stage: Stage, open_page: OpenPage, complaints: Complaints
) -> None:
    async with a_page(_CRM) as address:
        page = await open_page(site.cast.ana)
        await page.goto("/app/dashboard-apps/new")
        await is_ready(page)
        await page.get_by_label("Nome").fill("CRM")
        await page.get_by_label("Endereço").fill(f"{address}/ficha")
        await picture(page, "app-form")
        await page.get_by_role("button", name="Adicionar").click()
        await page.wait_for_url("**/app/dashboard-apps")
        await picture(page, "app-list")

        betos = await open_page(site.cast.beto)
        await betos.goto(f"/app/conversations/{stage.conversation.display_id}")
        await is_ready(betos)
        await betos.get_by_role("textbox", name="Mensagem").fill("Já vejo")
        assert complaints.heard == []  # nothing is loaded before somebody opens it
        await picture(betos, "app-tabs")
        await betos.get_by_role("link", name="CRM", exact=True).click()
        frame = betos.frame_locator("iframe[title=CRM]")
        first = await told(frame, 1)
        assert (first["by"], first["event"]) == (site.url, "appContext")
        assert first["data"]["contact"]["name"] == "Maria Souza"
        assert first["data"]["conversation"]["id"] == stage.conversation.display_id
        assert first["data"]["currentAgent"]["email"] == "beto@acme.example"
        await picture(betos, "app-open")
        assert await faults(betos) == []
        await expect(betos.get_by_role("textbox", name="Mensagem")).to_be_hidden()

        await frame.get_by_label("Anotação").fill("meio escrito")
        await betos.get_by_role("link", name="Mensagens").click()
        await expect(betos.get_by_role("textbox", name="Mensagem")).to_have_value("Já vejo")
        await betos.go_back()  # every tab has an address
        await expect(frame.get_by_label("Anotação")).to_have_value("meio escrito")
        await frame.get_by_role("button", name="Atualizar").click()
        assert (await told(frame, 2))["data"] == first["data"]
        assert complaints.heard == [f"a request elsewhere: {address}/ficha"]  # once
        complaints.heard.clear()


async def test_a_page_that_went_elsewhere_is_told_nothing(
    site: Site, stage: Stage, open_page: OpenPage, complaints: Complaints
) -> None:
    async with a_page(_CRM) as crm, a_page(_CRM) as other:
        async with site.database.transaction() as tx:
            for name, url in (("CRM", crm), ("Loja", other)):  # it may be framed, as the other's
                await create_app(tx, site.cast.account.id, name, [url], now=NOW)
        page = await open_page(site.cast.beto, Look(width=360, theme="dark"))
        await page.goto(f"/app/conversations/{stage.conversation.display_id}#app-1")
        await is_ready(page)
        frame = page.frame_locator("iframe[title=CRM]")
        await told(frame, 1)
        await picture(page, "app-phone")
        inside = page.frames[-1]
        await inside.evaluate("(there) => { location.href = there }", other)
        await page.wait_for_function("document.querySelector('iframe[title=CRM]')")
        await expect(frame.locator("#times")).to_have_text("0")
        await frame.get_by_role("button", name="Atualizar").click()
        await page.get_by_role("link", name="Loja", exact=True).click()
        await told(page.frame_locator("iframe[title=Loja]"), 1)
        await expect(frame.locator("#times")).to_have_text("0")  # it asked, and heard nothing
        elsewhere = [one for one in complaints.heard if not one.startswith("a request elsewhere")]
        assert all("postMessage" in one for one in elsewhere), elsewhere
        complaints.heard.clear()


async def test_what_the_account_does_not_have_is_never_framed(
    site: Site, stage: Stage, open_page: OpenPage, complaints: Complaints
) -> None:
    async with a_page(_CRM) as crm, a_page(_CRM) as stranger:
        async with site.database.transaction() as tx:
            await create_app(tx, site.cast.account.id, "CRM", [crm], now=NOW)
        page = await open_page(site.cast.beto)
        await page.goto(f"/app/conversations/{stage.conversation.display_id}")
        await is_ready(page)
        refused = await page.evaluate(
            """(there) => new Promise((done) => {
              addEventListener("securitypolicyviolation", (one) => done(one.effectiveDirective))
              const frame = document.createElement("iframe")
              frame.src = there
              document.body.append(frame)
            })""",
            stranger,
        )
        assert refused == "frame-src"
        complaints.heard.clear()
