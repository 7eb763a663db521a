"""Moving in from a Chatwoot: everything once, whatever happens on the way."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from recado.accounts.teams import team_members, teams_of
from recado.automation.conditions import compile_rule, evaluate
from recado.automation.saving import rules_of
from recado.automation.trees import AllOf, AnyOf, parse
from recado.chatwoot.calling import NotAnswered, Remote, place_in
from recado.chatwoot.entering import enter
from recado.chatwoot.remembering import noted, server_at
from recado.commands.importing import Progress, report
from recado.contacts.attributes import attributes_of
from recado.contacts.labels import create_label, labels_of
from recado.contacts.models import Contact
from recado.conversations.canning import canned_responses
from recado.conversations.models import ContactInbox, Conversation, Message
from recado.dashboards.saving import apps_of
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.events.models import Event
from recado.inboxes.keeping_tokens import hmac_of
from recado.inboxes.opening import inboxes_of
from recado.moving.importing import Move, import_everything
from tests.automation.rules import facts, row
from tests.faults.processes import end_postgres
from tests.faults.ready import copy_what_is_set_up, fork_recado
from tests.people import NOW, VAULT, Cast, a_contact
from tests.standin.desk import Desk, Json
from tests.standin.server import TOKEN, StandIn


@pytest.fixture
async def chatwoot() -> AsyncIterator[StandIn]:
    async with StandIn() as server:
        yield server


async def the_move(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound, **more: Any
) -> Move:
    async with database.transaction() as tx:
        server = await server_at(tx, cast.account.id, chatwoot.url, 7, "Loja Antiga", now=NOW)
    waits = more.pop("waits", (0.01, 0.01))
    remote = Remote(outbound.sender, chatwoot.url, TOKEN, 7, deadline_seconds=0.5, waits=waits)
    tell = more.pop("tell", lambda *_: None)
    return Move(database, remote, cast.account.id, server.id, VAULT, NOW, tell)


async def moved(move: Move, **more: Any) -> list[str]:
    """Import, and answer what could not be carried, in words."""
    await import_everything(move, **more)
    async with move.database.transaction() as tx:
        links = await noted(tx, move.server_id)
    return [f"{one.kind} {one.name}: {note['text']}" for one in links for note in one.notes]


def furnish(desk: Desk, *, contacts: int = 40) -> Json:
    """A desk as one finds it; the answer is its API inbox."""
    beto = desk.add_agent("Beto Reis", "beto@acme.example")
    team = desk.add_team("Vendas", "Who sells")
    desk.members[team["id"]] = [beto["id"], desk.me["id"]]
    desk.add_attribute("plan", "list", "contact_attribute", attribute_values=["Free", "Gold"])
    desk.add_attribute("order", "number", "conversation_attribute")
    desk.add_label("vip", "#ff0000", "Very important")
    desk.add_canned("hi", "Olá {{contact.name}}")
    inbox = desk.add_inbox("Site", webhook_url="https://bridge.example/hook")
    desk.add_inbox("Loja", "Channel::WebWidget")
    for number in range(contacts):
        desk.add_contact(
            f"Contact {number}", inbox, email=f"c{number}@example.com",
            custom_attributes={"plan": "Gold"}, labels=["vip"] if number % 2 else [],
        )  # fmt: skip
    return inbox


async def count(database: Database, table: Any) -> int:
    async with database.transaction() as tx:
        return await tx.scalar(select(func.count()).select_from(table)) or 0


async def test_what_an_account_is_set_up_with_is_here_afterwards(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    inbox = furnish(chatwoot.desk)
    notes = await moved(await the_move(chatwoot, database, cast, outbound))
    assert len(notes) == 1  # Rita, who is no agent here
    assert "add one" in notes[0]
    async with database.transaction() as tx:
        account = cast.account.id
        inboxes = {
            one.name: one for one in await inboxes_of(tx, account) if one.id != cast.inbox.id
        }
        assert inboxes["Site"].identifier == inbox["inbox_identifier"]
        assert hmac_of(inboxes["Site"], VAULT) == inbox["hmac_token"]
        assert inboxes["Site"].settings["webhook_url"] == "https://bridge.example/hook"
        assert (inboxes["Loja"].channel, inboxes["Loja"].settings["website_url"]) == (
            "web_widget", "https://loja.example",
        )  # fmt: skip
        attributes = {one.key: one for one in await attributes_of(tx, account)}
        assert (attributes["plan"].kind, attributes["plan"].choices) == ("list", ["Free", "Gold"])
        assert attributes["order"].model == "conversation_attribute"
        [label] = await labels_of(tx, account)
        assert (label.title, label.color, label.description) == ("vip", "#ff0000", "Very important")
        [team] = await teams_of(tx, account)
        assert (team.name, team.description) == ("vendas", "Who sells")
        assert [one.name for one in await team_members(tx, team.id)] == ["Beto Reis"]
        [canned] = await canned_responses(tx, account)
        assert canned.content == "Olá {{contact.name}}"
        contacts = list(await tx.scalars(select(Contact).order_by(Contact.id)))
        assert len(contacts) == 40
        assert contacts[1].custom_attributes == {"plan": "Gold"}
        assert [one.labels for one in contacts[:2]] == [[], ["vip"]]
        known = await tx.scalar(
            select(ContactInbox.source_id).where(ContactInbox.contact_id == contacts[0].id)
        )
        assert known == f"source-{chatwoot.desk.contacts[0]['id']}-{inbox['id']}"


async def test_dashboard_apps_come_where_they_may_be_framed(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    chatwoot.desk.add_app("CRM", "https://crm.example/a", "https://crm.example/b")
    chatwoot.desk.add_app("Old", "http://old.example/")
    notes = [""]
    for _ in range(2):  # again brings nothing twice
        notes = await moved(await the_move(chatwoot, database, cast, outbound))
    assert [one for one in notes if one.startswith("dashboard_app")] == [
        "dashboard_app Old: The address must begin with https:// (http:// only for localhost)."
    ]
    async with database.transaction() as tx:
        [app] = await apps_of(tx, cast.account.id)
    assert (app.name, app.urls) == ("CRM", ["https://crm.example/a", "https://crm.example/b"])


async def test_a_chatwoot_that_knows_no_dashboard_apps_is_carried_over_all_the_same(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    chatwoot.desk.apps = None
    inbox = furnish(chatwoot.desk, contacts=1)
    conversation = chatwoot.desk.add_conversation(chatwoot.desk.contacts[0], inbox)
    chatwoot.desk.add_message(conversation, "Hello")
    await moved(await the_move(chatwoot, database, cast, outbound), conversations=True)
    assert await count(database, Message) == 1


async def test_an_import_is_silent(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    inbox = furnish(chatwoot.desk, contacts=3)
    conversation = chatwoot.desk.add_conversation(chatwoot.desk.contacts[0], inbox)
    chatwoot.desk.add_message(conversation, "Hello")
    await moved(await the_move(chatwoot, database, cast, outbound), conversations=True)
    assert await count(database, Message) == 1
    assert await count(database, Event) == 0


async def test_again_doubles_nothing_and_brings_what_is_new(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    inbox = furnish(chatwoot.desk)
    conversation = chatwoot.desk.add_conversation(chatwoot.desk.contacts[0], inbox)
    chatwoot.desk.add_message(conversation, "Hello")
    move = await the_move(chatwoot, database, cast, outbound)
    await moved(move, conversations=True)
    chatwoot.desk.add_contact("Late", inbox, email="late@example.com")
    chatwoot.desk.add_canned("bye", "Tchau")
    chatwoot.asked.clear()
    await moved(move, conversations=True)
    assert await count(database, Contact) == 41
    assert await count(database, Conversation) == 1
    assert await count(database, Message) == 1
    pages = [one for one in chatwoot.gets("contacts?page=") if "labels" not in one]
    assert [one.partition("page=")[2][0] for one in pages] == ["3"]  # goes on at the last one


@pytest.mark.parametrize("part", ["labels", "teams", "inboxes", "contacts?page=2", "automation"])
async def test_one_that_was_stopped_goes_on_where_it_was(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound, part: str
) -> None:
    furnish(chatwoot.desk)
    move = await the_move(chatwoot, database, cast, outbound)
    chatwoot.go_down(part)
    with pytest.raises(NotAnswered) as stopped:
        await import_everything(move)
    assert stopped.value.may_pass
    chatwoot.come_back()
    await moved(move)
    assert await count(database, Contact) == 40
    async with database.transaction() as tx:
        assert len(await inboxes_of(tx, cast.account.id)) == 3
        assert len(await teams_of(tx, cast.account.id)) == 1


@pytest.mark.parametrize("statuses", [(429,), (500, 503), (502, 429)])
async def test_what_passes_is_waited_for(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound, statuses: tuple[int, ...]
) -> None:
    furnish(chatwoot.desk, contacts=16)
    move = await the_move(chatwoot, database, cast, outbound)
    chatwoot.answer_next(*statuses, retry_after=0)
    await moved(move)
    assert await count(database, Contact) == 16


async def test_one_that_is_too_slow_is_left_with_a_sentence(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    chatwoot.be_slow(5)
    move = await the_move(chatwoot, database, cast, outbound, waits=())
    with pytest.raises(NotAnswered, match="did not answer in time"):
        await import_everything(move)


async def test_a_token_that_is_none_is_told_at_once(chatwoot: StandIn, outbound: Outbound) -> None:
    with pytest.raises(NotAnswered, match="does not accept the token"):
        await enter(outbound.sender, chatwoot.url, "wrong", None)


async def test_the_account_is_the_only_one_or_the_one_that_is_named(
    chatwoot: StandIn, outbound: Outbound
) -> None:
    found = await enter(outbound.sender, f"{chatwoot.url}/", TOKEN, None)
    assert (found.remote.account_id, found.remote.url) == (7, chatwoot.url)
    assert (found.name, found.user_id) == ("Loja Antiga", chatwoot.desk.me["id"])
    with pytest.raises(NotAnswered, match="the token opens 7"):
        await enter(outbound.sender, chatwoot.url, TOKEN, 8)


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("https://chat.example", ("https://chat.example", None)),
        ("https://chat.example/", ("https://chat.example", None)),
        (" https://chat.example/app/accounts/3/dashboard ", ("https://chat.example", 3)),
        ("https://chat.example/app/accounts/3", ("https://chat.example", 3)),
        ("https://chat.example/desk/app/accounts/3/x/y", ("https://chat.example/desk", 3)),
        ("https://chat.example/app", ("https://chat.example", None)),
    ],
)
def test_an_address_is_taken_as_it_was_pasted(typed: str, place: tuple[str, int | None]) -> None:
    assert place_in(typed) == place


@pytest.mark.parametrize("typed", ["", "chat.example", "ftp://chat.example", "https://"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        place_in(typed)


async def test_who_is_here_already_is_the_same_person_and_keeps_their_own(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    async with database.transaction() as tx:
        maria = await a_contact(
            tx, cast.account, phone_number=None, custom_attributes={"a": "ours"}
        )
        await create_label(tx, cast.account.id, "vip", color="#00ff00")
    chatwoot.desk.add_label("VIP", "#ff0000")
    chatwoot.desk.add_contact(
        "M. S.", email="MARIA@example.com", phone_number="+55 11 91234-0000",
        custom_attributes={"a": "theirs", "b": "new"},
    )  # fmt: skip
    await moved(await the_move(chatwoot, database, cast, outbound))
    async with database.transaction() as tx:
        [found] = await tx.scalars(select(Contact))
        assert (found.id, found.name) == (maria.id, "Maria Souza")
        assert found.phone_number == "+5511912340000"
        assert found.custom_attributes == {"a": "ours", "b": "new"}
        [label] = await labels_of(tx, cast.account.id)
        assert label.color == "#00ff00"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"email": "nobody"}, "email"),
        ({"phone_number": "12"}, "phone_number"),
        ({"custom_attributes": {"order": "many"}}, "order"),
        ({"name": "x" * 300}, "name"),
    ],
)
async def test_what_does_not_fit_is_left_out_and_told(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound,
    values: Json, told: str,
) -> None:  # fmt: skip
    chatwoot.desk.add_attribute("order", "number", "contact_attribute")
    chatwoot.desk.contacts.append(chatwoot.desk.add_contact("Maria", identifier="m1") | values)
    del chatwoot.desk.contacts[0]
    move = await the_move(chatwoot, database, cast, outbound)
    await moved(move)
    [line] = [
        one
        for one in (await report(database, move, has_conversations=True)).splitlines()
        if "contact " in one
    ]
    assert f"{told} “" in line
    assert "was left out" in line
    async with database.transaction() as tx:
        [contact] = await tx.scalars(select(Contact))
        assert contact.identifier == "m1"


async def test_a_channel_that_is_not_here_becomes_an_api_inbox_and_is_told(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    chatwoot.desk.add_inbox("Zap", "Channel::Whatsapp")
    notes = await moved(await the_move(chatwoot, database, cast, outbound))
    assert any("is not here" in one for one in notes if one.startswith("inbox Zap"))
    async with database.transaction() as tx:
        assert (await inboxes_of(tx, cast.account.id))[-1].channel == "api"


def a_label(title: str = "vip") -> Json:
    return {"action_name": "add_label", "action_params": [title]}


async def test_a_rule_comes_switched_off_with_our_numbers(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    desk = chatwoot.desk
    inbox = furnish(desk, contacts=0)
    beto, team = desk.agents[-1], desk.teams[0]
    desk.add_rule(
        "Sell", "conversation_created", [row("inbox_id", "equal_to", inbox["id"])],
        [
            {"action_name": "assign_agent", "action_params": [beto["id"]]},
            {"action_name": "assign_team", "action_params": [str(team["id"])]},
            a_label(),
        ],
    )  # fmt: skip
    await moved(await the_move(chatwoot, database, cast, outbound))
    async with database.transaction() as tx:
        [rule] = await rules_of(tx, cast.account.id)
        ours = {one.identifier: one.id for one in await inboxes_of(tx, cast.account.id)}
        [team_here] = await teams_of(tx, cast.account.id)
    assert not rule.is_active
    assert rule.conditions[0]["values"] == [ours[inbox["inbox_identifier"]]]
    assert [one["action_params"] for one in rule.effects] == [
        [cast.beto.user_id], [team_here.id], ["vip"],
    ]  # fmt: skip


async def test_and_binds_first_in_a_rule_of_theirs(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    chatwoot.desk.add_label("vip")
    chatwoot.desk.add_rule(
        "Mixed", "message_created",
        [
            row("content", "contains", "help", then="or"),
            row("message_type", "equal_to", "incoming", then="and"),
            row("status", "equal_to", "resolved"),
        ],
        [a_label()],
    )  # fmt: skip
    await moved(await the_move(chatwoot, database, cast, outbound))
    async with database.transaction() as tx:
        [rule] = await rules_of(tx, cast.account.id)
    tree = parse(rule.conditions)
    assert isinstance(tree, AnyOf)
    assert isinstance(tree.children[1], AllOf)
    open_help = facts(message={"content": "help", "message_type": "outgoing"})
    assert evaluate(compile_rule(tree, {}), open_help).matched  # left to right it would not hold


@pytest.mark.parametrize(
    ("conditions", "actions", "told"),
    [
        ([row("inbox_id", "equal_to", 999)], [a_label()], "names what was not carried"),
        ([row("campaign_id", "equal_to", 1)], [a_label()], "%(place)s"),
        ([row("status", "equal_to", "open")],
         [{"action_name": "add_sla", "action_params": [1]}], "Nothing of what it does"),
        ([row("status", "equal_to", "open")],
         [{"action_name": "assign_agent", "action_params": [999]}], "not carried"),
    ],
    ids=["a foreign inbox", "an unknown condition", "an unknown effect", "a foreign agent"],
)  # fmt: skip
async def test_a_rule_that_would_be_another_is_kept_away(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound,
    conditions: list[Json], actions: list[Json], told: str,
) -> None:  # fmt: skip
    chatwoot.desk.add_label("vip")
    chatwoot.desk.add_rule("Odd", "conversation_updated", conditions, actions)
    notes = await moved(await the_move(chatwoot, database, cast, outbound))
    assert any(told in one for one in notes if one.startswith("automation_rule Odd"))
    async with database.transaction() as tx:
        assert await rules_of(tx, cast.account.id) == []


async def test_an_effect_that_is_not_here_is_left_out_and_told(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    chatwoot.desk.add_label("vip")
    actions = [a_label(), {"action_name": "send_attachment", "action_params": [4]}]
    chatwoot.desk.add_rule("Half", "message_created", [row("status", "equal_to", "open")], actions)
    move = await the_move(chatwoot, database, cast, outbound)
    await moved(move)
    told = await report(database, move, has_conversations=False)
    assert "~ automation_rule" not in told  # words, not names of programs
    assert "send_attachment" in told
    async with database.transaction() as tx:
        [rule] = await rules_of(tx, cast.account.id)
        assert [one["action_name"] for one in rule.effects] == ["add_label"]


async def test_what_was_missing_is_carried_the_next_time(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    beto = chatwoot.desk.add_agent("Beto", "nobody@acme.example")
    chatwoot.desk.add_rule(
        "To Beto", "message_created", [row("status", "equal_to", "open")],
        [{"action_name": "assign_agent", "action_params": [beto["id"]]}],
    )  # fmt: skip
    move = await the_move(chatwoot, database, cast, outbound)
    assert len(await moved(move)) == 3  # Rita, Beto, and the rule
    beto["email"] = "beto@acme.example"
    assert len(await moved(move)) == 1
    async with database.transaction() as tx:
        assert len(await rules_of(tx, cast.account.id)) == 1


async def test_a_long_conversation_comes_whole_and_in_order(
    chatwoot: StandIn, database: Database, cast: Cast, outbound: Outbound
) -> None:
    desk = chatwoot.desk
    inbox = furnish(desk, contacts=1)
    conversation = desk.add_conversation(desk.contacts[0], inbox, status="resolved", labels=["vip"])
    for number in range(45):
        is_ours = number % 3 == 0
        desk.add_message(
            conversation, f"message {number}", message_type="outgoing" if is_ours else "incoming",
            sender_type="User" if is_ours else "Contact",
            sender_id=desk.agents[1]["id"] if is_ours else desk.contacts[0]["id"],
        )  # fmt: skip
    desk.add_message(conversation, "Beto resolved it", message_type="activity")
    desk.add_message(
        conversation, None, attachments=[{"id": 1, "data_url": "https://files.example/a.pdf"}]
    )
    await moved(await the_move(chatwoot, database, cast, outbound), conversations=True)
    async with database.transaction() as tx:
        [found] = await tx.scalars(select(Conversation))
        said = list(await tx.scalars(select(Message).order_by(Message.id)))
    assert (found.status, found.labels, found.display_id) == ("resolved", ["vip"], 1)
    assert found.additional_attributes["chatwoot_conversation_id"] == conversation["id"]
    texts = [f"message {number}" for number in range(45)] + ["https://files.example/a.pdf"]
    assert [one.content for one in said] == texts
    assert said[0].sender_user_id == cast.beto.user_id
    assert said[1].sender_contact_id == found.contact_id


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_moves_on_a_terminal_and_lines_come_elsewhere() -> None:
    terminal, file = _Terminal(), io.StringIO()
    for out in (terminal, file):
        progress = Progress(out)
        for done in (12, 24):
            progress.tell("contacts", done, 24)
        progress.end()
    assert "\r\x1b[K████████████░░░░░░░░░░░░ contacts: 12 of 24" in terminal.getvalue()
    assert file.getvalue() == "contacts: 24 of 24\n"


async def test_the_command_carries_over_and_reports(chatwoot: StandIn, tmp_path: Path) -> None:
    furnish(chatwoot.desk, contacts=20)
    home = tmp_path / "data"
    order = ("import", "chatwoot", "--url", chatwoot.url, "--token", TOKEN)
    copy_what_is_set_up(home)
    try:
        refused = await asyncio.to_thread(fork_recado, home, *order)
        assert refused.returncode == 1
        assert "not on the public internet" in refused.stderr
        allowed = {"RECADO_ALLOWED_NETWORKS": "127.0.0.0/8"}
        done = await asyncio.to_thread(fork_recado, home, *order, **allowed)
        assert done.returncode == 0, done.stderr
        assert "contacts: 20 of 20\n" in done.stdout
        assert "  contact: 20\n" in done.stdout
        assert "Not carried over, or not whole:" in done.stdout
    finally:
        end_postgres(home)
