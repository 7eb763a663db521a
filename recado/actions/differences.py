"""What changed between two saves of a custom action, in words a person would use. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from recado.lib.differences import Difference, line_difference
from recado.lib.languages import say

_LINES: Final = {
    "name": say("Name: “%(before)s” → “%(after)s”"),
    "description": say("Description: “%(before)s” → “%(after)s”"),
    "method": say("Method: %(before)s → %(after)s"),
    "url": say("URL: %(before)s → %(after)s"),
    "body_kind": say("Kind of body: %(before)s → %(after)s"),
}


_SWITCHED: Final = {
    True: say("Header switched off: %(name)s"),
    False: say("Header switched on: %(name)s"),
}


def action_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Every difference between two snapshots of an action; empty where they are the same."""
    return [*_lines(before, after), *_headers(before, after), *_body(before, after),
            *_policy(before, after)]  # fmt: skip


def _lines(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name, sentence in _LINES.items():
        if before[name] != after[name]:
            yield Difference(say(sentence.text, before=before[name], after=after[name]))


def _headers(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    old, new = _by_name(before["headers"]), _by_name(after["headers"])
    for key, header in old.items():
        if key not in new:
            yield Difference(say("Header removed: %(name)s", name=header["name"]))
    for key, header in new.items():
        was = old.get(key)
        if was is None:
            yield Difference(say("Header added: %(name)s", name=header["name"]))
        elif was.get("is_off", False) != header.get("is_off", False):
            told = _SWITCHED[header.get("is_off", False)]
            yield Difference(say(told.text, name=header["name"]))
        elif was["secret_id"] != header["secret_id"]:
            yield Difference(say("The secret value of %(name)s was replaced.", name=header["name"]))
        elif was["value"] != header["value"]:
            yield Difference(
                say("Header changed: %(name)s", name=header["name"]),
                (was["value"],),
                (header["value"],),
            )


def _by_name(headers: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """One that is off may stand beside another of its name."""
    found: dict[str, Mapping[str, Any]] = {}
    for one in headers:
        key = one["name"].lower()
        while key in found:
            key += "+"
        found[key] = one
    return found


def _body(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    if before["body"].splitlines() != after["body"].splitlines():
        yield line_difference(say("Body changed"), before["body"], after["body"])


def _policy(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    if before["policy"] != after["policy"]:
        yield Difference(say("How it is sent or kept changed."))
    if before.get("answers", {}) != after.get("answers", {}):
        yield Difference(say("What answers become changed."))
    if _signs(before) != _signs(after):
        yield Difference(say("Whether requests are signed changed."))


def _signs(snapshot: Mapping[str, Any]) -> bool:
    return bool((snapshot.get("signing") or {}).get("is_on"))
