"""The first steps: from an empty account to a call that arrived, on one page."""

import asyncio
from datetime import timedelta

import pytest

from recado.accounts.people import PersonDraft
from recado.accounts.setting_up import set_up
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.worker.sending import Limits
from recado.worker.working import work
from tests.browser import Browser
from tests.conftest import _session
from tests.people import NOW, PASSWORD
from tests.receiver import Receiver

LIMITS = Limits(concurrency=10, lane_concurrency=5, lease=timedelta(seconds=30))


@pytest.fixture
async def dora(visitor: Browser, database: Database) -> Browser:
    """Has just set up an account with nothing in it."""
    async with database.transaction() as tx:
        person = PersonDraft("Dora Melo", "dora@nova.example", PASSWORD)
        member = await set_up(tx, "Nova", person, language="en", now=NOW)
    return await visitor.with_session(await _session(database, member))


async def _do(browser: Browser, step: str, **form: str) -> str:
    """Take a step, and return the page that it leads to."""
    answer = await browser.post(f"/app/start/{step}", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/start"), answer.text
    return (await browser.get("/app/start")).text


async def _until_shown(browser: Browser, text: str) -> str:
    async with asyncio.timeout(30):
        while True:
            shown = (await browser.get("/app/start")).text
            if text in shown:
                return shown
            await asyncio.sleep(0.02)


async def test_five_steps_lead_to_a_real_call(
    dora: Browser, receiver: Receiver, database: Database, outbound: Outbound
) -> None:
    assert "Open the inbox" in (await dora.get("/app/start")).text
    assert "Create the action" in await _do(dora, "inbox", name="Site")
    assert "Create the rule" in await _do(dora, "action", name="CRM", url=receiver.url + "/crm")
    assert "Send as a customer" in await _do(dora, "rule", name="Everything")
    text = 'Disse "oi"\n😀'
    assert "the rule is looking at it" in await _do(dora, "message", content=text)
    stop = asyncio.Event()
    worker = asyncio.create_task(work(database, outbound, LIMITS, stop))
    [received] = await receiver.wait_for(1)
    shown = await _until_shown(dora, "It works")
    stop.set()
    await worker
    assert received.json == {"name": "Maria Souza", "conversation": 1, "message": text}
    assert "/app/deliveries/1" in shown


async def test_a_second_message_is_written_into_the_same_conversation(dora: Browser) -> None:
    await _do(dora, "inbox", name="Site")
    await _do(dora, "action", name="CRM", url="https://crm.example.com/")
    await _do(dora, "rule", name="Everything")
    await _do(dora, "message", content="One")
    await _do(dora, "message", content="Two")
    thread = (await dora.get("/app/conversations/1")).text
    assert "One" in thread
    assert "Two" in thread
    assert (await dora.get("/app/conversations/2")).status_code == 404


@pytest.mark.parametrize(
    ("step", "form", "told"),
    [
        ("inbox", {"name": " "}, "Please enter a name."),
        ("message", {"content": " "}, "Write something first."),
    ],
)
async def test_what_is_wrong_is_told_in_its_place(
    dora: Browser, step: str, form: dict[str, str], told: str
) -> None:
    if step == "message":
        await _do(dora, "inbox", name="Site")
        await _do(dora, "action", name="CRM", url="https://crm.example.com/")
        await _do(dora, "rule", name="Everything")
    answer = await dora.post(f"/app/start/{step}", form)
    assert answer.status_code == 422
    assert 'class="field-error"' in answer.text
    assert told in answer.text


async def test_a_wrong_address_stays_typed(dora: Browser) -> None:
    await _do(dora, "inbox", name="Site")
    answer = await dora.post("/app/start/action", {"name": "CRM", "url": "ftp://x"})
    assert answer.status_code == 422
    assert 'value="ftp://x"' in answer.text


async def test_a_step_out_of_order_changes_nothing(dora: Browser) -> None:
    for step in ("rule", "message"):
        answer = await dora.post(f"/app/start/{step}", {"name": "x", "content": "x"})
        assert answer.status_code == 400
    assert "Open the inbox" in (await dora.get("/app/start")).text


async def test_agents_have_no_first_steps(beto: Browser) -> None:
    assert (await beto.get("/app/start")).status_code == 403
