"""What visitors are asked: kept as the API has it, read without trust."""

from typing import Any

import pytest

from recado.inboxes.models import Channel, Inbox
from recado.inboxes.pre_chat import Belonging, PreChat, Question, pre_chat_of, settings_with
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
    settings = settings_with({"widget_color": "#123456"}, ASKED)
    assert settings["widget_color"] == "#123456"
    assert settings["pre_chat_form_enabled"] is True
    assert pre_chat_of(an_inbox(settings)) == ASKED


def test_no_questions_switch_the_form_off() -> None:
    settings = settings_with({}, PreChat())
    assert settings["pre_chat_form_enabled"] is False
    assert pre_chat_of(an_inbox(settings)) == PreChat()


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
