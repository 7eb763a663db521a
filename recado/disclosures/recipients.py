"""The record itself: systems, and what of people each is told by which setting. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from recado.deliveries.filtering import host_of
from recado.lib.addresses import lane_of
from recado.lib.languages import Sentence
from recado.lib.personal import Person, person_of


class Means(StrEnum):
    """By which kind of setting data goes out."""

    ACTION = "action"
    WEBHOOK = "webhook"
    RULE = "rule"  # an address that stands in an automation rule
    MACRO = "macro"  # likewise
    INBOX = "inbox"  # the address of an API inbox
    BOT = "bot"
    DASHBOARD_APP = "dashboard_app"
    MAILBOX = "mailbox"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class Trigger:
    """What makes a custom action go out; `href` is empty where it is not for the reader's eyes."""

    name: str | Sentence
    href: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What one setting tells one system: variables that tell of people, each with since when, as far as
    that is known.
    """

    host: str
    means: Means
    name: str | Sentence
    href: str  # empty where it is not for the reader's eyes
    is_on: bool
    names: tuple[str, ...]
    since: Mapping[str, datetime] = field(default_factory=dict)
    triggers: tuple[Trigger, ...] = ()

    def of(self, person: Person) -> dict[datetime | None, list[str]]:
        """Those that tell of contacts, or of agents, by since when; the oldest first."""
        found: dict[datetime | None, list[str]] = {}
        for name in sorted(self.names, key=self._began):
            if person_of(name) == person:
                found.setdefault(self.since.get(name), []).append(name)
        return found

    def _began(self, name: str) -> float:
        moment = self.since.get(name)
        return moment.timestamp() if moment else 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """A system and everything by which it is told of people."""

    host: str
    disclosures: Sequence[Disclosure]

    @property
    def is_told(self) -> bool:
        """Whether anything of people goes there."""
        return any(one.names for one in self.disclosures)


def recipients_of(disclosures: Iterable[Disclosure]) -> list[Recipient]:
    """A recipient for each host, by name; what is switched on first."""
    ordered = sorted(
        disclosures, key=lambda one: (one.host, not one.is_on, one.means, str(one.name).casefold())
    )
    return [
        Recipient(host, list(some)) for host, some in groupby(ordered, key=lambda one: one.host)
    ]


def host_in(url: str) -> str:
    """The host of an address, as people name it; the address itself where it has none."""
    try:
        return host_of(lane_of(url))
    except ValueError:
        return url
