"""Whom an answer by e-mail reaches beside the contact: read, checked, and kept from the last letter. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from recado.lib.languages import Sentence, say
from recado.lib.mail_servers import mailable

MOST_OTHERS: Final = 50  # people in CC and BCC of one e-mail
CC: Final = "cc_emails"  # in forms, in content_attributes, and in the API
BCC: Final = "bcc_emails"
_LONGEST_SHOWN: Final = 60  # characters of what is no address
_BETWEEN: Final = re.compile(r"[,;\n]")
_NAMED: Final = re.compile(r"[^<>]*<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Others:
    """Who gets a copy; addresses as `mailable` has them, each once."""

    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()

    @property
    def as_attributes(self) -> dict[str, Any]:
        """What the message says of them."""
        return {CC: list(self.cc), BCC: list(self.bcc)}


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom the next answer reaches unless somebody chooses otherwise; no `to`: there is no address."""

    to: str | None
    cc: tuple[str, ...] = ()


def others_from(cc: object, bcc: object) -> tuple[Others, dict[str, Sentence]]:
    """What a form or a program names, as text with commas or as a list; what is wrong, by field."""
    read, wrong = {}, {}
    for name, given in ((CC, cc), (BCC, bcc)):
        found = _addresses(given)
        if isinstance(found, Sentence):
            wrong[name] = found
        read[name] = () if isinstance(found, Sentence) else found
    copies, hidden = read[CC], _without(read[BCC], read[CC])
    if len(copies) + len(hidden) > MOST_OTHERS:
        field = CC if len(copies) > MOST_OTHERS else BCC
        wrong[field] = say(
            "An e-mail goes to at most %(most)s people in CC and BCC. These are %(count)s: leave some out.",
            most=MOST_OTHERS, count=len(copies) + len(hidden),
        )  # fmt: skip
    return Others(copies, hidden), wrong


def others_in(attributes: Mapping[str, Any]) -> Others:
    """Those that a message was posted with; what is no address is left out."""
    cc, bcc = (_known(attributes.get(name)) for name in (CC, BCC))
    return Others(cc[:MOST_OTHERS], _without(bcc, cc)[: MOST_OTHERS - len(cc[:MOST_OTHERS])])


def others_of(letter: Mapping[str, Any], own: Collection[str]) -> tuple[str, ...]:
    """Who else was in a letter: its sender, To and CC, without the `own` addresses.

    Nobody, where the sender may be forged or a machine wrote it: who is named there was put there by
    somebody we do not know.
    """
    if letter.get("doubtful") or letter.get("auto_reply"):
        return ()
    named = [one for name in ("from", "to", "cc") for one in _texts(letter.get(name))]
    return _without(_known(named), own)[:MOST_OTHERS]


def _addresses(given: object) -> tuple[str, ...] | Sentence:
    found = []
    for text in _texts(given):
        named = _NAMED.fullmatch(text.strip())
        address = mailable(named[1] if named else text)
        if address is None:
            return say(
                "“%(named)s” is no e-mail address. Write them with commas between them, such as "
                "ana@example.com, joe@example.com.",
                named=" ".join(text.split())[:_LONGEST_SHOWN],
            )
        found.append(address)
    return _once(found)


def _texts(given: object) -> list[str]:
    """What is named, piece by piece, of a text or a list of texts."""
    if isinstance(given, list | tuple):
        return [one for each in given for one in _texts(each)]
    if given is None:
        return []
    return [one for one in _BETWEEN.split(str(given)) if one.strip()]


def _known(given: object) -> tuple[str, ...]:
    return _once([one for one in map(mailable, _texts(given)) if one])


def _once(addresses: Collection[str]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for one in addresses:
        first.setdefault(one.lower(), one)
    return tuple(first.values())


def _without(addresses: Collection[str], other: Collection[str]) -> tuple[str, ...]:
    left_out = {one.lower() for one in other}
    return tuple(one for one in addresses if one.lower() not in left_out)
