"""How a receiver may give back what it was told, and what must then be found nowhere."""

import base64
import json
from collections.abc import Iterable
from html import escape
from urllib.parse import quote, quote_plus

AROUND = ("", "u:", "user:", "longer user:")  # so that Base64 starts at each of its three places


def spellings(secret: str) -> dict[str, str]:
    """The secret, by the name of how it is spelled."""
    raw = secret.encode()
    found = {
        "plain": secret,
        "url": quote(secret, safe=""),
        "url, slashes kept": quote(secret),
        "form": quote_plus(secret),
        "url, twice": quote(quote(secret, safe=""), safe=""),
        "json": json.dumps(secret)[1:-1],
        "json in json": json.dumps(json.dumps(secret))[1:-1],
        "json, as PHP writes it": json.dumps(secret).replace("/", "\\/")[1:-1],
        "html": escape(secret),
        "url in json in html": escape(json.dumps({"next": "/in?key=" + quote(secret)})),
        "hexadecimal": raw.hex(),
        "hexadecimal, large": raw.hex().upper(),
    }
    for before in AROUND:
        found[f"Base64 after {before!r}"] = base64.b64encode(before.encode() + raw).decode()
        found[f"Base64 of more after {before!r}"] = base64.urlsafe_b64encode(
            before.encode() + raw + b" and more"
        ).decode()
    found["Base64 of JSON"] = base64.b64encode(json.dumps({"key": secret}).encode()).decode()
    return found


def traces(secret: str) -> set[str]:
    """What would give the secret away: every spelling without what is not of the secret."""
    raw = secret.encode()
    told = {text for name, text in spellings(secret).items() if not name.startswith("Base64")}
    for skipped in (0, 1, 2):  # only whole groups: what stands around mixes into the others
        inner = raw[skipped : len(raw) - (len(raw) - skipped) % 3]
        encoded = base64.b64encode(inner).decode()
        told |= {encoded, encoded.replace("+", "-").replace("/", "_")}
    return told | {secret[at : at + 10] for at in range(len(secret) - 9)}


def an_echo(secrets: Iterable[str]) -> bytes:
    """A body that gives back each secret in every spelling."""
    lines = [f"{how}: {text}" for one in secrets for how, text in spellings(one).items()]
    utf16 = "\n".join(secrets).encode("utf-16")
    return "\n".join(lines).encode() + b"\n" + utf16
