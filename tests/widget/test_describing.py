"""How a chat looks before anybody writes: colours that can be read, an inbox's own words."""

from typing import Any

import pytest

from recado.inboxes.embedding import COLOUR, colour_of, snippet
from recado.inboxes.models import Channel, Inbox
from recado.widget.describing import appearance, ink_on
from tests.people import NOW


def a_site(**settings: Any) -> Inbox:
    return Inbox(
        account_id=1, name="Site", channel=Channel.WEB_WIDGET, identifier="tok",
        hmac_encrypted=None, settings=settings, created_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ("#1F93FF", "#1f93ff"),
        (None, COLOUR),
        ("red", COLOUR),
        ("#fff", COLOUR),
        ("#1f93ff;background:url(//evil)", COLOUR),
    ],
)
def test_a_colour_is_six_digits_or_ours(chosen: str | None, shown: str) -> None:
    assert colour_of(a_site(widget_color=chosen)) == shown


@pytest.mark.parametrize(
    ("colour", "is_white"),
    [
        ("#000000", True),
        ("#4f46c8", True),
        ("#b3261e", True),
        ("#ffffff", False),
        ("#ffeb3b", False),
    ],
)
def test_words_on_a_colour_can_be_read(colour: str, is_white: bool) -> None:
    assert (ink_on(colour) == "#ffffff") is is_white


def test_an_inbox_without_settings_still_has_a_look() -> None:
    assert appearance(a_site()) == {
        "colour": COLOUR, "ink": "#ffffff", "position": "right", "title": "", "tagline": "",
    }  # fmt: skip


def test_an_inbox_says_its_own_words() -> None:
    look = appearance(a_site(widget_position="left", welcome_title="Oi!", welcome_tagline="Diga"))
    assert (look["position"], look["title"], look["tagline"]) == ("left", "Oi!", "Diga")


def test_the_snippet_names_the_server_and_the_token() -> None:
    text = snippet("https://desk.example", a_site())
    assert '"https://desk.example"' in text
    assert 'websiteToken: "tok"' in text
