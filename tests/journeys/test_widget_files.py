"""Files that no message takes: a visitor is told before they are sent, and need not try again."""

import pytest
from playwright.async_api import Browser, Request, expect

from tests.journeys.conftest import Site
from tests.journeys.test_widget import a_visitor, open_chat, write
from tests.journeys.website import a_website, a_website_inbox

pytestmark = pytest.mark.journey

_MANY = [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"x"} for n in range(16)]
_CHOOSE_LARGE = """(input) => {
  const chosen = new DataTransfer()
  chosen.items.add(new File([new Uint8Array(41 * 1024 ** 2)], "filme.bin"))
  input.files = chosen.files
  input.dispatchEvent(new Event("change"))
}"""  # made there: so many bytes would be long on their way


async def test_files_that_no_message_takes_are_told_at_once_and_never_sent(
    site: Site, chromium: Browser
) -> None:
    inbox = await a_website_inbox(site)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await write(chat, "Olá")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        sent: list[str] = []

        def hear(request: Request) -> None:
            if request.method == "POST" and request.url.endswith("/messages"):
                sent.append(request.url)

        page.on("request", hear)
        log, files = chat.get_by_role("log"), chat.locator("input[type=file]")
        await files.set_input_files(_MANY)  # type: ignore[arg-type]
        await expect(log).to_contain_text("uma mensagem leva até 15 arquivos")
        await chat.get_by_role("button", name="Descartar").click()
        await files.evaluate(_CHOOSE_LARGE)
        await expect(log).to_contain_text("os arquivos de uma mensagem podem ter 40 MB ao todo")
        await expect(chat.get_by_role("button", name="Tentar de novo")).to_have_count(0)
        assert sent == []
        await write(chat, "E agora?")  # what follows does not wait for it
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        assert len(sent) == 1
        await visitor.close()
