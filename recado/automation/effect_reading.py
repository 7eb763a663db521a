"""Reading stored effects: what their parameters are, or why they make no sense. Pure.

Names nothing that must still exist; `effect_checking.py` asks for that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from recado.automation.catalogue import NONE, PRIORITIES, STATUSES
from recado.automation.effect_names import (
    LAST_RESPONDING_AGENT,
    LONGEST_TEXT,
    LONGEST_VALUE,
    MOST_ADDRESSES,
    MOST_LABELS,
    MOST_MINUTES,
    MOST_TEAMS,
    SELF,
    SHAPES,
    SNOOZES,
    WITHOUT_CONVERSATION,
    Effect,
    EffectName,
    Files,
    Setting,
    Shape,
    TeamMail,
    Value,
)
from recado.automation.values import as_id
from recado.contacts.kinds import AttributeModel
from recado.lib.addresses import url_problem
from recado.lib.files import MOST as MOST_FILES
from recado.lib.languages import Sentence, say
from recado.lib.mail_servers import mailable


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why parameters make no sense."""

    sentence: Sentence


def read_effect(stored: object) -> Effect | None:
    """A stored effect, or None where it makes no sense; names nothing that must still exist."""
    name = name_of(stored)
    if name is None or not isinstance(stored, Mapping):
        return None
    value = read_value(SHAPES[name], params_of(stored))
    return None if isinstance(value, Wrong) else Effect(name, value)


def effects_in(written: object) -> list[Effect]:
    """The effects, of those stored or typed, that make sense."""
    listed = written if isinstance(written, list) else []
    return [one for one in map(read_effect, listed) if one]


def actions_in(written: object) -> list[int]:
    """The custom actions that effects send, as far as they say one; each as often as it is sent."""
    listed = written if isinstance(written, list) else []
    sends = [one for one in listed if name_of(one) is EffectName.SEND_CUSTOM_ACTION]
    return [one.value for one in effects_in(sends) if isinstance(one.value, int)]


def needs_conversation(name: EffectName, stored: object) -> bool:
    """Whether there must be a conversation for an effect to be done."""
    if name is not EffectName.SET_CUSTOM_ATTRIBUTE:
        return name not in WITHOUT_CONVERSATION
    effect = read_effect(stored)
    value = effect.value if effect else None
    return isinstance(value, Setting) and value.model == AttributeModel.CONVERSATION


def name_of(stored: object) -> EffectName | None:
    """Which effect it is, if any."""
    written = stored.get("action_name") if isinstance(stored, Mapping) else None
    return _NAMES.get(written) if isinstance(written, str) else None


_NAMES: Final = {str(one): one for one in EffectName}


def params_of(stored: Mapping[str, object]) -> object:
    """Its parameters; absent ones are none."""
    params = stored.get("action_params")
    return [] if params is None else params


def read_value(shape: Shape, params: object) -> Value | Wrong:
    """What the parameters say, as `Effect` has it."""
    if not isinstance(params, list):
        return Wrong(say("Parameters must be a list."))
    if shape in _OF_ALL:
        return _OF_ALL[shape](params)
    if shape is Shape.NOTHING:
        blank = all(one in (None, "") for one in params)
        return None if blank else Wrong(say("This action takes no parameters."))
    if len(params) > 1:
        return Wrong(say("Choose one value only."))
    return _single(shape, params[0] if params else None)


def _single(shape: Shape, given: object) -> Value | Wrong:
    match shape:
        case Shape.AGENT if given in (LAST_RESPONDING_AGENT, SELF):
            return str(given)
        case Shape.AGENT:
            return None if given == NONE else _id(given, say("Choose an agent."))
        case Shape.TEAM:
            is_none = given in (NONE, None, "", "0") or (given == 0 and given is not False)
            return None if is_none else _id(given, say("Choose a team."))
        case Shape.CUSTOM_ACTION:
            return _id(given, say("Choose a custom action."))
        case Shape.STATUS:
            return _one_of(STATUSES, given, say("Choose a status."))
        case Shape.PRIORITY:
            wrong = say("Choose a priority.")
            return None if given in (NONE, None) else _one_of(PRIORITIES, given, wrong)
        case _:
            return _READERS[shape](given)


def _id(given: object, otherwise: Sentence) -> int | Wrong:
    found = as_id(given)
    return Wrong(otherwise) if found is None else found


def _one_of(names: tuple[str, ...], given: object, otherwise: Sentence) -> str | Wrong:
    return next((name for name in names if name == given), None) or Wrong(otherwise)


def _setting(given: object) -> Setting | Wrong:
    parts = given if isinstance(given, Mapping) else {}
    key, model, value = (
        parts.get(name) for name in ("attribute_key", "custom_attribute_type", "value")
    )
    if not isinstance(key, str) or not key or model not in tuple(AttributeModel):
        return Wrong(say("Choose a custom attribute."))
    if isinstance(value, bool):
        value = str(value).lower()
    written = str(value) if isinstance(value, str | int | float) else ""
    if len(written) > LONGEST_VALUE:
        return Wrong(say("Use at most %(number)s characters.", number=LONGEST_VALUE))
    return Setting(str(model), key, written.strip())


def _snooze(given: object) -> str | Wrong | None:
    if given in (None, "", NONE):
        return None
    minutes = as_id(given)
    if minutes is not None and minutes <= MOST_MINUTES:
        return str(minutes)
    return _one_of(tuple(SNOOZES), given, say("Choose how long, or enter minutes."))


def _url(given: object) -> str | Wrong:
    if not isinstance(given, str) or not given.strip():
        return Wrong(say("Enter the address that is called."))
    wrong = url_problem(given.strip())
    return Wrong(wrong) if wrong else given.strip()


def _text(given: object) -> str | Wrong:
    if not isinstance(given, str) or not given.strip():
        return Wrong(say("Enter a text."))
    if len(given) > LONGEST_TEXT:
        return Wrong(say("Use at most %(number)s characters.", number=LONGEST_TEXT))
    return given


def _team_mail(given: object) -> TeamMail | Wrong:
    parts = given if isinstance(given, Mapping) else {}
    ids, message = parts.get("team_ids"), _text(parts.get("message"))
    written = ids if isinstance(ids, list) and len(ids) <= MOST_TEAMS else []
    teams = [one for one in map(as_id, written) if one]
    if not teams or len(teams) < len(written):
        return Wrong(say("Choose a team."))
    return message if isinstance(message, Wrong) else TeamMail(tuple(dict.fromkeys(teams)), message)


_READERS: Final[Mapping[Shape, Callable[[object], Value | Wrong]]] = {
    Shape.TEXT: _text,
    Shape.ATTRIBUTE: _setting,
    Shape.SNOOZE: _snooze,
    Shape.URL: _url,
    Shape.TEAM_MAIL: _team_mail,
}


def _addresses(params: list[object]) -> str | Wrong:
    """Addresses separated by commas; in one text or in several."""
    written = ", ".join(one.strip() for one in params if isinstance(one, str) and one.strip())
    if not written or not all(isinstance(one, str) for one in params):
        return Wrong(say("Enter an e-mail address."))
    if len(written) > LONGEST_VALUE:
        return Wrong(say("Use at most %(number)s characters.", number=LONGEST_VALUE))
    if "{{" in written or "{%" in written:
        return written
    addresses = [one.strip() for one in written.split(",") if one.strip()]
    if len(addresses) > MOST_ADDRESSES:
        return Wrong(say("Use at most %(number)s addresses.", number=MOST_ADDRESSES))
    wrong = next((one for one in addresses if mailable(one) is None), None)
    said = say("“%(address)s” is no e-mail address.", address=wrong)
    return Wrong(said) if wrong else ", ".join(addresses)


def _files(params: list[object]) -> Files | Wrong:
    ids = [one for one in map(as_id, params) if one]
    if not ids or len(ids) < len(params) or len(ids) > MOST_FILES:
        return Wrong(say("Choose a file."))
    return Files(tuple(dict.fromkeys(ids)))


def _labels(params: list[object]) -> tuple[str, ...] | Wrong:
    titles = [one.strip() for one in params if isinstance(one, str) and one.strip()]
    if not titles or len(titles) < len(params) or len(titles) > MOST_LABELS:
        return Wrong(say("Choose at least one label."))
    return tuple(dict.fromkeys(titles))


_OF_ALL: Final[Mapping[Shape, Callable[[list[object]], Value | Wrong]]] = {
    Shape.LABELS: _labels,
    Shape.EMAILS: _addresses,
    Shape.FILES: _files,
}
