"""Signing an action's requests: its secret made, replaced without a gap, and given up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recado.actions.models import CustomAction
from recado.db.database import Transaction
from recado.deliveries.replacing_secrets import (
    begin_ring,
    end_replaced,
    replace_secret,
    ring_secrets,
)
from recado.lib.languages import Sentence, say
from recado.lib.secrets import Vault
from recado.lib.signing import is_signing_secret


@dataclass(frozen=True, slots=True)
class SigningDraft:
    """What somebody wants: `secret` is a new one, empty to keep what `ring_id` holds."""

    is_on: bool = False
    secret: str = ""
    ring_id: int | None = None
    ends_replaced: bool = False


NOT_SIGNED: Final = SigningDraft()


@dataclass(frozen=True, slots=True)
class SigningState:
    """Since when the present secret signs, and until when the one before it does."""

    lane: str
    since: datetime
    old_until: datetime | None = None


async def signing_state(
    tx: Transaction, account_id: int, ring_id: int | None, *, now: datetime
) -> SigningState | None:
    """How an action signs; None where it has no secret."""
    ring = await ring_secrets(tx, account_id, ring_id) if ring_id else []
    if not ring:
        return None
    ends = [one.live_until for one in ring[1:] if one.live_until and one.live_until > now]
    return SigningState(ring[0].lane, ring[0].created_at, max(ends, default=None))


async def signing_problem(
    tx: Transaction, account_id: int, draft: SigningDraft, lane: str
) -> Sentence | None:
    """What is wrong with the wish to sign requests to `lane`."""
    if not draft.is_on:
        return None
    if draft.secret:
        if is_signing_secret(draft.secret):
            return None
        return say("A signing secret is whsec_ and then 32 to 88 characters of Base64.")
    ring = await ring_secrets(tx, account_id, draft.ring_id) if draft.ring_id else []
    if not ring:
        return say("Signing needs a secret.")
    if ring[0].lane != lane:
        return say("The address has changed: the new host gets a signing secret of its own.")
    return None


async def apply_signing(
    tx: Transaction, action: CustomAction, draft: SigningDraft, *, vault: Vault, now: datetime
) -> None:
    """Make it so; the draft has no problem. The secret of another host is not carried over."""
    if not draft.is_on:
        action.signing_ring = None
        return
    ring = await ring_secrets(tx, action.account_id, draft.ring_id) if draft.ring_id else []
    if draft.secret and ring and ring[0].lane == action.lane:
        await replace_secret(tx, ring, draft.secret, vault=vault, now=now)
    elif draft.secret:
        action.signing_ring = await begin_ring(
            tx, action.account_id, draft.secret, vault=vault, lane=action.lane, now=now
        )
    if draft.ends_replaced and ring:
        now_ring = await ring_secrets(tx, action.account_id, action.signing_ring or 0)
        await end_replaced(tx, now_ring, now=now)
