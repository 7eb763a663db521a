"""Where effects happen, and what becomes of each: the words that all effects share."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from recado.accounts.models import User
from recado.actions.models import CustomAction
from recado.automation.models import AutomationRule
from recado.automation.moments import as_moment
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.events.causes import Cause
from recado.events.models import Event
from recado.lib.facts import Facts
from recado.lib.languages import Sentence
from recado.mail.models import Email


@dataclass(frozen=True, slots=True)
class Stage:
    """What the effects of a batch of events need, read at once; a deleted one is missing.

    The conversations were found for change.
    """

    conversations: Mapping[int, Conversation]
    actions: Mapping[int, CustomAction]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where effects happen: an event with its conversation, and why.

    By hand there is no rule, but a `person`, and the event was never stored.
    """

    rule: AutomationRule | None
    event: Event
    stage: Stage
    cause: Cause
    now: datetime
    person: User | None = None

    @property
    def facts(self) -> Facts:
        """What was true when the event happened, under the name that the rule waits for."""
        if self.rule is None:
            return self.event.facts
        return as_moment(self.event.facts, self.rule.event_name)

    @property
    def conversation(self) -> Conversation:
        """As it is now, for the effects that need it; `have_effects` asks the others of none."""
        return self.stage.conversations[self.event.conversation_id or 0]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an effect did: "done", "unchanged" (already so), "skipped" or "failed", and why."""

    result: str
    sentence: Sentence | None = None
    delivery: Delivery | None = None
    emails: tuple[Email, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """An effect with its outcome."""

    effect: Mapping[str, Any]
    outcome: Outcome

    def as_json(self) -> dict[str, Any]:
        """As the verdict keeps it, once the transaction has flushed."""
        outcome = self.outcome
        return {
            **self.effect,
            "result": outcome.result,
            "sentence": outcome.sentence.as_json() if outcome.sentence else None,
            "delivery_id": outcome.delivery.id if outcome.delivery else None,
            **({"email_ids": [one.id for one in outcome.emails]} if outcome.emails else {}),
        }


DONE: Final = Outcome("done")
UNCHANGED: Final = Outcome("unchanged")


Effect = Callable[[Transaction, Scene, list[Any]], Awaitable[Outcome]]
