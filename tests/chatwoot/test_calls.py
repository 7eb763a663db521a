"""What an event here makes us write there: a table."""

from typing import Any

import pytest

from recado.chatwoot.calls import Call, contact_calls, conversation_calls
from recado.events.names import EventName

TOLD = {
    "labels": ["a", "b"],
    "custom_attribute": {"order": 7},
    "snoozed_until": None,
}


def changed(told: dict[str, Any] | None = None, **changes: list[Any]) -> list[Call]:
    facts = {"conversation": TOLD | (told or {}), "changes": changes}
    return conversation_calls(EventName.CONVERSATION_UPDATED, facts)


@pytest.mark.parametrize(
    ("changes", "place", "body"),
    [
        ({"labels": [["a"], ["a", "b"]]}, "labels", {"labels": ["a", "b"]}),
        ({"custom_attributes": [{}, {"order": 7}]}, "custom_attributes",
         {"custom_attributes": {"order": 7}}),
        ({"status": ["open", "resolved"]}, "toggle_status", {"status": "resolved"}),
        ({"priority": [None, "low"]}, "toggle_priority", {"priority": "low"}),
        ({"priority": ["low", None]}, "toggle_priority", {"priority": None}),
        ({"assignee_id": [3, None]}, "assignments", {"assignee_id": None}),
        ({"team_id": [3, None]}, "assignments", {"team_id": None}),
        ({"is_muted": [False, True]}, "mute", None),
        ({"is_muted": [True, False]}, "unmute", None),
    ],
    ids=str,
)  # fmt: skip
def test_a_change_has_its_place(changes: Any, place: str, body: Any) -> None:
    assert changed(**changes) == [Call("POST", place, body)]


def test_a_snooze_goes_with_its_time() -> None:
    until = {"snoozed_until": "2026-11-26T12:00:00+00:00"}
    changes = {"status": ["open", "snoozed"], "snoozed_until": [None, "2026-11-26T12:00:00+00:00"]}
    [call] = changed(until, **changes)
    assert call.body == {"status": "snoozed", "snoozed_until": 1_795_694_400}


@pytest.mark.parametrize("key", ["assignee_id", "team_id"])
def test_whom_it_names_is_ours_until_somebody_says_who_that_is_there(key: str) -> None:
    [call] = changed(**{key: [None, 5]})
    assert call.names == ("agent" if key == "assignee_id" else "team", 5)


def test_several_changes_are_several_calls() -> None:
    calls = changed(status=["open", "resolved"], is_muted=[False, True], replied_at=[None, "x"])
    assert [one.place for one in calls] == ["toggle_status", "mute"]


@pytest.mark.parametrize(
    "name", ["conversation_opened", "conversation_resolved", "message_updated"]
)
def test_what_comes_with_the_change_is_not_written_twice(name: str) -> None:
    assert conversation_calls(name, {"conversation": TOLD, "changes": {"status": [1, 2]}}) == []


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ({"message_type": "outgoing", "private": False}, {"content": "Hi", "private": False}),
        ({"message_type": "outgoing", "private": True}, {"content": "Hi", "private": True}),
        ({"message_type": "incoming", "private": False}, None),
        ({"message_type": "activity", "private": False}, None),
        ({"message_type": "outgoing", "private": False, "attachments": [{"url": "https://f/a"}]},
         {"content": "Hi\nhttps://f/a", "private": False}),
    ],
    ids=["a reply", "a note", "the contact's own", "an activity", "a file"],
)  # fmt: skip
def test_only_what_we_say_is_said_there(message: Any, body: Any) -> None:
    facts = {"message": {"content": "Hi"} | message}
    calls = conversation_calls(EventName.MESSAGE_CREATED, facts)
    wanted = [] if body is None else [body | {"message_type": "outgoing"}]
    assert [one.body for one in calls] == wanted


def test_a_reply_is_not_said_twice_when_nobody_knows_and_a_note_may_be() -> None:
    for private in (True, False):
        message = {"content": "Hi", "message_type": "outgoing", "private": private}
        [call] = conversation_calls(EventName.MESSAGE_CREATED, {"message": message})
        assert call.repeats_when_unsure is private


@pytest.mark.parametrize(
    ("changes", "calls"),
    [
        ({"name": ["a", "b"]}, [Call("PUT", "", {"name": "b"})]),
        ({"avatar_url": ["a", "b"]}, []),
        ({"custom_attributes": [{"a": 1, "b": 2}, {"a": 1, "b": 3}]},
         [Call("PUT", "", {"custom_attributes": {"b": 3}})]),
        ({"custom_attributes": [{"a": 1, "b": 2}, {"a": 1}]},
         [Call("POST", "destroy_custom_attributes", {"custom_attributes": ["b"]})]),
    ],
    ids=["a name", "a picture", "an attribute set", "an attribute gone"],
)  # fmt: skip
def test_of_a_contact_only_what_changed_is_written(changes: Any, calls: Any) -> None:
    assert contact_calls({"changes": changes}) == calls
