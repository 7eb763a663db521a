"""Facts to try an action with: those of a sample contact or of a real conversation, values edited."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from recado.accounts.models import Membership
from recado.actions.request import RequestTemplate, names_used
from recado.actions.variables import variables_of
from recado.conversations.describing import facts_about
from recado.conversations.finding import find_conversation, last_messages
from recado.conversations.recalling import recent_messages
from recado.db.database import Transaction
from recado.events.names import EventName
from recado.lib.facts import ALIASES, Facts, Kind, Variable, sample_facts, value_of, with_values
from recado.lib.languages import Sentence, say
from recado.lib.values import json_of, text_of

_LARGEST_NUMBER: Final = 2**31 - 1
_NUMBER: Final = re.compile(r"#?\d{1,12}", re.ASCII)
_NUMBERS: Final = frozenset({Kind.NUMBER, Kind.CURRENCY, Kind.PERCENT})
_AS_JSON: Final = frozenset({Kind.MANY, Kind.OBJECT})


async def facts_for_trial(
    tx: Transaction,
    member: Membership,
    display_id: int | None,
    values: Mapping[str, object],
    *,
    now: datetime,
) -> Facts | None:
    """Facts as an event of this moment would have them, for an administrator who tries an action.

    Without `display_id` they are samples; with one, those of that conversation and its last
    message, or None where the account has no such conversation. `values` are put in by name;
    ValueError with the name where one leads through something that is no group.
    """
    if display_id is None:
        facts = sample_facts(await variables_of(tx, member.account_id))
    else:
        told = await _facts_of_conversation(tx, member, display_id, now=now)
        if told is None:
            return None
        facts = told
    event = {"name": EventName.MESSAGE_CREATED.value, "at": now.isoformat()}
    return with_values({**facts, "event": event}, values)


async def _facts_of_conversation(
    tx: Transaction, member: Membership, display_id: int, *, now: datetime
) -> Facts | None:
    if not 0 < display_id <= _LARGEST_NUMBER:
        return None
    conversation = await find_conversation(tx, member.account_id, display_id)
    if conversation is None or not member.is_administrator:
        return None
    recent = await recent_messages(tx, [conversation.id])
    last = (await last_messages(tx, [conversation.id])).get(conversation.id)
    return facts_about(conversation, now=now, message=last, recent=recent.get(conversation.id, ()))


@dataclass(frozen=True, slots=True)
class TrialField:
    """A value that somebody may change before trying: its variable and what the field shows."""

    variable: Variable
    text: str
    error: Sentence | None = None

    @property
    def is_long(self) -> bool:
        """Whether it needs more than one line: a single line would lose its line breaks."""
        return "\n" in self.text or self.variable.name == "message.content"


@dataclass(frozen=True, slots=True)
class Trial:
    """What an action is tried with: facts to render, and the fields as the page shows them."""

    facts: Facts
    fields: list[TrialField]
    number: int | None  # of the conversation; None for sample data
    conversation: str = ""  # the number as typed
    problem: Sentence | None = None  # with that number

    @property
    def is_ready(self) -> bool:
        """Whether it can be sent."""
        return self.problem is None and not any(field.error for field in self.fields)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody chose on the test page: raw text. No conversation means sample data."""

    conversation: str | None = None  # its number
    values: Mapping[str, str] | None = None  # by variable; None: as the data has them


def wish_in(form: Mapping[str, Any]) -> Wish:
    """What the test form says: pairs of values-0-name and values-0."""
    names = {key: value for key, value in form.items() if key.startswith("values-")}
    values = {
        str(value): str(names.get(key.removesuffix("-name"), ""))
        for key, value in names.items()
        if key.endswith("-name")
    }
    number = form.get("conversation")
    return Wish(None if number is None else str(number), values)


async def prepare_trial(
    tx: Transaction, member: Membership, template: RequestTemplate, wish: Wish, *, now: datetime
) -> Trial:
    """The trial of a template with the chosen data; where that is wrong, with sample data."""
    typed, problem = (wish.conversation or "").strip(), None
    number = None if wish.conversation is None else _number(typed)
    facts = await facts_for_trial(tx, member, number, {}, now=now)
    if facts is None:
        problem = _no_conversation(typed)
        facts = await facts_for_trial(tx, member, None, {}, now=now)
    known = await variables_of(tx, member.account_id)
    fields, values = _fields(variables_in(template, known), facts or {}, wish.values or {})
    return Trial(with_values(facts or {}, values), fields, number, typed, problem)


def variables_in(template: RequestTemplate, known: Iterable[Variable]) -> list[Variable]:
    """The variables that a template reads, in order of the form; each can have another value."""
    by_name = {one.name: one for one in known}
    names = [ALIASES.get(name, name) for name in names_used(template)]
    found = [by_name[name] for one in names if (name := _nearest_known(one, by_name))]
    return list({one.name: one for one in found}.values())


def _nearest_known(name: str, known: Mapping[str, Variable]) -> str | None:
    """The name itself, or the group in whose inside it stands (`conversation.labels.0`)."""
    steps = name.split(".")
    starts = (".".join(steps[:end]) for end in range(len(steps), 0, -1))
    return next((start for start in starts if start in known), None)


def _no_conversation(typed: str) -> Sentence:
    if not typed:
        return say("Choose a conversation.")
    return say("There is no conversation with the number %(number)s.", number=typed)


def _number(typed: str) -> int:
    """The conversation that was asked for; 0, which none has, for what is no number."""
    return int(typed.removeprefix("#")) if _NUMBER.fullmatch(typed) else 0


def _fields(
    variables: Iterable[Variable], facts: Facts, typed: Mapping[str, str]
) -> tuple[list[TrialField], dict[str, Any]]:
    fields: list[TrialField] = []
    values: dict[str, Any] = {}
    for variable in variables:
        shown = _text(variable.kind, value_of(facts, variable.name))
        wanted = typed.get(variable.name, shown).replace("\r\n", "\n")
        error = None
        if wanted != shown:  # what was not touched stays as it is, null apart from ""
            value = _value(variable.kind, wanted)
            error = value if isinstance(value, Sentence) else None
            values |= {} if error else {variable.name: value}
        fields.append(TrialField(variable, wanted, error))
    return fields, values


def _text(kind: Kind, value: object) -> str:
    if value is None:
        return ""
    is_json = kind in _AS_JSON or isinstance(value, list | dict)
    return json_of(value) if is_json else text_of(value)


def _value(kind: Kind, text: str) -> Any:  # JSON, or a Sentence: what is wrong with it
    """The JSON value that was typed; nothing is null."""
    if not text.strip():
        return None
    if kind in _NUMBERS:
        value = _read(text)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return value if is_number else say("Enter a number, such as 42 or 12.5.")
    if kind == Kind.CHECKBOX:
        return text.strip() == "true"
    if kind == Kind.MANY:
        value = _read(text)
        return value if isinstance(value, list) else say('Enter a JSON list, such as ["vip"].')
    if kind == Kind.OBJECT:
        value = _read(text)
        return value if isinstance(value, dict) else say('Enter a JSON object, such as {"a": 1}.')
    return text


def _read(text: str) -> Any:  # JSON; None for what is none
    try:
        return orjson.loads(text)
    except ValueError:
        return None
