"""What keeps a rule back: its own settings, a rule above it, and loops, here and through others."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from recado.automation.models import AutomationRule, Cascade, Result
from recado.automation.restraining import (
    Held,
    control_from,
    control_problems,
    held_back,
)
from recado.automation.saving import move_rule, rules_of
from recado.conversations.changing import change_conversation
from recado.conversations.models import Conversation, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Database, Transaction
from recado.deliveries.chaining import HEADER
from recado.deliveries.models import Delivery
from recado.events.causes import Actor, Cause, cause_from
from tests.automation.rules import row
from tests.automation.stories import ANY_STATUS, a_rule, an_action, does, run, verdicts
from tests.automation.test_pages import FILLED
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message, gather

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # 9:00 in São Paulo
OFFICE = {"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00", "time_zone": "America/Sao_Paulo"}
NIGHT = {"days": [5], "from": "22:00", "to": "06:00", "time_zone": "UTC"}


@pytest.mark.parametrize(
    ("control", "at", "last", "expected"),
    [
        ({}, MONDAY, MONDAY, None),
        ({"once": True}, MONDAY, None, None),
        ({"once": True}, MONDAY, MONDAY - timedelta(days=400), Held.ONCE),
        ({"cool_down": 60}, MONDAY, MONDAY - timedelta(minutes=59), Held.COOL_DOWN),
        ({"cool_down": 60}, MONDAY, MONDAY - timedelta(minutes=60), None),
        ({"hours": OFFICE}, MONDAY, None, None),
        ({"hours": OFFICE}, MONDAY - timedelta(seconds=1), None, Held.HOURS),
        ({"hours": OFFICE}, MONDAY + timedelta(hours=9), None, Held.HOURS),  # 18:00 is over
        ({"hours": OFFICE}, MONDAY - timedelta(days=1), None, Held.HOURS),  # Sunday
        ({"hours": NIGHT}, datetime(2026, 11, 27, 23, 0, tzinfo=UTC), None, None),  # Friday night
        ({"hours": NIGHT}, datetime(2026, 11, 28, 5, 59, tzinfo=UTC), None, None),  # still that one
        (
            {"hours": NIGHT},
            datetime(2026, 11, 27, 5, 0, tzinfo=UTC),
            None,
            Held.HOURS,
        ),  # Thursday's
        ({"hours": NIGHT}, datetime(2026, 11, 28, 6, 0, tzinfo=UTC), None, Held.HOURS),
    ],
)
def test_what_keeps_a_rule_back(
    control: dict[str, Any], at: datetime, last: datetime | None, expected: Held | None
) -> None:
    assert control_problems(control) == []
    assert held_back(control_from(control), at=at, last=last) == expected


@pytest.mark.parametrize(
    ("control", "field"),
    [
        ([], "control"),
        ({"unknown": 1}, "control"),
        ({"once": "yes"}, "control.once"),
        ({"cool_down": -1}, "control.cool_down"),
        ({"cool_down": "soon"}, "control.cool_down"),
        ({"cool_down": True}, "control.cool_down"),
        ({"cool_down": 43_201}, "control.cool_down"),
        ({"hours": "always"}, "control.hours"),
        ({"hours": {"days": [1]}}, "control.hours"),
        ({"hours": {**OFFICE, "days": []}}, "control.days"),
        ({"hours": {**OFFICE, "days": [8]}}, "control.days"),
        ({"hours": {**OFFICE, "from": "9"}}, "control.from"),
        ({"hours": {**OFFICE, "to": "24:00"}}, "control.to"),
        ({"hours": {**OFFICE, "to": "09:00"}}, "control.to"),
        ({"hours": {**OFFICE, "time_zone": "Mars/Base"}}, "control.time_zone"),
    ],
)
def test_a_wrong_control_is_told_at_its_field(control: Any, field: str) -> None:
    assert [one.field for one in control_problems(control)] == [field]


# --- on events ------------------------------------------------------------------------------------


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


@pytest.fixture
async def talk(tx: Transaction, people: Cast) -> Conversation:
    made = await a_conversation(tx, people.inbox, await a_contact(tx, people.account))
    await run(tx)
    return made


async def controlled(tx: Transaction, rule: AutomationRule, **control: Any) -> AutomationRule:
    rule.control = control
    await tx.flush()
    return rule


async def results(tx: Transaction, rule: AutomationRule) -> list[tuple[str, str | None]]:
    return [(one.result, (one.reason or {}).get("code")) for one in await verdicts(tx, rule)]


async def test_once_holds_in_a_batch_and_in_the_next(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await controlled(tx, await a_rule(tx, people, does("add_label", "vip")), once=True)
    await a_message(tx, talk)
    await a_message(tx, talk)
    await run(tx)
    await a_message(tx, talk)
    await run(tx)
    held = (Result.HELD_BACK, Held.ONCE)
    assert await results(tx, rule) == [(Result.MATCHED, None), held, held]


async def test_once_is_for_each_conversation(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await controlled(tx, await a_rule(tx, people, does("add_label", "vip")), once=True)
    other = await a_conversation(tx, people.inbox, talk.contact)
    await a_message(tx, talk)
    await a_message(tx, other)
    await run(tx)
    assert [one for one, _ in await results(tx, rule)] == [Result.MATCHED, Result.MATCHED]


async def test_a_rule_that_fires_stops_those_below_it(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    when = row("content", "contains", "order")
    first = await a_rule(tx, people, does("add_label", "vip"), when=when, name="first")
    await controlled(tx, first, stops=True)
    second = await a_rule(tx, people, does("change_priority", "low"), name="second")
    await a_message(tx, talk, "order")
    await a_message(tx, talk, "hello")  # the first does not fire: it stops nothing
    await run(tx)
    assert await results(tx, second) == [
        (Result.HELD_BACK, Held.PASSED_OVER),
        (Result.MATCHED, None),
    ]
    [held, _] = await verdicts(tx, second)
    assert held.reason == {"code": "passed_over", "rule": "first"}


async def test_rules_are_moved(tx: Transaction, people: Cast) -> None:
    one, two, three = [await a_rule(tx, people, name=name) for name in ("1", "2", "3")]

    async def order() -> str:
        return "".join(rule.name for rule in await rules_of(tx, people.account.id))

    await move_rule(tx, three, to=0)
    assert await order() == "312"
    await move_rule(tx, three, to=99)
    assert await order() == "123"
    await move_rule(tx, one, to=-5)
    await move_rule(tx, two, to=2)
    assert await order() == "132"


# --- loops ----------------------------------------------------------------------------------------


async def test_a_loop_of_rules_is_stopped_and_drawn(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    on = {"on": "conversation_updated", "when": ANY_STATUS}
    ping = await a_rule(tx, people, does("add_label", "ping"), name="Ping", **on)
    pong = await a_rule(tx, people, does("remove_label", "ping"), name="Pong", **on)
    by = Cause(Actor.PERSON, people.ana.user_id)
    await change_conversation(tx, talk, {"priority": "low"}, cause=by, now=NOW)
    await run(tx)
    stopped = [one for one in await verdicts(tx) if one.result == Result.STOPPED]
    assert stopped
    reason = stopped[-1].reason or {}
    assert reason["code"] == "loop"
    assert {station["id"] for station in reason["path"]} <= {ping.id, pong.id}
    assert len(reason["path"]) >= 2


async def test_one_cause_leads_to_so_many_firings_and_no_more(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_rule(tx, people, does("add_label", "vip"))
    cause = Cause(Actor.RULE, 99, (99,), ("",), NOW, root=5)
    tx.add(Cascade(root=5, firings=99, created_at=NOW))
    await tx.flush()
    for _ in range(2):
        draft = MessageDraft("Hi", MessageType.INCOMING, sender=talk.contact)
        await post_message(tx, talk, draft, cause=cause, now=NOW)
    await run(tx)
    assert await results(tx, rule) == [(Result.MATCHED, None), (Result.STOPPED, "fan_out")]
    firings = select(Cascade.firings).where(Cascade.root == 5)
    assert await tx.scalar(firings) == 100


def test_a_cause_survives_its_row() -> None:
    cause = Cause(Actor.TOKEN, 3).by_rule(7, event_id=12, at=NOW)
    assert cause_from(cause.as_json()) == cause
    assert cause_from({"actor": "rule", "id": 7, "chain": [7]}).via == ("",)  # of older rows


# --- through another system -----------------------------------------------------------------------


class Outside:
    """Another system that answers every call of ours by calling our API."""

    door = "conversations/1/labels"

    def __init__(self, browser: Browser, cast: Cast, database: Database, *, keeps: bool) -> None:
        self.browser, self.cast, self.database, self.keeps = browser, cast, database, keeps
        self.answered = 0

    async def answer(self) -> bool:
        """Answer the newest call that was not answered; whether there was one."""
        async with self.database.transaction() as tx:
            await run(tx)
            await tx.execute(update(Delivery).values(created_at=func.now()))
            calls = list(await tx.scalars(select(Delivery).order_by(Delivery.id)))
        if len(calls) <= self.answered:
            return False
        self.answered += 1
        await self.touch({HEADER: calls[self.answered - 1].webhook_id} if self.keeps else {})
        return True

    async def touch(self, headers: dict[str, str]) -> None:
        label = f"turn-{self.answered}"
        bodies = {
            "conversations/1/labels": {"labels": [label]},
            "bulk_actions": {"type": "Conversation", "ids": [1], "labels": {"add": [label]}},
        }
        path = f"/api/v1/accounts/{self.cast.account.id}/{self.door}"
        answer = await self.browser._client.post(
            path,
            json=bodies[self.door],
            headers={"api_access_token": self.cast.ana_token, **headers},
        )
        assert answer.status_code == 200


@pytest.fixture
async def looping(database: Database, cast: Cast) -> AutomationRule:
    async with database.transaction() as tx:
        action = await an_action(tx, cast, "CRM")
        await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await run(tx)
        return await a_rule(
            tx, cast, does("send_custom_action", action.id), name="Tell the CRM",
            on="conversation_updated", when=ANY_STATUS,
        )  # fmt: skip


@pytest.mark.parametrize("door", ["conversations/1/labels", "bulk_actions"])
@pytest.mark.parametrize(("keeps", "calls"), [(True, 1), (False, 5)])
async def test_a_loop_through_another_system_comes_to_an_end(
    door: str, keeps: bool, calls: int, looping: AutomationRule, database: Database, cast: Cast,
    ana: Browser,
) -> None:  # fmt: skip
    outside = Outside(ana, cast, database, keeps=keeps)
    outside.door = door
    await outside.touch({})
    for _ in range(20):
        if not await outside.answer():
            break
    assert outside.answered == calls
    async with database.transaction() as tx:
        last = (await verdicts(tx, looping))[-1]
    assert last.result == Result.STOPPED
    path = (last.reason or {})["path"]
    assert [one["via"] for one in path] == ["CRM"] * calls + [""]
    page = (await ana.get(f"/app/automation/{looping.id}")).text
    assert f"a loop, {calls + 1} turns in" in page
    assert "action “CRM”" in page


async def test_what_a_contact_does_through_a_bridge_is_no_loop(
    looping: AutomationRule, database: Database, cast: Cast, ana: Browser
) -> None:
    async with database.transaction() as tx:
        action = await an_action(tx, cast, "Bot")
        rule = await a_rule(tx, cast, does("send_custom_action", action.id))
    for number in range(8):
        path = f"/api/v1/accounts/{cast.account.id}/conversations/1/messages"
        body = {"content": f"message {number}", "message_type": "incoming"}
        assert (await ana.api("POST", path, cast.ana_token, body)).status_code == 200
        async with database.transaction() as tx:
            await run(tx)
    async with database.transaction() as tx:
        assert [one.result for one in await verdicts(tx, rule)] == [Result.MATCHED] * 8


async def test_a_strangers_chain_id_means_nothing(
    looping: AutomationRule, database: Database, cast: Cast, ana: Browser
) -> None:
    outside = Outside(ana, cast, database, keeps=True)
    await outside.touch({HEADER: "msg_" + "0" * 32})
    async with database.transaction() as tx:
        await run(tx)
        assert [one.result for one in await verdicts(tx, looping)] == [Result.MATCHED]


# --- pages ----------------------------------------------------------------------------------------


async def test_rules_are_moved_by_buttons(ana: Browser, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        rules = [await a_rule(tx, cast, name=name) for name in ("One", "Two", "Three")]
    answer = await ana.post(f"/app/automation/{rules[2].id}/move", {"to": "up"})
    assert answer.status_code == 303
    text = (await ana.post(f"/app/automation/{rules[2].id}/move", {"to": "up"}, htmx=True)).text
    assert text.index("Three") < text.index("One") < text.index("Two")
    for nonsense in ("", "sideways", "-1", "9" * 30):
        answer = await ana.post(f"/app/automation/{rules[2].id}/move", {"to": nonsense})
        assert answer.status_code == 303
    async with database.transaction() as tx:
        found = [one.name for one in await rules_of(tx, cast.account.id)]
    assert found == ["Three", "One", "Two"]


async def test_control_is_saved_by_the_form(ana: Browser, database: Database, cast: Cast) -> None:
    hours = {"has_hours": "true", "from": "08:00", "to": "12:00", "time_zone": "UTC"}
    form = {
        **FILLED,
        "once": "true",
        "stops": "true",
        "cool_down": "15",
        **hours,
        "days": ["1", "7"],
    }
    assert (await ana.post("/app/automation", form)).status_code == 303
    async with database.transaction() as tx:
        [made] = await rules_of(tx, cast.account.id)
    assert made.control == {
        "once": True,
        "stops": True,
        "cool_down": 15,
        "hours": {"days": [1, 7], "from": "08:00", "to": "12:00", "time_zone": "UTC"},
    }
    refused = await ana.post("/app/automation", {**form, "cool_down": "soon", "from": "25:00"})
    assert refused.status_code == 422
    assert 'value="soon"' in refused.text
    assert "Enter a time such as 09:00." in refused.text
    page = (await ana.get("/app/automation")).text
    assert "stops the rules below" in page
    assert "once per conversation" in page
