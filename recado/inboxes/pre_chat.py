"""What a website's visitors are asked before they write: fields in order, some of them required. Pure.

Kept in the inbox's settings in the shape that the API has for it: `pre_chat_form_enabled` and
`pre_chat_form_options`. Whatever stands there that makes no sense is as if it did not.
"""

from collections.abc import Collection, Mapping, Sequence
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


Key = tuple[str, str]  # what a question belongs to, and its name


@dataclass(frozen=True, slots=True)
class Question:
    """A field: one of STANDARD, or the key of a custom attribute."""

    name: str
    belongs: Belonging = Belonging.STANDARD
    is_required: bool = False

    @property
    def key(self) -> Key:
        """Which question it is, however it is asked."""
        return str(self.belongs), self.name


@dataclass(frozen=True, slots=True)
class PreChat:
    """What is asked, and the sentence above it; nothing where there are no questions."""

    questions: Sequence[Question] = ()
    message: str = ""


def pre_chat_of(inbox: Inbox) -> PreChat:
    """What this inbox asks."""
    if not inbox.settings.get("pre_chat_form_enabled"):
        return PreChat()
    questions = (_question(one) for one in _fields(inbox.settings))
    return PreChat(tuple(one for one in questions if one), message_of(inbox))


def message_of(inbox: Inbox) -> str:
    """The sentence above the questions, also while nothing is asked."""
    return str(_options(inbox.settings).get("pre_chat_message") or "")


def order_of(inbox: Inbox) -> list[Key]:
    """The fields that stand there, asked or not, in their order."""
    return list(dict.fromkeys(_key(one) for one in _fields(inbox.settings)))


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


def settings_with(
    settings: Mapping[str, Any], pre_chat: PreChat, *, offered: Collection[Key]
) -> dict[str, Any]:
    """An inbox's settings with these of the `offered` questions instead of others.

    What stood there keeps its place and whatever else was said of it; new ones follow. What was not
    offered stays as it was.
    """
    asked = {one.key: one for one in pre_chat.questions}
    before = _fields(settings)
    fields = [
        {**one, **_answered(asked.get(_key(one)))} if _key(one) in offered else one
        for one in before
    ]
    stood = {_key(one) for one in before}
    fields += [
        {"name": one.name, "field_type": one.belongs, **_answered(one)}
        for one in pre_chat.questions
        if one.key not in stood
    ]
    options = {"pre_chat_message": pre_chat.message, "pre_chat_fields": fields}
    return {
        **settings,
        "pre_chat_form_enabled": bool(asked),
        "pre_chat_form_options": {**_options(settings), **options},
    }


def _answered(question: Question | None) -> dict[str, bool]:
    if question is None:
        return {"enabled": False}
    return {"enabled": True, "required": question.is_required}


def _options(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    options = settings.get("pre_chat_form_options")
    return options if isinstance(options, dict) else {}


def _fields(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = _options(settings).get("pre_chat_fields")
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _key(given: Mapping[str, Any]) -> Key:
    return str(given.get("field_type") or Belonging.STANDARD), str(given.get("name"))


def _question(given: Mapping[str, Any]) -> Question | None:
    name, belongs = given.get("name"), given.get("field_type") or Belonging.STANDARD
    if not isinstance(name, str) or belongs not in set(Belonging) or given.get("enabled") is False:
        return None
    if belongs == Belonging.STANDARD and name not in STANDARD:
        return None
    return Question(name, Belonging(belongs), is_required=given.get("required") is True)
