"""Every route of the API before a stranger: Ana's things are as absent as none at all.

The table must have a row for each route, or the first test fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from recado.accounts.teams import create_team
from recado.actions.models import ActionState
from recado.actions.saving import ActionDraft, create_action
from recado.actions.signing import SigningDraft
from recado.actions.versions import keep_action_version
from recado.automation.macros import MacroDraft, save_macro
from recado.automation.saving import RuleDraft, create_rule
from recado.automation.versions import keep_rule_version
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.keeping_filters import save_filter
from recado.contacts.labels import create_label
from recado.contacts.models import AttributeKind, AttributeModel, CustomFilter, FilterKind
from recado.conversations.canning import create_canned_response
from recado.dashboards.saving import create_app
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.filtering import LogFilter
from recado.deliveries.queueing import NotSent, Origin, queue_delivery
from recado.deliveries.states import State, Why
from recado.inboxes.bots import BotDraft, create_bot
from recado.lib.mail_servers import mail_server, use_mail_server
from recado.lib.outcomes import Request
from recado.lib.signing import new_signing_secret
from recado.notifications.models import Kind as Notified
from recado.notifications.writing import Wanted, write_notifications
from recado.replays.models import Mode
from recado.replays.repeating import How
from recado.replays.running import start_replay
from recado.webhooks.models import Webhook
from recado.webhooks.saving import keep_webhook
from tests.api.calling import Program
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

MARK = "anas-very-own"
ROOT = "/api/v1/accounts/{account_id:int}/"
ROOT_2 = "/api/v2/accounts/{account_id:int}/"
OPEN = {
    "/api", "/api/docs", "/api/openapi.json", "/api/v1/profile",
    "/api/v1/profile/availability", "/api/v1/profile/auto_offline",
}  # fmt: skip
EFFECTS = [{"action_name": "send_custom_action", "action_params": ["{action_id}"]}]
_FRAMES = [{"type": "frame", "url": "https://a.example/"}]
CONDITIONS = [{"attribute_key": "status", "filter_operator": "equal_to", "values": ["open"]}]


@dataclass(frozen=True)
class Row:
    """A request that would do for Ana; `alien` is what Célia hears for it in her own account.

    Without ids of Ana's in it that is 200: she lists or makes something of her own.
    """

    body: Any = None
    alien: int = 404
    heard: int = 200  # what Ana hears where the body would have to be a file


_MINE = Row(alien=200)
ROWS = {
    "GET inboxes": _MINE,
    "POST inboxes": Row({"name": "I", "channel": {"type": "api"}}, 200),
    "GET inboxes/{inbox_id:int}": Row(),
    "PATCH inboxes/{inbox_id:int}": Row({"name": "I"}),
    "PUT inboxes/{inbox_id:int}": Row({"name": "I"}),
    "DELETE inboxes/{inbox_id:int}": Row(),
    "GET inbox_members/{inbox_id:int}": Row(),
    "GET assignable_agents": Row({"inbox_ids": ["{inbox_id}"]}),
    "POST inbox_members": Row({"inbox_id": "{inbox_id}", "user_ids": []}),
    "PATCH inbox_members": Row({"inbox_id": "{inbox_id}", "user_ids": []}),
    "DELETE inbox_members": Row({"inbox_id": "{inbox_id}", "user_ids": []}),
    "GET contacts": _MINE,
    "POST contacts": Row({"name": "C", "inbox_id": "{inbox_id}"}),
    "GET contacts/search": Row({"q": MARK}, 200),
    "GET contacts/{contact_id:int}": Row(),
    "PUT contacts/{contact_id:int}": Row({"name": MARK}),
    "PATCH contacts/{contact_id:int}": Row({"name": MARK}),
    "DELETE contacts/{contact_id:int}": Row(),
    "GET contacts/{contact_id:int}/conversations": Row(),
    "POST contacts/{contact_id:int}/contact_inboxes": Row({"inbox_id": "{inbox_id}"}),
    "POST contacts/{contact_id:int}/destroy_custom_attributes": Row({"custom_attributes": ["a"]}),
    "GET conversations": _MINE,
    "GET conversations/meta": _MINE,
    "POST conversations": Row({"contact_id": "{contact_id}", "inbox_id": "{inbox_id}"}),
    "GET conversations/{conversation_id:int}": Row(),
    "PATCH conversations/{conversation_id:int}": Row({"priority": "low"}),
    "POST conversations/{conversation_id:int}/toggle_status": Row({"status": "open"}),
    "POST conversations/{conversation_id:int}/toggle_priority": Row({"priority": "low"}),
    "GET conversations/{conversation_id:int}/labels": Row(),
    "POST conversations/{conversation_id:int}/labels": Row({"labels": ["a"]}),
    "POST conversations/{conversation_id:int}/assignments": Row({"assignee_id": None}),
    "POST conversations/{conversation_id:int}/custom_attributes": Row({"custom_attributes": {}}),
    "GET conversations/{conversation_id:int}/messages": Row(),
    "POST conversations/{conversation_id:int}/messages": Row({"content": "x"}),
    "PATCH conversations/{conversation_id:int}/messages/{message_id:int}": Row(
        {"status": "delivered"}
    ),
    "DELETE conversations/{conversation_id:int}/messages/{message_id:int}": Row(),
    "POST conversations/{conversation_id:int}/messages/{message_id:int}/retry": Row(
        heard=404
    ),  # it is no e-mail
    "POST conversations/{conversation_id:int}/toggle_typing_status": Row({"typing_status": "on"}),
    "POST conversations/{conversation_id:int}/update_last_seen": Row(),
    "POST conversations/{conversation_id:int}/unread": Row(),
    "POST conversations/{conversation_id:int}/transcript": Row({"email": "a@example.com"}),
    "GET emails": _MINE,
    "GET automation_rules/export": _MINE,
    "POST automation_rules/plan": Row({"automation_rules": []}, 200),
    "POST automation_rules/apply": Row({"automation_rules": []}, 200),
    "POST upload": Row(alien=422, heard=422),
    "POST conversations/{conversation_id:int}/mute": Row(),
    "POST conversations/{conversation_id:int}/unmute": Row(),
    "GET canned_responses": _MINE,
    "POST canned_responses": Row({"short_code": "new", "content": "x"}, 200),
    "PATCH canned_responses/{canned_id:int}": Row({"content": "x"}),
    "PUT canned_responses/{canned_id:int}": Row({"content": "x"}),
    "DELETE canned_responses/{canned_id:int}": Row(),
    "GET dashboard_apps": _MINE,
    "POST dashboard_apps": Row({"title": "new", "content": _FRAMES}, 200),
    "GET dashboard_apps/{app_id:int}": Row(),
    "PATCH dashboard_apps/{app_id:int}": Row({"title": "x"}),
    "PUT dashboard_apps/{app_id:int}": Row({"title": "x"}),
    "DELETE dashboard_apps/{app_id:int}": Row(),
    "GET custom_filters": _MINE,
    "POST custom_filters": Row({"name": "new"}, 200),
    "GET custom_filters/{filter_id:int}": Row(),
    "PATCH custom_filters/{filter_id:int}": Row({"name": MARK}),
    "PUT custom_filters/{filter_id:int}": Row({"name": MARK}),
    "DELETE custom_filters/{filter_id:int}": Row(),
    "GET agents/{agent_id:int}": Row(),
    "PATCH agents/{agent_id:int}": Row({"role": "administrator"}),
    "PUT agents/{agent_id:int}": Row({"role": "administrator"}),
    "DELETE agents/{agent_id:int}": Row(),
    "POST contacts/filter": Row({"payload": []}, 200),
    "GET contacts/{contact_id:int}/labels": Row(),
    "POST contacts/{contact_id:int}/labels": Row({"labels": ["a"]}),
    "GET contacts/{contact_id:int}/contactable_inboxes": Row(),
    "GET conversations/{conversation_id:int}/participants": Row(),
    "POST conversations/{conversation_id:int}/participants": Row({"user_ids": []}),
    "PATCH conversations/{conversation_id:int}/participants": Row({"user_ids": []}),
    "DELETE conversations/{conversation_id:int}/participants": Row({"user_ids": []}),
    "POST bulk_actions": Row(
        {"type": "Conversation", "ids": ["{conversation_id}"], "fields": {"status": "resolved"}},
        200,
    ),
    "POST actions/contact_merge": Row(
        {"base_contact_id": "{contact_id}", "mergee_contact_id": "{second_contact_id}"}
    ),
    "POST conversations/filter": Row({"payload": []}, 200),
    "GET agent_bots": _MINE,
    "POST agent_bots": Row({"name": "new"}, 200),
    "GET agent_bots/{bot_id:int}": Row(),
    "PATCH agent_bots/{bot_id:int}": Row({"description": "x"}),
    "POST agent_bots/{bot_id:int}/reset_access_token": Row(),
    "POST agent_bots/{bot_id:int}/reset_secret": Row(),
    "GET inboxes/{inbox_id:int}/agent_bot": Row(),
    "POST inboxes/{inbox_id:int}/set_agent_bot": Row({"agent_bot": "{bot_id}"}),
    "DELETE agent_bots/{bot_id:int}": Row(),
    "GET notifications": _MINE,
    "GET notifications/unread_count": _MINE,
    "POST notifications/read_all": Row({"primary_actor_id": "{conversation_id}"}),
    "PATCH notifications/{notification_id:int}": Row(),
    "PUT notifications/{notification_id:int}": Row(),
    "POST notifications/{notification_id:int}/unread": Row(),
    "POST notifications/{notification_id:int}/snooze": Row({"snoozed_until": None}),
    "DELETE notifications/{notification_id:int}": Row(),
    "POST notifications/destroy_all": Row({"type": "read"}, 200),
    "GET notification_settings": _MINE,
    "PATCH notification_settings": Row({"selected_push_flags": []}, 200),
    "PUT notification_settings": Row({"selected_push_flags": []}, 200),
    "GET webhooks": _MINE,
    "POST webhooks": Row(
        {"url": "https://b.example/", "subscriptions": ["message_created"]}, 200
    ),
    "PATCH webhooks/{webhook_id:int}": Row({"name": MARK}),
    "PUT webhooks/{webhook_id:int}": Row({"name": MARK}),
    "DELETE webhooks/{webhook_id:int}": Row(),
    "GET teams": _MINE,
    "POST teams": Row({"name": "new"}, 200),
    "GET teams/{team_id:int}": Row(),
    "PATCH teams/{team_id:int}": Row({"description": "x"}),
    "PUT teams/{team_id:int}": Row({"description": "x"}),
    "DELETE teams/{team_id:int}": Row(),
    "GET teams/{team_id:int}/team_members": Row(),
    "POST teams/{team_id:int}/team_members": Row({"user_ids": ["{user_id}"]}),
    "PATCH teams/{team_id:int}/team_members": Row({"user_ids": ["{user_id}"]}),
    "DELETE teams/{team_id:int}/team_members": Row({"user_ids": ["{user_id}"]}),
    "GET labels": _MINE,
    "POST labels": Row({"title": "new"}, 200),
    "GET labels/{label_id:int}": Row(),
    "PATCH labels/{label_id:int}": Row({"description": "x"}),
    "PUT labels/{label_id:int}": Row({"description": "x"}),
    "DELETE labels/{label_id:int}": Row(),
    "GET agents": _MINE,
    "POST agents": Row({"name": "A", "email": "a@new.example"}, 200),
    "GET custom_attribute_definitions": _MINE,
    "POST custom_attribute_definitions": Row(
        {
            "attribute_display_name": "A", "attribute_display_type": 0, "attribute_key": "a",
            "attribute_model": 0,
        },
        200,
    ),
    "GET custom_attribute_definitions/{attribute_id:int}": Row(),
    "PATCH custom_attribute_definitions/{attribute_id:int}": Row({"attribute_description": "x"}),
    "PUT custom_attribute_definitions/{attribute_id:int}": Row({"attribute_description": "x"}),
    "DELETE custom_attribute_definitions/{attribute_id:int}": Row(),
    "GET automation_rules": _MINE,
    "POST automation_rules": Row(
        {
            "name": "R", "event_name": "message_created", "conditions": CONDITIONS,
            "actions": EFFECTS,
        },
        422,  # there is no such action
    ),
    "GET macros": _MINE,
    "POST macros": Row({"name": "M", "actions": EFFECTS}, 422),  # there is no such action
    "GET macros/{macro_id:int}": Row(),
    "PATCH macros/{macro_id:int}": Row({"name": "M"}),
    "PUT macros/{macro_id:int}": Row({"name": "M"}),
    "POST macros/{macro_id:int}/execute": Row({"conversation_ids": ["{conversation_id}"]}),
    "DELETE macros/{macro_id:int}": Row(),
    "POST automation_rules/try": Row({"rule_id": "{rule_id}"}),
    "GET automation_rules/{rule_id:int}": Row(),
    "PATCH automation_rules/{rule_id:int}": Row({"active": False}),
    "PUT automation_rules/{rule_id:int}": Row({"active": True}),
    "DELETE automation_rules/{rule_id:int}": Row(),
    "POST automation_rules/{rule_id:int}/clone": Row(),
    "GET automation_rules/{rule_id:int}/versions": Row(),
    "POST automation_rules/{rule_id:int}/versions/{number:int}/restore": Row(),
    "GET custom_actions/{action_id:int}/versions": Row(),
    "POST custom_actions/{action_id:int}/versions/{number:int}/restore": Row(),
    "GET custom_actions": _MINE,
    "POST custom_actions": Row({"name": "A", "url": "https://a.example"}, 200),
    "GET custom_actions/{action_id:int}": Row(),
    "PATCH custom_actions/{action_id:int}": Row({"description": "x"}),
    "PUT custom_actions/{action_id:int}": Row({"description": "x"}),
    "DELETE custom_actions/{action_id:int}": Row(),
    "POST custom_actions/{action_id:int}/toggle": Row({"state": "active"}),
    "POST custom_actions/{action_id:int}/rotate_signing_secret": Row(),
    "POST custom_actions/{action_id:int}/test": Row({"mode": "render"}),
    "GET deliveries": _MINE,
    "GET deliveries/{delivery_id:int}": Row(),
    "POST deliveries/{delivery_id:int}/retry": Row(),
    "POST deliveries/{delivery_id:int}/cancel": Row(),
    "GET destinations": _MINE,
    "PUT destinations": Row({"destination": "https://a.example:443"}),
    "GET replays": _MINE,
    "POST replays": _MINE,
    "GET replays/{replay_id:int}": Row(),
    "POST replays/{replay_id:int}/cancel": Row(),
    "GET rule_verdicts": _MINE,
    "GET reporting_events": _MINE,
    "GET conversations/{number:int}/reporting_events": Row(),
    "GET /api/v2/…/reports/first_response_time_distribution": _MINE,
    "GET /api/v2/…/reports/inbox_label_matrix": _MINE,
    "GET /api/v2/…/reports/outgoing_messages_count": Row({"group_by": "agent"}, 200),
    "GET /api/v2/…/reports": Row({"metric": "conversations_count"}, 200),
    "GET /api/v2/…/reports/summary": _MINE,
    "GET /api/v2/…/reports/conversations": Row({"type": "agent"}, 200),
    "GET /api/v2/…/summary_reports/{kind:str}": _MINE,
    "GET /api/v2/…/summary_reports/channel": _MINE,
}  # fmt: skip


def api_routes(app: Any) -> Iterator[str]:
    """Every route of the API, as the table names it."""
    for route in app.routes:
        if route.path == "/api" or route.path.startswith("/api/"):
            for method in set(getattr(route, "methods", ())) - {"OPTIONS"}:
                if route.path not in OPEN:
                    assert route.path.startswith((ROOT, ROOT_2)), route.path
                    short = route.path.replace(ROOT_2, "/api/v2/…/").removeprefix(ROOT)
                    yield f"{method} {short}"


@pytest.fixture
async def anas(database: Database, cast: Cast, outbound: Outbound) -> dict[str, int]:
    """The id of one of Ana's things for every name that a path or a body has."""
    async with database.transaction() as tx:
        for _ in range(3):  # so that no thing of Célia's has the same number
            await create_team(tx, cast.account.id, f"{MARK}-{_}")
        action = await create_action(
            tx, cast.account.id,
            ActionDraft(
                name=MARK, url="https://a.example", body="{}",
                signing=SigningDraft(True, new_signing_secret()),
            ),
            vault=outbound.vault, now=NOW, state=ActionState.ACTIVE,
        )  # fmt: skip
        effects = [{"action_name": "send_custom_action", "action_params": [action.id]}]
        rule = await create_rule(
            tx, cast.account.id, RuleDraft(MARK, "message_created", CONDITIONS, effects), now=NOW
        )
        await keep_rule_version(tx, rule, by=cast.ana.user_id, now=NOW)
        await keep_action_version(tx, action, by=cast.ana.user_id, now=NOW)
        shared = MacroDraft(
            MARK, "global", [{"action_name": "open_conversation", "action_params": []}]
        )
        macro = await save_macro(tx, None, shared, cast.ana, now=NOW)
        delivery = await queue_delivery(
            tx, Origin(cast.account.id, action.id, MARK), Request("POST", "https://a.example/"),
            now=NOW, not_sent=NotSent(State.SKIPPED, {"why": Why.ACTION_OFF}),
        )  # fmt: skip
        how = How(Mode.AS_IT_WAS, includes_delivered=False, who=MARK)
        replayed = await start_replay(tx, cast.account.id, LogFilter(), how, now=NOW)
        contact = await a_contact(tx, cast.account, name=MARK)
        second = await a_contact(tx, cast.account, email=None, phone_number=None)
        conversation = await a_conversation(tx, cast.inbox, contact)
        message = await a_message(tx, conversation, MARK)
        waits = Wanted(
            cast.account.id, cast.ana.user_id, Notified.MENTION, ("page",), NOW,
            conversation_id=conversation.id, message_id=message.id,
        )  # fmt: skip
        [notification] = await write_notifications(tx, [waits])
        webhook = Webhook(
            account_id=cast.account.id, name=MARK, url="https://a.example/",
            subscriptions=["message_created"], created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        await keep_webhook(tx, webhook, now=NOW)
        bot = await create_bot(tx, cast.account.id, BotDraft(MARK), vault=outbound.vault, now=NOW)
        canned = await create_canned_response(tx, cast.account.id, MARK, MARK, now=NOW)
        app = await create_app(tx, cast.account.id, MARK, ["https://a.example/"], now=NOW)
        kept = CustomFilter(
            account_id=cast.account.id, user_id=cast.ana.user_id, name=MARK,
            kind=FilterKind.CONTACT, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        await save_filter(tx, kept, MARK, {}, now=NOW)
        label = await create_label(tx, cast.account.id, MARK)
        draft = AttributeDraft(MARK, MARK, AttributeKind.TEXT, AttributeModel.CONTACT)
        attribute = await create_attribute(tx, cast.account.id, draft, now=NOW)
        team = await create_team(tx, cast.account.id, MARK)
    return {
        "action_id": action.id, "rule_id": rule.id, "delivery_id": delivery.id, "replay_id": replayed.id,
        "contact_id": contact.id, "conversation_id": conversation.display_id,
        "inbox_id": cast.inbox.id, "label_id": label.id, "team_id": team.id,
        "attribute_id": attribute.id, "user_id": cast.ana.user_id, "agent_id": cast.beto.user_id,
        "second_contact_id": second.id, "bot_id": bot.id, "webhook_id": webhook.id, "message_id": message.id, "canned_id": canned.id, "filter_id": kept.id,
        "notification_id": notification.id, "number": 1, "macro_id": macro.id, "app_id": app.id,
    }  # fmt: skip


def filled(value: Any, ids: dict[str, int]) -> Any:
    """The body with Ana's ids in it."""
    if isinstance(value, dict):
        return {name: filled(one, ids) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, ids) for one in value]
    is_name = isinstance(value, str) and value.startswith("{")
    return ids[value.strip("{}")] if is_name else value


def requests(ids: dict[str, int]) -> Iterator[tuple[str, str, Row]]:
    """Method, path and row of every route; what deletes last, what is inside others first."""
    deleting = [one for one in ROWS if one.startswith("DELETE")]
    for told in [*(one for one in ROWS if one not in deleting), *reversed(deleting)]:
        method, path = told.split(" ")
        path = re.sub(r"\{(\w+):int\}", lambda found: str(ids[found[1]]), path)
        path = path.replace("{kind:str}", "team")
        yield method, path, Row(filled(ROWS[told].body, ids), ROWS[told].alien, ROWS[told].heard)


def test_every_route_has_a_row(app: Any) -> None:
    assert set(api_routes(app)) == set(ROWS)


async def test_a_strangers_token_does_not_open_anas_account(
    api: Program, stranger_api: Program, anas: dict[str, int]
) -> None:
    intruder = Program(api.browser, stranger_api.token, api.account_id)
    for method, path, row in requests(anas):
        answer = await intruder.call(method, path, row.body)
        assert answer.status_code == 404, (method, path, answer.text)
        assert answer.json() == {"error": "Resource could not be found"}


async def test_anas_things_are_not_in_a_strangers_account(
    stranger_api: Program, anas: dict[str, int]
) -> None:
    for method, path, row in requests(anas):
        answer = await stranger_api.call(method, path, row.body)
        assert answer.status_code == row.alien, (method, path, answer.text)
        assert MARK not in answer.text, (method, path)


async def test_nobody_enters_without_a_token(api: Program, anas: dict[str, int]) -> None:
    nobody = Program(api.browser, "", api.account_id)
    for method, path, row in requests(anas):
        answer = await nobody.call(method, path, row.body)
        assert answer.status_code == 401, (method, path)
        assert answer.json() == {"error": "Invalid Access Token"}


@pytest.fixture
def _mail() -> Iterator[None]:
    use_mail_server(mail_server("smtps://mail.example.com", "desk@acme.example"))
    yield
    use_mail_server(None)


@pytest.mark.usefixtures("_mail")
async def test_ana_herself_is_heard_everywhere(api: Program, anas: dict[str, int]) -> None:
    """Else the 404s above would prove nothing."""
    for method, path, row in requests(anas):
        answer = await api.call(method, path, row.body)
        assert answer.status_code in {200, 204, row.heard}, (method, path, answer.text)
