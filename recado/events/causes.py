"""Who or what made something happen, and through which rules it came.

The chain keeps rules that answer each other from running for ever: each event caused by a rule is
one deeper, and beyond DEEPEST no rule fires. It may lead through another system that answers a
rule's call by calling our API (`deliveries/chaining.py`).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from recado.db.tables import Json

DEEPEST: Final = 5


class Actor(StrEnum):
    """The kinds of who."""

    PERSON = "person"
    CONTACT = "contact"
    TOKEN = "token"  # noqa: S105 - a person's program, through the API
    BOT = "agent_bot"  # through the API
    RULE = "rule"
    SYSTEM = "system"
    CHATWOOT = "chatwoot"  # a desk that we are connected to


@dataclass(frozen=True, slots=True)
class Cause:
    """`id` is the user's, contact's or rule's; `chain` the ids of the rules before, oldest first.

    `via` says for each rule of the chain how it led on: "" by what it did here, or the name of the
    custom action whose receiver called us. `root` is the event at the beginning. `is_guessed`: some
    receiver did not send our chain header back, so a rule may come again until the chain is too long.
    """

    actor: Actor
    id: int | None = None
    chain: tuple[int, ...] = ()
    via: tuple[str, ...] = ()
    began_at: datetime | None = None
    root: int | None = None
    is_guessed: bool = False

    @property
    def depth(self) -> int:
        """How many rules stand between the first cause and this one."""
        return len(self.chain)

    @property
    def user_id(self) -> int | None:
        """The person who did it, in the browser or through the API."""
        return self.id if self.actor in {Actor.PERSON, Actor.TOKEN} else None

    def comes_back_to(self, rule_id: int) -> bool:
        """Whether a rule would answer itself. A guessed chain must be long to count."""
        return rule_id in self.chain and not self.is_guessed

    def by_rule(self, rule_id: int, *, event_id: int, at: datetime) -> "Cause":
        """The cause of what `rule_id` does about the event, of that moment, that had this cause."""
        return replace(
            self,
            actor=Actor.RULE,
            id=rule_id,
            chain=(*self.chain, rule_id),
            via=(*self.via, ""),
            began_at=self.began_at or at,
            root=self.root or event_id,
        )

    def as_json(self) -> Json:
        """For the event's row; what a chain needs only where there is one."""
        json: Json = {"actor": self.actor, "id": self.id, "chain": list(self.chain)}
        if self.chain:
            began = self.began_at.isoformat() if self.began_at else None
            json |= {"via": list(self.via), "began_at": began, "root": self.root}
        return json | ({"is_guessed": True} if self.is_guessed else {})


def cause_from(json: Json) -> Cause:
    """The Cause that `as_json` wrote."""
    chain = tuple(json.get("chain", ()))
    began = json.get("began_at")
    return Cause(
        Actor(json["actor"]),
        json.get("id"),
        chain,
        tuple(json.get("via") or [""] * len(chain)),
        datetime.fromisoformat(began) if began else None,
        json.get("root"),
        bool(json.get("is_guessed")),
    )


BY_SYSTEM: Final = Cause(Actor.SYSTEM)
