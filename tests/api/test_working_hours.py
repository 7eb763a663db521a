"""Business hours through the API, in the shapes that Chatwoot's clients send and read."""

from typing import Any

import pytest

from tests.api.calling import Program
from tests.people import Cast

MONDAY = {
    "day_of_week": 1, "open_hour": 8, "open_minutes": 30, "close_hour": 18, "close_minutes": 15,
    "closed_all_day": False, "open_all_day": False,
}  # fmt: skip
CLOSED = {
    "open_hour": None, "open_minutes": None, "close_hour": None, "close_minutes": None,
    "closed_all_day": True, "open_all_day": False,
}  # fmt: skip


async def test_an_inbox_begins_with_a_usual_week_that_does_not_count(
    api: Program, cast: Cast
) -> None:
    shown = await api.get(f"inboxes/{cast.inbox.id}")
    assert (shown["working_hours_enabled"], shown["out_of_office_message"]) == (False, None)
    assert [one["day_of_week"] for one in shown["working_hours"]] == list(range(7))
    assert shown["working_hours"][0] == {"day_of_week": 0, **CLOSED}
    assert shown["working_hours"][5]["close_hour"] == 17
    assert shown["timezone"] == "America/Sao_Paulo"


async def test_hours_are_changed_a_day_at_a_time(api: Program, cast: Cast) -> None:
    path = f"inboxes/{cast.inbox.id}"
    body = {
        "working_hours_enabled": True, "out_of_office_message": "Back at 9",
        "timezone": "Europe/Lisbon",
        "working_hours": [MONDAY, {"day_of_week": 2, "closed_all_day": True},
                          {"day_of_week": 0, "open_all_day": True}],
        "holidays": [{"day": "2026-12-25", "name": "Natal", "yearly": True}],
    }  # fmt: skip
    changed = await api.patch(path, body)
    assert changed["working_hours"][1] == MONDAY
    assert changed["working_hours"][2] == {"day_of_week": 2, **CLOSED}
    assert changed["working_hours"][0] == {
        "day_of_week": 0, "open_hour": 0, "open_minutes": 0, "close_hour": 23,
        "close_minutes": 59, "closed_all_day": False, "open_all_day": True,
    }  # fmt: skip
    assert changed["working_hours"][3]["open_hour"] == 9
    assert (changed["timezone"], changed["working_hours_enabled"]) == ("Europe/Lisbon", True)
    assert changed["holidays"] == body["holidays"]
    assert await api.get(path) == changed
    # what a client read it may send back whole
    assert await api.patch(path, {"working_hours": changed["working_hours"]}) == changed
    renamed = await api.patch(path, {"name": "Loja"})
    assert renamed == {**changed, "name": "Loja"}
    assert (await api.patch(path, {"out_of_office_message": None}))["out_of_office_message"] is None


async def test_an_inbox_may_be_opened_with_hours(api: Program) -> None:
    body = {"name": "Loja", "channel": {"type": "api"}, "working_hours": [MONDAY]}
    made = await api.post("inboxes", body)
    assert made["working_hours"][1] == MONDAY
    assert made in (await api.get("inboxes"))["payload"]


async def test_numbers_and_flags_may_be_texts(api: Program, cast: Cast) -> None:
    texts = {key: str(value).lower() for key, value in MONDAY.items()}
    body = {"inbox": {"working_hours": [texts]}}
    changed = await api.patch(f"inboxes/{cast.inbox.id}", body)
    assert changed["working_hours"][1] == MONDAY


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"timezone": "Mars/Olympus"}, ["timezone"]),
        ({"working_hours": [{"day_of_week": 7, "closed_all_day": True}]}, None),
        ({"working_hours": [{"closed_all_day": True}]}, None),
        ({"working_hours": [{**MONDAY, "open_hour": 24}]}, None),
        ({"working_hours": [{**MONDAY, "close_hour": 8}]}, ["working_hours.1"]),  # before it opens
        ({"working_hours": [{**MONDAY, "open_hour": None}]}, ["working_hours.1"]),
        (
            {"working_hours": [{**MONDAY, "closed_all_day": True, "open_all_day": True}]},
            ["working_hours.1"],
        ),
        ({"out_of_office_message": "{{ contact.nam }}"}, ["out_of_office_message"]),
        ({"out_of_office_message": "{{ contact.name"}, ["out_of_office_message"]),
        ({"holidays": [{"day": "25/12/2026"}]}, ["holidays.0"]),
    ],
)
async def test_hours_without_sense_are_refused(
    api: Program, cast: Cast, body: dict[str, Any], fields: list[str] | None
) -> None:
    path = f"inboxes/{cast.inbox.id}"
    before = await api.get(path)
    answer = await api.call("PATCH", path, body)
    assert answer.status_code == 422
    assert fields is None or answer.json()["attributes"] == fields
    assert await api.get(path) == before


async def test_agents_and_strangers_change_no_hours(
    agent_api: Program, stranger_api: Program, cast: Cast
) -> None:
    path = f"inboxes/{cast.inbox.id}"
    body = {"working_hours_enabled": True}
    assert (await agent_api.call("PATCH", path, body)).status_code == 401
    assert (await stranger_api.call("PATCH", path, body)).status_code == 404
