"""The pages of automation rules."""

import re
from typing import Any

import pytest

from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import delete_action
from recado.automation.models import AutomationRule
from recado.automation.saving import find_rule, rules_of
from recado.db.database import Database
from tests.automation.rules import row
from tests.automation.stories import INCOMING, a_rule, an_action, does, run
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

FILLED = {
    "name": "Tell the CRM",
    "description": "",
    "event_name": "message_created",
    "event_was": "message_created",
    "conditions-0-attribute": "content",
    "conditions-0-was": "content",
    "conditions-0-operator": "contains",
    "conditions-0-values": "order\r\ninvoice",
    "actions-0-name": "send_message",
    "actions-0-was": "send_message",
    "actions-0-params": "Hi {{ contact.name }}",
}


@pytest.fixture
async def action(database: Database, cast: Cast) -> CustomAction:
    async with database.transaction() as tx:
        return await an_action(tx, cast)


@pytest.fixture
async def rule(database: Database, cast: Cast, action: CustomAction) -> AutomationRule:
    async with database.transaction() as tx:
        return await a_rule(tx, cast, does("send_custom_action", action.id), name="Tell the CRM")


async def stored(database: Database, cast: Cast) -> list[AutomationRule]:
    async with database.transaction() as tx:
        return await rules_of(tx, cast.account.id)


PAGES = [
    ("GET", "/app/automation"),
    ("GET", "/app/automation/new"),
    ("POST", "/app/automation"),
    ("POST", "/app/automation/draft"),
    ("GET", "/app/automation/{rule}"),
    ("GET", "/app/automation/{rule}/edit"),
    ("POST", "/app/automation/{rule}"),
    ("POST", "/app/automation/{rule}/switch"),
    ("POST", "/app/automation/{rule}/clone"),
    ("GET", "/app/automation/{rule}/delete"),
    ("POST", "/app/automation/{rule}/delete"),
    ("GET", "/app/automation/using/{action}"),
    ("GET", "/app/automation/uses"),
    ("GET", "/app/automation/verdicts?conversation=1"),
]


async def ask(browser: Browser, method: str, path: str, form: dict[str, Any] | None = None) -> Any:
    return await (browser.get(path) if method == "GET" else browser.post(path, form))


@pytest.mark.parametrize(("method", "path"), PAGES)
async def test_only_administrators_come_in(
    method: str, path: str, rule: AutomationRule, ana: Browser, beto: Browser, visitor: Browser
) -> None:
    there = path.format(rule=rule.id, action=1)
    assert (await ask(beto, method, there)).status_code == 403
    assert (await visitor.get("/sign-in")).status_code == 200  # for the token of the form
    turned_away = await ask(visitor, method, there)
    assert (turned_away.status_code, turned_away.headers["location"][:8]) == (303, "/sign-in")
    assert (await ask(ana, method, there, FILLED)).status_code in {200, 303}


@pytest.mark.parametrize(("method", "path"), [one for one in PAGES if "{rule}" in one[1]])
async def test_a_stranger_finds_no_rule_of_ours(
    method: str, path: str, rule: AutomationRule, celia: Browser, database: Database, cast: Cast
) -> None:
    answer = await ask(celia, method, path.format(rule=rule.id), FILLED)
    assert answer.status_code == 404
    [same] = await stored(database, cast)
    assert (same.name, same.is_active, same.conditions) == ("Tell the CRM", True, [INCOMING])


async def test_a_stranger_sees_nothing_of_ours_in_lists(
    rule: AutomationRule, action: CustomAction, celia: Browser
) -> None:
    assert (await celia.get(f"/app/automation/using/{action.id}")).status_code == 404
    for path in ("/app/automation", "/app/automation/new"):
        answer = await celia.get(path)
        assert answer.status_code == 200
        assert "CRM" not in answer.text.replace("tells your CRM", "")


async def test_the_empty_list_teaches(ana: Browser) -> None:
    text = (await ana.get("/app/automation")).text
    assert "No rules yet" in text
    assert "Add automation rule" in text


async def test_the_list_says_each_rule_in_words(ana: Browser, rule: AutomationRule) -> None:
    text = (await ana.get("/app/automation")).text
    assert (
        "When a message is created, if Message type is “Incoming message”: "
        "send the custom action “CRM”."
    ) in text
    assert "waits for" not in text


@pytest.mark.parametrize("gone", [False, True])
async def test_a_rule_says_which_action_it_waits_for(
    ana: Browser, database: Database, cast: Cast, gone: bool
) -> None:
    async with database.transaction() as tx:
        off = await an_action(tx, cast, "ERP", state=ActionState.OFF)
        waiting = await a_rule(tx, cast, does("send_custom_action", off.id))
        if gone:
            await delete_action(tx, off, now=NOW)
    name = "a deleted action" if gone else "ERP"
    assert f"waits for the action {name}" in (await ana.get("/app/automation")).text
    assert f"“{name}”" in (await ana.get(f"/app/automation/{waiting.id}")).text


async def test_56_a_rule_that_lost_something_says_so_at_once(
    ana: Browser, database: Database, cast: Cast
) -> None:  # [E] elsewhere the second failure switches it off and the reason is lost
    async with database.transaction() as tx:
        condition = row("gone", "equal_to", "x", of="contact_attribute")
        await a_rule(tx, cast, does("open_conversation"), when=condition)
    listed = (await ana.get("/app/automation")).text
    assert "needs attention" in listed
    assert "There is no attribute “gone”. It may have been deleted." in listed


async def test_a_rule_is_made(ana: Browser, database: Database, cast: Cast) -> None:
    form = (await ana.get("/app/automation/new")).text
    assert "Send custom action" in form
    answer = await ana.post("/app/automation", FILLED)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/automation")
    [made] = await stored(database, cast)
    assert made.conditions == [row("content", "contains", "order", "invoice")]
    assert made.effects == [does("send_message", "Hi {{ contact.name }}")]
    assert made.is_active


async def test_htmx_follows_to_the_list(ana: Browser) -> None:
    answer = await ana.post("/app/automation", FILLED, htmx=True)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/app/automation")


async def test_users_find_the_english_name_of_the_effect(ana: Browser) -> None:
    await ana.post("/app/language", {"language": "pt_BR", "next": "/app/automation"})
    text = (await ana.get("/app/automation/new")).text
    assert "Enviar ação personalizada (Send Custom Action)" in text


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_refused_rule_keeps_what_was_typed_and_says_why_at_each_field(
    ana: Browser, database: Database, cast: Cast, htmx: bool
) -> None:
    form = FILLED | {
        "name": " ",
        "conditions-0-values": "",
        "actions-0-params": "Hi {{ contact.nmae }} typed",
        "description": "kept <b>as</b> typed",
    }
    answer = await ana.post("/app/automation", form, htmx=htmx)
    assert answer.status_code == 422
    assert answer.text.lstrip().startswith("<form" if htmx else "<!doctype")
    for field in ("name", "conditions-0-values", "actions-0-params"):
        assert f'id="error-{field}"' in answer.text
    assert "Enter or choose a value." in answer.text
    assert "contact.name" in answer.text  # the nearest known one
    assert "Hi {{ contact.nmae }} typed" in answer.text
    assert "kept &lt;b&gt;as&lt;/b&gt; typed" in answer.text
    assert answer.text.count("autofocus") == 1
    assert await stored(database, cast) == []


async def test_a_refused_form_is_checked_again_while_it_is_changed(ana: Browser) -> None:
    wrong = FILLED | {"name": "", "checked": "true"}
    assert "error-name" in (await ana.post("/app/automation/draft", wrong, htmx=True)).text
    right = FILLED | {"checked": "true"}
    assert "error-name" not in (await ana.post("/app/automation/draft", right, htmx=True)).text
    fresh = FILLED | {"name": ""}
    assert "error-name" not in (await ana.post("/app/automation/draft", fresh, htmx=True)).text


async def test_the_form_is_drawn_anew_without_saving(
    ana: Browser, database: Database, cast: Cast
) -> None:
    form = FILLED | {"do": "add-conditions"}
    page = await ana.post("/app/automation/draft", form)
    assert page.text.startswith("<!doctype")  # without scripts: the whole page
    fragment = await ana.post("/app/automation/draft", form, htmx=True)
    assert 'name="conditions-1-attribute"' in fragment.text
    assert "order\ninvoice" in fragment.text
    assert "if Message content contains “order” or “invoice”" in fragment.text
    assert await stored(database, cast) == []


async def test_another_event_brings_other_attributes(ana: Browser) -> None:
    form = FILLED | {"event_name": "conversation_updated"}
    text = (await ana.post("/app/automation/draft", form, htmx=True)).text
    assert 'value="has_attachment"' not in text
    assert 'value="content" selected' in text  # what was chosen stays, with a word of warning
    assert "This event says nothing about it" in text


async def test_a_rule_is_changed_and_keeps_its_switch(
    ana: Browser, rule: AutomationRule, database: Database, cast: Cast
) -> None:
    await ana.post(f"/app/automation/{rule.id}/switch")
    page = await ana.get(f"/app/automation/{rule.id}/edit")
    assert 'value="Tell the CRM"' in page.text
    answer = await ana.post(f"/app/automation/{rule.id}", FILLED | {"name": "Other"})
    assert answer.status_code == 303
    [changed] = await stored(database, cast)
    assert (changed.name, changed.is_active) == ("Other", False)
    assert changed.conditions == [row("content", "contains", "order", "invoice")]


async def test_an_action_that_went_off_can_stay_but_not_be_chosen_anew(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        off = await an_action(tx, cast, "ERP", state=ActionState.OFF)
        waiting = await a_rule(tx, cast, does("send_custom_action", off.id), name="Waits")
    page = await ana.get(f"/app/automation/{waiting.id}/edit")
    assert "“ERP” is not active: the rule waits for it and sends nothing." in page.text
    form = FILLED | {"actions-0-name": "send_custom_action", "actions-0-was": "send_custom_action"}
    form |= {"actions-0-params": str(off.id)}
    assert (await ana.post(f"/app/automation/{waiting.id}", form)).status_code == 303
    refused = await ana.post("/app/automation", form)
    assert refused.status_code == 422
    assert "The custom action “ERP” is not active." in refused.text


async def test_the_switch_answers_the_row(
    ana: Browser, rule: AutomationRule, database: Database, cast: Cast
) -> None:
    answer = await ana.post(f"/app/automation/{rule.id}/switch", htmx=True)
    assert answer.text.lstrip().startswith("<article")
    assert 'aria-checked="false"' in answer.text
    [same] = await stored(database, cast)
    assert same.is_active is False


async def test_a_toast_switches_a_rule_back(
    ana: Browser, rule: AutomationRule, database: Database, cast: Cast
) -> None:
    answer = await ana.post(f"/app/automation/{rule.id}/switch?to=off", htmx=True)
    assert f"/app/automation/{rule.id}/switch?to=on&amp;undone=1" in answer.text
    for _ in range(2):  # pressed twice, it is on all the same
        back = await ana.post(f"/app/automation/{rule.id}/switch?to=on&undone=1", htmx=True)
    assert "hx-partial" not in back.text
    [same] = await stored(database, cast)
    assert same.is_active is True


async def test_a_copy_is_off_until_it_is_changed(
    ana: Browser, rule: AutomationRule, database: Database, cast: Cast
) -> None:
    answer = await ana.post(f"/app/automation/{rule.id}/clone")
    original, copy = await stored(database, cast)
    assert answer.headers["location"] == f"/app/automation/{copy.id}/edit"
    assert (original.is_active, copy.is_active) == (True, False)
    assert (copy.name, copy.conditions, copy.effects) == (
        original.name, original.conditions, original.effects,
    )  # fmt: skip


async def test_a_rule_is_deleted_after_a_question(
    ana: Browser, rule: AutomationRule, database: Database, cast: Cast
) -> None:
    question = await ana.get(f"/app/automation/{rule.id}/delete")
    assert "Yes, delete Tell the CRM" in question.text
    assert (await ana.post(f"/app/automation/{rule.id}/delete")).status_code == 303
    assert await stored(database, cast) == []
    async with database.transaction() as tx:
        assert await find_rule(tx, cast.account.id, rule.id) is None


async def test_a_custom_action_learns_which_rules_use_it(
    ana: Browser, rule: AutomationRule, action: CustomAction
) -> None:
    there = f"/app/automation/using/{action.id}"
    assert f'href="/app/automation/{rule.id}"' in (await ana.get(there)).text
    await ana.post(f"/app/automation/{rule.id}/delete")
    assert (await ana.get(there)).text.strip() == ""


async def test_a_list_of_actions_learns_at_once_how_many_rules_use_each(
    ana: Browser, celia: Browser, database: Database, cast: Cast, action: CustomAction
) -> None:
    async with database.transaction() as tx:
        other, unused = await an_action(tx, cast, "ERP"), await an_action(tx, cast, "Unused")
        sends, sends_other = (does("send_custom_action", one.id) for one in (action, other))
        await a_rule(tx, cast, sends, sends)  # twice in one rule
        await a_rule(tx, cast, sends, sends_other)
    path = f"/app/automation/uses?actions={action.id},{other.id},{unused.id},x"
    told = (await ana.get(path)).text
    counts = re.findall(r'id="uses-(\d+)" hx-swap-oob="true">(\d+ rules?)</span>', told)
    assert sorted(counts) == [(str(action.id), "2 rules"), (str(other.id), "1 rule")]
    assert "uses-" not in (await ana.get("/app/automation/uses")).text
    assert "uses-" not in (await celia.get(path)).text


async def test_the_rules_page_says_why_it_fired_and_why_not(
    ana: Browser, database: Database, cast: Cast, action: CustomAction
) -> None:
    async with database.transaction() as tx:
        rule = await a_rule(
            tx,
            cast,
            does("send_custom_action", action.id),
            does("assign_agent", "last_responding_agent"),
            when=row("content", "contains", "order"),
        )
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, talk, "my order <script>")
        await a_message(tx, talk, "hello")
        await run(tx)
    text = (await ana.get(f"/app/automation/{rule.id}")).text
    assert "Message content contains “order”" in text
    assert "It was: my order &lt;script&gt;" in text
    assert "It was: hello" in text
    assert "Nobody has replied yet." in text
    assert "/app/deliveries/1" in text
    only = (await ana.get(f"/app/automation/{rule.id}?result=matched")).text
    assert "It was: my order" in only
    assert "It was: hello" not in only
    side = await ana.get(f"/app/automation/verdicts?conversation={talk.display_id}")
    assert "It was: hello" in side.text
    assert "<html" not in side.text


async def test_the_side_panel_is_left_alone_while_nothing_is_new(
    ana: Browser, rule: AutomationRule
) -> None:
    empty = await ana.get("/app/automation/verdicts?conversation=1")
    assert "Nothing that rules decided here is kept." in empty.text
    same = await ana.get("/app/automation/verdicts?conversation=1&seen=0")
    assert (same.status_code, same.text) == (204, "")


@pytest.mark.parametrize(
    "path",
    [
        "/app/automation/verdicts",
        "/app/automation/verdicts?conversation=x",
        "/app/automation/verdicts?conversation=99999999999999999999",
        "/app/automation/999",
        "/app/automation/999/edit",
        "/app/automation/99999999999999999999",
        "/app/automation/using/999",
    ],
)
async def test_nonsense_is_not_found(ana: Browser, path: str) -> None:
    assert (await ana.get(path)).status_code == 404


async def test_nonsense_in_the_address_of_a_rule_is_ignored(
    ana: Browser, rule: AutomationRule
) -> None:
    answer = await ana.get(f"/app/automation/{rule.id}?result=x&before=y")
    assert answer.status_code == 200


async def test_a_new_rule_begins_with_the_action_it_was_asked_for(
    ana: Browser, action: CustomAction
) -> None:
    answer = await ana.get(f"/app/automation/new?action={action.id}")
    assert re.search(f'<option value="{action.id}"[^>]* selected>CRM</option>', answer.text)


async def test_the_form_leads_to_the_action_that_is_chosen(
    ana: Browser, action: CustomAction
) -> None:
    chosen = {"actions-0-name": "send_custom_action", "actions-0-was": "send_custom_action"}
    link = f'href="/app/actions/{action.id}/edit"'
    form = FILLED | chosen | {"actions-0-params": str(action.id)}
    assert link in (await ana.post("/app/automation/draft", form, htmx=True)).text
    none = FILLED | chosen | {"actions-0-params": ""}
    assert link not in (await ana.post("/app/automation/draft", none, htmx=True)).text
