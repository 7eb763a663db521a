"""Files are attached by button, by dropping and by pasting, and are seen in the thread."""

import asyncio
import base64
import struct
import zlib

import pytest
from playwright.async_api import FilePayload, Page, Route, expect

from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults
from tests.journeys.stage import set_stage
from tests.receiver import Receiver

pytestmark = pytest.mark.journey

# What a script cannot take from the clipboard or the desktop, it makes.
GIVE = """([type, names, png]) => {
  const held = new DataTransfer()
  const bytes = Uint8Array.from(atob(png), (one) => one.charCodeAt(0))
  for (const name of names) held.items.add(new File([bytes], name, { type: "image/png" }))
  const about = { bubbles: true, cancelable: true, clipboardData: held, dataTransfer: held }
  const target = document.querySelector(type === "paste" ? "#field-content" : "#messages")
  target.dispatchEvent(type === "paste" ? new ClipboardEvent(type, about) : new DragEvent(type, about))
}"""


def picture() -> bytes:
    """A small PNG that a browser draws."""
    rows = b"".join(b"\0" + bytes([90, 160, 120] * 240) for _ in range(120))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 240, 120, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def file(name: str, kind: str = "image/png") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": picture()}


async def give(page: Page, type_: str, *names: str) -> None:
    """Paste or drop pictures."""
    await page.evaluate(GIVE, [type_, list(names), base64.b64encode(picture()).decode()])


async def test_files_come_by_button_drop_and_paste_and_are_sent_with_enter(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto)
    await page.goto("/app/conversations/1")
    await is_ready(page)
    chosen = page.get_by_role("list", name="Arquivos anexados").get_by_role("listitem")
    await page.get_by_label("Anexar arquivos").set_input_files([file("foto.png")])
    await page.get_by_label("Anexar arquivos").set_input_files(
        [file("nota.pdf", "application/pdf")]
    )
    await give(page, "drop", "solta.png")
    await give(page, "paste", "colada.png")
    await expect(chosen).to_have_text(["foto.png×", "nota.pdf×", "solta.png×", "colada.png×"])
    await page.get_by_role("button", name="Não anexar solta.png").click()
    await expect(chosen).to_have_count(3)
    assert await faults(page) == []
    await page.get_by_role("textbox", name="Mensagem").press("Enter")  # a file needs no text
    thread = page.get_by_role("log")
    await expect(thread.get_by_role("img", name="foto.png")).to_be_visible()
    await expect(thread.get_by_role("img", name="colada.png")).to_be_visible()
    await expect(thread.get_by_role("link", name="nota.pdf")).to_be_visible()
    await expect(thread.get_by_text("solta.png")).to_have_count(0)
    await expect(chosen).to_have_count(0)
    shown = thread.get_by_role("img", name="foto.png")
    await expect(shown).to_have_js_property("naturalWidth", 240)
    assert await faults(page) == []


async def test_a_picture_that_comes_late_moves_nothing(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto)
    await page.goto("/app/conversations/1")
    await is_ready(page)
    await page.get_by_label("Anexar arquivos").set_input_files([file("foto.png")])
    await page.get_by_role("textbox", name="Mensagem").press("Enter")
    thread = page.get_by_role("log")
    shown = thread.get_by_role("img", name="foto.png")
    await expect(shown).to_be_visible()
    may_come = asyncio.Event()

    async def hold(route: Route) -> None:
        await may_come.wait()
        await route.continue_()

    await page.route("**/public/attachments/**", hold)
    await page.reload(wait_until="domcontentloaded")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("(one) => one.naturalWidth") == 0
    height = await thread.evaluate("(one) => one.scrollHeight")
    may_come.set()
    await expect(shown).to_have_js_property("naturalWidth", 240)
    assert await thread.evaluate("(one) => one.scrollHeight") == height


async def test_too_many_files_are_told_at_once_and_the_first_stay(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto)
    await page.goto("/app/conversations/1")
    await is_ready(page)
    await give(page, "paste", *(f"{one}.png" for one in range(16)))
    await expect(page.get_by_text("Anexe no máximo 15 arquivos.")).to_be_visible()
    await expect(page.get_by_role("button", name="Não anexar")).to_have_count(15)


async def test_files_are_sent_without_scripts(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto, Look(has_scripts=False))
    await page.goto("/app/conversations/1")
    await page.get_by_label("Anexar arquivos").set_input_files([file("foto.png")])
    await page.get_by_role("button", name="Enviar").click()
    await expect(page.get_by_role("log").get_by_role("img", name="foto.png")).to_be_visible()


async def test_a_picture_that_cannot_be_drawn_is_no_empty_box(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto)
    await page.goto("/app/conversations/1")
    await is_ready(page)
    torn = picture()[:40]
    await page.locator("attach-files input[type=file]").set_input_files(
        {"name": "rasgada.png", "mimeType": "image/png", "buffer": torn}
    )
    await page.get_by_role("button", name="Enviar", exact=True).click()
    shown = page.locator("#messages").get_by_role("img", name="rasgada.png")
    await expect(shown).to_be_visible()
    await expect(shown).to_have_class("undrawn")
    box = await shown.bounding_box()
    assert box is not None
    assert box["height"] < 60  # a line of text
