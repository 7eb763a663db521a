"""What a message offers to choose, and what the contact answered."""

from typing import Any

import pytest

from recado.conversations.choosing import Offer, answers_in, offers_in

_SIZES = [{"title": "Pequeno", "value": "p"}, {"title": "Grande", "value": "g"}]
_FORM = [{"name": "mail", "label": "E-mail"}, {"name": "size"}]


@pytest.mark.parametrize(
    ("kind", "attributes", "offers", "answers"),
    [
        ("input_select", {"items": _SIZES}, [Offer("Pequeno"), Offer("Grande")], []),
        (
            "input_select",
            {"items": _SIZES, "submitted_values": [{"title": "Grande", "value": "g"}]},
            [Offer("Pequeno"), Offer("Grande", is_chosen=True)],
            [],
        ),
        (
            "input_select",
            {"items": [{"title": "A"}], "submitted_values": [{"title": "Z", "value": "z"}]},
            [Offer("A")],
            [("", "Z")],
        ),
        (
            "form",
            {"items": _FORM, "submitted_values": [{"name": "mail", "value": "a@b.co"}]},
            [],
            [("E-mail", "a@b.co"), ("size", "")],
        ),
        (
            "cards",
            {"items": [{"title": "Bota", "description": "R$ 9", "actions": [{"text": "Ver"}, 7]}]},
            [Offer("Bota", "R$ 9", ("Ver",))],
            [],
        ),
        ("article", {"items": [{"title": "Trocas", "link": "x"}]}, [Offer("Trocas")], []),
        ("text", {"items": _SIZES, "submitted_values": [{"value": "p"}]}, [], []),
        *[
            ("input_select", {"items": odd, "submitted_values": odd}, [], [])
            for odd in (None, "a", 7, {"a": 1}, ["a", None, [1]])
        ],
    ],
)
def test_what_is_offered_and_answered(
    kind: str, attributes: dict[str, Any], offers: list[Offer], answers: list[tuple[str, str]]
) -> None:
    assert offers_in(kind, attributes) == offers
    assert answers_in(kind, attributes) == answers
