"""Célia administers another account: on every page, Ana's things are as absent as none at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from litestar import Litestar

from recado.accounts.inviting import invite
from recado.accounts.models import Role
from recado.accounts.teams import create_team
from recado.accounts.tokens import tokens_of
from recado.actions.models import ActionState
from recado.actions.saving import ActionDraft, create_action
from recado.automation.macros import MacroDraft, save_macro
from recado.automation.saving import RuleDraft, create_rule
from recado.chatwoot.remembering import server_at
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.keeping_filters import save_filter
from recado.contacts.keeping_imports import File, open_import
from recado.contacts.labels import create_label
from recado.contacts.models import (
    AttributeKind,
    AttributeModel,
    ContactImport,
    CustomFilter,
    FilterKind,
)
from recado.conversations.canning import create_canned_response
from recado.dashboards.saving import create_app
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.filtering import LogFilter
from recado.deliveries.queueing import Origin, queue_delivery
from recado.inboxes.bots import BotDraft, create_bot
from recado.lib.outcomes import Request
from recado.mail.models import Kind
from recado.mail.writing import Asked, Sheet, write_emails
from recado.notifications.models import Kind as Notified
from recado.notifications.writing import Wanted, write_notifications
from recado.replays.models import Mode
from recado.replays.repeating import How
from recado.replays.running import start_replay
from recado.webhooks.models import Webhook
from recado.webhooks.saving import keep_webhook
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

MARK = "Ana's very own"


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    names: tuple[str, ...]


def page_routes(app: Litestar) -> Iterator[Route]:
    """Every page for members, with the names of what its path asks for."""
    for route in app.routes:
        if not route.path.startswith("/app/"):
            continue
        names = tuple(part.name for part in route.path_components if not isinstance(part, str))
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
        for method in sorted(set(getattr(route, "methods", ())) & {"GET", "POST"}):
            yield Route(method, path, names)


@pytest.fixture
async def anas(database: Database, cast: Cast, outbound: Outbound) -> dict[str, int]:
    """The id of one of Ana's things for every name that a page's path may ask for."""
    async with database.transaction() as tx:
        draft = ActionDraft(name=MARK, url="https://example.com/", body="{}")
        action = await create_action(
            tx, cast.account.id, draft, vault=outbound.vault, now=NOW, state=ActionState.ACTIVE
        )
        condition = {"attribute_key": "status", "filter_operator": "equal_to", "values": ["open"]}
        effect = {"action_name": "send_custom_action", "action_params": [action.id]}
        rule = await create_rule(
            tx, cast.account.id, RuleDraft(MARK, "message_created", [condition], [effect]), now=NOW
        )
        origin = Origin(cast.account.id, action.id, MARK)
        request = Request("POST", "https://example.com/")
        shared = MacroDraft(
            MARK, "global", [{"action_name": "open_conversation", "action_params": []}]
        )
        macro = await save_macro(tx, None, shared, cast.ana, now=NOW)
        delivery = await queue_delivery(tx, origin, request, now=NOW)
        how = How(Mode.AS_IT_WAS, includes_delivered=False, who=MARK)
        replayed = await start_replay(tx, cast.account.id, LogFilter(), how, now=NOW)
        contact = await a_contact(tx, cast.account, name=MARK)
        conversation = await a_conversation(tx, cast.inbox, contact)
        message = await a_message(tx, conversation, MARK)
        label = await create_label(tx, cast.account.id, "anas")
        team = await create_team(tx, cast.account.id, MARK)
        attribute = await create_attribute(
            tx,
            cast.account.id,
            AttributeDraft(MARK, "anas", AttributeKind.TEXT, AttributeModel.CONTACT),
            now=NOW,
        )
        canned = await create_canned_response(tx, cast.account.id, MARK, MARK, now=NOW)
        framed = await create_app(tx, cast.account.id, MARK, ["https://example.com/"], now=NOW)
        webhook = Webhook(
            account_id=cast.account.id, name=MARK, url="https://example.com/",
            subscriptions=["message_created"], created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        await keep_webhook(tx, webhook, now=NOW)
        bot = await create_bot(tx, cast.account.id, BotDraft(MARK), vault=outbound.vault, now=NOW)
        sheet = Sheet(Kind.TRANSCRIPT, MARK, MARK)
        [email] = await write_emails(
            tx, sheet, ["ana@acme.example"], Asked(cast.account.id), now=NOW
        )
        waits = Wanted(
            cast.account.id, cast.ana.user_id, Notified.MENTION, ("page",), NOW,
            conversation_id=conversation.id, message_id=message.id,
        )  # fmt: skip
        [notification] = await write_notifications(tx, [waits])
        desk = await server_at(tx, cast.account.id, "https://chat.example", 1, MARK, now=NOW)
        desk.key = "a key of Ana's"
        view = CustomFilter(
            account_id=cast.account.id, user_id=cast.ana.user_id, name=MARK,
            kind=FilterKind.CONVERSATION, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        await save_filter(tx, view, MARK, {"payload": []}, now=NOW)
        file = File(MARK, f"name\n{MARK}\n".encode())
        imported = await open_import(tx, cast.ana, file, now=NOW)
        assert isinstance(imported, ContactImport)
        [token] = await tokens_of(tx, cast.ana.user_id, now=NOW)
        invited = await invite(tx, cast.ana, "eva@acme.example", Role.AGENT, now=NOW)
    return {
        "action_id": action.id,
        "rule_id": rule.id,
        "macro_id": macro.id,
        "delivery_id": delivery.id,
        "replay_id": replayed.id,
        "contact_id": contact.id,
        "number": conversation.display_id,
        "message_id": message.id,
        "inbox_id": cast.inbox.id,
        "label_id": label.id,
        "team_id": team.id,
        "attribute_id": attribute.id,
        "user_id": cast.ana.user_id,
        "token_id": token.id,
        "invitation_id": invited.invitation.id,
        "canned_id": canned.id,
        "app_id": framed.id,
        "webhook_id": webhook.id,
        "connection_id": desk.id,
        "email_id": email.id,
        "notification_id": notification.id,
        "bot_id": bot.id,
        "view_id": view.id,
        "import_id": imported.id,
    }


async def test_a_stranger_finds_nothing_of_anas(
    app: Any, celia: Browser, anas: dict[str, int]
) -> None:
    asked = 0
    for route in page_routes(app):
        if not route.names:
            continue
        path = route.path.format(**{name: anas[name] for name in route.names})  # a name is missing?
        answer = await (celia.get(path) if route.method == "GET" else celia.post(path))
        assert answer.status_code == 404, f"{route.method} {path}: {answer.status_code}"
        assert MARK not in answer.text
        asked += 1
    assert asked > 20


async def test_lists_show_a_stranger_nothing_of_anas(
    app: Any, celia: Browser, anas: dict[str, int]
) -> None:
    for route in page_routes(app):
        if route.names or route.method != "GET" or route.path == "/app/live":
            continue
        answer = await celia.get(route.path)
        assert answer.status_code < 500, f"{route.path}: {answer.status_code}"
        assert MARK not in answer.text, route.path


async def test_nobody_enters_without_signing_in(
    app: Any, visitor: Browser, anas: dict[str, int]
) -> None:
    await visitor.get("/sign-in")
    for route in page_routes(app):
        path = route.path.format(**{name: anas[name] for name in route.names})
        answer = await (visitor.get(path) if route.method == "GET" else visitor.post(path))
        assert answer.status_code in {303, 401}, f"{route.method} {path}: {answer.status_code}"
        assert MARK not in answer.text


async def test_a_form_without_its_token_changes_nothing(
    app: Any, ana: Browser, anas: dict[str, int]
) -> None:
    for route in page_routes(app):
        if route.method != "POST":
            continue
        path = route.path.format(**{name: anas[name] for name in route.names})
        answer = await ana.post_without_token(path)
        assert answer.status_code == 403, f"{path}: {answer.status_code}"


# Pages that need nobody signed in, and those whose own tests try strangers.
_OPEN = re.compile(
    r"/|/app|/setup|/sign-in|/static/.*|/metrics"
    r"|/api|/api/docs|/api/openapi\.json|/api/v1/profile(/availability|/auto_offline)?"  # tests/api/test_being_there.py
    r"|/public/api/v1/inboxes/.*|/public/attachments/.*|/public/avatars/.*|/auth/.*|/platform/.*|/public/chatwoot/.*|/cable"
    r"|/new-password|/forgotten-password"  # tests/web/test_new_password.py
    r"|/invitation|/sign-in/code|/sign-in/again(/code)?"  # tests/web/test_agents.py, test_second_step.py
    r"|/widget|/packs/js/sdk\.js"  # tests/widget/test_strangers.py
)


def test_no_page_stands_outside_the_doors_that_are_tried(app: Any) -> None:
    # here, and in the table of tests/api/test_strangers.py
    tried = ("/app/", "/api/v1/accounts/", "/api/v2/accounts/")
    others = {one.path for one in app.routes if not one.path.startswith(tried)}
    untried = sorted(path for path in others if not _OPEN.fullmatch(path))
    assert untried == [], "who may enter here? Try it with a stranger, then name it above"
