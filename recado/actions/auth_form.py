"""Authentication as form and API have it: fields into a draft, and what is shown of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from recado.actions.authorizing import NO_AUTH, AuthDraft, auth_draft_of
from recado.actions.models import CustomAction
from recado.lib.authorizing import CERTIFICATE, PLAIN, SECRET
from recado.lib.forms import text_in
from recado.lib.outcomes import AuthKind

_VALUES = tuple(name for names in PLAIN.values() for name in names)
_SECRETS = tuple(name for names in SECRET.values() for name in names)


def auth_in(form: Mapping[str, Any], action: CustomAction | None) -> AuthDraft:
    """What the fields say; a secret left empty keeps the one that the action has."""
    secrets = {name: _text(form, name).strip() for name in CERTIFICATE}
    secrets |= {name: _text(form, name) for name in _SECRETS}
    return AuthDraft(
        kind=_text(form, "kind") or AuthKind.NONE,
        values={name: _text(form, name) for name in _VALUES},
        secrets={name: value for name, value in secrets.items() if value},
        kept=auth_draft_of(action).kept if action else {},
        has_certificate=_text(form, "has_certificate") == "true",
    )


def auth_values(draft: AuthDraft, *, is_pasted: bool = False) -> dict[str, Any]:
    """What the page shows: of secrets only which are kept, and those of a pasted command."""
    return {
        "kind": draft.kind,
        "values": {name: draft.value(name) for name in _VALUES},
        "kept": set(draft.kept),
        "pasted": draft.secrets if is_pasted else {},
        "has_certificate": draft.has_certificate,
    }


def auth_from_json(given: Mapping[str, Any], before: AuthDraft) -> AuthDraft:
    """What a program sent, `kind` and its fields side by side; what is missing or null stays.

    An empty `certificate` takes the certificate away.
    """
    kind = _word(given.get("kind")) or before.kind
    kept = before if kind == before.kind else replace(NO_AUTH, kept=_certificates(before))
    names = (*_SECRETS, *CERTIFICATE)
    values = {name: str(given[name]) for name in _VALUES if given.get(name) is not None}
    certificate = given.get("certificate")
    return AuthDraft(
        kind=kind,
        values={**kept.values, **values},
        secrets={name: str(given[name]) for name in names if given.get(name)},
        kept=kept.kept,
        has_certificate=before.has_certificate if certificate is None else bool(certificate),
    )


def auth_json(draft: AuthDraft) -> dict[str, Any]:
    """As the API shows it: the names of secrets, never their values."""
    kind = AuthKind(draft.kind)
    values = {name: draft.value(name) for name in PLAIN[kind]}
    secrets = dict.fromkeys(SECRET[kind])
    return {"kind": kind, **values, **secrets, "has_certificate": draft.has_certificate}


def _certificates(draft: AuthDraft) -> dict[str, int]:
    return {name: number for name, number in draft.kept.items() if name in CERTIFICATE}


def _word(given: object) -> str:
    return given if isinstance(given, str) else ""


def typed_secrets(draft: AuthDraft) -> list[str]:
    """The secrets that were typed: a page never shows them again."""
    return [name for name in draft.names if draft.secrets.get(name)] if _is_known(draft) else []


def _is_known(draft: AuthDraft) -> bool:
    return draft.kind in set(AuthKind)


def _text(form: Mapping[str, Any], name: str) -> str:
    return text_in(form, f"auth-{name}")
