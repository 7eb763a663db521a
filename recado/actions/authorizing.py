"""How an action shows who sends: checked, and kept with its secrets encrypted for their hosts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from recado.actions.headers import name_problem
from recado.actions.models import CustomAction
from recado.db.database import Transaction
from recado.deliveries.keeping_secrets import keep_secret, lanes_of_secrets
from recado.lib.addresses import url_problem
from recado.lib.authorizing import CERTIFICATE, PLAIN, SECRET, bound_lanes
from recado.lib.certificates import LONGEST_PEM, certificate_problem, key_problem
from recado.lib.languages import Sentence, say
from recado.lib.outcomes import AuthKind

PLACES: Final = ("header", "query")
CLIENT_AUTHS: Final = ("header", "body")
_OPTIONAL: Final = frozenset({"scope", "password"})
_LONGEST: Final = 4_000  # characters
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_IN_AUTHORIZATION: Final = (AuthKind.BASIC, AuthKind.BEARER, AuthKind.OAUTH2)


@dataclass(frozen=True, slots=True)
class AuthDraft:
    """What somebody chose: `secrets` are new values, `kept` the ids that the action has already."""

    kind: str = AuthKind.NONE
    values: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)
    has_certificate: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The secrets that this choice needs."""
        own = SECRET[AuthKind(self.kind)]
        return (*own, *CERTIFICATE) if self.has_certificate else own

    def value(self, name: str) -> str:
        """A plain value without the spaces that were pasted with it."""
        return self.values.get(name, _DEFAULTS.get(name, "")).strip()


_DEFAULTS: Final = {"place": "header", "client_auth": "header"}
NO_AUTH: Final = AuthDraft()


def auth_draft_of(action: CustomAction) -> AuthDraft:
    """An action's choice as its form shows it, without secrets."""
    kept = action.auth
    secrets = kept.get("secrets", {})
    return AuthDraft(
        kept.get("kind", AuthKind.NONE),
        dict(kept.get("values", {})),
        kept=dict(secrets),
        has_certificate="certificate" in secrets,
    )


async def auth_problems(
    tx: Transaction, account_id: int, draft: AuthDraft, *, lane: str, headers: list[str]
) -> dict[str, Sentence]:
    """What is wrong, by field ("password"), for an action that sends to `lane` with `headers`."""
    if draft.kind not in set(AuthKind):
        return {"kind": say("Choose one of: %(choices)s.", choices=", ".join(AuthKind))}
    problems = _value_problems(draft, headers) | _secret_shapes(draft)
    if draft.has_certificate and lane.startswith("http:"):
        problems["certificate"] = say("A client certificate needs an address with https://.")
    if draft.kind in _IN_AUTHORIZATION and "authorization" in [one.lower() for one in headers]:
        problems["kind"] = say(
            "The headers have Authorization already: remove it there, or choose no authentication here."
        )
    return await _unbound(tx, account_id, draft, lane, problems) | problems


async def apply_auth(
    tx: Transaction, action: CustomAction, draft: AuthDraft, *, vault: Any, now: datetime
) -> None:
    """Keep a choice that has no problem."""
    kind = AuthKind(draft.kind)
    values = {name: draft.value(name) for name in PLAIN[kind]}
    bound = bound_lanes(kind, values.get("token_url", ""), action.lane)
    secrets: dict[str, int] = {}
    for name in draft.names:
        if typed := draft.secrets.get(name):
            secrets[name] = await keep_secret(
                tx, action.account_id, typed, vault=vault, lane=bound, now=now
            )
        elif name in draft.kept:
            secrets[name] = draft.kept[name]
    is_none = kind == AuthKind.NONE and not secrets
    action.auth = {} if is_none else {"kind": kind, "values": values, "secrets": secrets}


def _value_problems(draft: AuthDraft, headers: list[str]) -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    for name in PLAIN[AuthKind(draft.kind)]:
        if problem := _value_problem(name, draft.value(name), draft, headers):
            found[name] = problem
    return found


def _value_problem(name: str, value: str, draft: AuthDraft, headers: list[str]) -> Sentence | None:
    if not value:
        return None if name in _OPTIONAL else say("Please fill this in.")
    if len(value) > _LONGEST or _CONTROL.search(value):
        return say("This is too long or has a line break in it.")
    match name:
        case "user" if ":" in value:
            return say("A user name cannot have a colon.")
        case "place" if value not in PLACES:
            return say("Choose one of: %(choices)s.", choices=", ".join(PLACES))
        case "client_auth" if value not in CLIENT_AUTHS:
            return say("Choose one of: %(choices)s.", choices=", ".join(CLIENT_AUTHS))
        case "name" if draft.value("place") == "header":
            return name_problem(value, headers)
        case "token_url":
            return url_problem(value)
        case _:
            return None


def _secret_shapes(draft: AuthDraft) -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    for name in SECRET[AuthKind(draft.kind)]:
        value = draft.secrets.get(name, "")
        if len(value) > _LONGEST or _CONTROL.search(value):
            found[name] = say("This is too long or has a line break in it.")
    certificate, key = (draft.secrets.get(name, "") for name in CERTIFICATE)
    if not draft.has_certificate or not (certificate or key):
        return found
    if max(len(certificate), len(key)) > LONGEST_PEM:
        return {**found, "certificate": say("This is too long.")}
    if not certificate or not key:
        missing = "certificate_key" if certificate else "certificate"
        return {**found, missing: say("Enter the certificate and its private key together.")}
    if problem := certificate_problem(certificate):
        return {**found, "certificate": problem}
    if problem := key_problem(certificate, key):
        return {**found, "certificate_key": problem}
    return found


async def _unbound(
    tx: Transaction, account_id: int, draft: AuthDraft, lane: str, problems: Mapping[str, Sentence]
) -> dict[str, Sentence]:
    """Secrets that are missing, or that were entered for another host."""
    if "token_url" in problems:
        return {}
    bound = bound_lanes(AuthKind(draft.kind), draft.value("token_url"), lane)
    lanes = await lanes_of_secrets(tx, account_id, draft.kept.values())
    found: dict[str, Sentence] = {}
    for name in draft.names:
        if draft.secrets.get(name):
            continue
        known = lanes.get(draft.kept.get(name, 0))
        if known is None and name not in _OPTIONAL:
            found[name] = say("Enter the secret value.")
        elif known is not None and known != bound:
            found[name] = say("The address has changed: enter the secret again for the new host.")
    return found
