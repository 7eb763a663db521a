"""Whom an event concerns."""

from typing import Any

import pytest

from recado.conversations.mentioning import Piece, as_read, mention, mentioned, pieces_of
from recado.events.causes import BY_SYSTEM, Actor, Cause
from recado.notifications.models import Kind
from recado.notifications.noticing import notices_of

ANA, BETO = 1, 2
BY_ANA, BY_BETO = Cause(Actor.PERSON, ANA), Cause(Actor.TOKEN, BETO)
BY_RULE, BY_MARIA = Cause(Actor.RULE, 9), Cause(Actor.CONTACT, 7)


def facts(**more: Any) -> dict[str, Any]:
    talk = {"id": 12, "db_id": 120}
    return {"conversation": talk, "assignee": {"id": BETO}, "changes": {}, "message": None, **more}


def said(content: str, kind: str = "incoming", *, private: bool = False) -> dict[str, Any]:
    message = {"id": 5, "content": content, "message_type": kind, "private": private}
    return facts(message=message)


FOLLOWERS = (Kind.FOLLOWED, None, None)  # whoever follows
ASSIGNED = facts(changes={"assignee_id": [None, BETO]})
NOTE = "[@Ana](mention://user/1/Ana) [@Vendas](mention://team/4/Vendas) [@Ana](mention://user/1/A)"


@pytest.mark.parametrize(
    ("name", "about", "cause", "told"),
    [
        ("conversation_updated", ASSIGNED, BY_ANA, [(Kind.ASSIGNMENT, BETO, None)]),
        ("conversation_updated", ASSIGNED, BY_RULE, [(Kind.ASSIGNMENT, BETO, None)]),
        ("conversation_updated", ASSIGNED, BY_BETO, []),
        ("conversation_updated", ASSIGNED, Cause(Actor.CHATWOOT), []),
        ("conversation_updated", facts(changes={"status": ["open", "resolved"]}), BY_ANA, []),
        (
            "conversation_updated",
            facts(assignee=None, changes={"assignee_id": [BETO, None]}),
            BY_ANA,
            [],
        ),
        ("conversation_created", facts(), BY_ANA, [(Kind.ASSIGNMENT, BETO, None)]),
        ("conversation_created", facts(assignee=None), BY_MARIA, []),
        ("conversation_resolved", ASSIGNED, BY_ANA, []),
        ("message_created", said("Oi"), BY_MARIA, [(Kind.NEW_MESSAGE, BETO, None), FOLLOWERS]),
        ("message_created", said("Oi", "outgoing"), BY_ANA, [FOLLOWERS]),
        ("message_created", {**said("Oi"), "assignee": None}, BY_MARIA, [FOLLOWERS]),
        ("message_created", said("Ana resolved it.", "activity"), BY_ANA, []),
        ("message_created", said("Oi", "template"), BY_SYSTEM, []),
        (
            "message_created",
            said(NOTE, "outgoing", private=True),
            BY_BETO,
            [(Kind.MENTION, ANA, None), (Kind.MENTION, None, 4), FOLLOWERS],
        ),
        (
            "message_created",
            said(NOTE, "outgoing", private=True),
            BY_ANA,
            [(Kind.MENTION, None, 4), FOLLOWERS],
        ),
        ("message_created", said(NOTE, "outgoing"), BY_BETO, [FOLLOWERS]),
        ("contact_created", {"conversation": None}, BY_SYSTEM, []),
    ],
)
def test_an_event_concerns(
    name: str, about: dict[str, Any], cause: Cause, told: list[tuple[Kind, int | None, int | None]]
) -> None:
    notices = notices_of(name, about, cause)
    assert [(one.kind, one.user_id, one.team_id) for one in notices] == told
    assert all(one.conversation_id == 120 for one in notices)
    assert all(one.of_followers == (one.kind == Kind.FOLLOWED) for one in notices)


@pytest.mark.parametrize(
    ("content", "people", "teams", "read"),
    [
        ("Nothing here", [], [], "Nothing here"),
        (NOTE, [1], [4], "@Ana @Vendas @Ana"),
        ("[Ana Lima](mention://user/1/Ana%20Lima)!", [1], [], "@Ana Lima!"),
        ("[@x](mention://user/one/x)", [], [], "[@x](mention://user/one/x)"),
        ("[@x](https://user/1/x)", [], [], "[@x](https://user/1/x)"),
        ("[@x](mention://user/1234567890123456789/x)", [], [], None),
    ],
)
def test_a_note_mentions(
    content: str, people: list[int], teams: list[int], read: str | None
) -> None:
    assert (mentioned(content, "user"), mentioned(content, "team")) == (people, teams)
    assert as_read(content) == (content if read is None else read)


@pytest.mark.parametrize("name", ["Ana", "Ana [chefe] (SP)", "João/Zé", "a\nb", "]("])
def test_what_is_written_as_a_mention_is_read_as_one(name: str) -> None:
    pieces = pieces_of(f"Oi {mention('user', 3, name)}, viu?")
    assert [(one.kind, one.id) for one in pieces] == [("", 0), ("user", 3), ("", 0)]
    assert pieces[0] == Piece("Oi ")
    assert pieces[2] == Piece(", viu?")
