"""A file chosen in the form of a rule or a macro is kept at once, and the form holds it from then on."""

import re
from typing import Any

import pytest

from recado.db.database import Database
from tests.browser import Browser

FORM = {
    "name": "Prices",
    "event_name": "message_created",
    "event_was": "message_created",
    "conditions-0-attribute": "content",
    "conditions-0-was": "content",
    "conditions-0-operator": "contains",
    "conditions-0-values": "price",
    "actions-0-name": "send_attachment",
    "actions-0-was": "send_attachment",
}


async def upload(who: Browser, path: str, name: str = "prices.pdf") -> Any:
    token = who._client.cookies.get("recado_csrf", "")
    files = {"actions-0-file": (name, b"%PDF-1.7", "application/pdf")}
    return await who._client.post(path, data={**FORM, "_csrf_token": token}, files=files)


@pytest.mark.parametrize("path", ["/app/automation/draft/file", "/app/macros/draft/file"])
async def test_a_chosen_file_stays_in_the_form(ana: Browser, path: str) -> None:
    shown = (await upload(ana, path)).text
    assert re.search(r'name="actions-0-params" value="[0-9]+" checked><span>prices.pdf', shown)
    assert 'value="Prices"' in shown  # what was typed beside it is still there


async def test_a_rule_with_a_file_is_saved_and_told_in_words(
    ana: Browser, database: Database
) -> None:
    shown = (await upload(ana, "/app/automation/draft/file")).text
    found = re.search(r'name="actions-0-params" value="([0-9]+)"', shown)
    assert found
    await ana.post("/app/automation", {**FORM, "actions-0-params": found[1]})
    assert "send the file “prices.pdf”" in (await ana.get("/app/automation")).text


async def test_an_action_without_a_file_is_refused(ana: Browser) -> None:
    answer = await ana.post("/app/automation", FORM)
    assert answer.status_code == 422
    assert "Choose a file." in answer.text
