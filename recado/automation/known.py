"""What an account has that rules may name, and what is wrong with a rule that names something else.

Whoever checks, compiles or words a rule is handed one `Known`; nothing here looks anything up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from recado.contacts.kinds import AttributeKind
from recado.lib.addresses import Refuses
from recado.lib.languages import Sentence, speaking


@dataclass(frozen=True, slots=True)
class CustomAttributeInfo:
    """A definition as rules need it; `values` are those of a list, `label` its display name."""

    type: AttributeKind
    values: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class CustomActionInfo:
    """A custom action as rules need it; a draft is not active.

    `detail` is its method and host, by which people search.
    """

    name: str
    is_active: bool
    is_draft: bool = False
    detail: str = ""


Definitions = Mapping[tuple[str, str], CustomAttributeInfo]  # by (AttributeModel, key)


@dataclass(frozen=True, slots=True)
class Known:
    """Everything of one account that a rule may name, each id with its name."""

    custom_attributes: Definitions = field(default_factory=dict)
    inboxes: Mapping[int, str] = field(default_factory=dict)
    agents: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    custom_actions: Mapping[int, CustomActionInfo] = field(default_factory=dict)
    files: Mapping[int, str] = field(default_factory=dict)
    sends_mail: bool = True  # whether this server has been told of a mail server
    refuses: Refuses | None = None  # of saving: where nothing may be sent; None asks nobody


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a rule cannot be saved.

    `field` is a path into the rule's JSON ("conditions.0.values", "actions.1.action_params"),
    `sentence` speaks to the person at the form, `api_text` to a program, always in English.
    """

    field: str
    sentence: Sentence
    api_text: str


def problem(place: str, sentence: Sentence, api_text: str = "") -> Problem:
    """A Problem whose `api_text` is the sentence in English unless one is given."""
    if api_text:
        return Problem(place, sentence, api_text)
    with speaking("en"):
        return Problem(place, sentence, str(sentence))
