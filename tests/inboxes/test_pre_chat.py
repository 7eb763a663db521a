"""What visitors are asked: kept as the API has it, read without trust."""

from typing import Any

import pytest

from recado.inboxes.models import Channel, Inbox
from recado.inboxes.pre_chat import (
    STANDARD,
    Belonging,
    PreChat,
    Question,
    pre_chat_of,
    settings_with,
)
from tests.people import NOW

ASKED = PreChat(
    (Question("emailAddress", is_required=True), Question("size", Belonging.CONVERSATION)), "Oi!"
)


def an_inbox(settings: dict[str, Any]) -> Inbox:
    return Inbox(
        account_id=1, name="Site", channel=Channel.WEB_WIDGET, identifier="tok",
        hmac_encrypted=None, settings=settings, created_at=NOW,
    )  # fmt: skip


def test_questions_are_kept_beside_the_other_settings() -> None:
    settings = settings_with({"widget_color": "#123456"}, ASKED, offered=())
    assert settings["widget_color"] == "#123456"
    assert settings["pre_chat_form_enabled"] is True
    assert pre_chat_of(an_inbox(settings)) == ASKED


def test_no_questions_switch_the_form_off() -> None:
    settings = settings_with({}, PreChat(), offered=())
    assert settings["pre_chat_form_enabled"] is False
    assert pre_chat_of(an_inbox(settings)) == PreChat()


def test_what_stood_there_keeps_its_place_and_what_was_said_of_it() -> None:
    name = {"name": "fullName", "label": "Full name", "enabled": True, "required": True}
    gone = {"name": "old", "field_type": "contact_attribute", "enabled": True}
    size = {"name": "size", "field_type": "conversation_attribute", "values": ["41"]}
    options = {"pre_chat_message": "", "pre_chat_fields": [size, gone, name], "own": 1}
    before = {"pre_chat_form_enabled": True, "pre_chat_form_options": options}
    offered = [*(("standard", one) for one in STANDARD), ("conversation_attribute", "size")]
    after = settings_with(before, ASKED, offered=offered)["pre_chat_form_options"]
    email = {"name": "emailAddress", "field_type": "standard", "enabled": True, "required": True}
    assert after == {
        "pre_chat_message": "Oi!",
        "pre_chat_fields": [
            {**size, "enabled": True, "required": False},
            gone,  # its custom attribute was deleted: nobody was asked about it
            {**name, "enabled": False},
            email,
        ],
        "own": 1,
    }
    assert options["pre_chat_fields"] == [size, gone, name]


@pytest.mark.parametrize(
    "field",
    [
        {"name": "fullName", "enabled": False},
        {"name": "shoeSize"},  # no standard field
        {"name": 7},
        {"name": "plan", "field_type": "secret"},
        "fullName",
        None,
    ],
)
def test_what_makes_no_sense_is_not_asked(field: Any) -> None:
    options = {"pre_chat_fields": [field]}
    settings = {"pre_chat_form_enabled": True, "pre_chat_form_options": options}
    assert pre_chat_of(an_inbox(settings)) == PreChat()


@pytest.mark.parametrize("options", [None, [], "x", {"pre_chat_fields": "x"}, {}])
def test_broken_options_ask_nothing(options: Any) -> None:
    settings = {"pre_chat_form_enabled": True, "pre_chat_form_options": options}
    assert pre_chat_of(an_inbox(settings)).questions == ()
