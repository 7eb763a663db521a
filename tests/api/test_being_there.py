"""Whether people are there, by REST and over `/cable`: said by themselves, and true of senders."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from recado.accounts.being_there import are_there, say_availability
from recado.accounts.models import Availability, Membership
from recado.conversations.writing import Kind, Written, write
from recado.db.database import Database, database_now
from recado.deliveries.delivering import Outbound
from recado.lib.pubsub import Ear, pubsub_token
from tests.api.calling import Program
from tests.api.test_cable import line
from tests.api.test_client import Client
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation
from tests.serving import serving

HERE = "/api/v1/profile/availability"


@pytest.fixture
async def address(app: Any) -> AsyncIterator[str]:
    async with serving(app) as where:
        yield where


async def _come(database: Database, member: Membership) -> None:
    async with database.transaction() as tx:
        now = await database_now(tx)
        await are_there(tx, [(member.account_id, member.user_id)], now=now)


def _said(profile: dict[str, Any]) -> tuple[str, bool]:
    [account] = profile["accounts"]
    return account["availability"], account["auto_offline"]


@pytest.mark.parametrize("said", list(Availability))
@pytest.mark.parametrize("wrapped", [False, True])
async def test_a_program_says_it_for_its_person(
    api: Program, cast: Cast, said: Availability, wrapped: bool
) -> None:
    body = {"availability": said, "account_id": cast.account.id}
    given = {"profile": body} if wrapped else body
    answer = await api.browser.api("POST", HERE, api.token, given)
    assert answer.status_code == 200
    assert _said(answer.json()) == (said, True)
    shown = await api.browser.api("GET", "/api/v1/profile", api.token)
    assert _said(shown.json()) == (said, True)


@pytest.mark.parametrize("wanted", [True, False])
async def test_whether_one_counts_as_away_without_a_page(
    api: Program, cast: Cast, wanted: bool
) -> None:
    body = {"profile": {"auto_offline": wanted, "account_id": cast.account.id}}
    answer = await api.browser.api("POST", "/api/v1/profile/auto_offline", api.token, body)
    assert _said(answer.json()) == ("online", wanted)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (HERE, {"availability": "asleep", "account_id": 1}, 422),
        (HERE, {"account_id": 1}, 422),
        (HERE, {"availability": "busy", "account_id": 2}, 404),  # a stranger's account
        (HERE, {"availability": "busy", "account_id": 99}, 404),
        (HERE, {"availability": "busy"}, 404),
        ("/api/v1/profile/auto_offline", {"auto_offline": "perhaps", "account_id": 1}, 422),
        ("/api/v1/profile/auto_offline", {"auto_offline": True, "account_id": 2}, 404),
    ],
)
async def test_nonsense_and_strangers_accounts_are_refused(
    api: Program, path: str, body: dict[str, Any], status: int
) -> None:
    assert (await api.browser.api("POST", path, api.token, body)).status_code == status
    assert (await api.browser.api("POST", path, "wrong", body)).status_code == 401


@pytest.mark.parametrize(
    ("comes", "said", "shown"),
    [
        (True, Availability.ONLINE, "online"),
        (True, Availability.BUSY, "busy"),
        (False, Availability.ONLINE, "offline"),
        (False, Availability.BUSY, "offline"),
    ],
)
async def test_the_sender_of_a_message_is_as_they_are(
    api: Program, ana: Browser, database: Database, cast: Cast,
    comes: bool, said: Availability, shown: str,
) -> None:  # fmt: skip
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await write(tx, talk, cast.beto, Written("Oi", Kind.REPLY), now=NOW)
        await say_availability(tx, cast.beto, said)
    if comes:
        await _come(database, cast.beto)
    root = f"/api/v1/accounts/{cast.account.id}/conversations"
    thread = (await ana.api("GET", f"{root}/{talk.display_id}/messages", cast.ana_token)).json()
    assert thread["payload"][-1]["sender"]["availability_status"] == shown
    one = (await ana.api("GET", f"{root}/{talk.display_id}", cast.ana_token)).json()
    assert one["messages"][0]["sender"]["availability_status"] == shown


@pytest.mark.parametrize(("comes", "shown"), [(True, "online"), (False, "offline")])
async def test_a_contact_sees_whether_who_answered_is_there(
    api: Program, visitor: Browser, database: Database, cast: Cast, comes: bool, shown: str
) -> None:
    """By every way on which the contact's own program reads: the inbox has no list of its people."""
    client = Client(visitor, cast.inbox.identifier)
    me = await client.ok("POST", "/contacts", {"name": "Maria"})
    talks = f"/contacts/{me['source_id']}/conversations"
    await client.ok("POST", talks)
    await api.post("conversations/1/messages", {"content": "Olá"})
    if comes:
        await _come(database, cast.ana)
    [answered] = await client.ok("GET", f"{talks}/1/messages")
    [one] = await client.ok("GET", talks)
    same = await client.ok("GET", f"{talks}/1")
    for message in (answered, *one["messages"], *same["messages"]):
        assert message["sender"]["availability_status"] == shown


async def test_a_message_whose_state_is_told_says_who_is_there(
    api: Program, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        said = await write(tx, talk, cast.beto, Written("Oi", Kind.REPLY), now=NOW)
    await _come(database, cast.beto)
    path = f"conversations/{talk.display_id}/messages/{said.id}"
    told = await api.patch(path, {"status": "read"})
    assert told["sender"]["availability_status"] == "online"


async def test_open_lines_hear_who_comes_and_who_is_busy(
    address: str, cast: Cast, outbound: Outbound, database: Database
) -> None:
    async with line(address) as mine, line(address) as theirs:
        for one, person in ((mine, cast.ana), (theirs, cast.celia)):
            token = pubsub_token(outbound.vault, Ear.USER, person.user_id)
            assert await one.join(
                pubsub_token=token, account_id=person.account_id
            ) == "confirm_subscription"  # fmt: skip
        await _come(database, cast.beto)
        beto = str(cast.beto.user_id)
        told = (await mine.hears())["message"]
        assert told == {
            "event": "presence.update",
            "data": {"account_id": cast.account.id, "users": {beto: "online"}, "contacts": {}},
        }
        async with database.transaction() as tx:
            await say_availability(tx, cast.beto, Availability.BUSY)
        assert (await mine.hears())["message"]["data"]["users"] == {beto: "busy"}
        identifier = orjson.dumps({"channel": "RoomChannel"}).decode()
        await theirs.send("subscribe", identifier)  # refused: the next thing that Célia hears
        assert (await theirs.hears())["type"] == "reject_subscription"
