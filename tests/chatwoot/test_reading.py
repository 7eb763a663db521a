"""What a Chatwoot says in its two ways, and what nobody should say."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recado.chatwoot.reading import (
    RemoteConversation,
    RemoteMessage,
    Unreadable,
    attribute_kind,
    attribute_model,
    contact_draft,
    conversation_in,
    message_in,
    moment,
    rows_in,
    source_ids,
)
from recado.contacts.saving import ContactDraft
from tests.standin.desk import Desk

AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (int(AT.timestamp()), AT), (AT.timestamp(), AT), ("2026-11-26T12:00:00.000Z", AT),
        ("2026-11-26T12:00:00", AT), ("2026-11-26T09:00:00-03:00", AT), (0, None), (None, None),
        ("", None), ("soon", None), (True, None), (1e30, None), ([], None),
    ],
)  # fmt: skip
def test_a_time_is_read_in_either_way(given: Any, found: datetime | None) -> None:
    assert moment(given) == found


@pytest.mark.parametrize(
    ("given", "kind"), [(0, "text"), (6, "list"), ("list", "list"), (7, "checkbox"), (9, "text")]
)
def test_a_kind_is_read_by_name_or_number(given: Any, kind: str) -> None:
    assert attribute_kind(given) == kind


@pytest.mark.parametrize("given", [1, "contact_attribute"])
def test_a_model_is_read_by_name_or_number(given: Any) -> None:
    assert attribute_model(given) == "contact_attribute"


def test_a_message_is_the_same_by_api_and_by_webhook() -> None:
    desk = Desk()
    inbox = desk.add_inbox("Site")
    conversation = desk.add_conversation(desk.add_contact("Maria", inbox), inbox)
    file = {"id": 1, "data_url": "https://files.example/a.pdf"}
    message = desk.add_message(
        conversation, "Hello", created_at=AT.timestamp(), attachments=[file], source_id="WAID:1"
    )
    by_api, by_webhook = message_in(desk.message_json(message)), message_in(
        desk.webhook_message(message)
    )  # fmt: skip
    assert by_api == by_webhook
    assert by_api.text == "Hello\nhttps://files.example/a.pdf"
    assert (by_api.message_type, by_api.sender[0], by_api.at) == ("incoming", "contact", AT)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([
            "id", "meta", "sender", "assignee", "team", "status", "labels", "messages", "content",
            "inbox_id", "created_at", "contact_inboxes", "inbox", "attachments", "email",
            "custom_attributes", "contact_inbox", "updated_at", "snoozed_until", "priority",
        ]),
        inner, max_size=6,
    ),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.text(max_size=5), _json) | _json)
def test_whatever_comes_nothing_breaks(json: Any) -> None:
    item = json if isinstance(json, dict) else {}
    assert isinstance(contact_draft(item), ContactDraft)
    assert all(isinstance(inbox, int) and text for inbox, text in source_ids(item))
    assert _read(conversation_in, item) in {RemoteConversation, Unreadable}
    assert _read(message_in, item) in {RemoteMessage, Unreadable}
    assert _read(rows_in, json) in {list, Unreadable}


def _read(reader: Callable[[Any], object], item: Any) -> type:
    """What kind of thing comes of it."""
    try:
        return type(reader(item))
    except Unreadable:
        return Unreadable


@pytest.mark.parametrize(
    "odd", [5, "x", [], {}, [5], [[]], {"id": "x"}, True, None, -1, 2**70, 1.5], ids=repr
)
def test_one_thing_that_makes_no_sense_breaks_nothing(odd: Any) -> None:
    desk = Desk()
    inbox = desk.add_inbox("Site")
    contact = desk.add_contact("Maria", inbox)
    conversation = desk.add_conversation(contact, inbox)
    message = desk.add_message(conversation, "Hello")
    read: list[tuple[Any, Any]] = [
        (conversation_in, desk.conversation_json(conversation)),
        (message_in, desk.webhook_message(message)),
        (contact_draft, desk.contact_json(contact)),
        (source_ids, desk.contact_json(contact)),
    ]
    for reader, item in read:
        whole = _read(reader, item)
        assert whole is not Unreadable
        assert {_read(reader, item | {key: odd}) for key in item} <= {whole, Unreadable}
