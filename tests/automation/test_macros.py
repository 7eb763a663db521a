"""Macros: what a rule can do, at the press of a button, done as the person who presses it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from recado.accounts.models import Membership
from recado.accounts.teams import create_team, delete_team
from recado.actions.models import CustomAction
from recado.automation.macros import MacroDraft, find_macro, macros_for, save_macro
from recado.automation.models import Macro, Result
from recado.contacts.labels import create_label
from recado.conversations.finding import find_conversation
from recado.conversations.models import Conversation, Message
from recado.db.database import Database
from recado.deliveries.models import Delivery
from recado.deliveries.recording import record
from tests.automation.rules import row
from tests.automation.stories import a_rule, an_action, does, run, verdicts
from tests.browser import Browser
from tests.counting import counted
from tests.deliveries.rows import answered, claim, tried
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

SAYS = [
    does("send_message", "Hi {{ contact.name }}"),
    does("add_label", "vip"),
    does("assign_agent", "self"),
]


@pytest.fixture
async def talk(database: Database, cast: Cast) -> Conversation:
    async with database.transaction() as tx:
        made = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await run(tx)
        return made


@pytest.fixture
async def action(database: Database, cast: Cast) -> CustomAction:
    async with database.transaction() as tx:
        return await an_action(
            tx, cast, body='{"who": "{{ agent.name }}", "event": "{{ event.name }}"}'
        )


async def a_macro(
    database: Database, member: Membership, *effects: Any, visibility: str = "global"
) -> Macro:
    async with database.transaction() as tx:
        draft = MacroDraft("Close the order", visibility, list(effects or SAYS))
        return await save_macro(tx, None, draft, member, now=NOW)


async def test_it_is_done_as_the_person_who_runs_it_and_rules_answer(
    beto: Browser, database: Database, cast: Cast, talk: Conversation
) -> None:
    macro = await a_macro(database, cast.ana)
    async with database.transaction() as tx:
        rule = await a_rule(tx, cast, when=row("message_type", "equal_to", "outgoing"))
    answer = await beto.post(f"/app/macros/{macro.id}/run", {"conversation": "1"})
    assert answer.status_code == 200
    assert answer.text.count("Done") == 3
    async with database.transaction() as tx:
        await run(tx)
        now = await find_conversation(tx, cast.account.id, talk.display_id)
        said = await tx.scalar(select(Message).where(Message.message_type == "outgoing"))
        [verdict] = await verdicts(tx, rule)
    assert now is not None
    assert said is not None
    assert (now.labels, now.assignee_id) == (["vip"], cast.beto.user_id)
    assert (said.content, said.sender_user_id) == ("Hi Maria Souza", cast.beto.user_id)
    assert said.content_attributes == {}
    assert verdict.result == Result.MATCHED


async def test_the_answer_of_a_custom_action_is_shown_at_once(
    beto: Browser, database: Database, cast: Cast, talk: Conversation, action: CustomAction
) -> None:
    macro = await a_macro(database, cast.ana, does("send_custom_action", action.id))
    text = (await beto.post(f"/app/macros/{macro.id}/run", {"conversation": "1"}, htmx=True)).text
    assert "Waiting" in text
    again = text.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    async with database.transaction() as tx:
        [one] = await claim(tx, now=datetime.now(UTC))
        await record(tx, [tried(one, answered(200, body=b'{"folder": 77}'))], now=NOW)
    text = (await beto.get(again, headers={"hx-request": "true"})).text
    assert "Delivered" in text
    assert "77" in text
    assert "/app/deliveries/" not in text  # agents may not open the log
    async with database.transaction() as tx:
        delivery = await tx.scalar(select(Delivery))
    assert delivery is not None
    assert (delivery.rule_id, delivery.is_test, delivery.action_version) == (None, False, 1)
    assert delivery.request["body"] == '{"who": "Beto Reis", "event": "macro.executed"}'


async def test_no_call_of_anything_else_is_shown(
    beto: Browser, database: Database, cast: Cast, talk: Conversation, action: CustomAction
) -> None:
    async with database.transaction() as tx:
        await a_rule(tx, cast, does("send_custom_action", action.id))

        await a_message(tx, talk, "hello")
        await run(tx)
        delivery = await tx.scalar(select(Delivery))
    assert delivery is not None
    text = (await beto.get(f"/app/macros/of?conversation=1&sent={delivery.id}&sent=x")).text
    assert "CRM" not in text


async def test_who_sees_and_changes_which(
    ana: Browser, beto: Browser, celia: Browser, database: Database, cast: Cast, talk: Conversation
) -> None:
    shared = await a_macro(database, cast.ana)
    mine = await a_macro(database, cast.beto)  # an agent's is personal, whatever they ask for
    assert mine.visibility == "personal"
    assert (await ana.get(f"/app/macros/{mine.id}/edit")).status_code == 404
    assert (await beto.get(f"/app/macros/{mine.id}/edit")).status_code == 200
    assert (await beto.get(f"/app/macros/{shared.id}/edit")).status_code == 403
    assert (await beto.get(f"/app/macros/{shared.id}/delete")).status_code == 403
    assert (await beto.post(f"/app/macros/{shared.id}/delete")).status_code == 403
    assert (await celia.get(f"/app/macros/{shared.id}/delete")).status_code == 404
    for path in (f"/app/macros/{shared.id}/run", f"/app/macros/{shared.id}/delete"):
        assert (await celia.post(path, {"conversation": "1"})).status_code == 404
    assert (
        await ana.post(f"/app/macros/{shared.id}/run", {"conversation": "99"})
    ).status_code == 404
    async with database.transaction() as tx:
        assert [one.id for one in await macros_for(tx, cast.ana)] == [shared.id]
        assert len(await macros_for(tx, cast.beto)) == 2
        assert await find_macro(tx, cast.celia, shared.id) is None


async def test_what_is_gone_is_said_in_words_where_a_macro_stands_and_when_it_runs(
    ana: Browser, database: Database, cast: Cast, talk: Conversation
) -> None:
    async with database.transaction() as tx:
        team = await create_team(tx, cast.account.id, "sales")
        action = await an_action(tx, cast)
    gone = (does("assign_team", team.id), does("send_custom_action", action.id))
    macro = await a_macro(database, cast.ana, *gone, does("assign_agent", 987))
    async with database.transaction() as tx:
        await delete_team(tx, team)
        await tx.delete(action)
    lost = (
        "assign to the team that no longer exists, send the custom action that no longer exists, "
        "assign to somebody who left the account"
    )
    page = (await ana.get("/app/macros")).text
    assert lost in page
    assert "There is no such team. It may have been deleted." in page
    form = (await ana.get(f"/app/macros/{macro.id}/edit")).text
    assert ">Deleted team</option>" in form
    assert ">Somebody who left the account</option>" in form
    ran = (await ana.post(f"/app/macros/{macro.id}/run", {"conversation": "1"})).text
    for why in (
        "This team was deleted.",
        "The custom action was deleted.",
        "This agent is no longer in the account.",
    ):
        assert why in ran


async def test_the_form_offers_whoever_runs_it_and_nothing_that_is_never_done(
    ana: Browser, database: Database, cast: Cast
) -> None:
    macro = await a_macro(database, cast.ana, does("assign_agent", "self"))
    form = (await ana.get(f"/app/macros/{macro.id}/edit")).text
    assert '<option value="self" selected>Whoever runs the macro</option>' in form
    assert "send_webhook_event" not in form
    assert "assign to “Whoever runs the macro”" in (await ana.get("/app/macros")).text
    rule = (await ana.get("/app/automation/new")).text
    assert "send_webhook_event" in rule
    assert "Whoever runs the macro" not in rule


async def test_a_macro_is_made_changed_and_deleted(
    ana: Browser, database: Database, cast: Cast
) -> None:
    form = {
        "name": "Thank", "visibility": "global", "actions-0-name": "send_message",
        "actions-0-was": "send_message", "actions-0-params": "Thank you",
    }  # fmt: skip
    assert "No macros yet" in (await ana.get("/app/macros")).text
    assert (await ana.get("/app/macros/new")).status_code == 200
    refused = await ana.post("/app/macros", {**form, "name": " ", "actions-0-params": ""})
    assert refused.status_code == 422
    assert "Please enter a name." in refused.text
    assert (await ana.post("/app/macros", form)).headers["location"] == "/app/macros"
    more = (await ana.post("/app/macros/draft", {**form, "do": "add-actions"})).text
    assert "actions-1-name" in more
    assert 'hx-post="/app/macros/draft"' in more
    async with database.transaction() as tx:
        [made] = await macros_for(tx, cast.ana)
    assert (made.name, made.effects) == ("Thank", [does("send_message", "Thank you")])
    here = f"/app/macros/{made.id}"
    assert (await ana.post(here, {**form, "name": "Thanks"})).status_code == 303
    assert "Thanks" in (await ana.get("/app/macros")).text
    assert (await ana.post(f"{here}/delete")).status_code == 303
    assert (await ana.get(f"{here}/edit")).status_code == 404


async def test_the_api_of_macros(
    ana: Browser, database: Database, cast: Cast, talk: Conversation
) -> None:
    path = f"/api/v1/accounts/{cast.account.id}/macros"
    async with database.transaction() as tx:
        await create_label(tx, cast.account.id, "vip")

    async def call(method: str, there: str = "", body: Any = None, token: str = "") -> Any:
        return await ana.api(method, path + there, token or cast.ana_token, body)

    body = {"name": "Close", "visibility": "global", "actions": SAYS}
    made = (await call("POST", "", body)).json()["payload"]
    assert (made["name"], made["visibility"], made["actions"]) == ("Close", "global", SAYS)
    assert made["created_by"]["name"] == "Ana Lima"
    assert (
        await call("POST", "", {"name": "x", "actions": [{"action_name": "fly"}]})
    ).status_code == 422
    own = (await call("POST", "", body, cast.beto_token)).json()["payload"]
    assert own["visibility"] == "personal"
    assert [one["id"] for one in (await call("GET")).json()["payload"]] == [made["id"]]
    renamed = await call("PUT", f"/{made['id']}", {"name": "Closed"})
    assert renamed.json()["payload"]["name"] == "Closed"
    denied = await call("PATCH", f"/{made['id']}", {"name": "x"}, cast.beto_token)
    assert denied.status_code == 401
    ran = await call("POST", f"/{made['id']}/execute", {"conversation_ids": [1]}, cast.beto_token)
    assert (ran.status_code, ran.text) == (200, "")
    async with database.transaction() as tx:
        now = await find_conversation(tx, cast.account.id, 1)
    assert now is not None
    assert (now.labels, now.assignee_id) == (["vip"], cast.beto.user_id)
    assert (
        await call("POST", f"/{made['id']}/execute", {"conversation_ids": [9]})
    ).status_code == 404
    assert (await call("DELETE", f"/{made['id']}")).status_code == 200
    assert (await call("GET", f"/{made['id']}")).status_code == 404


async def test_what_macros_may_name_is_read_only_where_there_are_some(
    beto: Browser, database: Database, cast: Cast, talk: Conversation
) -> None:
    async def read() -> list[str]:
        with counted(database) as statements:
            shown = await beto.get("/app/macros/of?conversation=1")
        assert shown.status_code == 200
        tables = ("custom_attributes", "custom_actions", "labels", "uploads")
        return [one for one in tables if any(f"from {one}" in it.lower() for it in statements)]

    assert await read() == []
    await a_macro(database, cast.ana)
    assert await read() == ["custom_attributes", "custom_actions", "labels", "uploads"]
