"""Notifications by REST: one's own, and nobody else's."""

from typing import Any

import pytest

from recado.conversations.mentioning import mention
from recado.db.database import Database
from recado.notifications.models import Kind, Way
from recado.notifications.writing import Wanted, write_notifications
from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

LIST = "notifications"
EVERYTHING = "notifications?includes[]=read&includes[]=snoozed"


@pytest.fixture
def ana(visitor: Browser, cast: Cast) -> Program:
    return programs(visitor, cast)[0]


@pytest.fixture
def beto(visitor: Browser, cast: Cast) -> Program:
    return programs(visitor, cast)[1]


@pytest.fixture(autouse=True)
async def told(database: Database, cast: Cast) -> None:
    """Beto is mentioned in conversation 1 and assigned conversation 2."""
    async with database.transaction() as tx:
        maria = await a_contact(tx, cast.account)
        first, second = [await a_conversation(tx, cast.inbox, maria) for _ in range(2)]
        note = await a_message(tx, first, f"{mention('user', cast.beto.user_id, 'Beto')} look")
        about = [
            {"kind": Kind.MENTION, "conversation_id": first.id, "message_id": note.id},
            {"kind": Kind.ASSIGNMENT, "conversation_id": second.id},
        ]
        await write_notifications(
            tx,
            [
                Wanted(
                    account_id=cast.account.id, user_id=cast.beto.user_id, ways=tuple(Way), at=NOW,
                    by_user_id=cast.ana.user_id, **one,  # type: ignore[arg-type]
                )
                for one in about
            ],
        )  # fmt: skip


async def listed(program: Program, path: str = LIST) -> list[dict[str, Any]]:
    """The kinds and numbers on a page."""
    payload: list[dict[str, Any]] = (await program.get(path))["data"]["payload"]
    return payload


def numbers(found: list[dict[str, Any]]) -> list[int]:
    return [one["primary_actor_id"] for one in found]


async def test_a_notification_tells_what_happened_and_where(beto: Program) -> None:
    [_, one] = sorted(await listed(beto), key=lambda one: one["notification_type"])
    assert one["notification_type"] == "conversation_mention"
    assert one["push_message_title"] == "Ana Lima mentioned you with Maria Souza"
    assert one["push_message_body"] == "@Beto look"
    assert (one["primary_actor_type"], one["primary_actor"]["id"]) == ("Conversation", 1)
    assert one["secondary_actor"]["content"].endswith(" look")
    assert one["read_at"] is None


async def test_they_are_ones_own(ana: Program, beto: Program) -> None:
    assert await listed(ana) == []
    assert (
        await ana.get("notifications/unread_count"),
        await beto.get("notifications/unread_count"),
    ) == (0, 2)
    for method, path in (
        ("PATCH", "notifications/1"), ("DELETE", "notifications/1"),
        ("POST", "notifications/1/unread"), ("POST", "notifications/1/snooze"),
    ):  # fmt: skip
        assert (await ana.call(method, path, {})).status_code == 404
    await ana.post("notifications/read_all")
    await ana.post("notifications/destroy_all")
    assert len(await listed(beto)) == 2


async def test_read_ones_are_listed_when_asked_for(beto: Program) -> None:
    read = await beto.patch("notifications/1", {"read_at": None})
    assert read["read_at"]
    assert len(await listed(beto)) == 1
    assert len(await listed(beto, f"{LIST}?includes[]=read")) == 2
    assert (await beto.post("notifications/1/unread"))["read_at"] is None
    assert (await beto.get(LIST))["data"]["meta"] == {
        "unread_count": 2, "count": 2, "current_page": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "left"), [({}, []), ({"primary_actor_id": 1}, [2]), ({"primary_actor_id": "2"}, [1])]
)
async def test_all_are_read_or_those_of_a_conversation(
    beto: Program, body: Any, left: list[int]
) -> None:
    await beto.post("notifications/read_all", body)
    assert numbers(await listed(beto)) == left
    assert (
        await beto.call("POST", "notifications/read_all", {"primary_actor_id": 99})
    ).status_code == 404


@pytest.mark.parametrize("until", [4_102_444_800, "4102444800", "2100-01-01T00:00:00Z"])
async def test_one_is_put_aside(beto: Program, until: Any) -> None:
    told = await beto.post("notifications/1/snooze", {"snoozed_until": until})
    assert told["snoozed_until"] == "2100-01-01T00:00:00.000Z"
    assert len(await listed(beto)) == 1
    assert len(await listed(beto, f"{LIST}?includes[]=snoozed")) == 2
    await beto.post("notifications/1/snooze", {"snoozed_until": None})
    assert len(await listed(beto)) == 2


async def test_what_was_put_aside_comes_back_unread(beto: Program) -> None:
    await beto.patch("notifications/1", {})
    await beto.post("notifications/1/snooze", {"snoozed_until": "2020-01-01T00:00:00Z"})
    assert len(await listed(beto)) == 2


async def test_nonsense_is_refused(beto: Program) -> None:
    answer = await beto.call("POST", "notifications/1/snooze", {"snoozed_until": "soon"})
    assert (answer.status_code, answer.json()["attributes"]) == (422, ["snoozed_until"])
    assert (await beto.call("POST", "notifications/destroy_all", {"type": "x"})).status_code == 422


async def test_they_are_forgotten(beto: Program) -> None:
    await beto.patch("notifications/1", {})
    await beto.post("notifications/destroy_all", {"type": "read"})
    assert len(await listed(beto, EVERYTHING)) == 1
    assert (await beto.call("DELETE", "notifications/2")).status_code == 200
    assert await listed(beto, EVERYTHING) == []


async def test_one_is_not_unread_twice(beto: Program, database: Database, cast: Cast) -> None:
    await beto.patch("notifications/1", {})
    async with database.transaction() as tx:
        again = Wanted(
            cast.account.id, cast.beto.user_id, Kind.MENTION, tuple(Way), NOW, conversation_id=1
        )
        await write_notifications(tx, [again])
    await beto.post("notifications/1/unread")
    assert sorted(numbers(await listed(beto))) == [1, 2]


async def test_flags_say_what_somebody_is_told(ana: Program, beto: Program) -> None:
    before = await beto.get("notification_settings")
    assert before["selected_email_flags"] == before["all_email_flags"]
    assert "push_custom_action_failing" not in before["all_push_flags"]
    assert (
        "push_custom_action_failing" in (await ana.get("notification_settings"))["all_push_flags"]
    )
    chosen = ["email_conversation_mention", "email_conversation_creation"]
    body = {"notification_settings": {"selected_email_flags": chosen}}
    after = await beto.patch("notification_settings", body)
    assert after["selected_email_flags"] == chosen[:1]
    assert after["selected_push_flags"] == before["selected_push_flags"]
    assert await beto.get("notification_settings") == after
    none = await beto.patch("notification_settings", {"selected_push_flags": []})
    assert (none["selected_push_flags"], none["selected_email_flags"]) == ([], chosen[:1])
