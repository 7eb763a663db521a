"""The delivery log's pages."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from recado.accounts.people import find_membership
from recado.actions.models import ActionState
from recado.actions.saving import delete_action
from recado.db.database import Database, Transaction
from recado.deliveries.finding import find_delivery
from recado.deliveries.models import Delivery, Lane
from recado.deliveries.policies import Policy
from recado.deliveries.pruning import drop_bodies
from recado.deliveries.queueing import NotSent
from recado.deliveries.recording import record
from recado.deliveries.showing import milliseconds, phases_of
from recado.deliveries.states import State, Why
from recado.lib.languages import speaking
from recado.lib.outcomes import Outcome, RequestHeader, Response, Trouble
from tests.automation.stories import a_rule, an_action, does
from tests.browser import Browser
from tests.deliveries.rows import TIMING, a_delivery, answered, claim, failed, tried
from tests.people import NOW, Cast

JSON = (("content-type", "application/json"),)


async def ended(tx: Transaction, cast: Cast, outcome: Outcome, **about: Any) -> Delivery:
    """A delivery after its first try."""
    made = await a_delivery(tx, cast.account.id, **about)
    [mine] = await claim(tx)
    await record(tx, [tried(mine, outcome)], now=NOW, dice=0.5)
    return made


@pytest.fixture
async def delivered(database: Database, cast: Cast) -> Delivery:
    async with database.transaction() as tx:
        answer = answered(201, JSON, b'{"id": 9007199254740993}')
        return await ended(tx, cast, answer, action_id=999, conversation_id=12)


async def test_administrators_see_the_log(ana: Browser, delivered: Delivery) -> None:
    text = (await ana.get("/app/deliveries")).text
    assert "Delivered" in text
    assert "CRM" in text
    assert "#12" in text
    assert "201" in text
    assert "Time zone of the account: America/Sao_Paulo" in text  # in which from and to are read


PAGES = [
    ("GET", "/app/deliveries"),
    ("GET", "/app/deliveries/of?conversation=12"),
    ("GET", "/app/deliveries/{id}"),
    ("POST", "/app/deliveries/{id}/retry"),
    ("POST", "/app/deliveries/{id}/cancel"),
]


async def ask(browser: Browser, method: str, path: str) -> Any:
    return await (browser.get(path) if method == "GET" else browser.post(path))


@pytest.mark.parametrize(("method", "path"), PAGES)
async def test_only_administrators_come_in(
    method: str, path: str, delivered: Delivery, beto: Browser, visitor: Browser
) -> None:
    there = path.format(id=delivered.id)
    assert (await ask(beto, method, there)).status_code == 403
    await visitor.get("/sign-in")
    turned_away = await ask(visitor, method, there)
    assert (turned_away.status_code, turned_away.headers["location"][:8]) == (303, "/sign-in")


@pytest.mark.parametrize(("method", "path"), [one for one in PAGES if "{id}" in one[1]])
async def test_a_stranger_finds_nothing(
    method: str, path: str, delivered: Delivery, celia: Browser, database: Database
) -> None:
    assert (await ask(celia, method, path.format(id=delivered.id))).status_code == 404
    async with database.transaction() as tx:
        same = await find_delivery(tx, delivered.account_id, delivered.id)
    assert same is not None
    assert same.state == State.DELIVERED


async def test_a_strangers_log_is_empty(celia: Browser, delivered: Delivery) -> None:
    text = (await celia.get("/app/deliveries")).text
    assert "Nothing was sent yet" in text
    assert (
        "Nothing was sent to other systems"
        in (await celia.get("/app/deliveries/of?conversation=12")).text
    )


@pytest.mark.parametrize(
    "path",
    [
        "/app/deliveries/999",
        "/app/deliveries/99999999999999999999",
        "/app/deliveries/of",
        "/app/deliveries/of?conversation=x",
    ],
)
async def test_nonsense_is_not_found(ana: Browser, path: str) -> None:
    assert (await ana.get(path)).status_code == 404


async def test_nonsense_in_the_filter_is_ignored(ana: Browser, delivered: Delivery) -> None:
    answer = await ana.get(
        "/app/deliveries?action=x&rule=-1&state=odd&conversation=1e9&tests=maybe&before=²&newest=x"
    )
    assert answer.status_code == 200
    assert f'href="/app/deliveries/{delivered.id}"' in answer.text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"one", "two", "test"}),
        ("state=delivered", {"one"}),
        ("state=failed", {"two"}),
        ("state=held", set()),
        ("action=1", {"one", "test"}),
        ("rule=7", {"two"}),
        ("conversation=12", {"one"}),
        ("tests=without", {"one", "two"}),
        ("tests=only", {"test"}),
        ("action=1&tests=without&state=delivered", {"one"}),
        ("status=404", {"two"}),
        ("status=2xx", {"one"}),
        ("host=crm.example", {"one", "two", "test"}),
        ("host=erp.example", set()),
        ("q=contacts", {"one", "two", "test"}),
        ("q=nothing", set()),
        ("period=custom&until=2020-01-01T00:00", set()),
        ("since=2020-01-01T00:00", {"one", "two", "test"}),
    ],
)
async def test_the_filter_narrows_the_log(
    ana: Browser, database: Database, cast: Cast, query: str, shown: set[str]
) -> None:
    async with database.transaction() as tx:
        names = {
            (await ended(tx, cast, answered(200), conversation_id=12)).id: "one",
            (await ended(tx, cast, answered(404), action_id=2, rule_id=7, rule_name="R")).id: "two",
            (await a_delivery(tx, cast.account.id, is_test=True)).id: "test",
        }
    text = (await ana.get(f"/app/deliveries?{query}")).text
    assert {name for id, name in names.items() if f'id="delivery-{id}"' in text} == shown
    assert "Nothing was sent yet" not in text


async def test_a_word_that_is_no_state_is_named_and_the_others_hold(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        good, bad = await ended(tx, cast, answered(200)), await ended(tx, cast, answered(404))
    text = (await ana.get("/app/deliveries?state=failed,<odd>")).text
    assert f'id="delivery-{bad.id}"' in text
    assert f'id="delivery-{good.id}"' not in text
    assert "left out of the filter: &lt;odd&gt;" in text
    assert 'id="no-states"' not in (await ana.get("/app/deliveries?state=failed")).text


async def test_counts_stay_while_a_state_is_chosen(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        for status in (200, 200, 404):
            await ended(tx, cast, answered(status))
    text = " ".join((await ana.get("/app/deliveries?state=failed")).text.split())
    assert 'All <span class="badge count">3</span>' in text
    assert 'Delivered <span class="badge count">2</span>' in text
    assert 'aria-current="page">Failed <span class="badge count">1</span>' in text


async def test_several_states_are_named_and_taken_away_together(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        await ended(tx, cast, answered(404))
    page = (await ana.get("/app/deliveries?state=failed,expired&tests=without")).text
    _, _, told = page.partition('id="log-states"')
    told, _, _ = told.partition("</p>")
    assert re.findall(r'class="pill[^>]*>([^<]+)<', told) == ["Failed", "Expired"]
    assert 'href="/app/deliveries?tests=without"' in told
    for query in ("", "?state=failed"):  # which the tabs tell
        assert "log-states" not in (await ana.get(f"/app/deliveries{query}")).text


async def test_the_log_has_pages_and_the_filter_stays(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        made = [await a_delivery(tx, cast.account.id, conversation_id=12) for _ in range(52)]
    first = (await ana.get("/app/deliveries?conversation=12")).text
    assert f'id="delivery-{made[2].id}"' in first
    assert f'id="delivery-{made[1].id}"' not in first
    assert f"/app/deliveries?conversation=12&amp;before={made[2].id}" in first
    second = await ana.get(f"/app/deliveries?conversation=12&before={made[2].id}")
    assert f'id="delivery-{made[1].id}"' in second.text
    assert 'href="/app/deliveries?conversation=12" rel="prev"' in second.text


async def test_a_paused_log_listens_to_nothing(ana: Browser, delivered: Delivery) -> None:
    assert 'data-live="deliveries"' in (await ana.get("/app/deliveries")).text
    paused = (await ana.get("/app/deliveries?state=delivered&live=off")).text
    assert "data-live=" not in paused.partition('id="log"')[2].partition(">")[0]
    assert 'href="/app/deliveries?state=delivered"' in paused  # go on, with the same filter


async def test_a_delivery_leads_to_its_neighbours_in_the_search(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        ids = [(await ended(tx, cast, answered(code))).id for code in (404, 200, 404)]
    text = (await ana.get(f"/app/deliveries/{ids[2]}?state=failed")).text
    assert f'href="/app/deliveries/{ids[0]}?state=failed"' in text
    assert f"/app/deliveries/{ids[1]}" not in text
    assert 'href="/app/deliveries?state=failed"' in text  # back to what was searched
    again = await ana.post(f"/app/deliveries/{ids[2]}/retry?state=failed")
    assert again.headers["location"] == f"/app/deliveries/{ids[2]}?state=failed"


async def test_beside_a_delivery_stand_those_around_it_in_the_same_search(
    ana: Browser, celia: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        ids = [(await ended(tx, cast, answered(code))).id for code in [404, 200] + [404] * 40]
    middle = ids[20]
    text = (await ana.get(f"/app/deliveries/{middle}?state=failed")).text
    shown = [int(one) for one in re.findall(r'id="beside-(\d+)"', text)]
    assert shown == [one for one in reversed(ids) if one != ids[1] and one <= ids[28]]
    [opened] = re.findall(r'href="([^"]*)" aria-current="true"', text.partition('id="beside"')[2])
    assert opened == f"/app/deliveries/{middle}?state=failed"
    path = f"/app/deliveries/{middle}/beside?state=failed"
    again = await ana.get(path, headers={"hx-request": "true"})
    assert again.text.lstrip().startswith("<nav")
    assert (await ana.get(path)).headers["location"] == f"/app/deliveries/{middle}?state=failed"
    assert (await celia.get(path, headers={"hx-request": "true"})).status_code == 404


async def test_new_deliveries_are_announced_and_move_nothing(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        old = await a_delivery(tx, cast.account.id)
    page = (await ana.get("/app/deliveries")).text
    refresh = f"/app/deliveries?newest={old.id}"
    assert f'hx-get="{refresh}"' in page
    async with database.transaction() as tx:
        new = [await a_delivery(tx, cast.account.id) for _ in range(3)]
    fragment = (await ana.get(refresh, headers={"hx-request": "true"})).text
    assert fragment.lstrip().startswith("<div")
    assert "3 new – show them" in fragment
    assert f'id="delivery-{old.id}"' in fragment
    assert f'id="delivery-{new[0].id}"' not in fragment
    assert f'hx-get="{refresh}"' in fragment


async def test_an_empty_log_fills_by_itself(ana: Browser, database: Database, cast: Cast) -> None:
    assert 'hx-get="/app/deliveries"' in (await ana.get("/app/deliveries")).text
    async with database.transaction() as tx:
        made = await a_delivery(tx, cast.account.id)
    fragment = await ana.get("/app/deliveries", headers={"hx-request": "true"})
    assert f'id="delivery-{made.id}"' in fragment.text
    assert "show" not in fragment.text


# --- one delivery ---------------------------------------------------------------------------------


async def test_a_delivery_tells_what_was_sent_and_what_came_back(
    ana: Browser, delivered: Delivery
) -> None:
    text = (await ana.get(f"/app/deliveries/{delivered.id}")).text
    assert "Delivered: the receiver answered 201." in text
    assert "https://crm.example/contacts" in text
    assert '<span class="tok-num">9007199254740993</span>' in text
    assert delivered.webhook_id in text
    assert "curl --request POST" in text
    assert "Send again" in text


async def test_ids_are_copied_with_a_button(ana: Browser, delivered: Delivery) -> None:
    text = (await ana.get(f"/app/deliveries/{delivered.id}")).text
    for one in (delivered.id, delivered.webhook_id):
        assert f'<copy-button value="{one}">' in text


async def test_secrets_are_masked_everywhere(ana: Browser, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        made = await a_delivery(
            tx, cast.account.id, headers=(RequestHeader("Authorization", "", secret_id=5),)
        )
    text = (await ana.get(f"/app/deliveries/{made.id}")).text
    assert '<span class="masked">••••••</span>' in text
    assert "Authorization: ••" in text  # in the cURL command


async def test_a_failure_says_what_to_do_and_when_it_is_tried_again(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        made = await ended(tx, cast, failed(Trouble.DNS, "no such host"))
        await tx.refresh(made)
    text = (await ana.get(f"/app/deliveries/{made.id}")).text
    assert "There is no such host." in text
    assert "Check the spelling of the address in the URL." in text
    assert "No such host" in text
    assert made.due_at is not None
    assert made.due_at.isoformat() in text
    assert "There was no answer." in text


async def test_it_says_when_the_log_forgets_it(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        waits = await ended(tx, cast, answered(503), action_id=1)
        ends = await ended(tx, cast, answered(200), action_id=2)
        await tx.execute(update(Delivery).values(keep_days=7))
    assert "In the log until" not in (await ana.get(f"/app/deliveries/{waits.id}")).text
    text = (await ana.get(f"/app/deliveries/{ends.id}")).text
    told = text.partition("In the log until")[2].partition("</dd>")[0]
    assert f"{NOW + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}" in told


async def test_the_log_says_how_long_the_answer_took(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        made = await ended(tx, cast, answered(200))
        kept = await find_delivery(tx, cast.account.id, made.id)
        assert kept is not None
        with speaking("en"):
            took = milliseconds(kept.attempts[-1].milliseconds)
    row = (await ana.get("/app/deliveries")).text.partition("<tbody>")[2].partition("</tr>")[0]
    assert took in row


@pytest.mark.parametrize(
    ("response", "shown"),
    [
        (Response(200, JSON, b"<b>no</b>", 9, False, TIMING), "&lt;b&gt;no&lt;/b&gt;"),
        (Response(200, (), b"", 0, False, TIMING), "The answer has no body."),
        (
            Response(200, (("Content-Type", "image/png"),), b"\x89PNG\0\1", 6, False, TIMING),
            "Not text: image/png, 6 bytes.",
        ),
        (Response(200, (), b"\0\0", 2, False, TIMING), "application/octet-stream"),
        (Response(200, (), b"ol\xe1", 3, False, TIMING), "olá"),  # Windows-1252
        (Response(200, (), "olá"[:3].encode()[:3], 900, True, TIMING), "first 3 of 900 bytes"),
    ],
)
async def test_every_kind_of_answer_can_be_shown(
    ana: Browser, database: Database, cast: Cast, response: Response, shown: str
) -> None:
    async with database.transaction() as tx:
        made = await ended(tx, cast, response)
    assert shown in (await ana.get(f"/app/deliveries/{made.id}")).text


async def test_what_is_gone_is_shown_by_name_only(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        action = await an_action(tx, cast, "ERP")
        rule = await a_rule(tx, cast, does("send_custom_action", action.id), name="Tell it")
        about: dict[str, Any] = {"action_id": action.id, "action_name": "ERP"}
        made = await ended(tx, cast, answered(200), rule_id=rule.id, rule_name="Tell it", **about)
    text = (await ana.get(f"/app/deliveries/{made.id}")).text
    assert f'<a href="/app/actions/{action.id}">ERP</a>' in text
    assert f'<a href="/app/automation/{rule.id}">Tell it</a>' in text
    async with database.transaction() as tx:
        await delete_action(tx, action, now=NOW)
    text = (await ana.get(f"/app/deliveries/{made.id}")).text
    assert f'href="/app/actions/{action.id}"' not in text
    assert "(deleted)" in text
    assert "Send again" in text


async def test_the_page_is_left_alone_while_nothing_happened(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        made = await a_delivery(tx, cast.account.id)
    text = (await ana.get(f"/app/deliveries/{made.id}")).text
    refresh = text.split('id="delivery"')[1].split('hx-get="')[1].split('"')[0]
    assert refresh.startswith(f"/app/deliveries/{made.id}?seen=")
    assert (await ana.get(refresh, headers={"hx-request": "true"})).status_code == 204
    async with database.transaction() as tx:
        [mine] = await claim(tx)
        await record(tx, [tried(mine, answered(200))], now=NOW)
    changed = await ana.get(refresh, headers={"hx-request": "true"})
    assert changed.status_code == 200
    assert changed.text.lstrip().startswith("<div")


async def test_a_destination_that_fails_is_named_while_nothing_is_sent_there(
    ana: Browser, celia: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        made = await a_delivery(tx, cast.account.id)
        until = NOW + timedelta(minutes=5)
        tx.add(Lane(lane=made.lane, concurrency=1.0, open_until=until))
    told = "Half of the calls to crm.example:443 fail, so nothing is sent there for a while."
    for path in ("/app/deliveries", f"/app/deliveries/{made.id}"):
        text = (await ana.get(path)).text
        assert told in text
        assert f"{until:%Y-%m-%dT%H:%M:%SZ}" in text
    assert told not in (await celia.get("/app/deliveries")).text


# --- sending again --------------------------------------------------------------------------------


async def again(database: Database, cast: Cast, delivery_id: int) -> Delivery:
    async with database.transaction() as tx:
        found = await find_delivery(tx, cast.account.id, delivery_id)
    assert found is not None
    return found


def seen_in(text: str) -> str:
    return text.split('name="seen" value="')[1].split('"')[0]


async def test_it_is_sent_again_once_however_often_one_presses(
    ana: Browser, database: Database, cast: Cast, delivered: Delivery
) -> None:
    there = f"/app/deliveries/{delivered.id}"
    seen = {"seen": seen_in((await ana.get(there)).text)}
    answer = await ana.post(f"{there}/retry", seen)
    assert (answer.status_code, answer.headers["location"]) == (303, there)
    waiting = await again(database, cast, delivered.id)
    assert waiting.state == State.PENDING
    assert waiting.reason["why"] == Why.AGAIN
    assert "Waiting to be sent again, as Ana Lima asked." in (await ana.get(there)).text
    async with database.transaction() as tx:
        [mine] = await claim(tx, now=waiting.due_at or NOW)
        await record(tx, [tried(mine, answered(200))], now=NOW)
    second = await ana.post(f"{there}/retry", seen, htmx=True)  # the other half of a double click
    assert second.text.lstrip().startswith("<div")
    assert (await again(database, cast, delivered.id)).state == State.DELIVERED


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"is_test": True}, "This was a test"),
        (
            {"not_sent": NotSent(State.FAILED, {"trouble": Trouble.TEMPLATE})},
            "",  # has its request here: it can be sent
        ),
    ],
)
async def test_why_it_cannot_be_sent_again_is_said(
    ana: Browser, database: Database, cast: Cast, about: dict[str, Any], reason: str
) -> None:
    async with database.transaction() as tx:
        made = await a_delivery(tx, cast.account.id, due_at=NOW + timedelta(days=9), **about)
    text = (await ana.get(f"/app/deliveries/{made.id}")).text
    assert reason in text
    assert ('id="send-again-why"' in text) is bool(reason)
    before = await again(database, cast, made.id)
    await ana.post(f"/app/deliveries/{made.id}/retry")
    after = await again(database, cast, made.id)
    assert (after.due_at == before.due_at) is bool(reason)


async def test_an_action_that_is_off_sends_nothing_by_hand_neither(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        action = await an_action(tx, cast, "ERP", state=ActionState.OFF)
        skipped = NotSent(State.SKIPPED, {"why": Why.ACTION_OFF})
        made = await a_delivery(tx, cast.account.id, not_sent=skipped, action_id=action.id)
    text = (await ana.get(f"/app/deliveries/{made.id}")).text
    assert "Not sent: the custom action is switched off." in text
    assert "Switch it on, then send this again." in text
    await ana.post(f"/app/deliveries/{made.id}/retry")
    assert (await again(database, cast, made.id)).state == State.SKIPPED


async def test_the_side_panel_lists_the_calls_of_its_conversation(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        mine = await ended(tx, cast, answered(500), conversation_id=12)
        other = await ended(tx, cast, answered(200), conversation_id=13)
    text = (await ana.get("/app/deliveries/of?conversation=12")).text
    assert f"/app/deliveries/{mine.id}" in text
    assert f"/app/deliveries/{other.id}" not in text
    assert 'data-live="calls:12 calls"' in text  # others do not concern it
    assert "<html" not in text


async def test_the_log_speaks_the_readers_language(
    ana: Browser, delivered: Delivery, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        assert await find_membership(tx, cast.account.id, cast.ana.user_id) is not None
    await ana.post("/app/language", {"language": "pt_BR", "next": "/app"})
    text = (await ana.get(f"/app/deliveries/{delivered.id}")).text
    assert "Enviar novamente" in text
    assert "12 ms" in text


# --- parts ----------------------------------------------------------------------------------------


def test_the_bar_shows_where_the_time_went() -> None:
    timing = {"total": 100.0, "dns": 5.0, "connect": 10.0, "tls": 15.0, "first_byte": 60.0}
    phases = phases_of(timing)
    assert [one.name for one in phases] == ["dns", "connect", "tls", "wait", "download"]
    assert [one.milliseconds for one in phases] == [5.0, 10.0, 15.0, 60.0, 10.0]
    assert [one.part for one in phases] == [2, 5, 5, 20, 5]
    assert phases_of({"total": 3.0}) == []
    assert [one.part for one in phases_of({"total": 0.0, "dns": 0.0})] == [1]


def test_milliseconds_are_written_as_the_reader_does() -> None:
    assert [milliseconds(one) for one in (0, 2.74, 9.96, 1412.3)] == [
        "0 ms", "2.7 ms", "10 ms", "1,412 ms",
    ]  # fmt: skip
    with speaking("pt_BR"):
        assert milliseconds(2.74) == "2,7 ms"


async def test_what_waits_can_be_cancelled_on_its_page(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        made = await ended(tx, cast, answered(503))
    assert 'id="cancel-delivery"' in (await ana.get(f"/app/deliveries/{made.id}")).text
    await ana.post(f"/app/deliveries/{made.id}/cancel")
    text = (await ana.get(f"/app/deliveries/{made.id}")).text
    assert "Cancelled by Ana" in text
    assert 'id="cancel-delivery"' not in text


async def test_the_timeline_says_why_there_was_each_attempt(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        made = await ended(tx, cast, answered(503))
        [second] = await claim(tx, now=NOW + timedelta(minutes=5))
        await record(tx, [tried(second, answered(404), now=NOW + timedelta(minutes=5))], now=NOW)
    await ana.post(f"/app/deliveries/{made.id}/retry")
    async with database.transaction() as tx:
        [third] = await claim(tx, now=NOW + timedelta(days=3650))
        await record(tx, [tried(third, answered(200))], now=NOW)
    text = (await ana.get(f"/app/deliveries/{made.id}")).text
    assert text.index("asked for by Ana") < text.index("tried again by itself")
    assert text.index("tried again by itself") < text.index("first try")
    assert "The next attempt came after 5 minutes" in text


async def test_a_call_whose_bodies_were_not_kept_says_so(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        quiet = Policy(keeps_bodies=False)
        made = await ended(tx, cast, answered(410, JSON, b'"private"'), policy=quiet)
        await tx.execute(update(Delivery).values(awaits_answer=False))
        assert await drop_bodies(tx, now=NOW) == 1
    text = (await ana.get(f"/app/deliveries/{made.id}")).text
    assert text.count("The custom action says that bodies are not kept.") == 2
    assert "so it cannot be sent as it was" in text
    assert "private" not in text
    await ana.post(f"/app/deliveries/{made.id}/retry")
    async with database.transaction() as tx:
        found = await find_delivery(tx, cast.account.id, made.id)
        assert found is not None
        assert found.state == State.FAILED
