"""Erasing a contact: no byte of them is left in any table, and nobody else loses one."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select, text

from recado.chatwoot.models import ChatwootArrival, ChatwootLink, Kind
from recado.chatwoot.remembering import server_at
from recado.contacts.keeping_filters import save_filter
from recado.contacts.keeping_imports import File, open_import
from recado.contacts.models import Contact, CustomFilter, FilterKind
from recado.contacts.saving import ContactDraft, update_contact
from recado.conversations.merging import merge_contacts
from recado.conversations.models import Attachment, Conversation
from recado.conversations.posting import StoredFile
from recado.db.database import NOTICES, Database, Transaction
from recado.deliveries.explaining import explain
from recado.deliveries.filtering import LogFilter
from recado.deliveries.models import Delivery
from recado.deliveries.recording import record
from recado.deliveries.resending import resend_problem
from recado.deliveries.states import State
from recado.erasing.forgetting import erase_contact
from recado.erasing.tracing import holdings_of, marks_of
from recado.lib.files import file_draft
from recado.lib.storing import DiskStore
from recado.mail.models import Kind as MailKind
from recado.mail.writing import Asked, Sheet, write_emails
from recado.replays.models import Mode
from recado.replays.repeating import How
from recado.replays.running import start_replay
from recado.tables import metadata
from tests.automation.rules import row
from tests.automation.stories import a_rule, an_action, does, run
from tests.browser import Browser
from tests.deliveries.rows import a_delivery, answered, broken_rules, claim, tried
from tests.people import NOW, Cast, a_contact, a_conversation, a_message, gather

PHONE, EMAIL, NAME, IDENTIFIER = (
    "5511977776666",
    "zuleica@mail.example",
    "Zuleica Prado",
    "cpf-90210",
)
KNOWN_BY = [PHONE, "zuleica", "Zuleica", "Prado", "90210", "segredo", "Rua das Flores"]
BODY = (
    '{"who": "{{ contact.name }}", "mail": "{{ contact.email }}", "said": "{{ message.content }}"}'
)
ECHO = f'{{"ok": true, "echo": "{EMAIL}"}}'.encode()


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


async def lived_in(tx: Transaction, people: Cast, key: str = "k" * 24) -> Contact:
    """Zuleica has left traces wherever one can."""
    action = await an_action(
        tx, people, url="https://crm.example/c?mail={{ contact.email | url_encode }}", body=BODY
    )
    sends = does("send_custom_action", action.id)
    await a_rule(tx, people, sends, when=row("status", "equal_to", "open"))
    await a_rule(tx, people, sends, on="contact_updated", when=row("email", "is_present"))
    who = {"name": NAME, "email": EMAIL, "phone_number": f"+{PHONE}", "identifier": IDENTIFIER}
    zuleica = await a_contact(tx, people.account, **who)
    draft = ContactDraft(custom_attributes={"address": "Rua das Flores"})
    await update_contact(tx, zuleica, draft, now=NOW)
    talk = await a_conversation(tx, people.inbox, zuleica)
    file = StoredFile(key, file_draft("Zuleica.pdf", "application/pdf", 9))
    await a_message(tx, talk, "meu segredo", files=(file,))
    await run(tx)
    for mine in (await claim(tx))[:1]:
        await record(tx, [tried(mine, answered(200, [("x-mail", EMAIL)], ECHO))], now=NOW)
    await a_delivery(tx, people.account.id, body=f'{{"mail": "{EMAIL}"}}', event_id=9_999_999)
    await leave_more(tx, people, zuleica, talk)
    return zuleica


async def leave_more(tx: Transaction, people: Cast, zuleica: Contact, talk: Conversation) -> None:
    """E-mails, a saved filter, a replay, what came from another desk."""
    sheet = Sheet(MailKind.TRANSCRIPT, f"Com {NAME}", f"{NAME}: meu segredo")
    await write_emails(tx, sheet, [EMAIL], Asked(people.account.id), now=NOW)
    kept = CustomFilter(
        account_id=people.account.id, user_id=people.ana.user_id, name="", kind=FilterKind.CONTACT,
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    rows = {"payload": [row("email", "equal_to", EMAIL)]}
    await save_filter(tx, kept, "One", rows, now=NOW)
    how = How(Mode.AS_IT_WAS, includes_delivered=False, who="Ana")
    await start_replay(tx, people.account.id, LogFilter(contact=EMAIL), how, now=NOW)
    listed = File("lista.csv", f"nome;email\n{NAME};{EMAIL}\n".encode())
    await open_import(tx, people.ana, listed, now=NOW)
    headless = File("lista.csv", f"{NAME};{EMAIL}\nJo;jo@x.example\n".encode())
    await open_import(tx, people.ana, headless, now=NOW)
    desk = await server_at(tx, people.account.id, "https://chat.example", 1, "Acme", now=NOW)
    tx.add(
        ChatwootArrival(
            server_id=desk.id,
            unique_id="1",
            body={"sender": {"email": EMAIL}},
            trouble="x",
            received_at=NOW,
        )
    )
    for kind, local in ((Kind.CONTACT, zuleica.id), (Kind.CONVERSATION, talk.id)):
        tx.add(ChatwootLink(server_id=desk.id, kind=kind, remote_id=1, local_id=local, name=NAME))
    await tx.flush()


async def leftovers(tx: Transaction, words: list[str]) -> list[str]:
    """Where in the whole database something of these words stands, whatever the column's type."""
    found = []
    for table in metadata.tables:
        rows = (await tx.execute(text(f"select t::text from {table} as t"))).scalars()  # noqa: S608
        for one in rows:
            found += [
                f"{table}: {word}"
                for word in words
                if word in one or word.encode().hex() in one or _escaped(word) in one
            ]
    return found


def _escaped(word: str) -> str:
    return word.replace("@", "%40")


async def test_the_story_leaves_traces_everywhere(tx: Transaction, people: Cast) -> None:
    """Else the next test would show nothing."""
    await lived_in(tx, people)
    tables = {one.split(":")[0] for one in await leftovers(tx, KNOWN_BY)}
    assert tables >= {
        "contacts", "messages", "attachments", "events", "deliveries", "attempts", "rule_verdicts",
        "emails", "custom_filters", "replays", "contact_import_rows", "chatwoot_arrivals", "chatwoot_links",
    }  # fmt: skip


async def test_no_byte_is_left(tx: Transaction, people: Cast) -> None:
    zuleica = await lived_in(tx, people)
    await erase_contact(tx, zuleica, now=NOW)
    assert await leftovers(tx, KNOWN_BY) == []
    assert await broken_rules(tx) == {}


async def test_the_log_still_tells_that_there_were_calls(tx: Transaction, people: Cast) -> None:
    zuleica = await lived_in(tx, people)
    before = len(list(await tx.scalars(select(Delivery.id))))
    await erase_contact(tx, zuleica, now=NOW)
    tx.expire_all()
    after = list(await tx.scalars(select(Delivery).order_by(Delivery.id)))
    assert len(after) == before
    states = sorted({one.state for one in after})
    assert states == [State.CANCELLED, State.DELIVERED]
    [cancelled, *_] = [one for one in after if one.state == State.CANCELLED]
    assert "contact was erased" in str(explain(State.CANCELLED, cancelled.reason).happened)
    assert {one.request["url"] for one in after} == {"https://crm.example:443"}
    assert "erased" in str(resend_problem(cancelled))
    assert await claim(tx, now=NOW + timedelta(days=1)) == []


async def test_what_is_under_way_is_not_recorded_any_more(tx: Transaction, people: Cast) -> None:
    zuleica = await lived_in(tx, people)
    [flying, *_] = await claim(tx, now=NOW + timedelta(days=1))
    await erase_contact(tx, zuleica, now=NOW)
    await record(tx, [tried(flying, answered(200, [], ECHO))], now=NOW)
    assert await leftovers(tx, KNOWN_BY) == []


async def test_others_lose_nothing(tx: Transaction, people: Cast) -> None:
    joao = await a_contact(tx, people.account, name="João Lima", email="joao@x.example",
                           phone_number="+5511988887777")  # fmt: skip
    theirs = await a_contact(tx, people.other_account, name=NAME, email=EMAIL, phone_number=None)
    await a_message(tx, await a_conversation(tx, people.inbox, joao), "from João")
    await a_message(tx, await a_conversation(tx, people.other_inbox, theirs), "elsewhere")
    await run(tx)
    kept_of = {one: await holdings_of(tx, one) for one in (joao, theirs)}
    zuleica = await lived_in(tx, people)
    await erase_contact(tx, zuleica, now=NOW)
    for one, before in kept_of.items():
        assert await holdings_of(tx, one) == before
    assert {"messages: from João", "messages: elsewhere"} <= set(
        await leftovers(tx, ["from João", "elsewhere"])
    )


async def test_who_was_merged_is_erased_with_the_other(tx: Transaction, people: Cast) -> None:
    zuleica = await lived_in(tx, people)
    base = await a_contact(tx, people.account, name="Z", email=None, phone_number=None)
    await merge_contacts(tx, base, zuleica, now=NOW)
    assert await leftovers(tx, [EMAIL]) != []
    await erase_contact(tx, base, now=NOW)
    assert await leftovers(tx, KNOWN_BY) == []


async def test_what_goes_is_counted_first(tx: Transaction, people: Cast) -> None:
    holdings = await holdings_of(tx, await lived_in(tx, people))
    assert (holdings.conversations, holdings.messages) == (1, 1)
    assert (holdings.files, holdings.file_bytes) == (1, 9)
    assert holdings.deliveries == len(list(await tx.scalars(select(Delivery.id))))
    assert holdings.emails == 1
    assert holdings.events > 2
    assert holdings.hosts == {"crm.example": 1}


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ({"name": "Ana"}, []),  # would be found in every second text
        ({"name": "Ana Lima"}, ["Ana Lima", "Ana%20Lima"]),
        ({"email": "a@b.example"}, ["a@b.example", "a%40b.example"]),
        ({"phone_number": "+5511999990000"}, ["5511999990000"]),
        ({"identifier": "7"}, []),
        ({"identifier": "crm-77"}, ["crm-77"]),
    ],
)
def test_what_a_contact_is_found_by(values: dict[str, Any], marks: list[str]) -> None:
    contact = Contact(account_id=1, created_at=NOW, updated_at=NOW)
    for name, value in values.items():
        setattr(contact, name, value)
    assert marks_of(contact) == marks


async def test_the_page_says_what_goes_and_erases_it(
    ana: Browser, beto: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        zuleica = await lived_in(tx, cast)
    path = f"/app/contacts/{zuleica.id}/delete"
    asked = (await ana.get(path)).text
    for said in ("1 conversation", "1 message", "1 file (9 B)", "crm.example"):
        assert said in asked
    assert (await beto.post(path, {"name": NAME})).status_code == 403
    done = "/app/contacts?done=erased"
    assert (await ana.post(path, {"name": NAME})).headers["location"] == done
    assert "The contact is erased." in (await ana.get(done)).text
    async with database.transaction() as tx:
        assert await leftovers(tx, KNOWN_BY) == []
    assert (await ana.get("/app/deliveries")).status_code == 200
    told = (await ana.get("/app/deliveries/1")).text
    assert (
        told.count("Erased, together with the contact whom it told of.") == 2
    )  # sent and answered
    for leads_nowhere in ("bodies are not kept", "/app/conversations/1", "/app/replays/new"):
        assert leads_nowhere not in told


async def test_open_pages_are_told(tx: Transaction, people: Cast) -> None:
    zuleica = await lived_in(tx, people)
    tx.info.pop(NOTICES, None)
    await erase_contact(tx, zuleica, now=NOW)
    told = [orjson.loads(payload) for _, payload in tx.info[NOTICES] if payload]
    about = [(one["what"], one.get("id")) for one in told]
    for wanted in (("erasure", None), ("contact", zuleica.id), ("conversation", 1)):
        assert wanted in about


async def test_what_was_open_says_that_it_is_gone(
    ana: Browser, beto: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        zuleica = await lived_in(tx, cast)
    here, htmx = f"/app/contacts/{zuleica.id}", {"hx-request": "true"}
    assert (await beto.get(here, headers=htmx)).status_code == 204
    assert (await ana.post(f"{here}/delete", {"name": NAME})).status_code == 303
    for path in (here, "/app/conversations/1/messages", "/app/conversations/1/state"):
        asked = await beto.get(path, headers=htmx)
        assert asked.status_code == 404
        led = asked.headers["hx-redirect"]
        assert "is gone" in (await beto.get(led)).text
        assert (await beto.get(path)).status_code == 404  # whoever opens its address


async def test_a_program_erases_as_thoroughly(ana: Browser, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        zuleica = await lived_in(tx, cast)
    path = f"/api/v1/accounts/{cast.account.id}/contacts/{zuleica.id}"
    assert (await ana.api("DELETE", path, cast.ana_token)).status_code == 200
    async with database.transaction() as tx:
        assert await leftovers(tx, KNOWN_BY) == []


async def test_only_files_that_nobody_else_holds_are_named(
    tx: Transaction, people: Cast, tmp_path: Path
) -> None:
    key = await DiskStore(tmp_path).keep(b"x")
    zuleica = await lived_in(tx, people, key)
    other = await a_contact(tx, people.account, name="João", email=None, phone_number=None)
    message = await a_message(tx, await a_conversation(tx, people.inbox, other))
    tx.add(
        Attachment(
            account_id=people.account.id,
            message_id=message.id,
            key=key,
            name="a.pdf",
            content_type="application/pdf",
            size=9,
            created_at=NOW,
        )
    )
    await tx.flush()
    assert await erase_contact(tx, zuleica, now=NOW) == []
