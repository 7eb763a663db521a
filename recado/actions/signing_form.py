"""The part of the form about signing: fields into a draft, and what the page shows of it.

A fresh secret stands in the form until it is saved, so that whoever configures the other system can
copy it there; once saved it is never shown again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from recado.actions.saving import ActionDraft
from recado.actions.signing import SigningDraft, SigningState, signing_state
from recado.actions.urls import lane_of_template
from recado.db.database import Transaction
from recado.lib.signing import new_signing_secret


@dataclass(frozen=True, slots=True)
class SigningValues:
    """What the fields show. `saved` is None where a fresh secret is needed, not only offered."""

    is_on: bool
    secret: str
    is_replacing: bool
    saved: SigningState | None


def signing_in(form: Mapping[str, Any], ring_id: int | None) -> SigningDraft:
    """What the fields say; a secret counts where there is none, or where it is to be replaced."""
    is_new = form.get("signing-fresh") == "true" or form.get("signing-replace") == "true"
    return SigningDraft(
        is_on=form.get("signing-on") == "true",
        secret=str(form.get("signing-secret", "")).strip() if is_new else "",
        ring_id=ring_id,
        ends_replaced=form.get("signing-end_old") == "true",
    )


async def signing_values(tx: Transaction, account_id: int, draft: ActionDraft) -> SigningValues:
    """What the page shows: also what was typed into a form that was refused."""
    wish = draft.signing
    saved = await signing_state(tx, account_id, wish.ring_id, now=datetime.now(UTC))
    if saved and saved.lane != _lane(draft.url):
        saved = None
    return SigningValues(
        wish.is_on, wish.secret or new_signing_secret(), bool(saved and wish.secret), saved
    )


def _lane(url: str) -> str:
    try:
        return lane_of_template(url.strip())
    except ValueError:
        return ""
