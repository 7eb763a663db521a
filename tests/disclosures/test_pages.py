"""The record: which system is told what of people, by which setting."""

import csv
import io
import re

import pytest

from recado.automation.macros import MacroDraft, save_macro
from recado.automation.saving import switch_rule
from recado.chatwoot.models import ChatwootServer
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel
from recado.dashboards.saving import create_app
from recado.db.database import Database
from recado.inboxes.bots import BotDraft, create_bot
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from recado.mailboxes.models import Mailbox
from recado.webhooks.models import Webhook
from tests.automation.stories import a_rule, an_action, does
from tests.browser import Browser
from tests.people import NOW, VAULT, Cast

HERE = "/app/disclosures"
BODY = '{"mail": "{{ contact.email }}", "by": "{{ agent.name }}", "n": "{{ conversation.id }}"}'


@pytest.fixture
async def told(database: Database, cast: Cast) -> None:
    """An action that a rule and two macros send."""
    async with database.transaction() as tx:
        action = await an_action(tx, cast, "Open a deal", body=BODY)
        await an_action(tx, cast, "Ping", url="https://ping.example/", body='{"ok": true}')
        sends = does("send_custom_action", action.id)
        rule = await a_rule(tx, cast, sends, name="New customer")
        await switch_rule(tx, rule, is_active=False, now=NOW)
        for member, visibility in ((cast.ana, "global"), (cast.beto, "personal")):
            draft = MacroDraft(f"Beside a {visibility} one", visibility, [sends])
            await save_macro(tx, None, draft, member, now=NOW)


def words(html: str) -> str:
    """What a page says, its marks left out."""
    said = " ".join(re.sub(r"<[^>]*>", " ", html[html.index("<main") :]).split())
    return said.replace(" ,", ",")


async def rows(ana: Browser) -> list[dict[str, str]]:
    answer = await ana.get(f"{HERE}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))


async def test_an_account_that_tells_nobody(ana: Browser) -> None:
    page = (await ana.get(HERE)).text
    assert "No other system is told of people" in page
    assert f"{HERE}.csv" not in page
    assert await rows(ana) == []


async def test_what_an_action_tells_and_who_sends_it(ana: Browser, told: None) -> None:
    page = (await ana.get(HERE)).text
    said = words(page)
    assert "crm.example Open a deal Custom action Of contacts Contact email" in said
    assert "Of agents Agent name" in said
    assert "Conversation number" not in said
    assert "Sent by New customer (Switched off), Beside a global one, A personal macro" in said
    assert "Beside a personal one" not in said  # its name is Beto's alone
    assert "Called, and told nothing of people: ping.example" in said
    assert 'href="/app/actions/1"' in page


async def test_the_record_as_a_file(ana: Browser, told: None) -> None:
    found = await rows(ana)
    assert [(one["host"], one["variable"], one["about"]) for one in found] == [
        ("crm.example", "contact.email", "contact"),
        ("crm.example", "agent.name", "agent"),
    ]
    assert found[0] | {"since": ""} == {
        "host": "crm.example", "kind": "action", "name": "Open a deal", "on": "yes", "about": "contact",
        "variable": "contact.email", "since": "",
        "sent_by": "New customer, Beside a global one, A personal macro",
    }  # fmt: skip


async def test_since_when_stands_there(ana: Browser, told: None) -> None:
    form = {"name": "Fresh", "method": "POST", "url": "https://new.example/", "body_kind": "json"}
    await ana.post("/app/actions", {**form, "body": '{"phone": "{{ contact.phone_number }}"}'})
    [row] = [one for one in await rows(ana) if one["host"] == "new.example"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["since"])
    assert "Contact phone number · since " in words((await ana.get(HERE)).text)


async def test_every_way_by_which_data_leaves(ana: Browser, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        account_id = cast.account.id
        tx.add(Webhook(account_id=account_id, name="Hook", url="https://hook.example/", subscriptions=["message_created"], created_at=NOW, updated_at=NOW))  # fmt: skip
        bot = BotDraft("Robot", outgoing_url="https://bot.example/in")
        await create_bot(tx, account_id, bot, vault=VAULT, now=NOW)
        api = InboxDraft("App", Channel.API, {"webhook_url": "https://inbox.example/"})
        await open_inbox(tx, account_id, api, vault=VAULT, now=NOW)
        await a_rule(tx, cast, does("send_webhook_event", "https://rule.example/"))
        by_hand = MacroDraft(
            "Tell", "global", [does("send_webhook_event", "https://macro.example/")]
        )
        await save_macro(tx, None, by_hand, cast.ana, now=NOW)
        await create_app(tx, account_id, "Orders", ["https://beside.example/"], now=NOW)
        mail = await open_inbox(tx, account_id, InboxDraft("Mail", Channel.EMAIL), vault=VAULT, now=NOW)  # fmt: skip
        tx.add(Mailbox(inbox_id=mail.id, account_id=account_id, is_active=True, address="a@b.example", smtp_host="smtp.example", due_at=NOW, created_at=NOW))  # fmt: skip
        tx.add(ChatwootServer(account_id=account_id, url="https://desk.example", remote_account_id=1, name="Old desk", key="k", created_at=NOW))  # fmt: skip
    found = {one["host"]: (one["kind"], one["on"]) for one in await rows(ana)}
    assert found == {
        "hook.example": ("webhook", "yes"),
        "bot.example": ("bot", "no"),  # it answers in no inbox
        "inbox.example": ("inbox", "yes"),
        "rule.example": ("rule", "yes"),
        "macro.example": ("macro", "yes"),
        "beside.example": ("dashboard_app", "yes"),
        "smtp.example": ("mailbox", "yes"),
        "desk.example": ("connection", "yes"),
    }
    assert all(one["variable"] for one in await rows(ana))
    page = words((await ana.get(HERE)).text)
    assert "smtp.example Mail Mailbox Of contacts Contact name" in page


async def test_what_an_app_beside_a_conversation_is_told_has_custom_attributes(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        await create_app(tx, cast.account.id, "Orders", ["https://beside.example/"], now=NOW)
        draft = AttributeDraft("CPF number", "cpf", AttributeKind.TEXT, AttributeModel.CONTACT)
        await create_attribute(tx, cast.account.id, draft, now=NOW)
    assert "contact.custom_attribute.cpf" in {one["variable"] for one in await rows(ana)}
    assert "CPF number" in words((await ana.get(HERE)).text)


async def test_only_administrators_and_only_their_own(
    beto: Browser, celia: Browser, told: None
) -> None:
    for path in (HERE, f"{HERE}.csv"):
        assert (await beto.get(path)).status_code == 403
        assert "crm.example" not in (await celia.get(path)).text
