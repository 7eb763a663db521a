"""The last tests of an action, what differs between two, and one that is stopped under way."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from recado.actions.comparing import between_tests, lines_between
from recado.actions.models import ActionState, CustomAction
from recado.actions.rehearsing import Occasion, rehearse
from recado.actions.saving import ActionDraft, create_action
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.finding import last_tests
from recado.deliveries.models import Delivery
from recado.deliveries.showing import shown_response
from tests.browser import Browser
from tests.deliveries.rows import a_delivery
from tests.people import NOW, Cast
from tests.receiver import Receiver

FACTS: dict[str, Any] = {"contact": {"name": "Maria"}}
DRAFT = ActionDraft(name="CRM", body='{"name": "{{ contact.name }}"}')


@pytest.fixture
async def action(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> CustomAction:
    async with database.transaction() as tx:
        draft = replace(DRAFT, url=f"{receiver.url}/crm")
        return await create_action(
            tx, cast.account.id, draft, vault=outbound.vault, now=NOW, state=ActionState.ACTIVE
        )


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [
        ("", "", (), ()),
        ("a", "a", (), ()),
        ("a", "b", ("a",), ("b",)),
        ("", "b", (), ("b",)),
        ("a\nb\nc", "a\nc", ("b",), ()),
        ('{"a":1,"b":2}', '{"a": 1, "b": 2}', (), ()),  # the same JSON, laid out otherwise
        ('{"a":1,"b":2}', '{"a":1,"b":3}', ('  "b": 2',), ('  "b": 3',)),
    ],
)
def test_lines_that_went_and_came(
    before: str, after: str, gone: tuple[str, ...], come: tuple[str, ...]
) -> None:
    assert lines_between(before, after) == (gone, come)


async def _tests(database: Database, action: CustomAction) -> list[Delivery]:
    async with database.transaction() as tx:
        return await last_tests(tx, action.account_id, action.id)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"status": 200, "body": b"{}"}, []),
        ({"status": 404, "body": b"{}"}, ["Answer: 200 → 404"]),
        ({"status": 200, "body": b'{"id": 7}'}, ["Body of the answer"]),
        ({"status": 200, "body": b"{}", "headers": {"X-Limit": "9"}}, ["Headers of the answer"]),
        ({"status": 200, "body": b"{}", "headers": {"Date": "now"}}, []),  # differs always
    ],
)
async def test_what_differs_between_two_answers(
    ana: Browser, database: Database, action: CustomAction, receiver: Receiver,
    answer: dict[str, Any], told: list[str],
) -> None:  # fmt: skip
    receiver.answer_once(200, b"{}")
    receiver.answer_once(**answer)
    for _ in range(2):
        await ana.post(f"/app/actions/{action.id}/test")
    newer, older = await _tests(database, action)
    found = [str(one.sentence) for one in between_tests(older, newer)]
    # laid out anew, the length of a body shows in its header, too
    assert [one for one in found if one != "Headers of the answer" or one in told] == told


async def test_what_differs_between_two_requests(
    ana: Browser, database: Database, action: CustomAction
) -> None:
    for name in ("Maria", "Rosa"):
        form = {"values-0-name": "contact.name", "values-0": name}
        await ana.post(f"/app/actions/{action.id}/test", form)
    newer, older = await _tests(database, action)
    [body] = between_tests(older, newer)
    assert str(body.sentence) == "Body that was sent"
    assert ("Maria" in str(body.gone), "Rosa" in str(body.come)) == (True, True)


async def test_the_page_lists_tests_alone_and_compares_two(
    ana: Browser, database: Database, cast: Cast, action: CustomAction, receiver: Receiver
) -> None:
    receiver.answer_once(200, b'{"id": 1}')
    receiver.answer_once(500, b'{"id": 2}')
    here = f"/app/actions/{action.id}"
    for _ in range(2):
        shown = await ana.post(f"{here}/test")
    async with database.transaction() as tx:
        real = await a_delivery(tx, cast.account.id, action_id=action.id)
    newer, older = await _tests(database, action)
    assert "The last tests" in shown.text
    assert f'value="{older.id}"' in shown.text
    told = (await ana.get(f"{here}/tests?test={newer.id}&test={older.id}")).text
    assert "Answer: 200 → 500" in told
    assert real.id not in {newer.id, older.id}
    assert (await ana.get(f"{here}/tests?test={real.id}&test={older.id}")).status_code == 404


@pytest.mark.parametrize("numbers", ["", "?test=1", "?test=x&test=y", "?test=0&test=-1"])
async def test_nonsense_compares_nothing(ana: Browser, action: CustomAction, numbers: str) -> None:
    answer = await ana.get(f"/app/actions/{action.id}/tests{numbers}")
    assert answer.status_code in {200, 404}
    assert "From the older one" not in answer.text


async def test_a_stranger_sees_no_tests(celia: Browser, action: CustomAction) -> None:
    assert (await celia.get(f"/app/actions/{action.id}/tests")).status_code == 404


async def test_a_test_that_is_stopped_ends_and_says_so(
    database: Database, action: CustomAction, receiver: Receiver, outbound: Outbound
) -> None:
    receiver.answer(delay=20.0)
    stop = asyncio.Event()

    async def leave() -> None:
        await receiver.wait_for(1)
        stop.set()

    leaving = asyncio.create_task(leave())
    made = await rehearse(
        database, action, FACTS, outbound, now=NOW, occasion=Occasion(stopped=stop.wait)
    )
    await leaving
    assert (made.state, made.reason["trouble"]) == ("failed", "stopped")
    assert [one.trouble for one in made.attempts] == ["stopped"]


async def test_what_has_come_is_kept_whoever_has_left(
    database: Database, action: CustomAction, outbound: Outbound
) -> None:
    never = asyncio.Event()
    made = await rehearse(
        database, action, FACTS, outbound, now=NOW, occasion=Occasion(stopped=never.wait)
    )
    assert made.state == "delivered"


@pytest.mark.parametrize(
    ("body", "raw"),
    [
        (b'{"a":1}', '{"a":1}'),
        (b'{\n  "a": 1\n}', ""),  # laid out already
        (b"plain", ""),
        (b"", ""),
    ],
)
async def test_json_is_shown_as_it_came_too(
    ana: Browser, database: Database, action: CustomAction, receiver: Receiver,
    body: bytes, raw: str,
) -> None:  # fmt: skip
    receiver.answer(200, body)
    shown = await ana.post(f"/app/actions/{action.id}/test")
    [made] = await _tests(database, action)
    assert shown_response(made.attempts[0]).raw == raw
    assert ("As it came" in shown.text) is bool(raw)
