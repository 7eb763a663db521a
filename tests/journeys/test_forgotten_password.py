"""Back in without the password, with nothing but keys."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from recado.lib.mail_servers import mail_server, use_mail_server
from recado.mail.models import Email
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults

pytestmark = pytest.mark.journey


@pytest.fixture(autouse=True)
def post() -> Iterator[None]:
    """A mail server is named; what is written to it waits in the table."""
    use_mail_server(mail_server("smtp://127.0.0.1:9?tls=none", "desk@acme.example"))
    yield
    use_mail_server(None)


async def test_a_link_by_email_leads_back_in(site: Site, open_page: OpenPage) -> None:
    page = await open_page(look=Look(width=360))
    await page.goto("/sign-in")
    await is_ready(page)
    await page.get_by_role("link", name="Esqueceu a senha?").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("E-mail")).to_be_focused()
    found = [await faults(page)]
    await page.keyboard.type("beto@acme.example")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Veja seu e-mail")).to_be_focused()
    found += [await faults(page)]
    async with site.database.transaction() as tx:
        [written] = await tx.scalars(select(Email.body).where(Email.kind == "new_password"))
    token = re.search(r"/new-password\?token=(\S+)", written)
    assert token
    await page.goto(f"/new-password?token={token[1]}")
    await expect(page.get_by_label("Nova senha")).to_be_focused()
    found += [await faults(page)]
    await page.keyboard.type("uma senha que se lembra")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/app/conversations")
    assert found == [[], [], []]
