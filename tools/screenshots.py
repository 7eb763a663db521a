"""Draw the pictures of the documentation: `recado demo` in a temporary folder, and a real browser.

.venv/bin/python -m tools.screenshots
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from recado.commands.demo import EMAIL, PASSWORD

PORT = 3998
ADDRESS = f"http://127.0.0.1:{PORT}"
FOLDER = Path("docs/images")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


async def _sign_in(page: Page) -> None:
    await page.goto(f"{ADDRESS}/sign-in")
    await page.fill("[name=email]", EMAIL)
    await page.fill("[name=password]", PASSWORD)
    await page.click("form button[type=submit]")
    await page.wait_for_url("**/app/**")


async def _shoot(page: Page, name: str) -> None:
    await page.wait_for_timeout(600)
    await page.screenshot(path=FOLDER / f"{name}.png")


_PLAIN = (
    ("list", "/app/actions"),
    ("rule-form", "/app/automation/1/edit"),
    ("log", "/app/deliveries"),
    ("conversation", "/app/conversations/1"),
    ("report", "/app/reports"),
)
_ELSEWHERE = (
    ("list", "/app/conversations"),
    ("conversation", "/app/conversations/1"),
    ("log", "/app/deliveries"),
)


async def _plain(page: Page) -> None:
    for name, path in _PLAIN:
        await page.goto(ADDRESS + path)
        await _shoot(page, name)


async def _elsewhere(page: Page) -> None:
    """The same pages in the dark, and on a phone."""
    await page.emulate_media(color_scheme="dark")
    for name, path in _ELSEWHERE:
        await page.goto(ADDRESS + path)
        await _shoot(page, f"dark-{name}")
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": 360, "height": 740})
    for name, path in _ELSEWHERE:
        await page.goto(ADDRESS + path)
        await _shoot(page, f"phone-{name}")


async def _picker(page: Page) -> None:
    await page.goto(f"{ADDRESS}/app/actions/new")
    await page.fill("[name=name]", "Registrar contato no CRM")
    await page.fill("[name=url]", "https://crm.example.com/v1/contatos")
    editor = page.locator(".cm-content")
    await editor.scroll_into_view_if_needed()
    await editor.click()
    await page.keyboard.type('{"nome": "{{con')
    await _shoot(page, "form-picker")


async def _tests(page: Page) -> None:
    await page.goto(f"{ADDRESS}/app/actions/1/test")
    await page.get_by_role("button", name="Testar solicitação").click()
    await page.get_by_text("200", exact=False).first.wait_for()
    await _shoot(page, "test-success")
    await page.goto(f"{ADDRESS}/app/actions/1/edit")
    await page.fill("[name=url]", "http://127.0.0.1:3997/contatos")
    await page.get_by_role("button", name="Salvar e testar").click()
    await page.get_by_role("button", name="Testar solicitação").click()
    await page.get_by_role("button", name="Testar ação novamente").wait_for()
    await _shoot(page, "test-failure")


async def _draw() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 800}, locale="pt-BR")
        await _sign_in(page)
        for draw in (_plain, _picker):
            await draw(page)
        await page.set_viewport_size({"width": 1280, "height": 1120})
        await _tests(page)
        await page.set_viewport_size({"width": 1280, "height": 800})
        await _elsewhere(page)
        await browser.close()


def main() -> None:
    """Start the demo, draw, stop it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        demo = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "recado", "demo", "--port", str(PORT), "--data-dir", folder],
            env={**os.environ, "RECADO_LOG_LEVEL": "warning"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for line in demo.stdout or ():
            if "ready" in line:
                break
        try:
            asyncio.run(_draw())
        finally:
            demo.terminate()
            demo.wait(60)


if __name__ == "__main__":
    main()
