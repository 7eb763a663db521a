"""What a website's visitors are asked before they write: fields in order, some of them required. Pure.

Kept in the inbox's settings in the shape that the API has for it: `pre_chat_form_enabled` and
`pre_chat_form_options`. Whatever stands there that makes no sense is as if it did not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from recado.inboxes.models import Inbox
from recado.lib.languages import Sentence, say


class Belonging(StrEnum):
    """What an answer becomes; the API shows these names."""

    STANDARD = "standard"
    CONTACT = "contact_attribute"
    CONVERSATION = "conversation_attribute"


MOST: Final = 50  # fields
LONGEST: Final = 250  # characters of the sentence above them
STANDARD: Final[Mapping[str, tuple[Sentence, str]]] = {
    "fullName": (say("Name"), "text"),
    "emailAddress": (say("E-mail"), "email"),
    "phoneNumber": (say("Phone"), "tel"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A field: one of STANDARD, or the key of a custom attribute."""

    name: str
    belongs: Belonging = Belonging.STANDARD
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class PreChat:
    """What is asked, and the sentence above it; nothing where there are no questions."""

    questions: Sequence[Question] = ()
    message: str = ""


def pre_chat_of(inbox: Inbox) -> PreChat:
    """What this inbox asks."""
    options = inbox.settings.get("pre_chat_form_options")
    if not inbox.settings.get("pre_chat_form_enabled") or not isinstance(options, dict):
        return PreChat()
    given = options.get("pre_chat_fields")
    found = (
        [_question(one) for one in given if isinstance(one, dict)]
        if isinstance(given, list)
        else []
    )
    questions = tuple(one for one in found if one is not None)
    return PreChat(questions, str(options.get("pre_chat_message") or ""))


def pre_chat_problem(options: Any) -> Sentence | None:
    """Why these options, as the API has them, ask for nothing that makes sense."""
    if not isinstance(options, Mapping):
        return say("Send an object with pre_chat_message and pre_chat_fields.")
    message, fields = options.get("pre_chat_message"), options.get("pre_chat_fields", [])
    if not isinstance(message, str | None) or len(message or "") > LONGEST:
        return say("pre_chat_message is a text of at most %(number)s characters.", number=LONGEST)
    if not isinstance(fields, list) or len(fields) > MOST:
        return say("pre_chat_fields is a list of at most %(number)s fields.", number=MOST)
    for at, one in enumerate(fields, start=1):
        if not isinstance(one, Mapping) or _question({**one, "enabled": True}) is None:
            return say(
                "Field %(number)s: name is %(names)s, or the key of a custom attribute with its field_type.",
                number=at, names=", ".join(STANDARD),
            )  # fmt: skip
    return None


def settings_with(settings: Mapping[str, Any], pre_chat: PreChat) -> dict[str, Any]:
    """An inbox's settings with these questions instead of others."""
    fields = [
        {"name": one.name, "field_type": one.belongs, "required": one.is_required, "enabled": True}
        for one in pre_chat.questions
    ]
    options = {"pre_chat_message": pre_chat.message, "pre_chat_fields": fields}
    return {
        **settings,
        "pre_chat_form_enabled": bool(fields),
        "pre_chat_form_options": options,
    }


def _question(given: Mapping[str, Any]) -> Question | None:
    name, belongs = given.get("name"), given.get("field_type") or Belonging.STANDARD
    if not isinstance(name, str) or belongs not in set(Belonging) or given.get("enabled") is False:
        return None
    if belongs == Belonging.STANDARD and name not in STANDARD:
        return None
    return Question(name, Belonging(belongs), is_required=given.get("required") is True)
