"""Whom an answer by e-mail reaches beside the contact: what is read, refused, and kept of a letter."""

from typing import Any

import pytest

from recado.conversations.addressing import MOST_OTHERS, Others, others_from, others_in, others_of
from recado.lib.languages import speaking

MANY = ", ".join(f"p{number}@example.com" for number in range(100))


@pytest.mark.parametrize(
    ("cc", "bcc", "others"),
    [
        ("", "", Others()),
        (None, None, Others()),
        ("ana@example.com", "", Others(("ana@example.com",))),
        (" a@x.com ,b@x.com;c@x.com\nd@x.com,", "", Others(("a@x.com", "b@x.com", "c@x.com", "d@x.com"))),
        ("Ana Lima <ana@x.com>, <joe@x.com>", "", Others(("ana@x.com", "joe@x.com"))),
        (["a@x.com", "b@x.com, c@x.com"], "", Others(("a@x.com", "b@x.com", "c@x.com"))),
        ("a@x.com, A@X.com", "a@X.com, b@x.com", Others(("a@x.com",), ("b@x.com",))),  # each once
        ("ana@münchen.example", "", Others(("ana@xn--mnchen-3ya.example",))),
    ],
    ids=str,
)  # fmt: skip
def test_addresses_are_read_as_people_write_them(cc: object, bcc: object, others: Others) -> None:
    assert others_from(cc, bcc) == (others, {})


@pytest.mark.parametrize(
    "hostile",
    [
        "nobody",
        "a@x.com\r\nBcc: victim@x.com",  # a header of its own
        "a@x.com\rX: y",
        "a@x.com> RCPT TO:<victim@x.com",
        "Ana <a@x.com> <b@x.com>",
        "a b@x.com",
        "a@x.com\0",
        '"a@evil"@x.com',
        "é@x.com",
        {"a": "b"},
        5,
        "@",
        "a@" + "x" * 300,
    ],
    ids=repr,
)
def test_what_is_no_address_is_refused_in_a_sentence(hostile: object) -> None:
    for field, given in (("cc_emails", (hostile, "")), ("bcc_emails", ("", hostile))):
        _, wrong = others_from(*given)
        assert list(wrong) == [field]
        with speaking("en"):
            assert "is no e-mail address. Write them with commas" in str(wrong[field])
            assert len(str(wrong[field])) < 200
            assert "\r" not in str(wrong[field])


def test_a_hundred_are_too_many() -> None:
    with speaking("en"):
        _, wrong = others_from(MANY, "")
        assert str(wrong["cc_emails"]) == (
            "An e-mail goes to at most 50 people in CC and BCC. These are 100: leave some out."
        )
        assert list(others_from("a@x.com", MANY)[1]) == ["bcc_emails"]
    half = MANY.split(", ")[:MOST_OTHERS]
    assert others_from(half, "")[1] == {}


@pytest.mark.parametrize(
    ("letter", "kept"),
    [
        ({}, ()),
        ({"from": ["maria@x.com"], "to": ["desk@acme.example"], "cc": ["joe@x.com"]}, ("joe@x.com",)),
        ({"from": ["maria@x.com"], "to": ["Desk@acme.example", "b@x.com"], "cc": []}, ("b@x.com",)),
        (  # somebody in CC answers all
            {"from": ["joe@x.com"], "to": ["desk@acme.example"], "cc": ["Maria@x.com"]},
            ("joe@x.com",),
        ),
        ({"from": ["maria@x.com"], "cc": ["joe@x.com"], "doubtful": True}, ()),
        ({"from": ["maria@x.com"], "cc": ["joe@x.com"], "auto_reply": True}, ()),
        ({"from": ["maria@x.com"], "cc": ["nonsense", "a@x.com\r\nBcc: b@x.com"]}, ("a@x.com",)),
        ({"from": None, "cc": "joe@x.com"}, ("joe@x.com",)),
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_keeps_who_else_was_in_the_letter(
    letter: dict[str, Any], kept: tuple[str, ...]
) -> None:
    assert others_of(letter, {"maria@x.com", "desk@acme.example"}) == kept


def test_what_a_message_was_posted_with_is_never_more_than_fits() -> None:
    found = others_in({"cc_emails": MANY, "bcc_emails": ["x@x.com"]})
    assert (len(found.cc), found.bcc) == (MOST_OTHERS, ())
    assert others_in({"cc_emails": 7, "bcc_emails": {"a": 1}}) == Others()
