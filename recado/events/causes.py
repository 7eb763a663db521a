"""Who or what made something happen, and through which rules it came.

The chain keeps rules that answer each other from running for ever: each event caused by a rule is
one deeper, and beyond DEEPEST no rule is tested.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from recado.db.tables import Json

DEEPEST: Final = 5


class Actor(StrEnum):
    """The kinds of who."""

    PERSON = "person"
    CONTACT = "contact"
    TOKEN = "token"  # noqa: S105 - a person's program, through the API
    RULE = "rule"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Cause:
    """`id` is the user's, contact's or rule's; `chain` the ids of the rules before, oldest first."""

    actor: Actor
    id: int | None = None
    chain: tuple[int, ...] = ()

    @property
    def depth(self) -> int:
        """How many rules stand between the first cause and this one."""
        return len(self.chain)

    @property
    def user_id(self) -> int | None:
        """The person who did it, in the browser or through the API."""
        return self.id if self.actor in {Actor.PERSON, Actor.TOKEN} else None

    def by_rule(self, rule_id: int) -> "Cause":
        """The cause of what `rule_id` does about an event that had this cause."""
        return replace(self, actor=Actor.RULE, id=rule_id, chain=(*self.chain, rule_id))

    def as_json(self) -> Json:
        """For the event's row."""
        return {"actor": self.actor, "id": self.id, "chain": list(self.chain)}


def cause_from(json: Json) -> Cause:
    """The Cause that `as_json` wrote."""
    return Cause(Actor(json["actor"]), json.get("id"), tuple(json.get("chain", ())))


BY_SYSTEM: Final = Cause(Actor.SYSTEM)
