"""Two people in one short form: what each field shall be, and what they must be told. Pure."""

from typing import Any

import pytest

from recado.accounts.meeting import Met, first_meeting, meet
from recado.lib.languages import say
from tests.people import NOW


def _met(was: dict[str, Any], mine: dict[str, Any], now: dict[str, Any]) -> Met:
    return meet({"opened": first_meeting(was).opened}, mine, now)


@pytest.mark.parametrize(
    ("was", "mine", "now", "meant", "overlaps"),
    [
        ("a", "a", "a", "a", False),
        ("a", "b", "a", "b", False),  # only I
        ("a", "a", "b", "b", False),  # only others
        ("a", "b", "b", "b", False),  # both the same
        ("a", "b", "c", "b", True),
        ("a", "", "c", "", True),  # emptied
        (None, "", "c", "c", False),
        ("a\nb", "a\r\nb", "c", "c", False),  # as browsers end lines
        (True, True, False, False, False),
        (True, False, True, False, False),
        ({1, 2}, {1, 2, 3}, {1, 4}, {1, 3, 4}, False),  # ticked here and there, unticked there
        ({1, 2}, set(), {1, 2, 4}, {4}, False),
        ({"ouro"}, {"prata"}, {"ouro"}, {"prata"}, False),
    ],
)
def test_a_field_is_what_the_one_says_who_changed_it(
    was: Any, mine: Any, now: Any, meant: Any, overlaps: bool
) -> None:
    met = _met({"one": was}, {"one": mine}, {"one": now})
    assert met.meant == {"one": meant}
    assert met.overlapping == (("one",) if overlaps else ())
    assert met.is_beside is (was != now and (was or "") != now)


@pytest.mark.parametrize(
    "form",
    [{}, {"opened": ""}, {"opened": "{"}, {"opened": "[1]"}, {"opened": '{"one": ["x", {}]}'},
     {"opened": '{"other": "x"}'}],
)  # fmt: skip
def test_a_form_that_carries_nothing_readable_has_the_last_word(form: dict[str, Any]) -> None:
    met = meet(form, {"one": "b"}, {"one": "a"})
    assert (met.meant, met.overlapping, met.is_beside) == ({"one": "b"}, (), False)


@pytest.mark.parametrize(
    "opened", ['{"one": "x"}', '{"one": {}}', '{"one": [[], {}, 1, "x", null]}']
)
def test_what_is_made_up_harms_nobody(opened: str) -> None:
    met = meet({"opened": opened}, {"one": {1}}, {"one": {1, 2}})
    assert met.meant["one"] <= {1, 2}
    assert met.is_beside in (True, False)


def test_who_saved_and_what_both_changed_is_told() -> None:
    labels = {"name": say("Name"), "content": say("Text"), "on": "Only at night", "x": "X"}
    met = _met(
        {"name": "Ana", "content": "a\nb", "on": "", "x": "1"},
        {"name": "Anna", "content": "a\nd", "on": "", "x": "1"},
        {"name": "Ane", "content": "a\nc", "on": "", "x": "2"},
    )
    collision = met.again(labels, {}, NOW).collision
    assert collision
    assert [str(one.sentence) for one in collision.theirs] == [
        "Name: “Ana” → “Ane”",
        "Text changed",
    ]
    assert [str(one.sentence) for one in collision.mine] == ["Name: “Ana” → “Anna”", "Text changed"]
    assert (collision.theirs[1].gone, collision.theirs[1].come) == (("b",), ("c",))
    assert collision.saved_at == NOW
    assert _met({"x": "1"}, {"x": "1"}, {"x": "2"}).again(labels, {}).collision is None


def test_sent_again_it_counts_once_what_is_wrong_is_mended() -> None:
    was, mine, now = {"one": "a"}, {"one": "b"}, {"one": "c"}
    met = _met(was, mine, now)
    refused = met.again({"one": "One"}, ["something is wrong"])
    assert refused == first_meeting(was)
    told = met.again({"one": "One"}, [])
    assert told.collision
    assert not meet({"opened": told.opened}, mine, now).overlapping


def test_a_yes_is_told_as_a_yes() -> None:
    met = Met({"on": True}, {"on": False}, {"on": False}, ("on",))
    collision = met.again({"on": say("Name")}, {}).collision
    assert collision
    assert str(collision.mine[0].sentence) == "Name: “No” → “Yes”"
